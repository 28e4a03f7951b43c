"""Local environments: what lies around a point, periodic images included, and which are alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from potash.structures.vacuum import cell_heights

Vectors = NDArray[np.float64]

ENVIRONMENT_ANGSTROM = 8.0
_SAME_DISTANCE = 0.05
_SAME_POSITION = 0.15


def environment(
    position: Vectors, images: Vectors, numbers: NDArray[Any], radius: float = ENVIRONMENT_ANGSTROM
) -> dict[int, Vectors]:
    """Return the sorted distances to the atoms of each element within a radius.

    Parameters
    ----------
    position
        Point, shape (3,), angstrom.
    images, numbers
        Positions, shape (n, 3), and atomic numbers of atoms with their images.
    """
    distance = np.linalg.norm(images - position, axis=1)
    near = distance < radius
    return {int(z): np.sort(distance[near & (numbers == z)]) for z in np.unique(numbers[near])}


def same_environment(
    one: dict[int, Vectors],
    other: dict[int, Vectors],
    tolerance: float = _SAME_DISTANCE,
    radius: float = ENVIRONMENT_ANGSTROM,
) -> bool:
    """Return whether two environments agree; atoms at the rim may be in only one.

    Parameters
    ----------
    one, other
        As :func:`environment` returns them.
    tolerance
        Largest difference between distances that correspond, angstrom.
    radius
        That of the environments, angstrom.
    """
    for z in one.keys() | other.keys():
        a, b = one.get(z, np.empty(0)), other.get(z, np.empty(0))
        n = min(len(a), len(b))
        if np.any(np.abs(a[:n] - b[:n]) > tolerance):
            return False
        rest = np.append(a[n:], b[n:])
        if np.any(rest < radius - tolerance):
            return False
    return True


class Cloud:
    """Atoms around a site, relative to it, and the unit normal of the surface there."""

    def __init__(self, points: Vectors, numbers: NDArray[Any], normal: Vectors) -> None:
        self.points, self.numbers, self.normal = points, numbers, normal
        self.distance = np.linalg.norm(points, axis=1)
        self.aside = points - np.outer(points @ normal, normal)
        self.off = np.linalg.norm(self.aside, axis=1)
        self.tree = cKDTree(points)


def same_by_isometry(
    one: Cloud,
    other: Cloud,
    tolerance: float = _SAME_POSITION,
    radius: float = ENVIRONMENT_ANGSTROM,
) -> bool:
    """Return whether a rotation or reflection about the normals maps one cloud onto the other.

    Equal distances do not make two clouds equal: around a dopant the two
    sublattices of graphene have the same. So a frame is fixed to the normal and
    the nearest atom off it, and every frame of the other cloud is tried.

    Parameters
    ----------
    one, other
        Clouds of the same radius.
    tolerance
        Largest distance between atoms that correspond, angstrom.
    radius
        Atoms closer than this (less the tolerance) must correspond.
    """
    if not np.any(one.off > 0.5):
        return True
    first = int(np.argmin(np.where(one.off > 0.5, one.distance, np.inf)))
    inner = np.flatnonzero(one.distance < radius - tolerance)
    inner = inner[np.argsort(one.distance[inner])]
    local = one.points[inner] @ _frame(one.normal, one.aside[first]).T
    numbers = one.numbers[inner]
    candidates = np.flatnonzero(
        (np.abs(other.distance - one.distance[first]) < tolerance)
        & (np.abs(other.off - one.off[first]) < tolerance)
        & (other.numbers == one.numbers[first])
    )

    def corresponds(placed: Vectors, wanted: NDArray[Any]) -> bool:
        gap, index = other.tree.query(placed)
        return bool(np.max(gap) < tolerance and np.array_equal(other.numbers[index], wanted))

    for k in candidates:
        back = _frame(other.normal, other.aside[k])
        for mirror in (1.0, -1.0):
            placed = (local * [1.0, mirror, 1.0]) @ back
            # The nearest dozen decides nearly every wrong frame at a tenth of the cost.
            if corresponds(placed[:12], numbers[:12]) and corresponds(placed, numbers):
                return True
    return False


def _frame(normal: Vectors, aside: Vectors) -> Vectors:
    """Return rows e1 (along ``aside``), e2, e3 (the normal)."""
    first = aside / np.linalg.norm(aside)
    return np.array([first, np.cross(normal, first), normal])


def images_around(
    atoms: Atoms, periodic: NDArray[np.bool_], margin: float
) -> tuple[Vectors, NDArray[np.int64]]:
    """Return all atoms with their images within ``margin`` of the box around them.

    Parameters
    ----------
    atoms
        The structure; atoms may lie outside the cell.
    periodic
        Along which cell vectors there are images, shape (3,).
    margin
        In angstrom.

    Returns
    -------
    positions, index
        Shape (n, 3), angstrom, and shape (n,): which atom each is an image of.
    """
    heights = cell_heights(atoms)
    reach = [int(np.ceil(margin / heights[i])) if periodic[i] else 0 for i in range(3)]
    shifts = np.array(
        [
            (a, b, c)
            for a in range(-reach[0], reach[0] + 1)
            for b in range(-reach[1], reach[1] + 1)
            for c in range(-reach[2], reach[2] + 1)
        ]
    )
    moved = atoms.positions[None] + (shifts @ atoms.cell.array)[:, None]
    index = np.tile(np.arange(len(atoms)), len(shifts))
    positions = moved.reshape(-1, 3)
    # Atoms may lie outside their cell, so the box is around the atoms, not the cell.
    low, high = atoms.positions.min(0) - margin, atoms.positions.max(0) + margin
    near = np.all((positions >= low) & (positions <= high), axis=1)
    return positions[near], index[near]
