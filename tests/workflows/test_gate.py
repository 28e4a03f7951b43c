"""The gate: who is proposed, what is kept, and a run that outlives its process."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from potash.catalog.campaign_parts import GatePart
from potash.catalog.catalog import load_catalog
from potash.errors import InputError
from potash.ranking.table import RankedTable
from potash.ranking.tables import ranked_tables
from potash.store import Row, Store
from potash.store.decisions import decide, history, states
from potash.store.runs import recent_runs
from potash.workflows.gate import Approval, enact, propose
from potash.workflows.resume import resume_run
from tests.store.test_runs import a_run
from tests.synthetic_rows import host_rows, liquid_rows
from tests.workflows.test_serve import command, environment, wait_for


@pytest.fixture(scope="module")
def tables() -> Mapping[str, RankedTable]:
    return ranked_tables([*host_rows(), *liquid_rows()], load_catalog())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


def test_the_best_that_nobody_has_decided_about_are_proposed_once(
    store: Store, tables: Mapping[str, RankedTable]
) -> None:
    part = GatePart(propose=2)
    best = [e.id for name in ("hosts", "electrolytes") for e in tables[name].ranked[:2]]
    assert list(propose(part, tables, store, "alloys")) == best
    assert {d.state for d in history(store)} == {"proposed"}
    decide(store, best[0], "rejected", by="Ada", why="too dear")
    assert list(propose(part, tables, store, "alloys")) == best[1:]
    assert len(history(store)) == len(best) + 1, "nobody is proposed twice"
    assert propose(GatePart(approve=False), tables, store, "alloys") == ()


def test_a_decision_is_kept_with_who_and_why(store: Store) -> None:
    told: list[str] = []
    given = Approval(approve=["a"], reject=["b"], by="Ada", why="both were seen")
    enact(given, ["a", "b", "c"], store, told.append)
    found = {name: (d.state, d.by, d.why) for name, d in states(store).items()}
    assert found == {
        "a": ("approved", "Ada", "both were seen"),
        "b": ("rejected", "Ada", "both were seen"),
    }
    assert len(told) == 2


@pytest.mark.parametrize(
    "approve, reject, said", [(["d"], [], "not proposed"), (["a"], ["a"], "both")]
)
def test_a_decision_that_makes_no_sense_keeps_nothing(
    store: Store, approve: list[str], reject: list[str], said: str
) -> None:
    given = Approval(approve=approve, reject=reject, by="Ada", why="x")
    with pytest.raises(InputError, match=said):
        enact(given, ["a", "b"], store, lambda _: None)
    assert history(store) == []


def test_only_a_run_that_waits_can_go_on(store: Store) -> None:
    from potash.store.runs import put_run

    put_run(store, a_run())
    with pytest.raises(InputError, match="no run of 'alloys' waits"):
        resume_run(store, "alloys", by="Ada", why="x", approve=None, reject=[])
    with pytest.raises(InputError, match="--by"):
        resume_run(store, "alloys", by=" ", why="x", approve=None, reject=[])


@pytest.mark.server
@pytest.mark.timeout(1500)
def test_a_gate_outlives_its_process_and_the_server_s(
    tmp_path: Path, reference_rows: list[Row]
) -> None:
    (tmp_path / "hosts.yaml").write_text(
        "name: hosts\nhosts: {items: [al_111]}\ngate: {approve: true, propose: 1}\n"
    )
    store = Store(tmp_path / "results" / "store.sqlite")
    store.add_missing(row for row in reference_rows if row.kind in ("k_metal", "adsorption"))

    def serve(*schedule: str) -> subprocess.Popen[str]:
        with (tmp_path / "out.txt").open("a") as out:
            return subprocess.Popen(
                command("serve", "hosts.yaml", *schedule),
                cwd=tmp_path, env=environment(), stdout=out, stderr=out, text=True,
                start_new_session=True,
            )  # fmt: skip

    def state() -> str:
        runs = recent_runs(store, campaign="hosts")
        return runs[-1].state if runs else ""

    serving = serve("--every", "15s")
    try:
        wait_for(lambda: state() == "waiting", 600)
        assert states(store)["al_foil"].state == "proposed"
        os.killpg(serving.pid, signal.SIGKILL)
        serving.wait()
        time.sleep(3)
        refused = subprocess.run(
            command("resume", "hosts", "--by", "Ada", "--why", "x"),
            cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert refused.returncode == 2
        assert "not served" in refused.stderr

        serving = serve()
        wait_for(lambda: (tmp_path / "out.txt").read_text().count("serving ") == 2, 600)
        time.sleep(10)
        subprocess.run(
            command("resume", "hosts", "--by", "Ada", "--why", "it is at hand"),
            cwd=tmp_path, env=environment(), check=True,
        )  # fmt: skip
        wait_for(lambda: states(store)["al_foil"].state == "approved", 600)
        assert states(store)["al_foil"].words().startswith("approved by Ada on ")
        # The other runs that were due did not wait a second time, and nothing was computed.
        wait_for(lambda: {r.state for r in recent_runs(store, campaign="hosts")} == {"done"}, 120)
        assert {run.done for run in recent_runs(store, campaign="hosts")} == {0}
    finally:
        if serving.poll() is None:
            os.killpg(serving.pid, signal.SIGKILL)
        serving.wait()
