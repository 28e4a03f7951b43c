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
from ase.neighborlist import natural_cutoffs, neighbor_list

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


def _saturated(atoms: Atoms) -> str:
    if not may_be_saturated(atoms.symbols.formula.count()):
        return ""
    cutoffs = natural_cutoffs(atoms, mult=1.15)
    first = neighbor_list("i", atoms, cutoffs)
    bonds = np.bincount(first, minlength=len(atoms))
    if (bonds[atoms.numbers == 6] < _BONDS_OF_CARBON).any():
        return ""
    return "saturated: every carbon atom has four neighbours, no empty orbital lies low"


def _ion(element: str, state: int) -> str:
    number = "" if abs(state) == 1 else str(abs(state))
    return f"{element}{number}{'+' if state > 0 else '-'}"
