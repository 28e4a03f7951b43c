"""Chemical formulas: how many atoms of what, and the reduced formula that names a phase.

Reduced formulas are those of pymatgen, which rows and pages print (``K3Bi``, ``Ti3(CO)2``), without
loading it: reading commands take apart hundreds of formulas and need nothing else of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

_TOLERANCE = 1e-8
_POLYANION_BELOW = 1.65
"""Two last elements whose electronegativities differ by less are written as one group."""
_LARGEST = 10_000

_NOT_HALVED: Mapping[str, str] = {
    "LiO": "Li2O2", "NaO": "Na2O2", "KO": "K2O2", "RbO": "Rb2O2", "CsO": "Cs2O2", "HO": "H2O2",
    "O": "O2", "N": "N2", "F": "F2", "Cl": "Cl2", "H": "H2",
}  # fmt: skip
"""Peroxides and gases, which are written as the molecules or ions that they are."""

_ELECTRONEGATIVITY: Mapping[str, float] = {
    "H": 2.20, "He": 0.0, "Li": 0.98, "Be": 1.57, "B": 2.04, "C": 2.55, "N": 3.04, "O": 3.44,
    "F": 3.98, "Ne": 0.0, "Na": 0.93, "Mg": 1.31, "Al": 1.61, "Si": 1.90, "P": 2.19, "S": 2.58,
    "Cl": 3.16, "Ar": 0.0, "K": 0.82, "Ca": 1.00, "Sc": 1.36, "Ti": 1.54, "V": 1.63, "Cr": 1.66,
    "Mn": 1.55, "Fe": 1.83, "Co": 1.88, "Ni": 1.91, "Cu": 1.90, "Zn": 1.65, "Ga": 1.81,
    "Ge": 2.01, "As": 2.18, "Se": 2.55, "Br": 2.96, "Kr": 3.00, "Rb": 0.82, "Sr": 0.95,
    "Y": 1.22, "Zr": 1.33, "Nb": 1.60, "Mo": 2.16, "Tc": 1.90, "Ru": 2.20, "Rh": 2.28,
    "Pd": 2.20, "Ag": 1.93, "Cd": 1.69, "In": 1.78, "Sn": 1.96, "Sb": 2.05, "Te": 2.10,
    "I": 2.66, "Xe": 2.60, "Cs": 0.79, "Ba": 0.89, "La": 1.10, "Ce": 1.12, "Pr": 1.13,
    "Nd": 1.14, "Pm": 1.13, "Sm": 1.17, "Eu": 1.20, "Gd": 1.20, "Tb": 1.10, "Dy": 1.22,
    "Ho": 1.23, "Er": 1.24, "Tm": 1.25, "Yb": 1.10, "Lu": 1.27, "Hf": 1.30, "Ta": 1.50,
    "W": 2.36, "Re": 1.90, "Os": 2.20, "Ir": 2.20, "Pt": 2.28, "Au": 2.54, "Hg": 2.00,
    "Tl": 1.62, "Pb": 2.33, "Bi": 2.02, "Po": 2.00, "At": 2.20, "Rn": 2.20, "Fr": 0.70,
    "Ra": 0.90, "Ac": 1.10, "Th": 1.30, "Pa": 1.50, "U": 1.38, "Np": 1.36, "Pu": 1.28,
    "Am": 1.30, "Cm": 1.30, "Bk": 1.30, "Cf": 1.30, "Es": 1.30, "Fm": 1.30, "Md": 1.30,
    "No": 1.30, "Lr": 1.30,
}  # fmt: skip
"""On Pauling's scale (none of He, Ne, Ar is known): they order the elements of a formula."""

_GROUP = re.compile(r"\(([^()]+)\)\s*([\d.]*)")
_PART = re.compile(r"([A-Z][a-z]?)\s*([\d.]*)\s*")


