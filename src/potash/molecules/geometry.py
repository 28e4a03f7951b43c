"""Structures relaxed, and their energies, with DFT."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from potash.engines.dft_method import DftMethod
from potash.engines.pyscf import DftEngine
from potash.errors import CalculationError
from potash.molecules.relax import positive_definite, relax_with
from potash.molecules.tight_binding import gfn2_hessian
from potash.structures.molecule import Structure

_FORCE_EV_A = 0.05
_GAIN_EV = 3e-3


def relax_dft(structure: Structure, method: DftMethod) -> Structure:
    """Return the structure relaxed with DFT to forces below 0.05 eV/A.

    The threshold is loose on purpose: floppy surfaces are flat, and energies at the
    next level change by a few meV only. The first Hessian is that of GFN2-xTB, which
    costs less than one DFT gradient.

    Raises
    ------
    CalculationError
        If self-consistency or the relaxation does not converge.
    """
    if len(structure.numbers) == 1:
        return structure
    engine = DftEngine(
        structure.numbers, charge=structure.charge, unpaired=structure.unpaired, method=method
    )

    def energy_gradient(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        result = engine.evaluate(x, gradient=True)
        assert result.gradient_ev_angstrom is not None
        return result.energy_ev, result.gradient_ev_angstrom

    found = relax_with(
        structure.numbers,
        structure.positions,
        energy_gradient,
        what=method.label,
        hessian=_starting_hessian(structure),
        force_ev_angstrom=_FORCE_EV_A,
        gain_ev=_GAIN_EV,
        max_evaluations=60,
    )
    return Structure(structure.numbers, found.positions, structure.charge, structure.unpaired)


def _starting_hessian(structure: Structure) -> NDArray[np.float64] | None:
    """Return the GFN2-xTB Hessian, ``None`` (the model serves) where it has no solution."""
    try:
        return positive_definite(gfn2_hessian(structure))
    except CalculationError:
        return None
