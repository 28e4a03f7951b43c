"""Densities of pure solvents and electrolytes with GROMACS, beside experiment.

Usage: python scripts/reference_densities.py SCRATCH_FOLDER [NAME ...] [--picoseconds PS]

Without names every solvent and electrolyte below is run, with ``none`` only the table is
written. Rows committed before are taken over unless they are shorter; new ones are exported to
``liquids/solvents/``, and ``liquids/densities.csv`` sets the longest of each beside experiment,
which for solvents is ``molecules/densities.csv``.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from potash.catalog.catalog import Catalog, load_catalog
from potash.catalog.formulations import Amount, Component, Formulation
from potash.catalog.species import Species
from potash.engines.md_levels import liquid_level
from potash.liquids.forcefield import load_force_field
from potash.liquids.parameters import parameter_hash
from potash.liquids.simulate import liquid_calculation
from potash.resources import data_dir
from potash.results.calculation import Calculation
from potash.results.liquid import LiquidInputs, LiquidValues
from potash.running.local import compute_here
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
N_ATOMS, PRODUCTION_PS = 1000, 80.0
EQUILIBRATION_SHARE = 0.5
# Deviation from experiment (%) that a validated force field may have.
BAR_PERCENT, FLUOROETHER_BAR_PERCENT = 2.0, 3.0
FLUOROETHERS = ("tte", "tftfe", "ote")


def main() -> None:
    """Run what is named, or all that is missing, and export after each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("scratch", type=Path)
    options.add_argument("names", nargs="*", default=[*EXPERIMENT, *ELECTROLYTES])
    options.add_argument("--picoseconds", type=float, default=PRODUCTION_PS)
    given = options.parse_args()
    given.scratch.mkdir(parents=True, exist_ok=True)
    catalog, store = load_catalog(), Store(given.scratch / "densities.sqlite")
    rows = import_rows(HERE / "liquids")
    longest = {n: row for n in [*EXPERIMENT, *ELECTROLYTES] if (row := _longest(n, rows))}
    for name in given.names:
        known = longest.get(name)
        done_ps = known.read(LiquidValues).production_ps if known else 0.0
        if name == "none" or done_ps >= given.picoseconds:
            continue
        plan = _electrolyte if name in ELECTROLYTES else _calculation
        calculation = plan(name, catalog, given.picoseconds)
        (row,) = compute_here([calculation], store, given.scratch / "density_work", lambda *_: None)
        density = row.read(LiquidValues).density_g_ml if row.status == "ok" else None
        print(name, row.status, density, row.reason, flush=True)
        if density is not None:
            longest[name] = row
        # Electrolytes of the reference campaign are exported with it.
        own = [r for n, r in longest.items() if n != "kpf6_dme_1m"]
        export_rows(own, HERE / "liquids" / "solvents")
    _table(longest)


def _longest(name: str, rows: Sequence[Row]) -> Row | None:
    """Return the longest committed run of a liquid, as it is parameterised now.

    The protocol's number may differ: it counts changes to the analysis of ions, and
    density has none.
    """
    item = name if name in ELECTROLYTES else f"pure_{name}"
    found = [r for r in rows if r.item == item and r.status == "ok" and _is_current(r)]
    return max(found, key=lambda r: r.read(LiquidValues).production_ps, default=None)


def _is_current(row: Row) -> bool:
    """Return whether the species of a row still have the parameters that it was run with."""
    inputs = row.read(LiquidInputs)
    return all(
        parameter_hash(p.species, p.smiles, inputs.charge_scale) == inputs.parameters[p.species]
        for part in inputs.parts
        for p in part.particles
    )


def _simulation(liquid: Formulation, catalog: Catalog, production_ps: float) -> Calculation:
    return liquid_calculation(
        liquid,
        catalog,
        liquid_level("screen-gromacs"),
        n_atoms=N_ATOMS,
        equilibration_ps=EQUILIBRATION_SHARE * production_ps,
        production_ps=production_ps,
    )


def _electrolyte(name: str, catalog: Catalog, production_ps: float) -> Calculation:
    salt, solvent, molarity, _ = ELECTROLYTES[name]
    liquid = Formulation(
        id=name,
        name=f"{molarity:g} M {salt} in {solvent}",
        components=(
            Component(species=salt, role="salt", amount=Amount(value=molarity, unit="mol/L")),
            Component(species=solvent, role="solvent", amount=Amount(unit="balance")),
        ),
    )
    return _simulation(liquid, catalog, production_ps)


def _calculation(name: str, catalog: Catalog, production_ps: float) -> Calculation:
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
    return _simulation(liquid, catalog, production_ps)


def _verdict(name: str, deviation_percent: float, half_percent: float) -> str:
    """Return ``within``, ``outside`` or ``unresolved`` (the interval reaches over the bar)."""
    bar = FLUOROETHER_BAR_PERCENT if name in FLUOROETHERS else BAR_PERCENT
    if abs(deviation_percent) <= bar:
        return f"within {bar:g} %"
    beyond = abs(deviation_percent) - half_percent > bar
    return f"outside {bar:g} %" if beyond else f"unresolved at {bar:g} %"


def _table(rows: Mapping[str, Row]) -> None:
    experiment = {**EXPERIMENT}
    experiment |= {n: Measured(e[3], 298.15, DATASET) for n, e in ELECTROLYTES.items()}
    lines = []
    for name, measured in experiment.items():
        row = rows.get(name)
        if row is None:
            continue
        values = row.read(LiquidValues)
        value, half = values.density_g_ml, row.uncertainty["density_g_ml"]
        deviation = 100 * (value / measured.density - 1)
        lines.append(
            [
                name, measured.simulated_at_k, f"{values.production_ps:.0f}",
                f"{value:.4f}", f"{half:.4f}", measured.density, f"{deviation:+.1f}",
                _verdict(name, deviation, 100 * half / measured.density), measured.source,
            ]
        )  # fmt: skip
    head = ["liquid", "temperature_k", "production_ps", "density_g_ml", "half_width_g_ml"]
    head += ["experiment_g_ml", "deviation_percent", "verdict", "experiment_source"]
    with (HERE / "liquids" / "densities.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *lines])


if __name__ == "__main__":
    main()
