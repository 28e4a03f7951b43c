"""Reference campaign of the liquids with GROMACS; resumable, one after another on one core.

Usage: python scripts/reference_liquids.py SCRATCH_FOLDER [ITEM[@CHARGE_SCALE] ...]

Without items, everything below in that order. Rows go into a store in the scratch
folder, which takes over the rows committed before; after each run all are exported to
``results/reference/liquids/``. A run that was killed goes on from its checkpoint.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from potash.catalog.catalog import Catalog, load_catalog
from potash.engines.md_levels import liquid_level
from potash.liquids.simulate import liquid_calculation
from potash.results.calculation import Calculation
from potash.results.liquid import LiquidValues
from potash.running.local import compute_here
from potash.store import Row, Store, export_rows, import_rows

ROOT = Path(__file__).resolve().parents[1]
CATALOG = ROOT / "workflows" / "reference_catalog"
TARGET = ROOT / "results" / "reference" / "liquids"
ITEMS = (
    "kfsi_dme_1m",
    "kfsi_dme_2m",
    "kfsi_dme_3m",
    "e_13dx",
    "kfsi_ecdec_1m",
    "lhce2_kfsi_dme_tte",
    "lhce1_kfsi_dme_tte",
    "dm",
    "mb",
    "kfsi_dme_1m@0.7",
    "kpf6_dme_1m",
    "kpf6_ecdec_08",
    "tmp_lhce",
    "kfsi_dme_2m@0.7",
    "kfsi_dme_3m@0.7",
)
EQUILIBRATION_PS = 100.0


def planned(
    entry: str, catalog: Catalog, level: str, production_ps: float, n_atoms: int, seed: int
) -> Calculation:
    """Return the simulation of ``ITEM`` or ``ITEM@CHARGE_SCALE``."""
    item, _, scale = entry.partition("@")
    return liquid_calculation(
        catalog.get_electrolyte(item),
        catalog,
        liquid_level(level),
        seed=seed,
        n_atoms=n_atoms,
        equilibration_ps=EQUILIBRATION_PS,
        production_ps=production_ps,
        charge_scale=float(scale) if scale else None,
    )


def committed(catalog: Catalog) -> list[Row]:
    """Return the rows of the catalogue's electrolytes; those of densities are kept apart."""
    return [row for row in import_rows(TARGET) if row.item in catalog.electrolytes]


def length_ps(row: Row) -> float:
    """Return the length of a run's production; 0 where it has none."""
    return row.read(LiquidValues).production_ps if row.status == "ok" else 0.0


def longest(rows: list[Row]) -> list[Row]:
    """Return the longest run of each formulation, seed, size and charge scaling.

    A shorter run of the same seed is the beginning of the longer one, not a second sample.
    """
    best: dict[tuple[str, str, str], Row] = {}
    for row in sorted(rows, key=length_ps):
        best[row.item, row.model, row.level] = row
    return list(best.values())


def main() -> None:
    """Run what is missing, and export after each row."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("scratch", type=Path)
    options.add_argument("items", nargs="*", default=ITEMS)
    options.add_argument("--level", default="screen-gromacs-pair")
    options.add_argument("--picoseconds", type=float, default=1000.0)
    options.add_argument("--atoms", type=int, default=1500)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    given.scratch.mkdir(parents=True, exist_ok=True)
    store, catalog = Store(given.scratch / "liquids.sqlite"), load_catalog(CATALOG)
    for entry in given.items:
        calculation = planned(
            entry, catalog, given.level, given.picoseconds, given.atoms, given.seed
        )
        store.add_missing(committed(catalog))
        (row,) = compute_here(
            [calculation],
            store,
            given.scratch / "work",
            lambda name, fraction, text: print(f"{name} {fraction:.2f} {text}", flush=True),
        )
        print(entry, row.status, row.reason, flush=True)
        # Read again: another process may have added rows in the meantime.
        export_rows(longest([*committed(catalog), row]), TARGET)


if __name__ == "__main__":
    main()
