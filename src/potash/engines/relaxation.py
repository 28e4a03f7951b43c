"""Relaxation of cells and atoms with any ASE calculator, counting force calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.constraints import FixAtoms
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS
from scipy.optimize import minimize_scalar

from potash.errors import CalculationError
from potash.structures.plain_atoms import bare

MAX_FORCE_EV_ANGSTROM = 0.05
MAX_STEPS = 150


@dataclass(frozen=True, eq=False)
class Relaxed:
    """What a relaxation ended with.

    Attributes
    ----------
    atoms
        Geometry, without calculator.
    energy_ev
        Potential energy of the cell.
    force_calls
        Energy and force evaluations.
    converged
        Whether the largest force fell below the limit.
    max_force_ev_angstrom
        Largest force on a free atom (0 for a cell relaxation).
    """

    atoms: Atoms
    energy_ev: float
    force_calls: int
    converged: bool
    max_force_ev_angstrom: float = 0.0


def relax(
    atoms: Atoms,
    calculator: Any,
    *,
    fixed: Sequence[int] = (),
    max_force: float = MAX_FORCE_EV_ANGSTROM,
    max_steps: int = MAX_STEPS,
) -> Relaxed:
    """Relax atomic positions in a fixed cell with BFGS.

    Parameters
    ----------
    atoms
        Start; not changed.
    calculator
        ASE calculator.
    fixed
        Indices of atoms that do not move.
    max_force
        Convergence: largest force on a free atom, eV/angstrom.
    max_steps
        Limit; a relaxation that reaches it is returned with ``converged=False``.

    Raises
    ------
    CalculationError
        If the engine gives no finite energy or forces.
    """
    work = bare(atoms)
    if len(fixed):
        work.set_constraint(FixAtoms(indices=list(fixed)))
    work.calc = calculator
    optimizer = BFGS(work, logfile=None, maxstep=0.2)
    converged = False
    for state in optimizer.irun(fmax=max_force, steps=max_steps):
        converged = bool(state)
        if not np.isfinite(work.get_forces()).all():
            raise CalculationError("the engine gave forces that are not finite")
    energy = float(work.get_potential_energy())
    force = float(np.linalg.norm(work.get_forces(), axis=1).max())
    if not np.isfinite(energy):
        raise CalculationError("the engine gave an energy that is not finite")
    return Relaxed(
        atoms=bare(work),
        energy_ev=energy,
        force_calls=optimizer.nsteps + 1,
        converged=converged,
        max_force_ev_angstrom=force,
    )


def relax_cell(
    atoms: Atoms,
    calculator: Any,
    *,
    max_force: float = 0.02,
    max_steps: int = MAX_STEPS,
) -> Relaxed:
    """Relax positions and cell of a crystal, or a sheet within its plane.

    Only the directions that ``pbc`` calls periodic are relaxed. The symmetry of the
    start is kept by the forces alone.

    Raises
    ------
    CalculationError
        If the engine has no stress, or the volume (area for a sheet) leaves
        the range of 0.7 to 1.4 times the start: no bulk minimum there.
    """
    work = bare(atoms)
    work.calc = calculator
    periodic = atoms.pbc
    mask = [*map(int, periodic), 0, 0, int(periodic[0] and periodic[1])]
    if periodic.all():
        mask = [1] * 6
    try:
        cell_filter = FrechetCellFilter(work, mask=mask)
        optimizer = BFGS(cell_filter, logfile=None, maxstep=0.1)
        converged = bool(optimizer.run(fmax=max_force, steps=max_steps))
    except NotImplementedError as error:
        raise CalculationError("the calculator has no stress, so no bulk can be relaxed") from error
    ratio = work.cell.volume / atoms.cell.volume
    if not 0.7 < ratio < 1.4:
        raise CalculationError(f"no bulk minimum near the start: the volume changed by {ratio:.2f}")
    return Relaxed(
        atoms=bare(work),
        energy_ev=float(work.get_potential_energy()),
        force_calls=optimizer.nsteps + 1,
        converged=converged,
    )


def bcc_minimum(
    symbol: str, calculator: Any, *, low: float, high: float, tolerance: float = 1e-3
) -> tuple[float, float]:
    """Return lattice constant (angstrom) and energy per atom (eV) of a bcc element.

    Bounded minimisation (Brent) of the energy of the primitive cell over the
    cubic lattice constant; needs no stress.

    Raises
    ------
    CalculationError
        If the minimum lies at a bound: the engine has none between them.
    """

    def energy(a: float) -> float:
        cell = bulk(symbol, "bcc", a=a)
        cell.calc = calculator
        return float(cell.get_potential_energy())

    found = minimize_scalar(
        energy, bounds=(low, high), method="bounded", options={"xatol": tolerance}
    )
    if not low + 5 * tolerance < found.x < high - 5 * tolerance:
        raise CalculationError(f"no minimum of bcc {symbol} between {low:g} and {high:g} angstrom")
    return float(found.x), float(found.fun)
