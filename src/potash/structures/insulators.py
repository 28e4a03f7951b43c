"""Which substrates can presumably not take an electron, from what they are made of.

Potassium gives its electron to what it adsorbs on. Where the lowest empty state of the
substrate lies above the 4s level of a free K atom, about 2.3 eV below vacuum, there is none to
give it to: K stays an atom and hardly binds. DFT tells where that state lies. Before it was
asked, this module presumes it from the composition: salts and oxides that are charge-balanced
by ions none of which K reduces, and saturated molecules.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Final

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from numpy.typing import NDArray

STATES: Final[Mapping[str, tuple[int, ...]]] = {
    **dict.fromkeys(("H", "Li", "Na", "K", "Rb", "Cs"), (1,)),
    **dict.fromkeys(("Be", "Mg", "Ca", "Sr", "Ba"), (2,)),
    **dict.fromkeys(("B", "Al", "Sc", "Y", "La", "Gd", "Lu"), (3,)),
    **dict.fromkeys(("Si", "Zr", "Hf"), (4,)),
    "C": (4, 2),
    "P": (5,),
    "N": (-3,),
    "O": (-2,),
    "S": (-2, 4, 6),
    "Se": (-2,),
    "Cl": (-1, 7),
    **dict.fromkeys(("F", "Br", "I"), (-1,)),
}
"""Oxidation states that potassium metal does not change, at least not at first contact: closed
shells whose next level lies high. C4+ is that of carbonate, C2+ that of formate. Nitrogen in
nitrates, phosphorus in phosphides, transition and post-transition metals are not among them."""

_MULTIVALENT: Final = frozenset({"Be", "Mg", "Al", "Sc", "Y", "La", "Zr", "Hf"})
_ORGANIC: Final = frozenset({"H", "C", "N", "O", "F", "Cl", "Si"})
_BONDS_OF_CARBON: Final = 4


def presumed_insulator(atoms: Atoms) -> str:
    """Say why a substrate can presumably not take potassium's electron.

    Parameters
    ----------
    atoms
        The substrate without potassium on it.

    Returns
    -------
    str
        The reason in a few words; empty where nothing speaks against it. It is a
        presumption: GeO2, TiO2 and V2O5 are insulators, too, and take the electron.

    Examples
    --------
    >>> from ase.build import bulk
    >>> presumed_insulator(bulk("LiF", "rocksalt", a=4.03))
    'charge-balanced by ions that K does not reduce (F-, Li+)'
    >>> presumed_insulator(bulk("NiO", "rocksalt", a=4.18))
    ''
    """
    return ionic_insulator(atoms.symbols.formula.count()) or _saturated(atoms)


def ionic_insulator(counts: Mapping[str, int]) -> str:
    """Say by which ions a composition is charge-balanced, if K reduces none of them.

    Parameters
    ----------
    counts
        Element to number of atoms.

    Examples
    --------
    >>> ionic_insulator({"K": 2, "S": 1, "O": 4})
    'charge-balanced by ions that K does not reduce (K+, O2-, S6+)'
    >>> ionic_insulator({"K": 1, "O": 2})  # a superoxide
    ''
    """
    elements = sorted(e for e, n in counts.items() if n)
    if not all(e in STATES for e in elements):
        return ""
    formate = {"C", "H", "O"} <= set(elements) and bool(_MULTIVALENT & set(elements))
    if {"C", "H"} <= set(elements) and not formate:
        return ""
    possible = {**STATES, "C": (2,) if formate else (4,)}
    for states in itertools.product(*(possible[e] for e in elements)):
        charges = [n * counts[e] for e, n in zip(elements, states, strict=True)]
        if sum(charges) == 0 and any(charges):
            ions = ", ".join(_ion(e, n) for e, n in zip(elements, states, strict=True))
            return f"charge-balanced by ions that K does not reduce ({ions})"
    return ""


def may_be_saturated(counts: Mapping[str, int]) -> bool:
    """Tell whether a composition is one that a saturated molecule could have."""
    elements = {e for e, n in counts.items() if n}
    hydrogens = sum(counts.get(e, 0) for e in ("H", "F", "Cl"))
    return "C" in elements and elements <= _ORGANIC and hydrogens >= counts["C"]


def _n_bonds(atoms: Atoms) -> NDArray[np.int64]:
    """Return how many neighbours each atom has within 1.15 sums of covalent radii."""
    radii = 1.15 * covalent_radii[atoms.numbers]
    reach = 2.0 * float(radii.max())
    cell = np.array(atoms.cell.complete())
    heights = 1.0 / np.linalg.norm(np.linalg.inv(cell), axis=0)
    # Atoms lie in one cell, so neighbours lie in the cells that reach as far, and one more.
    images = [int(reach / h) + 1 if p else 0 for h, p in zip(heights, atoms.pbc, strict=True)]
    positions = atoms.get_positions(wrap=bool(atoms.pbc.any()))
    counts = np.zeros(len(atoms), dtype=np.int64)
    for image in itertools.product(*(range(-n, n + 1) for n in images)):
        moved = positions + np.array(image) @ cell
        near = np.linalg.norm(positions[:, None] - moved[None], axis=2) <= radii[:, None] + radii
        if not any(image):
            np.fill_diagonal(near, False)
        counts += near.sum(axis=1)
    return counts


def _saturated(atoms: Atoms) -> str:
    if not may_be_saturated(atoms.symbols.formula.count()):
        return ""
    bonds = _n_bonds(atoms)
    if (bonds[atoms.numbers == 6] < _BONDS_OF_CARBON).any():
        return ""
    return "saturated: every carbon atom has four neighbours, no empty orbital lies low"


def _ion(element: str, state: int) -> str:
    number = "" if abs(state) == 1 else str(abs(state))
    return f"{element}{number}{'+' if state > 0 else '-'}"
