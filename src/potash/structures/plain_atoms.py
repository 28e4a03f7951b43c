"""Atoms without what a calculation left on them, and their text."""

from __future__ import annotations

import io

from ase import Atoms
from ase.io import write


def bare(atoms: Atoms) -> Atoms:
    """Return numbers, positions, cell and pbc alone: no calculator, constraint or info."""
    return Atoms(numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=atoms.pbc)


def extxyz(atoms: Atoms, **info: float) -> str:
    """Return atoms as extended XYZ text with energies in its header."""
    copy = bare(atoms)
    copy.info.update(info)
    text = io.StringIO()
    write(text, copy, format="extxyz")
    return text.getvalue()
