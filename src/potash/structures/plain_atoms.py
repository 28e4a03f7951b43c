"""Atoms without what a calculation left on them, and their text."""

from __future__ import annotations

import io
import re

import numpy as np
from ase import Atoms
from numpy.typing import ArrayLike


def area_angstrom2(cell: ArrayLike) -> float:
    """Return the area that the first two vectors (rows) of a cell span, square angstrom.

    Examples
    --------
    >>> area_angstrom2([[2.0, 0, 0], [1.0, 3.0, 0], [0, 0, 9.0]])
    6.0
    """
    first, second, *_ = np.asarray(cell, dtype=float)
    return float(np.linalg.norm(np.cross(first, second)))


def bare(atoms: Atoms) -> Atoms:
    """Return numbers, positions, cell and pbc alone: no calculator, constraint or info."""
    return Atoms(numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=atoms.pbc)


def extxyz(atoms: Atoms, **info: float) -> str:
    """Return atoms as extended XYZ text with energies in its header."""
    from ase.io import write  # half a second, and few that read structures write any

    copy = bare(atoms)
    copy.info.update(info)
    text = io.StringIO()
    write(text, copy, format="extxyz")
    return text.getvalue()


def atoms_of(text: str) -> Atoms:
    r"""Return the atoms of one structure as :func:`extxyz` writes it.

    Symbols, positions, cell and boundary conditions, ten times faster than ASE's reader of
    anyone's extended XYZ; further columns and entries of the header are passed over.

    Raises
    ------
    ValueError
        If the first columns are not symbols and positions, or lines are missing.

    Examples
    --------
    >>> atoms_of('1\nProperties=species:S:1:pos:R:3 pbc="F F F"\nK 0.0 0.0 1.5\n').positions
    array([[0. , 0. , 1.5]])
    """
    count, header, *lines = text.splitlines()
    rows = [line.split() for line in lines[: int(count)]]
    if "Properties=species:S:1:pos:R:3" not in header or len(rows) < int(count):
        raise ValueError(f"not a structure of symbols and positions: {header[:60]!r}")
    lattice = re.search(r'Lattice="([^"]*)"', header)
    pbc = re.search(r'pbc="([TF]) ([TF]) ([TF])"', header)
    return Atoms(
        symbols=[row[0] for row in rows],
        positions=np.array([row[1:4] for row in rows], dtype=float).reshape(-1, 3),
        cell=None if lattice is None else np.array(lattice[1].split(), float).reshape(3, 3),
        pbc=lattice is not None if pbc is None else [x == "T" for x in pbc.groups()],
    )
