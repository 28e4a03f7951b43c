"""Compute the migration barriers of the reference campaign at `screen`.

    python scripts/reference_barriers.py [PHASE ...] [--work FOLDER] [--limit SECONDS]

Every row goes to `results/reference/phases/` as it is finished, so that the campaign can be
stopped and started at any time. With ``--limit``, nothing is begun after that many seconds.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from potash.catalog.phases import load_phases
from potash.engines.adsorption_levels import adsorption_level
from potash.results.barrier import BarrierValues, Ion
from potash.results.calculation import Calculation
from potash.running.barriers import barrier_of
from potash.running.limits import Limit, Limits
from potash.running.local import compute_in_processes
from potash.store import Row, Store, export_rows, import_rows

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "results" / "reference" / "phases"
SCRATCH = ROOT / "results" / "reference-work"
TIMEOUT_S = 6 * 3600.0

PHASES = (
    "k2s", "kf", "k2o", "ki", "nacl", "k3bi_hexagonal", "k3p_hexagonal", "kcl", "k2co3", "lif",
    "li2o", "k2so3", "k3ocl", "k2so4",
)  # fmt: skip
"""What the review's claims need, and crystals whose barriers are measured."""


def calculation(phase: str) -> Calculation:
    """Return the calculation of a phase: K moves, or Na or Li where there is no K."""
    formula = load_phases()[phase].formula
    ion: Ion = "K" if "K" in formula else "Na" if "Na" in formula else "Li"
    return barrier_of(phase, adsorption_level("screen"), ion=ion)


def finished(row: Row) -> None:
    """Show a new row and add it to the exported tables."""
    value = None
    if row.status in ("ok", "anomalous"):
        value = row.read(BarrierValues).migration_barrier_ev
    print(row.item, row.status, value, f"{row.seconds:.0f} s", row.reason, flush=True)
    rows = {r.key: r for r in import_rows(FOLDER) if r.kind == row.kind} | {row.key: row}
    export_rows(rows.values(), FOLDER, file_format="csv")


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("phases", nargs="*", default=PHASES)
    parser.add_argument("--work", type=Path, default=SCRATCH)
    parser.add_argument("--limit", type=float, default=float("inf"))
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    store = Store(arguments.work / "barriers.sqlite")
    store.add_missing(import_rows(FOLDER))
    begun = time.monotonic()
    compute_in_processes(
        [calculation(phase) for phase in arguments.phases],
        store,
        arguments.work,
        processes=1,
        limits=Limits(Limit(TIMEOUT_S)),
        finished=finished,
        stop=lambda: time.monotonic() - begun > arguments.limit,
    )


if __name__ == "__main__":
    main()
