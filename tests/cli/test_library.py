"""``potash screen``, run as a user runs it."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "potash", "screen", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.physics
def test_bad_lines_are_told_and_the_rest_is_computed_once(tmp_path: Path) -> None:
    library = tmp_path / "library.csv"
    library.write_text("smiles,name\nO,water\nC1CC,open ring\n[OH2],water again\nCO.O,two\n")
    finished = _run(str(library), "--output", str(tmp_path / "out"), "--processes", "1")
    assert finished.returncode == 0, finished.stderr
    assert "line 3: the SMILES 'C1CC'" in finished.stderr
    assert "line 5: the SMILES 'CO.O' holds several molecules" in finished.stderr
    with (tmp_path / "out" / "table.csv").open() as handle:
        lines = list(csv.DictReader(handle))
    assert [x["status"] for x in lines] == ["ok", "bad_input", "ok", "bad_input"]
    assert lines[2]["duplicate_of_line"] == "2"
    assert lines[0]["ip_vertical_ev"] == lines[2]["ip_vertical_ev"] != ""
    assert float(lines[0]["synthetic_accessibility"]) >= 1
    assert (tmp_path / "out" / "drawings" / "2.svg").read_text().lstrip().startswith("<?xml")
    again = _run(str(library), "--output", str(tmp_path / "out"), "--processes", "1")
    assert "1 molecules, 0 to compute" in again.stderr


def test_a_missing_library_is_bad_input(tmp_path: Path) -> None:
    finished = _run(str(tmp_path / "none.smi"), "--output", str(tmp_path / "out"))
    assert finished.returncode == 2
    assert "none.smi" in finished.stderr
    assert not (tmp_path / "out").exists()
