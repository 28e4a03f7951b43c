"""Energies of bulk phases: plan them, compute them, and read them for thermodynamics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from pymatgen.core import Composition

from potash.catalog.phases import Phase
from potash.engines.levels import Level
from potash.engines.potentials import calculator, level_of
from potash.engines.relaxation import relax_cell
from potash.errors import CalculationError, InputError, RefusedError
from potash.results.calculation import Calculation, Outcome
from potash.structures.crystal_cells import crystal_atoms, primitive_atoms, primitive_setting
from potash.structures.crystals import Crystal
from potash.structures.plain_atoms import extxyz
from potash.structures.recipes import recipe_data, recipe_from_data

_RATTLE_ANGSTROM = 0.02
_RATTLE_SEED = 1
_MAX_STEPS = 300

_MP_HUBBARD = frozenset({"Co", "Cr", "Fe", "Mn", "Mo", "Ni", "V", "W"})
_MP_POTENTIALS = frozenset({"7net-0", "chgnet"})


def phase_calculation(phase: Phase, level: Level) -> Calculation:
    """Return the calculation of a phase's energy per formula unit at a level."""
    n_atoms = len(primitive_cell(phase.recipe.crystal))
    return Calculation(
        kind="phase",
        item=phase.id,
        model=phase.formula,
        level=level.name,
        inputs={
            "level": level.fingerprint,
            "recipe": recipe_data(phase.recipe),
            "formula": phase.formula,
            "rattle_angstrom": _RATTLE_ANGSTROM,
        },
        cost_s=5.0 + 2.0 * n_atoms,
    )


def compute_phase(
    inputs: Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Callable[[float, str], None],
) -> Outcome:
    """Return the energy per formula unit of a relaxed crystal.

    Cell and positions of the primitive cell are relaxed from a start that is
    rattled a little (fixed seed), so that a structure of too high symmetry can
    leave it.

    Parameters
    ----------
    inputs
        ``level`` (fingerprint), ``recipe`` (a bulk recipe), ``formula``,
        ``rattle_angstrom``.
    needs
        Nothing.
    workdir, progress
        As for every calculation.

    Raises
    ------
    RefusedError
        Outside the validity of the level, or for a level that is no potential.
    CalculationError
        If the relaxation does not converge or leaves the crystal.
    """
    del needs, workdir
    if inputs["level"]["engine"] == "gpaw":
        raise RefusedError("phase energies are for potentials; GPAW relaxes no cells here")
    level = level_of(inputs["level"])
    recipe = recipe_from_data(inputs["recipe"])
    if recipe.builder != "bulk":
        raise InputError(f"a phase needs a bulk recipe, not {recipe.builder}", field="recipe")
    start = primitive_cell(recipe.crystal)
    level.check(set(start.symbols), n_atoms=len(start))
    units = formula_units(start, inputs["formula"])
    shifts = np.random.default_rng(_RATTLE_SEED).normal(
        0, inputs["rattle_angstrom"], (len(start), 3)
    )
    if len(start) > 1:
        start.positions += shifts - shifts.mean(axis=0)
    progress(0.1, f"relax {inputs['formula']}")
    relaxed = relax_cell(start, calculator(inputs["level"]), max_steps=_MAX_STEPS)
    if not relaxed.converged:
        raise CalculationError(f"{inputs['formula']} did not relax in {_MAX_STEPS} steps")
    return Outcome(
        status="ok",
        values={
            "formula": inputs["formula"],
            "energy_ev_per_formula": relaxed.energy_ev / units,
            "energy_ev_per_atom": relaxed.energy_ev / len(start),
            "volume_angstrom3_per_formula": float(relaxed.atoms.cell.volume) / units,
            "volume_change": float(relaxed.atoms.cell.volume / start.cell.volume) - 1.0,
            "n_atoms": len(start),
            "force_calls": relaxed.force_calls,
            "hubbard_elements": sorted(trained_with_u(inputs["formula"], level)),
        },
        reference_state="total energy of the level, per formula unit",
        engine=level.engine,
        engine_version=str(level.fingerprint.get("version", "")),
        structures={"relaxed": extxyz(relaxed.atoms)},
    )


def primitive_cell(crystal: Crystal) -> Atoms:
    """Return the primitive cell of a crystal on its starting lattice."""
    atoms = crystal_atoms(crystal)
    return primitive_atoms(atoms, *primitive_setting(atoms))


def formula_units(atoms: Atoms, formula: str) -> float:
    """Return how many formula units a cell holds.

    Raises
    ------
    InputError
        Where the cell does not have the composition of the formula.
    """
    wanted = Composition(formula)
    counts = Composition({str(e): int(n) for e, n in atoms.symbols.formula.count().items()})
    units = float(counts.num_atoms / wanted.num_atoms)
    if not counts.almost_equals(wanted * units):
        raise InputError(f"the crystal is {counts.formula}, not {formula}", field="formula")
    return units


def trained_with_u(formula: str, level: Level) -> frozenset[str]:
    """Return the elements that a potential learnt with a Hubbard +U in this composition.

    7net-0 and CHGNet are trained on Materials Project energies, where Co, Cr,
    Fe, Mn, Mo, Ni, V and W carry +U in oxides and fluorides and nowhere else.
    """
    if level.fingerprint.get("potential") not in _MP_POTENTIALS:
        return frozenset()
    elements = {str(e) for e in Composition(formula).elements}
    return frozenset(elements & _MP_HUBBARD) if elements & {"O", "F"} else frozenset()
