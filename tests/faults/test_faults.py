"""Kill -9 and signals to the parts of a run: nothing lost, nothing twice, nothing left."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.faults.harness import Books, Run, items_of, make_campaign
from tests.faults.table import still

pytestmark = [pytest.mark.faults, pytest.mark.timeout(6000)]

STOP_S = 10.0
"""Ctrl-C and SIGTERM end a run within this; on a loaded machine more is let pass below."""
SLACK_S = 20.0
AT_ONCE = 10
"""Faults of one campaign, which has items enough for all."""
WORKERS_AT_ONCE = 3
"""The same for killed workers: while one starts again, the other goes on through the items."""


def asked_for(fault: str, wanted: int) -> int:
    """Return how often a fault is to be tried now, or skip the test."""
    left = still(fault, wanted)
    if not left:
        pytest.skip(f"{fault}: tried {wanted} times before")
    return left


@pytest.mark.parametrize(
    "how, code",
    [(signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, 130)],
    ids=["kill-9", "sigterm", "ctrl-c"],
)
def test_driver(tmp_path: Path, times: int, how: signal.Signals, code: int) -> None:
    fault = f"driver, {how.name}"
    left, moments = asked_for(fault, times), random.Random()
    while left:
        now = min(left, AT_ONCE)
        left -= now
        folder = tmp_path / str(left)
        make_campaign(folder, 16 + 4 * now)
        books = Books(fault)
        for n in range(now):
            run = Run.start(folder)
            before = run.rows()
            if n % 3 == 0:
                run.wait_for(lambda run=run: run.processes("running.worker"))
            else:
                run.wait_for(lambda run=run, least=before + n % 3: run.rows() >= least)
            time.sleep(1.5 * moments.random())
            run.process.send_signal(how)
            seconds = run.end()
            assert run.process.returncode == code, run.errors()
            assert seconds < STOP_S + SLACK_S
            assert "Traceback" not in run.errors()
            books.stopped(seconds, run.left())
        books.check(folder)


def test_worker(tmp_path: Path, times: int) -> None:
    """A killed worker process is begun again in the same run; nothing of it is in the rows."""
    fault = "worker process, SIGKILL"
    left, moments = asked_for(fault, times), random.Random()
    while left:
        now = min(left, WORKERS_AT_ONCE)
        left -= now
        folder = tmp_path / str(left)
        make_campaign(folder, 16 + 15 * now)
        books = Books(fault)
        run = Run.start(folder)
        for _ in range(now):
            # Rows between two kills: a calculation whose process ends three times is quarantined.
            seen = run.rows()
            run.wait_for(
                lambda run=run, seen=seen: run.rows() > seen + 1 and run.processes("running.worker")
            )
            time.sleep(0.5 * moments.random())
            for pid in run.processes("running.worker")[:1]:
                os.kill(pid, signal.SIGKILL)
            books.stopped(0.0, [])
        books.seconds.append(run.end())
        assert run.process.returncode == 0, run.errors()
        books.processes_left += run.left()
        assert books.check(folder)["computed"] == 0


def test_server(folder: Path, few: int) -> None:
    """Without its server the run goes on to its end, with report and exit code 0."""
    fault = "Prefect server, SIGKILL"
    books = Books(fault)
    for n in range(asked_for(fault, few)):
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


def test_dask_worker(tmp_path: Path, few: int) -> None:
    """A killed Dask worker is replaced, in the same run."""
    pytest.importorskip("prefect_dask")
    fault = "Dask worker, SIGKILL"
    left = asked_for(fault, few)
    make_campaign(tmp_path, 16 + 4 * left)
    books = Books(fault)
    run = Run.start(tmp_path, "--runner", "dask")
    for n in range(left):
        run.wait_for(lambda n=n: run.rows() > 2 * n and run.processes("multiprocessing.spawn"))
        os.kill(random.choice(run.processes("multiprocessing.spawn")), signal.SIGKILL)
        books.stopped(0.0, [])
    books.seconds.append(run.end())
    assert run.process.returncode == 0, run.errors()
    books.processes_left += run.left()
    assert books.check(tmp_path)["computed"] == 0


def test_dask_driver(tmp_path: Path, few: int) -> None:
    """A killed driver, in whose process Dask's scheduler is, leaves nothing."""
    pytest.importorskip("prefect_dask")
    fault = "Dask scheduler (in the driver), SIGKILL"
    left = asked_for(fault, few)
    make_campaign(tmp_path, 16 + 4 * left)
    books = Books(fault)
    for _ in range(left):
        run = Run.start(tmp_path, "--runner", "dask")
        before = run.rows()
        run.wait_for(lambda run=run, before=before: run.rows() > before)
        run.process.kill()
        books.stopped(run.end(), run.left())
    books.check(tmp_path)


def test_three_runs_on_one_store(tmp_path: Path, few: int) -> None:
    """One of three is killed again and again; all rows are computed once, by any of them."""
    fault = "one of three campaigns on one store, SIGKILL"
    left = asked_for(fault, few)
    make_campaign(tmp_path, 16 + 6 * left)
    books = Books(fault)

    def start(name: str) -> Run:
        return Run.start(tmp_path, "--out", f"results/{name}")

    others = [start("second"), start("third")]
    for n in range(left):
        first = start("first")
        first.wait_for(lambda first=first: first.processes("running.worker"))
        first.wait_for(lambda first=first, n=n: first.rows() >= min(2 * n + 2, items_of(tmp_path)))
        first.process.kill()
        books.stopped(first.end(), first.left())
    for run in others:
        run.end()
        assert run.process.returncode == 0, run.errors()
        books.processes_left += run.left()
    assert books.check(tmp_path)["computed"] == 0