@dataclass(frozen=True)
class Formula:
    """Atoms per formula unit.

    Attributes
    ----------
    amounts
        Symbol to number of atoms, in the order of the text.
    """

    amounts: Mapping[str, float]

    def __getitem__(self, element: str) -> float:
        """Return the number of atoms of an element, zero of one that is not in it."""
        return self.amounts.get(element, 0.0)

    @cached_property
    def elements(self) -> frozenset[str]:
        """Symbols of its elements."""
        return frozenset(self.amounts)

    @cached_property
    def num_atoms(self) -> float:
        """Number of all atoms."""
        return math.fsum(self.amounts.values())

    @property
    def reduced(self) -> str:
        """Reduced formula: what identifies the phase in a reaction."""
        return self.reduced_and_factor[0]

    @cached_property
    def reduced_and_factor(self) -> tuple[str, float]:
        """Reduced formula, and how many of it are in this one."""
        whole = {e: round(n) for e, n in self.amounts.items()}
        if any(abs(n - whole[e]) > _TOLERANCE for e, n in self.amounts.items()):
            ordered = sorted(self.amounts, key=_order)
            return "".join(f"{e}{_number(self.amounts[e]) or 1}" for e in ordered), 1.0
        text, factor = _reduced(whole)
        if text in _NOT_HALVED:
            return _NOT_HALVED[text], factor / 2
        return text, float(factor)


def formula(text: str) -> Formula:
    """Return the atoms that a formula names.

    Parameters
    ----------
    text
        Such as ``K3Bi``, ``Cu1.4Te`` or ``Ca3(PO4)2``.

    Raises
    ------
    ValueError
        If it is no formula.

    Examples
    --------
    >>> formula("Fe4(PO4)4").amounts, formula("Bi2K6").reduced_and_factor
    ({'Fe': 4.0, 'P': 4.0, 'O': 16.0}, ('K3Bi', 2.0))
    """
    left = text.translate(str.maketrans("[]{}", "()()"))
    while group := _GROUP.search(left):
        inside = _parts(group[1], text)
        times = _amount(group[2], text)
        flat = "".join(f"{e}{n * times:.12g}" for e, n in inside.items())
        left = left[: group.start()] + flat + " " + left[group.end() :]
    return Formula(_parts(left, text))


def _parts(text: str, whole: str) -> dict[str, float]:
    """Return the amounts in a formula without brackets."""
    amounts: dict[str, float] = {}
    place = len(text) - len(text.lstrip())
    while place < len(text):
        found = _PART.match(text, place)
        if found is None or found[1] not in _ELECTRONEGATIVITY:
            raise ValueError(f"{whole!r} is not a chemical formula")
        amounts[found[1]] = amounts.get(found[1], 0.0) + _amount(found[2], whole)
        place = found.end()
    if not amounts:
        raise ValueError(f"{whole!r} is not a chemical formula")
    return amounts


def _amount(text: str, whole: str) -> float:
    try:
        amount = float(text) if text else 1.0
    except ValueError:
        amount = math.nan
    if not 0.0 < amount < _LARGEST:
        raise ValueError(f"{whole!r} is not a chemical formula: {text!r} is no amount")
    return amount


def _order(element: str) -> tuple[float, str]:
    return _ELECTRONEGATIVITY[element], element


def _number(amount: float) -> str:
    """Return an amount as formulas write it: nothing for one."""
    return "" if abs(amount - 1) < _TOLERANCE else f"{round(amount, 8):.10g}"


def _reduced(amounts: Mapping[str, int]) -> tuple[str, int]:
    """Return the reduced formula of whole numbers of atoms, and the factor."""
    factor = math.gcd(*amounts.values())
    ordered = sorted(amounts, key=_order)
    group = ""
    if len(ordered) > 2:
        *_, first, second = ordered
        if _ELECTRONEGATIVITY[second] - _ELECTRONEGATIVITY[first] < _POLYANION_BELOW:
            pair = {e: amounts[e] // factor for e in (first, second)}
            inside, times = _reduced(pair)
            if times != 1:
                group, ordered = f"({inside}){times}", ordered[:-2]
    return "".join(f"{e}{_number(amounts[e] / factor)}" for e in ordered) + group, factor
