"""Geometries and Hessians of molecules by GFN2-xTB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from potash.engines.xtb import Backend, Solvent, XtbEngine, XtbResult
from potash.molecules.relax import relax_with
from potash.structures.molecule import Structure

FloatArray = NDArray[np.float64]

_STEP_A = 0.005


def relax_gfn2(
    structure: Structure,
    *,
    backend: Backend = "tblite",
    solvent: Solvent | None = None,
    hessian: FloatArray | None = None,
    force_ev_angstrom: float = 0.02,
    max_evaluations: int = 300,
) -> tuple[FloatArray, XtbResult]:
    """Return GFN2-xTB relaxed positions (A) and the result there.

    ``hessian``, ``force_ev_angstrom`` and ``max_evaluations`` are as for
    :func:`potash.molecules.relax.relax`.

    Raises
    ------
    CalculationError
        If self-consistency or the relaxation do not converge.
    """
    engine = XtbEngine(
        structure.numbers,
        charge=structure.charge,
        unpaired=structure.unpaired,
        backend=backend,
        solvent=solvent,
    )
    last: XtbResult | None = None

    def energy_gradient(x: FloatArray) -> tuple[float, FloatArray]:
        nonlocal last
        last = engine.evaluate(x)
        return last.energy_ev, last.gradient_ev_angstrom

    relaxed = relax_with(
        structure.numbers,
        structure.positions,
        energy_gradient,
        what="GFN2-xTB",
        hessian=hessian,
        force_ev_angstrom=force_ev_angstrom,
        max_evaluations=max_evaluations,
    )
    if last is None or last.energy_ev != relaxed.energy_ev:  # the last step was taken back
        last = engine.evaluate(relaxed.positions)
    return relaxed.positions, last


def gfn2_hessian(structure: Structure) -> FloatArray:
    """Return the GFN2-xTB Hessian in eV/A^2, shape (3 n_atoms, 3 n_atoms), symmetric.

    Central differences of the gradient over 0.005 A.

    Raises
    ------
    CalculationError
        If self-consistency is not reached at a displaced geometry.
    """
    engine = XtbEngine(structure.numbers, charge=structure.charge, unpaired=structure.unpaired)
    start = structure.positions
    hessian = np.zeros((start.size, start.size))
    for k in range(start.size):
        shift = np.zeros(start.size)
        shift[k] = _STEP_A
        plus, minus = (
            engine.evaluate(start + s.reshape(start.shape)).gradient_ev_angstrom
            for s in (shift, -shift)
        )
        hessian[k] = (plus - minus).ravel() / (2 * _STEP_A)
    return np.asarray(0.5 * (hessian + hessian.T))
