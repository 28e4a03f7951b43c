"""The table of faults: of this session, and added up over all that were asked to count."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.harness import Books

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validation" / "faults.md"
COUNTS = PAGE.with_suffix(".csv")
COLUMNS = ("fault", "injected", "lost", "recomputed", "left", "longest_s")
Line = dict[str, str]

SESSION: dict[str, Line] = {}
"""Of this session."""


def counting() -> Path | None:
    """Return the file of counts that is added to, if that is asked for."""
    named = os.environ.get("POTASH_FAULTS_TABLE")
    return Path(named) if named else None


def still(fault: str, asked: int) -> int:
    """Return how often a fault is still to be tried until it was tried as often as asked."""
    file = counting()
    known = {} if file is None else counted(file)
    return max(0, asked - int(known.get(fault, {}).get("injected", 0)))


def counted(file: Path) -> dict[str, Line]:
    """Return what earlier sessions have counted."""
    if not file.is_file():
        return {}
    with file.open(newline="", encoding="utf-8") as opened:
        return {line["fault"]: dict(line) for line in csv.DictReader(opened)}


def record(books: Books) -> None:
    """Add a fault to the table of this session and, where asked, to that of all."""
    line = {
        "fault": books.fault,
        "injected": str(books.times),
        "lost": str(books.lost),
        "recomputed": str(books.recomputed),
        "left": str(len(books.processes_left)),
        "longest_s": f"{max(books.seconds, default=0.0):.1f}",
    }
    SESSION[books.fault] = added(SESSION.get(books.fault), line)
    file = counting()
    if file is not None:
        known = counted(file)
        known[books.fault] = added(known.get(books.fault), line)
        with file.open("w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(known[fault] for fault in sorted(known))


def added(known: Line | None, new: Line) -> Line:
    """Return two lines of one fault as one."""
    if known is None:
        return new
    counts = {n: str(int(known[n]) + int(new[n])) for n in COLUMNS[1:5]}
    longest = max(known["longest_s"], new["longest_s"], key=float)
    return {"fault": new["fault"], **counts, "longest_s": longest}


def page(lines: Mapping[str, Line]) -> str:
    """Return the page of the validation that holds the table."""
    text = [
        "# Faults",
        "",
        "Written by `make faults` (`tests/faults`) from `faults.csv`, which adds up over sessions: "
        "parts of real campaigns of small molecules are killed or taken away at random moments, "
        "then the campaign is run to its end and the ledger is looked through. *Lost*: rows that "
        "were committed and are no more, or that are missing at the end. *Recomputed*: rows "
        "computed a second time, but for those in flight. *Left*: processes of the run that lived "
        "on. The time is the longest until the run had stopped or, where it is to go on, until it "
        "ended.",
        "",
        "| fault | injected | rows lost | recomputed | processes left | longest (s) |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    text += [f"| {' | '.join(line[c] for c in COLUMNS)} |" for line in lines.values()]
    return "\n".join(text) + "\n"
