"""The worker process: real calculations, crashes, time-outs, and its own end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from potash.engines.adsorption_levels import adsorption_level
from potash.hosts.k_metal import k_metal_calculation
from potash.results.calculation import Calculation, Outcome
from potash.results.k_metal import KMetalInputs
from potash.running import sandbox
from potash.running.limits import Limit
from potash.running.sandbox import Worker


@pytest.fixture
def worker() -> Iterator[Worker]:
    it = Worker()
    yield it
    it.close()


def run(worker: Worker, folder: Path, seconds: float = 120.0) -> tuple[str, str]:
    # A level that is no level of GPAW: any other error than those raised on purpose.
    inputs = KMetalInputs(level={"engine": "gpaw"})
    calculation = Calculation(item="x", model="", level="screen", inputs=inputs)
    outcome = worker.compute(
        calculation, {}, folder, limit=Limit(seconds), progress=lambda fraction, note: None
    )
    return outcome.status, outcome.reason


def test_any_exception_becomes_a_failed_outcome_with_its_log(
    worker: Worker, tmp_path: Path
) -> None:
    status, reason = run(worker, tmp_path)
    assert status == "failed"
    assert "\n" not in reason
    assert "Traceback" in (tmp_path / "error.log").read_text()
    assert run(worker, tmp_path)[0] == "failed", "the process goes on afterwards"


def test_a_calculation_past_its_limit_is_killed(worker: Worker, tmp_path: Path) -> None:
    status, reason = run(worker, tmp_path, 0.01)
    assert (status, reason) == ("quarantined", "no result within its limit of 0.01 s")


def test_the_child_ends_when_its_parent_is_killed() -> None:
    code = (
        "import time; from potash.running.sandbox import Worker; w = Worker();"
        "print(w._running().pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    assert gone([child], within_s=30.0)


def of_potassium(factory: str) -> Calculation:
    name = f"tests.running.hard_calculators:{factory}"
    return k_metal_calculation(adsorption_level(factory, calculator=name))


def compute(
    worker: Worker, folder: Path, factory: str, limit: Limit, notes: list[str] | None = None
) -> Outcome:
    return worker.compute(
        of_potassium(factory),
        {},
        folder,
        limit=limit,
        progress=lambda _fraction, note: None if notes is None else notes.append(note),
    )


def test_c_code_that_loops_with_the_lock_held_is_killed(worker: Worker, tmp_path: Path) -> None:
    begun = time.monotonic()
    outcome = compute(worker, tmp_path, "loops", Limit(seconds=15.0))
    assert time.monotonic() - begun > 14.0
    assert outcome.status == "quarantined"
    assert outcome.reason == "no result within its limit of 15 s"


@pytest.mark.parametrize("factory", ["allocates", "child_allocates"])
def test_memory_of_c_code_and_of_programs_is_limited(
    worker: Worker, tmp_path: Path, factory: str
) -> None:
    outcome = compute(worker, tmp_path, factory, Limit(memory_gb=0.55))
    assert outcome.status == "quarantined"
    assert outcome.reason == "took more memory than its limit of 0.55 GB"
    assert not list(descendants(os.getpid())) or all(
        "bytearray" not in Path(f"/proc/{pid}/cmdline").read_text()
        for pid in descendants(os.getpid())
    )


@pytest.mark.parametrize("deaths, status", [(1, "ok"), (2, "ok"), (3, "quarantined")])
def test_a_killed_process_is_tried_again_and_then_quarantined(
    worker: Worker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    deaths: int,
    status: str,
) -> None:
    monkeypatch.setattr(sandbox, "PAUSE_S", 0.1)
    file = tmp_path / "deaths"
    file.write_text(str(deaths))
    monkeypatch.setenv("POTASH_TEST_DEATHS", str(file))
    notes: list[str] = []
    outcome = compute(worker, tmp_path / "work", "dies", Limit(), notes)
    assert outcome.status == status, outcome.reason
    again = [note for note in notes if "begun again" in note]
    assert again == ["its process ended with signal 9 (SIGKILL); begun again"] * min(deaths, 2)
    if status == "quarantined":
        assert outcome.reason == "its process ended 3 times: " + ", ".join(
            ["signal 9 (SIGKILL)"] * 3
        )


def descendants(pid: int) -> list[int]:
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found += [child, *descendants(child)]
    return found


def test_a_child_in_c_code_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    code = f"""
import threading, time
from pathlib import Path
from potash.running.limits import Limit
from potash.running.sandbox import Worker
from tests.running.test_sandbox import of_potassium
worker = Worker()
print(worker._running().pid, flush=True)
worker.compute(of_potassium("loops"), {{}}, Path({str(tmp_path)!r}), limit=Limit(),
               progress=lambda *_: print("begun", flush=True))
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert parent.stdout.readline() == "begun\n"
    time.sleep(1.0)
    left = descendants(parent.pid)
    assert child in left
    parent.kill()
    parent.wait()
    assert gone(left), "the worker, or what watches it, outlived its parent"


pytestmark = pytest.mark.faults


def gone(pids: list[int], within_s: float = 10.0) -> bool:
    """Tell whether these processes end within a time."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.1)
    return False


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
