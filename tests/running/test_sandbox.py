"""The worker process: real calculations, crashes, time-outs, and its own end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from potash.results.calculation import Calculation
from potash.results.k_metal import KMetalInputs
from potash.running.sandbox import Worker


@pytest.fixture
def worker() -> Iterator[Worker]:
    it = Worker()
    yield it
    it.close()


def run(worker: Worker, folder: Path, timeout_s: float = 120.0) -> tuple[str, str]:
    # A level that is no level of GPAW: any other error than those raised on purpose.
    inputs = KMetalInputs(level={"engine": "gpaw"})
    calculation = Calculation(item="x", model="", level="screen", inputs=inputs)
    outcome = worker.compute(
        calculation, {}, folder, timeout_s=timeout_s, progress=lambda fraction, note: None
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
    status, reason = run(worker, tmp_path, timeout_s=0.01)
    assert (status, reason) == ("failed", "no result within 0 s; killed")


def test_a_crash_is_an_outcome_and_the_next_one_gets_a_new_process(
    worker: Worker, tmp_path: Path
) -> None:
    run(worker, tmp_path)
    process = worker._process
    assert process is not None
    timer = threading.Timer(0.0, os.killpg, (process.pid, signal.SIGSTOP))
    timer.start()
    timer.join()
    killer = threading.Timer(0.5, os.killpg, (process.pid, signal.SIGKILL))
    killer.start()
    status, reason = run(worker, tmp_path)
    assert status == "failed"
    assert "SIGKILL" in reason
    assert "SIGKILL" not in run(worker, tmp_path)[1]


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
    for _ in range(300):
        try:
            state = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return
        if state == "Z":
            return
        time.sleep(0.1)
    pytest.fail("the worker outlived its parent")
