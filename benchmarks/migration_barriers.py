"""Barriers of cation vacancies by a potential beside measured ones: what `screen` is worth.

Usage: python benchmarks/migration_barriers.py [FOLDER_OF_ROWS]

Prints each committed barrier beside the measured enthalpy of migration
(``structures/migration_barriers.csv``), and the 95 % half-width over those whose source was
read, which ``potash.calibration.resolution`` states.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats

from potash.resources import data_dir
from potash.results.barrier import BarrierValues
from potash.store import Row, import_rows


class Compared(NamedTuple):
    """One crystal, eV."""

    formula: str
    computed: float
    measured: float
    verified: bool

    @property
    def error(self) -> float:
        """Computed minus measured."""
        return self.computed - self.measured


def compare(rows: Sequence[Row], path: Path) -> list[Compared]:
    """Return the barriers at `screen` that have been measured, in the order of the file."""
    computed: dict[tuple[str, str], float] = {}
    for row in rows:
        if (row.kind, row.level, row.status) == ("barrier", "screen", "ok"):
            values = row.read(BarrierValues)
            if values.mechanism == "vacancy" and values.migration_barrier_ev is not None:
                computed[row.model, values.ion] = values.migration_barrier_ev
    lines = (line for line in path.read_text().splitlines() if not line.startswith("#"))
    return [
        Compared(
            m["formula"],
            computed[m["formula"], m["ion"]],
            float(m["barrier_ev"]),
            m["verified"] == "yes",
        )
        for m in csv.DictReader(lines)
        if (m["formula"], m["ion"]) in computed
    ]


def half_width(errors: Sequence[float]) -> float:
    """Return the 95 % half-width of an error whose mean is taken as zero: t times its rms."""
    rms = float(np.sqrt(np.mean(np.square(errors))))
    return float(stats.t.ppf(0.975, len(errors))) * rms


def main() -> None:
    """Print the list and its statistics."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else data_dir("results/reference") / "phases"
    found = compare(import_rows(folder), data_dir("structures") / "migration_barriers.csv")
    for c in found:
        read = "" if c.verified else "   (measured value recalled)"
        print(f"{c.formula:8s}{c.computed:8.2f}{c.measured:8.2f}{c.error:+8.2f}{read}")
    errors = [c.error for c in found if c.verified]
    if errors:
        print(f"{len(errors)} with a source that was read: half-width {half_width(errors):.2f} eV")


if __name__ == "__main__":
    main()
