"""Reference campaign of the liquids with GROMACS; resumable, one after another on one core.

Usage: python scripts/reference_liquids.py SCRATCH_FOLDER [PICOSECONDS [N_ATOMS]]

Rows go into a store in the scratch folder; after each run they are exported to
``results/reference/liquids/``. A run that was killed goes on from its checkpoint.
"""

from __future__ import annotations

import sys
from pathlib import Path

from potash.catalog.catalog import load_catalog
from potash.engines.gromacs import gromacs_level
from potash.liquids.plan import liquid_calculation
from potash.single import compute_now
from potash.store import Store, export_rows

ITEMS = (
    "kfsi_dme_1m",
    "kpf6_dme_1m",
    "e_13dx",
    "kfsi_ecdec_1m",
    "kpf6_ecdec_08",
    "lhce2_kfsi_dme_tte",
    "tmp_lhce",
    "dm",
    "mb",
)
EQUILIBRATION_PS = 100.0


def main() -> None:
    """Run what is missing, and export after each row."""
    scratch = Path(sys.argv[1])
    production_ps = float(sys.argv[2]) if len(sys.argv) > 2 else 1000.0
    n_atoms = int(sys.argv[3]) if len(sys.argv) > 3 else 1500
    scratch.mkdir(parents=True, exist_ok=True)
    catalog, store = load_catalog(), Store(scratch / "liquids.sqlite")
    planned = {
        item: liquid_calculation(
            catalog.get_electrolyte(item),
            catalog,
            gromacs_level("screen"),
            n_atoms=n_atoms,
            equilibration_ps=EQUILIBRATION_PS,
            production_ps=production_ps,
        )
        for item in ITEMS
    }
    for item, calculation in planned.items():
        (row,) = compute_now(
            [calculation],
            store,
            scratch / "work",
            lambda name, fraction, text: print(f"{name} {fraction:.2f} {text}", flush=True),
        )
        print(item, row.status, row.reason, flush=True)
        rows = [r for c in planned.values() if (r := store.get(c.key)) is not None]
        export_rows(rows, Path(__file__).resolve().parents[1] / "results" / "reference" / "liquids")


if __name__ == "__main__":
    main()
