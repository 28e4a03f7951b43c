"""Hydroxyl groups on cut silica."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.neighborlist import neighbor_list
from numpy.typing import NDArray

from potash.errors import InputError

_SI_O_ANGSTROM = 1.63
_O_H_ANGSTROM = 0.97
_CUTOFF_ANGSTROM = 2.0
_TETRAHEDRAL_HALF_ANGLE = np.deg2rad(54.7356)


def hydroxylated(slab: Atoms) -> Atoms:
    """Return a silica slab whose cut Si-O bonds are closed with OH and H.

    Every Si gets O where one of its four tetrahedral bonds is missing; every O
    with a single Si gets H at the tetrahedral angle, on the outer side.

    Raises
    ------
    InputError
        Where a Si has fewer than two of its four O: not a cut that OH can close.
    """
    oxygens: list[NDArray[np.float64]] = []
    vectors = _bonds(slab)
    for i, symbol in enumerate(slab.symbols):
        if symbol == "Si":
            oxygens += [slab.positions[i] + _SI_O_ANGSTROM * d for d in _missing(vectors[i])]
    closed = slab.copy()
    closed += Atoms(["O"] * len(oxygens), positions=np.reshape(oxygens, (-1, 3)))
    vectors = _bonds(closed)
    middle = float(slab.positions[:, 2].mean())
    hydrogens = []
    for i, symbol in enumerate(closed.symbols):
        if symbol == "O" and len(vectors[i]) == 1:
            outward = np.array([0.0, 0.0, np.sign(closed.positions[i, 2] - middle)])
            direction = _bent(vectors[i][0], outward)
            hydrogens.append(closed.positions[i] + _O_H_ANGSTROM * direction)
    closed += Atoms(["H"] * len(hydrogens), positions=np.reshape(hydrogens, (-1, 3)))
    return closed


def _bonds(atoms: Atoms) -> list[list[NDArray[np.float64]]]:
    first, second, vectors = neighbor_list("ijD", atoms, _CUTOFF_ANGSTROM)
    found: list[list[NDArray[np.float64]]] = [[] for _ in atoms]
    for i, j, vector in zip(first, second, vectors, strict=True):
        if {str(atoms.symbols[i]), str(atoms.symbols[j])} == {"Si", "O"}:
            found[i].append(vector / np.linalg.norm(vector))
    return found


def _missing(bonds: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Return the tetrahedral directions that a Si with these bonds lacks."""
    if len(bonds) >= 4:
        return []
    if len(bonds) < 2:
        raise InputError(f"a Si keeps only {len(bonds)} of its four O; choose another cut")
    away = -np.sum(bonds, axis=0)
    away = away / np.linalg.norm(away)
    if len(bonds) == 3:
        return [away]
    across = np.cross(bonds[0], bonds[1])
    across = across / np.linalg.norm(across)
    c, s = np.cos(_TETRAHEDRAL_HALF_ANGLE), np.sin(_TETRAHEDRAL_HALF_ANGLE)
    return [c * away + s * across, c * away - s * across]


def _bent(bond: NDArray[np.float64], outward: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a unit vector at the tetrahedral angle to ``bond``, leaning ``outward``."""
    side = outward - np.dot(outward, bond) * bond
    if np.linalg.norm(side) < 0.1:
        side = np.array([1.0, 0.0, 0.0]) - bond[0] * bond
    side = side / np.linalg.norm(side)
    return np.asarray(-bond / 3 + np.sqrt(8) / 3 * side)
