"""Densities of the pure solvents at 298.15 K with GROMACS, beside experiment.

Usage: python scripts/reference_densities.py SCRATCH_FOLDER [SPECIES ...]

Rows go into the same store as the electrolytes' (see ``reference_liquids.py``) and
are exported with them; ``liquids/densities.csv`` sets them beside experiment.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from pathlib import Path

from potash.calculation import Calculation
from potash.catalog.catalog import Catalog, load_catalog
from potash.catalog.formulations import Amount, Component, Formulation
from potash.catalog.species import Species
from potash.engines.gromacs import gromacs_level
from potash.liquids.forcefield import load_force_field
from potash.liquids.plan import liquid_calculation
from potash.single import compute_now
from potash.store import Row, Store, export_rows

HERE = Path(__file__).resolve().parents[1] / "results" / "reference"
# Experimental densities: the open dataset KMNitesh05/sodium-ion-battery-electrolyte-dataset
# (CC BY 4.0) where it holds the liquid; else handbook values recalled, marked unverified.
DATASET = "KMNitesh05 sodium-ion-battery-electrolyte-dataset (CC BY 4.0), 298.2 K"
EXPERIMENT = {
    "dme": (0.861, 298.15, DATASET),
    "g2": (0.939, 298.15, DATASET),
    "g4": (1.006, 298.15, DATASET),
    "pc": (1.199, 298.15, DATASET),
    "dmc": (1.063, 298.15, DATASET),
    "dec": (0.969, 298.15, "unverified"),
    "ec": (1.321, 313.15, "unverified; melts at 309.5 K, hence 313 K"),
    "tmp": (1.21, 298.15, "unverified"),
    "tep": (1.07, 298.15, "unverified"),
    "tte": (1.53, 298.15, "unverified"),
    "tftfe": (1.48, 298.15, "unverified"),
    "dx13": (1.03, 298.15, "unverified"),
    "thf": (0.883, 298.15, "unverified"),
    "dbe": (0.832, 298.15, "unverified"),
    "dpgdme": (0.90, 298.15, "unverified"),
    "adn": (0.948, 298.15, "unverified"),
    "dma": (0.936, 298.15, "unverified"),
    "tfb": (1.277, 298.15, "unverified"),
    "vc": (1.355, 298.15, "unverified"),
    "dol": (1.06, 298.15, "unverified"),
    "water": (0.997, 298.15, "unverified"),
    "ote": (1.56, 298.15, "unverified"),
}
N_ATOMS, EQUILIBRATION_PS, PRODUCTION_PS = 1000, 40.0, 80.0


def main() -> None:
    """Run the solvents named, or all, and export after each."""
    scratch = Path(sys.argv[1])
    names = sys.argv[2:] or list(EXPERIMENT)
    catalog, store = load_catalog(), Store(scratch / "densities.sqlite")
    planned = {name: _calculation(name, catalog) for name in EXPERIMENT}
    for name in names:
        (row,) = compute_now([planned[name]], store, scratch / "density_work", lambda *_: None)
        density = row.values.get("density_g_ml")
        print(name, row.status, density, EXPERIMENT[name][0], row.reason, flush=True)
        # Rows of parameters that have changed since are left behind.
        rows = {n: r for n, c in planned.items() if (r := store.get(c.key)) is not None}
        export_rows(rows.values(), HERE / "liquids" / "solvents")
        _table(rows)


def _calculation(name: str, catalog: Catalog) -> Calculation:
    """Return the simulation of a pure solvent, which need not be in the catalogue."""
    if name not in catalog.species:
        smiles = load_force_field().species[name].smiles
        own = Species(id=name, name=name, smiles=smiles)
        catalog = replace(catalog, species={**catalog.species, name: own})
    component = Component(species=name, role="solvent", amount=Amount(unit="pure"))
    liquid = Formulation(
        id=f"pure_{name}",
        name=f"pure {catalog.species[name].name}",
        components=(component,),
        temperature_k=EXPERIMENT[name][1],
    )
    return liquid_calculation(
        liquid,
        catalog,
        gromacs_level("screen"),
        n_atoms=N_ATOMS,
        equilibration_ps=EQUILIBRATION_PS,
        production_ps=PRODUCTION_PS,
    )


def _table(rows: dict[str, Row]) -> None:
    with (HERE / "liquids" / "densities.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            [
                "species", "temperature_k", "density_g_ml", "half_width_g_ml",
                "experiment_g_ml", "deviation_percent", "experiment_source",
            ]
        )  # fmt: skip
        for name, (measured, temperature, source) in EXPERIMENT.items():
            row = rows.get(name)
            if row is None or row.status != "ok":
                continue
            value = row.values["density_g_ml"]
            half = row.uncertainty.get("density_g_ml")
            out.writerow(
                [
                    name, temperature, f"{value:.4f}", "" if half is None else f"{half:.4f}",
                    measured, f"{100 * (value / measured - 1):+.1f}", source,
                ]
            )  # fmt: skip


if __name__ == "__main__":
    main()
