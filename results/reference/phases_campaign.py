"""Reference energies of the bulk phases; resumable, one after another on one core.

Usage: python results/reference/phases_campaign.py SCRATCH_FOLDER [LEVEL ...]

Levels are ``screen`` (default) and ``screen-chgnet``. Rows go into a store in
the scratch folder and are exported to ``results/reference/phases/``; a killed
run goes on where it was.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from potash.calculation import Calculation, Outcome
from potash.campaign import compute_row
from potash.catalog.phases import load_phases
from potash.engines.potentials import adsorption_level
from potash.errors import PotashError, RefusedError
from potash.hosts.phases import compute_phase, phase_calculation
from potash.store import Store, export_rows

TARGET = Path(__file__).parent / "phases"


def run(calculation: Calculation, needs: Mapping[str, Mapping[str, Any]], folder: Path) -> Outcome:
    """Compute a phase in this process; what goes wrong becomes a row that says so."""
    try:
        return compute_phase(
            calculation.inputs, needs, workdir=folder, progress=lambda _f, _t: None
        )
    except RefusedError as error:
        return Outcome(status="refused", reason=str(error))
    except PotashError as error:
        return Outcome(status="failed", reason=str(error))


def main() -> None:
    """Run what is missing and export."""
    scratch = Path(sys.argv[1])
    scratch.mkdir(parents=True, exist_ok=True)
    store = Store(scratch / "phases.sqlite")
    wanted = []
    for name in sys.argv[2:] or ["screen"]:
        level = adsorption_level(name)
        for phase in load_phases().values():
            calculation = phase_calculation(phase, level)
            wanted.append(calculation.key)
            if store.get(calculation.key) is not None:
                continue
            row = compute_row(calculation, store, scratch, run)
            store.put(row)
            print(row.item, row.level, row.status, f"{row.seconds:.0f} s", row.reason, flush=True)
    rows = [row for key in wanted if (row := store.get(key)) is not None]
    export_rows(rows, TARGET, file_format="csv")


if __name__ == "__main__":
    main()
