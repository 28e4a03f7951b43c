"""The loop that brings calculations to rows, with each place where they are computed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potash.engines.molecule_levels import screen_level
from potash.molecules.orbitals import smiles_calculation
from potash.results.calculation import Calculation, Outcome
from potash.running import drain as drain_module
from potash.running.claim import Needs, compute_portion
from potash.running.drain import Submitted, drain
from potash.running.limits import Limits
from potash.running.local import compute_here, compute_in_processes
from potash.store import Row, Store, owner_of
from tests.running.test_schedule import put
from tests.synthetic_calculations import calculation


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "rows.sqlite")


def molecules(*smiles: str) -> list[Calculation]:
    return [smiles_calculation(s, screen_level()) for s in smiles]


class Pretend:
    """Computes at once, in this thread, and remembers what."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.portions: list[list[str]] = []

    def run(self, what: Calculation, _needs: Needs, _folder: Path, /, **_: object) -> Outcome:
        return Outcome(status="failed" if what.item == "m13" else "ok")

    def submit(self, portion: Sequence[Calculation]) -> Submitted:
        self.portions.append([c.item for c in portion])
        done: Future[Mapping[str, str]] = Future()
        done.set_result(compute_portion(portion, self.store, self.folder, self.run))
        return done


def test_every_row_is_computed_once(store: Store, tmp_path: Path) -> None:
    calculations = molecules("O", "N", "C#N", "O")
    rows: list[Row] = []

    def run() -> int:
        return compute_in_processes(
            calculations, store, tmp_path, processes=2, limits=Limits(), finished=rows.append
        )

    assert run() == 3
    assert {row.key for row in rows} == {c.key for c in calculations}
    assert all(row.status == "ok" for row in rows)
    assert run() == 0
    assert len(rows) == 3
    assert not store.leases()


def test_an_error_of_the_caller_ends_the_run_and_is_raised(store: Store, tmp_path: Path) -> None:
    def disk_is_full(_row: Row) -> None:
        raise OSError("disk is full")

    with pytest.raises(OSError, match="disk is full"):
        compute_in_processes(
            molecules("O", "N", "C#N"),
            store,
            tmp_path,
            processes=1,
            limits=Limits(),
            finished=disk_is_full,
        )
    assert len(store.rows()) == 1
    assert not store.leases()


