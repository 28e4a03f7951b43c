"""The gate: who is proposed, what is kept, and a run that outlives its process."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from potash.catalog.campaign_parts import GatePart
from potash.catalog.catalog import load_catalog
from potash.errors import InputError
from potash.ranking.table import RankedTable
from potash.ranking.tables import ranked_tables
from potash.store import Row, Store
from potash.store.decisions import decide, history, states
from potash.store.leases import owner_is_dead
from potash.store.runs import recent_runs
from potash.workflows.gate import Approval, enact, propose
from potash.workflows.resume import resume_run
from tests.chromium import chromium
from tests.store.test_runs import a_run
from tests.synthetic_rows import host_rows, liquid_rows
from tests.workflows.test_serve import api, command, environment, ui, wait_for


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


def approve_in_the_pages(address: str, by: str, why: str) -> None:
    """Do what a person does who approves all that is proposed in Prefect's UI."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    with chromium() as browser:

        def press(text: str) -> None:
            def found(driver: Any) -> Any:
                buttons = driver.find_elements(By.TAG_NAME, "button")
                return next((b for b in buttons if b.text.strip() == text), None)

            wait.until(found).click()

        wait = WebDriverWait(browser, 120)
        browser.get(address)
        press("Resume")
        fields = wait.until(lambda b: b.find_elements(By.CSS_SELECTOR, ".p-modal textarea"))
        assert "Which candidates of hosts go on?" in fields[0].find_element(
            By.XPATH, "ancestor::*[@role='dialog']"
        ).text.replace("\n", " ")
        assert [field.get_attribute("value") for field in fields] == ["al_foil", "", ""]
        fields[1].send_keys(by)
        fields[2].send_keys(why)
        press("Submit")
        wait.until(lambda b: not b.find_elements(By.CSS_SELECTOR, ".p-modal"))


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

        # Once more, now in Prefect's pages.
        decide(store, "al_foil", "proposed", by="Ada", why="looked at again")
        [deployment] = api(tmp_path, "deployments/filter", {})
        run = api(tmp_path, f"deployments/{deployment['id']}/create_flow_run", {})
        [waiting] = wait_for(
            lambda: [r for r in recent_runs(store, campaign="hosts") if r.state == "waiting"], 600
        )
        assert waiting.id == run["id"]
        wait_for(lambda: owner_is_dead(waiting.owner, waiting.heartbeat, time.time()), 120)
        approve_in_the_pages(f"{ui(tmp_path)}/runs/flow-run/{run['id']}", "Ben", "it is light")
        wait_for(lambda: states(store)["al_foil"].state == "approved", 600)
        assert (states(store)["al_foil"].by, states(store)["al_foil"].why) == ("Ben", "it is light")
        wait_for(lambda: {r.state for r in recent_runs(store, campaign="hosts")} == {"done"}, 120)
        assert {run.done for run in recent_runs(store, campaign="hosts")} == {0}
    finally:
        if serving.poll() is None:
            os.killpg(serving.pid, signal.SIGKILL)
        serving.wait()
