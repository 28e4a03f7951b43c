"""Plan-time side of the liquids: from a formulation and a level to a calculation."""

from __future__ import annotations

from typing import Any

from potash.catalog.catalog import Catalog
from potash.catalog.formulations import Component, Formulation
from potash.engines.levels import Level
from potash.errors import InputError
from potash.liquids.forcefield import load_force_field
from potash.liquids.parameters import PAIRS, pair_hash, parameter_hash
from potash.results.calculation import Calculation

PROTOCOL = 4
"""Counts changes of protocol and analysis that change results.

2: intervals of speciation are not below the counting error of the ions.
3: diffusion up to lags of a fifth of the run, its errors over groups of molecules too.
4: mixed at 100 K above the temperature; seeds of even number start from contact ion pairs;
   the analysis begins where speciation has settled.
"""

# Measured with OpenMM on one core, 1,000 atoms and 3 fs: 4.3 s/ps; GROMACS at 2 fs: 1.0 s/ps.
_SECONDS_PER_ATOM_STEP = {"openmm": 1.3e-5, "gromacs": 2.0e-6}


def liquid_calculation(
    formulation: Formulation,
    catalog: Catalog,
    level: Level,
    *,
    seed: int = 1,
    n_atoms: int = 1000,
    equilibration_ps: float = 30.0,
    production_ps: float = 30.0,
    temperature_k: float | None = None,
    charge_scale: float | None = None,
) -> Calculation:
    """Return the simulation of one formulation.

    A formulation that cannot be simulated (a solid, an open amount, a species
    without parameters) gives a calculation too: its row says why.

    Parameters
    ----------
    formulation, catalog
        What to simulate, and where its species and salts are found.
    level
        Level of theory of property ``liquids``.
    seed
        Of packing, velocities, thermostat and barostat. Odd ones start from ions placed
        anywhere, even ones from contact ion pairs.
    n_atoms
        About how many atoms the box holds.
    equilibration_ps, production_ps
        Lengths.
    temperature_k
        By default the formulation's own.
    charge_scale
        Factor on the charges of ions; by default the level's.

    Raises
    ------
    InputError
        If the production is shorter than the level's name promises, or a
        number is out of range.
    """
    least = float(level.fingerprint["minimum_production_ps"])
    if production_ps < least:
        raise InputError(
            f"{production_ps:g} ps of production is too short for the level {level.name!r}"
            f" (at least {least:g} ps); use 'screen-{level.engine}'",
            field=formulation.id,
        )
    if equilibration_ps <= 0 or n_atoms <= 0:
        raise InputError("equilibration and number of atoms must be positive", field=formulation.id)
    scale = float(level.fingerprint["ion_charge_scale"]) if charge_scale is None else charge_scale
    parts = [_part(component, catalog) for component in formulation.components]
    force_field = load_force_field(str(level.fingerprint["force_field"]))
    smiles = {p["species"]: p["smiles"] for part in parts for p in part["particles"]}
    pairs = pair_hash(smiles, force_field)
    inputs = {
        "protocol": PROTOCOL,
        "level": dict(level.fingerprint),
        "kind": formulation.kind,
        "parts": parts,
        "assumptions": list(formulation.assumptions),
        "parameters": {
            **{name: parameter_hash(name, text, scale) for name, text in smiles.items()},
            **({PAIRS: pairs} if pairs else {}),
        },
        "charge_scale": scale,
        "temperature_k": formulation.temperature_k if temperature_k is None else temperature_k,
        "n_atoms": n_atoms,
        "equilibration_ps": equilibration_ps,
        "production_ps": production_ps,
        "seed": seed,
    }
    engine = str(level.fingerprint["engine"])
    steps = 1000 * (equilibration_ps + production_ps) / level.fingerprint["settings"]["timestep_fs"]
    return Calculation(
        kind="liquid",
        item=formulation.id,
        model=f"seed {seed}, {n_atoms} atoms, charges x{scale:g}",
        level=level.name,
        inputs=inputs,
        cost_s=20.0 + _SECONDS_PER_ATOM_STEP[engine] * n_atoms * steps,
    )


def _part(component: Component, catalog: Catalog) -> dict[str, Any]:
    """Return a component as plain data, a salt taken apart into its ions."""
    salt = catalog.salts.get(component.species)
    if salt is None:
        numbers = {component.species: 1}
    else:
        numbers = {salt.cation: salt.n_cation, salt.anion: salt.n_anion}
    used = component.used
    return {
        "name": component.species,
        "value": used.value or 0.0,
        "unit": used.unit,
        "of": used.of or "",
        "ionic": salt is not None,
        "particles": [
            {
                "species": name,
                "number": number,
                "smiles": catalog.get_species(name).smiles or "",
                "charge": catalog.get_species(name).charge,
            }
            for name, number in numbers.items()
        ],
    }
