"""In which cell the Miller indices of a file count: its own, or the conventional one.

Somebody who names a plane of a file means the axes that the file shows, in the file's
order: V2O5 in Pmmn with a = 11.5, FePO4 in Pnma, a monoclinic cell with a > c. Only a
primitive cell of a centred lattice is different: nobody indexes fcc copper in its
rhombohedral cell. There the indices count in the conventional cell of the file's own
setting: the one whose standard primitive cell (spglib's definition) the file shows, so
that the order of its axes is kept; where the file shows no standard primitive cell, in
spglib's standard cell. So do those of cells that are sheared against the crystal's axes,
such as hexagonal ones with an angle of 60 degrees.

A supercell, or a larger cell with axes of its own (the fluorite cell of tetragonal ZrO2,
the orthogonal one of a hexagonal crystal), is indexed in its own axes.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import spglib
from ase import Atoms
from ase.build import make_supercell
from numpy.typing import NDArray

Axes = Literal["file", "conventional"]

SYMMETRY_ANGSTROM = 0.01
"""How far atoms may be off a symmetry that counts."""
_ANGLE_DEGREE = 0.5
_HALF, _THIRD = 1 / 2, 1 / 3
_PRIMITIVE_OF_CENTRED: tuple[NDArray[np.float64], ...] = (
    np.array([[1, 0, 0], [0, _HALF, -_HALF], [0, _HALF, _HALF]]),  # A
    np.array([[_HALF, 0, -_HALF], [0, 1, 0], [_HALF, 0, _HALF]]),  # B
    np.array([[_HALF, -_HALF, 0], [_HALF, _HALF, 0], [0, 0, 1]]),  # C
    np.array([[-_HALF, _HALF, _HALF], [_HALF, -_HALF, _HALF], [_HALF, _HALF, -_HALF]]),  # I
    np.array([[0, _HALF, _HALF], [_HALF, 0, _HALF], [_HALF, _HALF, 0]]),  # F
    np.array([[2, 1, 1], [-1, 1, 1], [-1, -2, 1]]) * _THIRD,  # R, obverse
)
"""Standard primitive vectors (rows) in units of the conventional ones, as in spglib."""


def indexing_cell(crystal: Atoms) -> tuple[Atoms, Axes]:
    """Return a crystal in the cell that its Miller indices count in.

    Parameters
    ----------
    crystal
        Periodic in three directions; its own cell is kept where it can be.

    Returns
    -------
    Atoms, axes
        ``file`` with the crystal as it is, or ``conventional`` with the conventional
        cell of its own setting, not rotated.

    Examples
    --------
    >>> from ase.build import bulk
    >>> cell, axes = indexing_cell(bulk("Cu"))
    >>> len(cell), axes
    (4, 'conventional')
    >>> indexing_cell(bulk("Cu", cubic=True))[1]
    'file'
    """
    described = (crystal.cell.array, crystal.get_scaled_positions(), crystal.numbers)
    dataset = spglib.get_symmetry_dataset(described, symprec=SYMMETRY_ANGSTROM)
    primitive = spglib.standardize_cell(
        described, to_primitive=True, no_idealize=True, symprec=SYMMETRY_ANGSTROM
    )
    if dataset is None or primitive is None:  # no symmetry that spglib can see
        return crystal, "file"
    own = crystal.cell.array
    matrix = np.asarray(dataset.transformation_matrix, dtype=float)
    standard = np.linalg.inv(matrix).T @ own
    system = _system(int(dataset.number))
    if abs(np.linalg.det(matrix)) > 0.99 and _has_shape(own, standard, system):
        return crystal, "file"
    chosen = standard
    for centring in _PRIMITIVE_OF_CENTRED:
        candidate = np.linalg.inv(centring) @ own
        if _same_lattice(candidate, standard) and _has_shape(candidate, standard, system):
            chosen = candidate
            break
    if np.linalg.det(chosen) < 0:
        chosen = -chosen
    lattice, scaled, numbers = primitive
    unit = Atoms(numbers, scaled_positions=scaled, cell=lattice, pbc=True)
    multiple = np.rint(chosen @ np.linalg.inv(lattice)).astype(int)
    cell = make_supercell(unit, multiple)
    cell.wrap(eps=1e-6)
    return cell, "conventional"


def _system(number: int) -> str:
    """Return the crystal system of a space group, trigonal among the hexagonal ones."""
    last = {"triclinic": 2, "monoclinic": 15, "orthorhombic": 74, "tetragonal": 142}
    for name, end in {**last, "hexagonal": 194}.items():
        if number <= end:
            return name
    return "cubic"


def _same_lattice(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Return whether two sets of vectors span the same lattice."""
    change = one @ np.linalg.inv(other)
    whole = np.rint(change)
    return bool(np.abs(change - whole).max() < 0.02 and abs(round(np.linalg.det(whole))) == 1)


def _has_shape(cell: NDArray[np.float64], standard: NDArray[np.float64], system: str) -> bool:
    """Return whether a cell's axes lie as conventional axes of its crystal system do."""
    lengths = np.linalg.norm(cell, axis=1)
    cosines = (cell / lengths[:, None]) @ (cell / lengths[:, None]).T
    angles = np.degrees(np.arccos(np.clip([cosines[1, 2], cosines[0, 2], cosines[0, 1]], -1, 1)))
    right = np.abs(angles - 90) < _ANGLE_DEGREE
    if system == "triclinic" or right.all():
        return True
    others = [[1, 2], [0, 2], [0, 1]]
    if system == "monoclinic":
        unique = standard[1] / np.linalg.norm(standard[1])
        along = np.abs(cell @ unique) / lengths
        return any(along[k] > 0.9999 and right[others[k]].all() for k in range(3))
    if system == "hexagonal":
        obtuse = np.abs(angles - 120) < _ANGLE_DEGREE
        hexagonal = any(obtuse[k] and right[others[k]].all() for k in range(3))
        # A rhombohedral supercell, such as the pseudocubic one of a perovskite.
        rhombohedral = np.ptp(lengths) < 0.01 * lengths[0] and np.ptp(angles) < _ANGLE_DEGREE
        return bool(hexagonal or rhombohedral)
    return False
