"""Crystals from their recipes: conventional cells, in a fixed order of atoms."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import spglib
from ase import Atoms
from ase.spacegroup import crystal as ase_crystal
from numpy.typing import NDArray

from potash.errors import InputError
from potash.structures.crystals import Crystal, ExplicitCrystal, PrototypeCrystal

_Sites = tuple[tuple[int, tuple[float, float, float]], ...]

_CUBIC_AND_HEXAGONAL: Mapping[str, tuple[int, _Sites]] = {
    "fcc": (225, ((0, (0, 0, 0)),)),
    "bcc": (229, ((0, (0, 0, 0)),)),
    "diamond": (227, ((0, (0, 0, 0)),)),
    "hcp": (194, ((0, (1 / 3, 2 / 3, 1 / 4)),)),
    "rocksalt": (225, ((0, (0, 0, 0)), (1, (0.5, 0.5, 0.5)))),
    "cscl": (221, ((0, (0, 0, 0)), (1, (0.5, 0.5, 0.5)))),
    "fluorite": (225, ((0, (0, 0, 0)), (1, (0.25, 0.25, 0.25)))),
    "wurtzite": (186, ((0, (1 / 3, 2 / 3, 0)), (1, (1 / 3, 2 / 3, 0.375)))),
    "l1_2": (221, ((0, (0, 0.5, 0.5)), (1, (0, 0, 0)))),
    "d0_3": (225, ((0, (0.5, 0.5, 0.5)), (0, (0.25, 0.25, 0.25)), (1, (0, 0, 0)))),
    "antiperovskite": (221, ((0, (0.5, 0.5, 0)), (1, (0.5, 0.5, 0.5)), (2, (0, 0, 0)))),
}
"""Structure type to space group and sites (index into ``elements``, position)."""


def crystal_atoms(crystal: Crystal) -> Atoms:
    """Return the conventional cell of a crystal, periodic in all directions.

    Raises
    ------
    InputError
        Where the sites do not make a structure in that space group.

    Examples
    --------
    >>> str(crystal_atoms(PrototypeCrystal(prototype="fcc", elements=("Cu",), a=3.61)).symbols)
    'Cu4'
    """
    if isinstance(crystal, PrototypeCrystal):
        atoms = _prototype(crystal)
    elif isinstance(crystal, ExplicitCrystal):
        atoms = Atoms(
            crystal.elements,
            scaled_positions=crystal.positions,
            cell=crystal.lattice,
            pbc=True,
        )
    else:
        cell = crystal.cell
        atoms = _from_space_group(
            [s.element for s in crystal.sites],
            [(s.x, s.y, s.z) for s in crystal.sites],
            crystal.space_group,
            (cell.a, cell.b, cell.c, cell.alpha, cell.beta, cell.gamma),
            crystal.setting,
        )
    if crystal.magnetic_moments:
        moments = crystal.magnetic_moments
        atoms.set_initial_magnetic_moments([moments.get(s, 0.0) for s in atoms.symbols])
    return atoms


def primitive_setting(atoms: Atoms) -> tuple[NDArray[np.float64], list[int]]:
    """Return how a crystal's primitive cell lies in its conventional one.

    Returns
    -------
    matrix, atoms_kept
        Rows are primitive vectors in units of the conventional vectors (the
        shortest that span the lattice); and the index of one atom of each set
        that the lattice translations map onto each other.
    """
    dataset = spglib.get_symmetry(
        (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers), symprec=1e-3
    )
    if dataset is None:
        return np.eye(3), list(range(len(atoms)))
    pure = [
        translation
        for rotation, translation in zip(dataset["rotations"], dataset["translations"], strict=True)
        if (rotation == np.eye(3, dtype=int)).all()
    ]
    corners = [np.array(c, dtype=float) for c in product((-1, 0, 1), repeat=3)]
    vectors = [np.round(t + c, 6) for t in pure for c in corners]
    vectors = [v for v in vectors if np.abs(v).max() > 1e-3]
    lengths = [round(float(np.linalg.norm(v @ atoms.cell.array)), 4) for v in vectors]
    order = sorted(range(len(vectors)), key=lambda i: (lengths[i], tuple(-vectors[i])))
    basis: list[NDArray[np.float64]] = []
    for i in order:
        trial = [*basis, vectors[i]]
        if np.linalg.matrix_rank(np.array(trial), tol=1e-3) < len(trial):
            continue
        if len(trial) == 3 and abs(abs(np.linalg.det(trial)) - 1 / len(pure)) > 1e-4:
            continue
        basis = trial
        if len(basis) == 3:
            break
    if len(basis) < 3:
        return np.eye(3), list(range(len(atoms)))
    matrix = np.array(basis)
    if np.linalg.det(matrix) < 0:
        matrix = -matrix
    return matrix, _representatives(atoms, pure)


def primitive_atoms(atoms: Atoms, matrix: NDArray[np.float64], kept: list[int]) -> Atoms:
    """Return the primitive cell that :func:`primitive_setting` describes, turned nowhere.

    Parameters
    ----------
    atoms
        The crystal, or a relaxed form of it.
    matrix, kept
        As :func:`primitive_setting` returns them.
    """
    return Atoms(
        atoms.numbers[kept],
        positions=atoms.positions[kept],
        cell=matrix @ atoms.cell.array,
        pbc=True,
    )


def _representatives(atoms: Atoms, translations: list[NDArray[np.float64]]) -> list[int]:
    scaled = atoms.get_scaled_positions()
    kept: list[int] = []
    for i in range(len(atoms)):
        images = [scaled[i] + t for t in translations]
        seen = False
        for k in kept:
            if atoms.numbers[k] != atoms.numbers[i]:
                continue
            gaps = [image - scaled[k] for image in images]
            seen = any(np.abs(g - np.round(g)).max() < 1e-3 for g in gaps)
            if seen:
                break
        if not seen:
            kept.append(i)
    return kept


def _prototype(crystal: PrototypeCrystal) -> Atoms:
    if crystal.prototype == "l1_0":
        a, c = crystal.a, crystal.c
        first, second = crystal.elements
        return Atoms(
            [first, first, second, second],
            scaled_positions=[(0, 0, 0), (0.5, 0.5, 0), (0.5, 0, 0.5), (0, 0.5, 0.5)],
            cell=[a, a, c],
            pbc=True,
        )
    number, sites = _CUBIC_AND_HEXAGONAL[crystal.prototype]
    c = crystal.a if crystal.c is None else crystal.c
    gamma = 120.0 if crystal.prototype in ("hcp", "wurtzite") else 90.0
    return _from_space_group(
        [crystal.elements[i] for i, _ in sites],
        [position for _, position in sites],
        number,
        (crystal.a, crystal.a, c, 90.0, 90.0, gamma),
        1,
    )


def _from_space_group(
    elements: list[str],
    positions: list[tuple[float, float, float]],
    number: int,
    cellpar: tuple[float, ...],
    setting: int,
) -> Atoms:
    options: dict[str, Any] = {"spacegroup": number, "cellpar": cellpar, "setting": setting}
    try:
        built = ase_crystal(elements, basis=positions, onduplicates="error", **options)
    except Exception as error:  # ase raises many kinds for bad sites
        raise InputError(
            f"the sites do not fit space group {number} (setting {setting}): {error}"
        ) from error
    scaled = np.round(built.get_scaled_positions(), 9) % 1.0
    return Atoms(built.numbers, scaled_positions=scaled, cell=built.cell, pbc=True)
