"""Densities of pure solvents and electrolytes with GROMACS, beside experiment.

Usage: python scripts/reference_densities.py SCRATCH_FOLDER [NAME ...]

Without names every solvent and electrolyte below is run, with ``none`` only the table is
written. Rows committed before are taken over; new ones are exported to
``liquids/solvents/``, and ``liquids/densities.csv`` sets all of them beside experiment, which for
solvents is ``molecules/densities.csv``.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from potash.calculation import Calculation, canonical_json
from potash.catalog.catalog import Catalog, load_catalog
from potash.catalog.formulations import Amount, Component, Formulation
from potash.catalog.species import Species
from potash.engines.gromacs import gromacs_level
from potash.liquids.forcefield import load_force_field
from potash.liquids.plan import liquid_calculation
from potash.resources import data_dir
from potash.single import compute_now
from potash.store import Row, Store, export_rows, import_rows

HERE = Path(__file__).resolve().parents[1] / "results" / "reference"
DATASET = "KMNitesh05 sodium-ion-battery-electrolyte-dataset (CC BY 4.0), 298.2 K"


class Measured(NamedTuple):
    """A measured density in g/mL, and where it is from."""

    density: float
    temperature_k: float
    source: str

    @property
    def simulated_at_k(self) -> float:
        """Room temperature, or that of the measurement for what is solid there."""
        return max(self.temperature_k, 298.15)


def _measured() -> dict[str, Measured]:
    """Read ``molecules/densities.csv``, in its order."""
    lines = (data_dir("molecules") / "densities.csv").read_text(encoding="utf-8").splitlines()
    found = {}
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        temperature = float(row["temperature_k"])
        source = ", ".join(filter(None, (row["source"], row["doi_or_url"])))
        if row["verified"] != "yes":
            source = f"unverified: {source}"
        if temperature < 298.15:
            source += f"; measured at {temperature:g} K"
        found[row["species"]] = Measured(float(row["density_g_ml"]), temperature, source)
    return found


EXPERIMENT = _measured()
# Salt, solvent, mol/L and density at 298.2 K of the same dataset. Its molarity is taken from the
# names of its files: with those, densities of NaPF6 in DME rise evenly (0.12 to 0.15 g/mL a mol/L
# at 0.1, 0.5 and 1 M), with the molarities of its simulation boxes they do not (0.07, 0.14, 0.11).
ELECTROLYTES = {
    "kpf6_dme_1m": ("kpf6", "dme", 1.0, 1.001),
    "napf6_dme_1m": ("napf6", "dme", 1.0, 0.995),
    "napf6_dme_05m": ("napf6", "dme", 0.5, 0.93452),
    "napf6_g2_1m": ("napf6", "g2", 1.0, 1.059),
    "napf6_g4_1m": ("napf6", "g4", 1.0, 1.115),
    "napf6_pc_1m": ("napf6", "pc", 1.0, 1.291),
}
N_ATOMS, EQUILIBRATION_PS, PRODUCTION_PS = 1000, 40.0, 80.0


def main() -> None:
    """Run what is named, or all that is missing, and export after each."""
    scratch = Path(sys.argv[1])
    scratch.mkdir(parents=True, exist_ok=True)
    names = sys.argv[2:] or [*EXPERIMENT, *ELECTROLYTES]
    catalog, store = load_catalog(), Store(scratch / "densities.sqlite")
    planned = {name: _calculation(name, catalog) for name in EXPERIMENT}
    planned |= {name: _electrolyte(name, catalog) for name in ELECTROLYTES}
    committed = import_rows(HERE / "liquids")
    known = {n: row for n, c in planned.items() if (row := _committed(n, c, committed)) is not None}
    for name in [n for n in names if n not in known and n != "none"]:
        (row,) = compute_now([planned[name]], store, scratch / "density_work", lambda *_: None)
        print(name, row.status, row.values.get("density_g_ml"), row.reason, flush=True)
        known[name] = row
        # Electrolytes of the reference campaign are exported with it.
        own = [r for n, r in known.items() if n != "kpf6_dme_1m"]
        export_rows(own, HERE / "liquids" / "solvents")
    _table(known)


def _committed(name: str, calculation: Calculation, rows: Sequence[Row]) -> Row | None:
    """Return a committed row of the same simulation.

    The protocol's number may differ: it counts changes to the analysis of ions, and
    density has none. A longer run of the reference campaign counts as well.
    """
    if name == "kpf6_dme_1m":
        found = [r for r in rows if r.item == name and r.status == "ok"]
        return max(found, key=lambda r: float(r.values["production_ps"]), default=None)
    wanted = _without_protocol(calculation.inputs)
    return next((r for r in rows if _without_protocol(r.provenance["inputs"]) == wanted), None)


def _without_protocol(inputs: Mapping[str, Any]) -> str:
    return canonical_json({k: v for k, v in inputs.items() if k != "protocol"})


def _simulation(liquid: Formulation, catalog: Catalog) -> Calculation:
    return liquid_calculation(
        liquid,
        catalog,
        gromacs_level("screen"),
        n_atoms=N_ATOMS,
        equilibration_ps=EQUILIBRATION_PS,
        production_ps=PRODUCTION_PS,
    )


def _electrolyte(name: str, catalog: Catalog) -> Calculation:
    salt, solvent, molarity, _ = ELECTROLYTES[name]
    liquid = Formulation(
        id=name,
        name=f"{molarity:g} M {salt} in {solvent}",
        components=(
            Component(species=salt, role="salt", amount=Amount(value=molarity, unit="mol/L")),
            Component(species=solvent, role="solvent", amount=Amount(unit="balance")),
        ),
    )
    return _simulation(liquid, catalog)


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
        temperature_k=EXPERIMENT[name].simulated_at_k,
    )
    return _simulation(liquid, catalog)


def _table(rows: Mapping[str, Row]) -> None:
    experiment = {**EXPERIMENT}
    experiment |= {n: Measured(e[3], 298.15, DATASET) for n, e in ELECTROLYTES.items()}
    lines = []
    for name, measured in experiment.items():
        row = rows.get(name)
        if row is None or row.status != "ok":
            continue
        value, half = row.values["density_g_ml"], row.uncertainty.get("density_g_ml")
        lines.append(
            [
                name, measured.simulated_at_k, f"{value:.4f}",
                "" if half is None else f"{half:.4f}", measured.density,
                f"{100 * (value / measured.density - 1):+.1f}", measured.source,
            ]
        )  # fmt: skip
    head = ["liquid", "temperature_k", "density_g_ml", "half_width_g_ml", "experiment_g_ml"]
    with (HERE / "liquids" / "densities.csv").open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerows([[*head, "deviation_percent", "experiment_source"], *lines])


if __name__ == "__main__":
    main()
