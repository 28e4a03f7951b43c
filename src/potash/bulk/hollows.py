"""Hollows of a crystal: where an interstitial ion may sit."""

from __future__ import annotations

from itertools import product

import numpy as np
from ase import Atoms
from ase.geometry import get_distances
from numpy.typing import NDArray
from scipy.spatial import Voronoi

HOLLOW = "X"
"""Symbol of a hollow in a crystal."""

LEAST_RADIUS_ANGSTROM = 1.5
"""Hollows with an atom nearer than this take no alkali ion."""

APART_ANGSTROM = 0.8
"""Of hollows that are closer than this only the widest is kept."""


def with_hollows(crystal: Atoms) -> Atoms:
    """Return a crystal with its hollows as atoms ``X`` behind its own.

    Hollows are the corners of the Voronoi cells of the atoms: the points that have four or
    more atoms at one distance and none nearer.

    Parameters
    ----------
    crystal
        Periodic in all directions.

    Examples
    --------
    >>> from ase.build import bulk
    >>> str(with_hollows(bulk("K", "fcc", a=7.5)).symbols)
    'KX3'
    """
    cells = np.array(list(product((-1, 0, 1), repeat=3)))
    tiled = (crystal.positions[None] + (cells @ crystal.cell.array)[:, None]).reshape(-1, 3)
    corners = Voronoi(tiled).vertices
    scaled = np.round(crystal.cell.scaled_positions(corners), 6)
    inside = scaled[((scaled >= 0.0) & (scaled < 1.0)).all(axis=1)]
    places = inside @ crystal.cell.array
    radii = _apart(crystal, places, crystal.positions).min(axis=1)
    kept: list[NDArray[np.float64]] = []
    for n in np.lexsort((*np.round(inside.T, 4), -np.round(radii, 3))):
        near = bool(kept) and _apart(crystal, places[n : n + 1], np.array(kept)).min()
        if radii[n] >= LEAST_RADIUS_ANGSTROM and (not kept or near > APART_ANGSTROM):
            kept.append(places[n])
    return crystal + Atoms(HOLLOW * len(kept), positions=np.array(kept).reshape(-1, 3))


def _apart(
    crystal: Atoms, first: NDArray[np.float64], second: NDArray[np.float64]
) -> NDArray[np.float64]:
    _, lengths = get_distances(first, second, cell=crystal.cell, pbc=True)
    return np.asarray(lengths)