def test_ctrl_c_ends_at_once_and_what_was_begun_is_free_and_not_failed(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from potash.results.calculation import Calculation
from potash.running.limits import Limits
from potash.running.local import compute_in_processes
from potash.engines.adsorption_levels import adsorption_level
from potash.hosts.k_metal import k_metal_calculation
from potash.store import Store
store = Store({str(tmp_path / "rows.sqlite")!r})
print("started", flush=True)
compute_in_processes(
    [k_metal_calculation(adsorption_level(n)) for n in ("screen", "screen-chgnet")],
    store, Path({str(tmp_path)!r}), processes=2, limits=Limits(),
)
"""
    run = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    run.stdout.readline()
    store = Store(tmp_path / "rows.sqlite")
    while len(store.leases()) < 2:
        time.sleep(0.05)
        assert run.poll() is None
    time.sleep(0.5)
    os.kill(run.pid, signal.SIGINT)
    # Seconds; minutes where the work is not killed.
    _, errors = run.communicate(timeout=90)
    assert "KeyboardInterrupt" in errors
    assert store.rows() == []
    assert store.leases() == []


def test_what_another_process_computes_is_waited_for(store: Store, tmp_path: Path) -> None:
    mine, other = molecules("O", "N")
    sleeper = subprocess.Popen(["sleep", "2"])
    assert store.claim(other.key, owner_of(sleeper.pid))
    rows: list[Row] = []
    # The sleeper never delivers: its lease ends with it, and its work is taken over.
    threading.Thread(target=sleeper.wait).start()
    computed = compute_in_processes(
        [other, mine], store, tmp_path, processes=1, limits=Limits(), finished=rows.append
    )
    assert computed == 2
    assert [row.key for row in rows] == [mine.key, other.key]
    assert not store.leases()


def test_a_row_of_another_process_counts_as_finished_and_frees_what_needs_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain_module, "WAIT_S", 0.1)
    metal = calculation(0, kind="k_metal")
    slab = calculation(1, kind="adsorption", needs={"k_metal": metal.key})
    assert store.claim(metal.key, f"{owner_of(os.getpid())}:other")
    rows: list[Row] = []
    threading.Timer(0.5, put, (store, metal)).start()
    here = Pretend(store, tmp_path)
    computed = drain([slab, metal], store, here.submit, in_flight=2, finished=rows.append)
    assert computed == 1
    assert [row.kind for row in rows] == ["k_metal", "adsorption"]
    assert rows[1].status == "ok"


def test_a_need_that_failed_or_is_nowhere_fails_what_needs_it(store: Store, tmp_path: Path) -> None:
    bad = calculation(13)
    of_bad = calculation(1, kind="adsorption", needs={"k_metal": bad.key})
    of_none = calculation(2, kind="adsorption", needs={"k_metal": "f" * 64})
    assert drain([of_bad, of_none, bad], store, Pretend(store, tmp_path).submit, in_flight=1) == 3
    reasons = {row.item: row.reason for row in store.rows(kind="adsorption")}
    assert reasons["m1"] == f"its k_metal ({bad.key[:12]}) is failed:"
    assert reasons["m2"] == "its k_metal (ffffffffffff) was not computed"


def test_nothing_is_begun_once_told_to_stop(store: Store, tmp_path: Path) -> None:
    here = Pretend(store, tmp_path)
    computed = drain(
        [calculation(n) for n in range(5)],
        store,
        here.submit,
        in_flight=1,
        stop=lambda: len(store.rows()) >= 2,
    )
    assert computed == 2


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_web_of_needs_is_computed_in_an_order_that_serves_it(
    tmp_path: Path, data: st.DataObject
) -> None:
    web: list[Calculation] = []
    for n in range(data.draw(st.integers(1, 12))):
        chosen = data.draw(st.lists(st.sampled_from(web), max_size=3)) if web else []
        needs = {str(i): c.key for i, c in enumerate(chosen)}
        web.append(calculation(100 + n, needs=needs))
    store = Store(tmp_path / f"{time.monotonic_ns()}.sqlite")
    here = Pretend(store, tmp_path)
    with ThreadPoolExecutor(3) as pool:
        computed = drain(
            data.draw(st.permutations(web)),
            store,
            lambda portion: pool.submit(compute_portion, portion, store, tmp_path, here.run),
            in_flight=3,
            portion_s=data.draw(st.sampled_from([0.0, 100.0])),
        )
    assert computed == len(web)
    assert {row.status for row in store.rows()} == {"ok"}
    assert set(store.events("started").values()) == {1}


def test_here_a_row_is_computed_once_in_the_order_asked_for(store: Store, tmp_path: Path) -> None:
    work = molecules("O", "N")
    notes: list[str] = []

    def report(item: str, _fraction: float, _note: str) -> None:
        notes.append(item)

    rows = compute_here(work, store, tmp_path, report)
    assert [row.key for row in rows] == [c.key for c in work]
    assert [row.status for row in rows] == ["ok", "ok"]
    seen = len(notes)
    assert seen
    assert [r.key for r in compute_here(work[::-1], store, tmp_path, report)] == [
        c.key for c in work[::-1]
    ]
    assert len(notes) == seen
    assert not store.leases()


def test_here_two_processes_never_work_in_one_folder(store: Store, tmp_path: Path) -> None:
    (water,) = molecules("O")
    sleeper = subprocess.Popen(["sleep", "2"])
    assert store.claim(water.key, owner_of(sleeper.pid))
    threading.Thread(target=sleeper.wait).start()
    heard: list[str] = []
    (row,) = compute_here([water], store, tmp_path, lambda _i, _f, note: heard.append(note))
    assert row.status == "ok"
    assert heard[0] == "another process computes it; waiting"


def test_the_loop_loads_no_science() -> None:
    code = (
        "import sys, potash.running.drain;"
        "print(*{m.split('.')[0] for m in sys.modules} & {'ase', 'rdkit', 'torch', 'prefect'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_portion_whose_task_is_lost_is_given_out_again_and_in_the_end_told(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain_module, "WAIT_S", 0.05)
    here = Pretend(store, tmp_path)
    losses = {"m1": 2, "m2": 0}

    def submit(portion: Sequence[Calculation]) -> Submitted:
        (only,) = portion
        if losses[only.item]:
            losses[only.item] -= 1
            lost: Future[Mapping[str, str]] = Future()
            lost.set_exception(RuntimeError("the worker is gone"))
            return lost
        return here.submit(portion)

    both = [calculation(1), calculation(2)]
    assert drain(both, store, submit, in_flight=2) == 2
    assert set(store.events("started").values()) == {1}
    losses["m1"] = 3
    store.forget([both[0].key])
    with pytest.raises(RuntimeError, match="gone"):
        drain(both, store, submit, in_flight=2)
