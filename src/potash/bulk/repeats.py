"""Supercells of crystals: how often a cell is repeated so that a defect is alone."""

from __future__ import annotations

from itertools import product

import numpy as np
from ase.geometry import minkowski_reduce
from numpy.typing import ArrayLike

from potash.errors import InputError

Repeats = tuple[int, int, int]

_MOST = 8
_MARGIN = 1.01
"""A level's relaxed lattice may be a little smaller than the recipe's."""


def image_distance(cell: ArrayLike, repeats: Repeats = (1, 1, 1)) -> float:
    """Return the shortest lattice vector of a repeated cell, angstrom.

    Examples
    --------
    >>> image_distance([[3.0, 0, 0], [0, 4.0, 0], [0, 0, 5.0]], (2, 1, 1))
    4.0
    """
    vectors = np.asarray(cell, dtype=float) * np.array(repeats)[:, None]
    reduced, _ = minkowski_reduce(vectors)
    return float(np.linalg.norm(reduced, axis=1).min())


def repeats_for_images(cell: ArrayLike, distance_angstrom: float) -> Repeats:
    """Return the fewest repeats of a cell that keep a defect so far from its images.

    Between equals, those with the images furthest apart, then the first in a fixed order.

    Parameters
    ----------
    cell
        Vectors as rows, angstrom.
    distance_angstrom
        Asked for; 1 % more is kept, because a level's lattice may be smaller.

    Raises
    ------
    InputError
        Where more than eight repeats along a vector would be needed.

    Examples
    --------
    >>> repeats_for_images([[3.0, 0, 0], [0, 4.0, 0], [0, 0, 12.0]], 10.0)
    (4, 3, 1)
    """
    wanted = distance_angstrom * _MARGIN
    tried = sorted(product(range(1, _MOST + 1), repeat=3), key=lambda n: n[0] * n[1] * n[2])
    best: tuple[float, Repeats] | None = None
    for x, y, z in tried:
        if best is not None and x * y * z > best[1][0] * best[1][1] * best[1][2]:
            break
        distance = image_distance(cell, (x, y, z))
        if distance >= wanted and (best is None or distance > best[0] + 1e-6):
            best = (distance, (x, y, z))
    if best is None:
        raise InputError(
            f"no supercell of up to {_MOST} cells along each vector keeps images "
            f"{distance_angstrom:g} angstrom apart",
            field="image_distance_angstrom",
        )
    return best[1]
