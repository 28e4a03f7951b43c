"""Disks that are full, read-only, or full by the campaign's own rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.harness import SMILES, Books, Run

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3000)]


def test_quota(folder: Path, times: int) -> None:
    """At its quota a run ends with one line and exit code 3; given more, the next goes on."""
    books = Books("quota of the campaign's disk reached")
    file = folder / "hurt.yaml"
    allowed = file.read_text()
    out = folder / "results" / "hurt"
    for _ in range(times):
        file.write_text(allowed + "keep: {disk_gb: 0.02}\n")
        run = Run.start(folder)
        wanted = min(run.rows() + 1, len(SMILES) - 1)
        run.wait_for(lambda run=run, wanted=wanted: run.rows() >= wanted)
        (out / "work").mkdir(parents=True, exist_ok=True)
        (out / "work" / "large").write_bytes(b"x" * 30_000_000)
        seconds = run.end()
        said = run.errors().strip().splitlines()[-1]
        assert run.process.returncode == 3, run.errors()
        assert said.startswith("error: results/hurt takes 0.03")
        assert "Traceback" not in run.errors()
        books.stopped(seconds, run.left())
        (out / "work" / "large").unlink()
    file.write_text(allowed)
    books.check(folder)
