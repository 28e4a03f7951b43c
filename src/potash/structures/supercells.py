"""In-plane supercells: the smallest that keeps one potassium far from its images."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from numpy.typing import ArrayLike, NDArray

from potash.errors import InputError
from potash.structures.plain_atoms import area_angstrom2

MAX_REPEATS = 144
LATTICE_MARGIN = 1.01
"""A level's relaxed lattice may be a little smaller than the recipe's."""


def reduced_vectors(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """Return the two shortest vectors (rows) of a plane lattice (Gauss reduction).

    Parameters
    ----------
    first, second
        Vectors that span it, angstrom.

    Examples
    --------
    >>> reduced_vectors([2.0, 0.0], [5.0, 1.0]).tolist()
    [[1.0, 1.0], [1.0, -1.0]]
    """
    a = np.asarray(first, dtype=float)
    b = np.asarray(second, dtype=float)
    while True:
        if np.dot(b, b) < np.dot(a, a) - 1e-9:
            a, b = b, a
        shift = round(float(np.dot(a, b) / np.dot(a, a)))
        if shift == 0 or abs(abs(np.dot(a, b) / np.dot(a, a)) - 0.5) < 1e-9:
            return np.array([a, b])
        b = b - shift * a


def shortest_translation_angstrom(cell: ArrayLike) -> float:
    """Return the shortest in-plane lattice vector of a cell (rows are vectors)."""
    rows = np.asarray(cell, dtype=float)
    return float(np.linalg.norm(reduced_vectors(rows[0], rows[1])[0]))


def best_supercell(cell: ArrayLike, repeats: int) -> tuple[NDArray[np.int_], float]:
    """Return the supercell of given size whose images are furthest apart.

    Parameters
    ----------
    cell
        The two in-plane vectors as rows (angstrom).
    repeats
        Number of surface cells in the supercell.

    Returns
    -------
    matrix, distance
        Integer 2x2 matrix (rows are the new vectors) and the shortest
        translation of the supercell in angstrom. Between equals, the one whose
        vectors are closest to equal length, then the first in a fixed order.
    """
    rows = np.asarray(cell, dtype=float)[:2]
    best: tuple[float, float, int] | None = None
    chosen = np.eye(2, dtype=int)
    divisors = [d for d in range(1, repeats + 1) if repeats % d == 0]
    shapes = [(d, skew) for d in divisors for skew in range(repeats // d)]
    for index, (d, skew) in enumerate(shapes):
        matrix = np.array([[d, skew], [0, repeats // d]])
        short, long = (float(np.linalg.norm(v)) for v in reduced_vectors(*(matrix @ rows)))
        score = (-round(short, 4), round(long, 4), index)
        if best is None or score < best:
            best, chosen = score, matrix
    reduced = reduced_vectors(*(chosen @ rows))
    inverse = np.linalg.pinv(rows)
    matrix = np.rint(reduced @ inverse).astype(int)
    if round(float(np.linalg.det(matrix))) < 0:
        matrix[1] *= -1
    return matrix, float(np.linalg.norm(reduced[0]))


def repeats_for_distance(cell: ArrayLike, distance_angstrom: float) -> int:
    """Return the fewest surface cells that keep images ``distance_angstrom`` apart.

    Parameters
    ----------
    cell
        Its first two rows span the surface cell, angstrom.
    distance_angstrom
        Asked for; 1 % more is kept, because a level's lattice may be smaller.

    Raises
    ------
    InputError
        Where more than 144 cells would be needed.
    """
    target = distance_angstrom * LATTICE_MARGIN
    area = area_angstrom2(cell)
    densest = np.sqrt(3) / 2 * target**2
    for repeats in range(max(1, int(densest / area * 0.999)), MAX_REPEATS + 1):
        if best_supercell(cell, repeats)[1] >= target:
            return repeats
    raise InputError(
        f"no supercell of up to {MAX_REPEATS} surface cells keeps images "
        f"{distance_angstrom} angstrom apart"
    )


def supercell(atoms: Atoms, matrix: NDArray[np.int_]) -> Atoms:
    """Return the in-plane supercell of a slab or sheet.

    Parameters
    ----------
    atoms
        Slab or sheet with c along its normal.
    matrix
        Integers, shape (2, 2): rows are the new vectors in units of the old ones.
    """
    full = np.eye(3, dtype=int)
    full[:2, :2] = matrix
    from ase.build import make_supercell  # loads much that costs and names do without

    return make_supercell(atoms, full)
