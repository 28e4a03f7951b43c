"""Relaxation of a structure with DFT."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from potash.engines.pyscf import DftEngine, DftMethod
from potash.molecules.conformers import Structure
from potash.molecules.relax import relax_with

_FORCE_EV_A = 0.05


def relax_dft(structure: Structure, method: DftMethod) -> Structure:
    """Return the structure relaxed with DFT to forces below 0.05 eV/A.

    The threshold is loose on purpose: floppy surfaces are flat, and energies at the
    next level change by a few meV only.

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
        force_ev_angstrom=_FORCE_EV_A,
        max_evaluations=60,
    )
    return Structure(structure.numbers, found.positions, structure.charge, structure.unpaired)
