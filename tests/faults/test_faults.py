"""Kill -9 and signals to the parts of a run: nothing lost, nothing twice, nothing left."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.faults.harness import SMILES, Books, Run

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3000)]

STOP_S = 10.0
"""Ctrl-C and SIGTERM end a run within this; on a loaded machine more is let pass below."""
SLACK_S = 20.0


@pytest.mark.parametrize(
    "how, code",
    [(signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, 130)],
    ids=["kill-9", "sigterm", "ctrl-c"],
)
def test_driver(folder: Path, times: int, how: signal.Signals, code: int) -> None:
    books = Books(f"driver, {how.name}")
    moments = random.Random(7)
    for n in range(times):
        run = Run.start(folder)
        before = run.rows()
        wanted = min(before + 1 + n % 3, len(SMILES) - 1)
        if n == 0:
            run.wait_for(lambda run=run: run.processes("running.worker"))
        else:
            run.wait_for(lambda run=run, wanted=wanted: run.rows() >= wanted)
        time.sleep(moments.random())
        run.process.send_signal(how)
        seconds = run.end()
        assert run.process.returncode == code, run.errors()
        assert seconds < STOP_S + SLACK_S
        assert "Traceback" not in run.errors()
        books.stopped(seconds, run.left())
    books.check(folder)


def test_worker(folder: Path, times: int) -> None:
    """A killed worker process is begun again in the same run; nothing of it is in the rows."""
    books = Books("worker process, SIGKILL")
    run = Run.start(folder)
    for n in range(min(times, len(SMILES) - 2)):
        run.wait_for(lambda n=n: run.rows() >= n and run.processes("running.worker"))
        time.sleep(0.3)
        for pid in run.processes("running.worker")[:1]:
            os.kill(pid, signal.SIGKILL)
        books.stopped(0.0, [])
    run.end()
    assert run.process.returncode == 0, run.errors()
    books.processes_left += run.left()
    assert books.check(folder)["computed"] == 0


def test_server(folder: Path, times: int) -> None:
    """Without its server the run goes on to its end, with report and exit code 0."""
    books = Books("Prefect server, SIGKILL")
    for n in range(max(1, times // 4)):
        run = Run.start(folder, "--only", "molecules")
        run.wait_for(lambda n=n, run=run: run.rows() > n % 3 or n > 0)
        begun = time.monotonic()
        for pid in run.processes("uvicorn"):
            os.kill(pid, signal.SIGKILL)
        run.end()
        assert run.process.returncode == 0, run.errors()
        assert "Traceback" not in run.errors()
        assert (folder / "results" / "hurt" / "report.html").is_file()
        books.stopped(time.monotonic() - begun, run.left())
    assert books.check(folder)["computed"] == 0


@pytest.mark.parametrize("part", ["worker", "driver"])
def test_dask(folder: Path, times: int, part: str) -> None:
    """A killed Dask worker is replaced; a killed driver (with its scheduler) leaves nothing."""
    pytest.importorskip("prefect_dask")
    books = Books(f"Dask {part}, SIGKILL")
    run = Run.start(folder, "--runner", "dask")
    run.wait_for(lambda: run.rows() >= 1)
    if part == "driver":
        run.process.kill()
        seconds = run.end()
    else:
        workers = run.processes("multiprocessing.spawn")
        os.kill(workers[0], signal.SIGKILL)
        seconds = run.end()
        assert run.process.returncode == 0, run.errors()
    books.stopped(seconds, run.left())
    books.check(folder)


def test_two_runs_on_one_store(folder: Path, times: int) -> None:
    """Both end well, and each row is computed by one of them."""
    books = Books("two campaigns on one store, one killed")
    first = Run.start(folder, "--out", "results/first")
    second = Run.start(folder, "--out", "results/second")
    second.wait_for(lambda: second.rows() >= 2)
    first.process.kill()
    books.stopped(first.end(), first.left())
    second.end()
    assert second.process.returncode == 0, second.errors()
    books.processes_left += second.left()
    assert books.check(folder)["computed"] == 0
