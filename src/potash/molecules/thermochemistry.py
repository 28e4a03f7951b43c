"""Enthalpies from harmonic vibrations: rigid rotor, harmonic oscillator, ideal gas.

Vibrations come from GFN2-xTB (numerical Hessian at its own minimum) at every level:
they enter a binding enthalpy as a difference of a few hundredths of an eV, where
the error of the method does not matter.
"""

from __future__ import annotations

import numpy as np
from ase.data import atomic_masses
from numpy.typing import NDArray
from scipy import constants as _c

from potash.molecules.tight_binding import gfn2_hessian, relax_gfn2
from potash.structures.molecule import Structure
from potash.units import BOLTZMANN_EV_K

FloatArray = NDArray[np.float64]

# sqrt(eV / (A^2 u)) as an energy quantum: hbar * sqrt(1 eV A^-2 u^-1), in eV.
_QUANTUM_EV = _c.hbar * np.sqrt(_c.e / 1e-20 / _c.atomic_mass) / _c.e
# Softer modes are hindered rotations, for which the oscillator means little.
_SOFTEST_EV = 0.0025


def vibrational_energies(structure: Structure) -> FloatArray:
    """Return the harmonic vibrational quanta in eV at the GFN2-xTB minimum, ascending.

    The structure is relaxed first (0.005 eV/A). Three translations and three
    rotations (two if linear) are projected out; an imaginary mode counts as softest.
    """
    n = len(structure.numbers)
    if n == 1:
        return np.zeros(0)
    positions, _ = relax_gfn2(structure, force_ev_angstrom=0.005)
    relaxed = Structure(structure.numbers, positions, structure.charge, structure.unpaired)
    hessian = gfn2_hessian(relaxed)
    masses = np.repeat(atomic_masses[list(structure.numbers)], 3)
    weighted = hessian / np.sqrt(np.outer(masses, masses))
    basis = _rigid_motions(positions, masses)
    projector = np.eye(3 * n) - basis @ basis.T
    values = np.linalg.eigvalsh(projector @ weighted @ projector)
    # The projected-out motions are exact zeros; drop as many of the smallest magnitudes.
    order = np.argsort(np.abs(values))
    kept = np.sort(values[order[basis.shape[1] :]])
    return np.asarray(np.maximum(np.sqrt(np.clip(kept, 0.0, None)) * _QUANTUM_EV, _SOFTEST_EV))


def enthalpy_correction_ev(
    quanta_ev: FloatArray, *, n_atoms: int, linear: bool, temperature_k: float = 298.15
) -> float:
    """Return H(T) - E(electronic) in eV of an ideal gas of rigid rotors.

    Zero-point energy + thermal vibration + rotation (3/2 kT, kT if linear, none for
    atoms) + translation (3/2 kT) + kT.
    """
    kt = BOLTZMANN_EV_K * temperature_k
    rotation = 0.0 if n_atoms == 1 else (kt if linear else 1.5 * kt)
    thermal = quanta_ev / np.expm1(quanta_ev / kt)
    return float(0.5 * quanta_ev.sum() + thermal.sum() + rotation + 2.5 * kt)


def enthalpy_of(structure: Structure, temperature_k: float = 298.15) -> float:
    """Return H(T) - E(electronic) of a structure in eV, with GFN2-xTB vibrations."""
    return enthalpy_correction_ev(
        vibrational_energies(structure),
        n_atoms=len(structure.numbers),
        linear=is_linear(structure.positions),
        temperature_k=temperature_k,
    )


def is_linear(positions: FloatArray) -> bool:
    """Return whether all atoms lie on one line (within 1e-3 of the extent)."""
    if len(positions) < 3:
        return True
    spread = np.linalg.svd(positions - positions.mean(axis=0), compute_uv=False)
    return bool(spread[1] < 1e-3 * spread[0])


def _rigid_motions(positions: FloatArray, masses: FloatArray) -> FloatArray:
    """Return an orthonormal basis of translations and rotations, mass-weighted, as columns."""
    root = np.sqrt(masses)
    centre = np.average(positions, axis=0, weights=masses[::3])
    motions = [np.tile(axis, len(positions)) * root for axis in np.eye(3)]
    motions += [np.cross(axis, positions - centre).ravel() * root for axis in np.eye(3)]
    vectors, sizes, _ = np.linalg.svd(np.array(motions).T, full_matrices=False)
    return np.asarray(vectors[:, sizes > 1e-3 * sizes[0]])
