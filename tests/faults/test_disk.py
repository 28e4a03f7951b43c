"""Disks that are full, read-only, or full by the campaign's own rule."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.faults.harness import Books, Run, items_of
from tests.faults.test_faults import asked_for
from tests.store.test_opening import mounted

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3000)]

FILLED = b"\0" * 65536


def fill(folder: Path) -> Path:
    """Take what is left of a disk; return the file that does."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(FILLED):
                pass
        except OSError:
            return filler
    raise AssertionError("a disk without an end")


def test_quota(folder: Path, few: int) -> None:
    """At its quota a run ends with one line and exit code 3; given more, the next goes on."""
    fault = "the campaign's quota of disk reached"
    books = Books(fault)
    file, work = folder / "hurt.yaml", folder / "results" / "hurt" / "work"
    allowed = file.read_text()
    for _ in range(asked_for(fault, few)):
        file.write_text(allowed + "keep: {disk_gb: 0.2}\n")
        # Written beforehand, and there in no time: the items themselves take only seconds.
        (folder / "large").write_bytes(FILLED * 4000)
        run = Run.start(folder)
        run.wait_for(lambda run=run: run.processes("running.worker"))
        work.mkdir(parents=True, exist_ok=True)
        (folder / "large").rename(work / "large")
        seconds = run.end()
        assert run.process.returncode == 3, run.errors()
        assert run.errors().splitlines()[-1].startswith("error: results/hurt takes 0.2")
        assert "Traceback" not in run.errors()
        books.stopped(seconds, run.left())
        (work / "large").unlink()
    file.write_text(allowed)
    books.check(folder)


def test_full_disk(folder: Path, few: int) -> None:
    """Where store, checkpoints, report and Prefect share a disk that gets full: one line."""
    fault = "disk of the results full"
    books = Books(fault)
    with mounted(folder / "results", "-o", "size=200m") as disk:
        for _ in range(asked_for(fault, few)):
            run = Run.start(folder)
            wanted = min(run.rows() + 1, items_of(folder) - 1)
            run.wait_for(lambda run=run, wanted=wanted: run.rows() >= wanted)
            filler = fill(disk)
            seconds = run.end()
            assert run.process.returncode == 2, run.errors()
            assert run.errors().splitlines()[-1].startswith("error: "), run.errors()
            assert "full" in run.errors().splitlines()[-1], run.errors()
            assert "Traceback" not in run.errors()
            books.stopped(seconds, run.left())
            filler.unlink()
        books.check(folder)


def test_read_only_disk(folder: Path, few: int) -> None:
    """A disk that is read-only when a run begins is one line; writable again, it goes on."""
    fault = "disk of the results read-only"
    books = Books(fault)
    with mounted(folder / "results") as disk:
        for n in range(asked_for(fault, few)):
            if n:  # there is something by then
                run = Run.start(folder)
                run.wait_for(lambda run=run, n=n: run.rows() >= n)
                run.process.terminate()
                run.end()
                books.processes_left += run.left()
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
            run = Run.start(folder)
            seconds = run.end()
            assert run.process.returncode == 2, run.errors()
            assert run.errors().startswith("error: ")
            assert run.errors().count("\n") == 1, run.errors()
            books.stopped(seconds, run.left())
            subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        books.check(folder)
