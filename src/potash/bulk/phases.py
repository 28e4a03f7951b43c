"""Energies of bulk phases (kind ``phase``): planned and computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ase import Atoms
from pymatgen.core import Composition

from potash.catalog.phases import Phase
from potash.engines.adsorption_levels import level_of
from potash.engines.levels import Level
from potash.engines.potentials import calculator, trained_with_u
from potash.engines.relaxation import relax_cell
from potash.errors import CalculationError, InputError, RefusedError
from potash.results.calculation import Calculation, Outcome, Progress
from potash.results.model import NoNeeds
from potash.results.phase import PhaseInputs, PhaseValues
from potash.structures.crystals import Crystal
from potash.structures.plain_atoms import extxyz
from potash.structures.unit_cells import crystal_atoms, primitive_atoms, primitive_setting

_RATTLE_ANGSTROM = 0.02
_RATTLE_SEED = 1
_MAX_STEPS = 300


def phase_calculation(phase: Phase, level: Level) -> Calculation:
    """Return the calculation of a phase's energy per formula unit at a level."""
    n_atoms = len(primitive_cell(phase.recipe.crystal))
    return Calculation(
        item=phase.id,
        model=phase.formula,
        level=level.name,
        inputs=PhaseInputs(
            level=level.fingerprint,
            recipe=phase.recipe,
            formula=phase.formula,
            rattle_angstrom=_RATTLE_ANGSTROM,
        ),
        cost_s=5.0 + 2.0 * n_atoms,
    )


def compute_phase(
    inputs: PhaseInputs, _needs: NoNeeds, *, workdir: Path, progress: Progress
) -> Outcome[PhaseValues]:
    """Return the energy per formula unit of a relaxed crystal.

    Cell and positions of the primitive cell are relaxed from a start that is
    rattled a little (fixed seed), so that a structure of too high symmetry can
    leave it.

    Parameters
    ----------
    inputs
        Crystal, formula and level.
    workdir, progress
        As for every calculation.

    Raises
    ------
    RefusedError
        Outside the validity of the level, or for a level that is no potential.
    CalculationError
        If the relaxation does not converge or leaves the crystal.
    """
    del workdir
    level = level_of(inputs.level)
    if level.theory != "potential":
        raise RefusedError("phase energies are for potentials; GPAW relaxes no cells here")
    start = primitive_cell(inputs.recipe.crystal)
    level.check(set(start.symbols), n_atoms=len(start))
    units = formula_units(start, inputs.formula)
    shifts = np.random.default_rng(_RATTLE_SEED).normal(0, inputs.rattle_angstrom, (len(start), 3))
    if len(start) > 1:
        start.positions += shifts - shifts.mean(axis=0)
    progress(0.1, f"relax {inputs.formula}")
    relaxed = relax_cell(start, calculator(inputs.level), max_steps=_MAX_STEPS)
    if not relaxed.converged:
        raise CalculationError(f"{inputs.formula} did not relax in {_MAX_STEPS} steps")
    elements = {str(e) for e in Composition(inputs.formula).elements}
    return Outcome(
        status="ok",
        values=PhaseValues(
            formula=inputs.formula,
            energy_ev_per_formula=relaxed.energy_ev / units,
            energy_ev_per_atom=relaxed.energy_ev / len(start),
            volume_angstrom3_per_formula=float(relaxed.atoms.cell.volume) / units,
            volume_change=float(relaxed.atoms.cell.volume / start.cell.volume) - 1.0,
            n_atoms=len(start),
            force_calls=relaxed.force_calls,
            hubbard_elements=tuple(sorted(trained_with_u(level, elements))),
        ),
        reference_state="total energy of the level, per formula unit",
        engine=level.engine,
        engine_version=level.engine_version,
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
