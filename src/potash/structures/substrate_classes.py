"""Class of a substrate from its chemistry: what an adsorption error model is fitted per.

The class is that of the atomistic model, not of the host: a composite host has
models of several classes, and errors of a potential follow the bonding.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from ase.data import atomic_numbers

_HALOGENS = frozenset({"F", "Cl", "Br", "I"})
_CHALCOGENS = frozenset({"S", "Se", "Te"})
_NOT_METALLIC = frozenset({"H", "B", "C", "N", "O", "P", "He", "Ne", "Ar", "Kr", "Xe"}) | _HALOGENS
_MXENE_METALS = frozenset({"Ti", "V", "Nb", "Mo", "Zr", "Hf", "Ta", "Cr", "Sc"})
_MXENE_TERMINATIONS = frozenset({"O", "F", "H", "S", "Cl", "Se", "Br"})


def counts_from_formula(formula: str) -> Counter[str]:
    """Count the elements of a formula; an open ratio such as ``C:O:H`` counts each once."""
    counts: Counter[str] = Counter()
    first_phase = formula.split(";")[0]
    for symbol, number in re.findall(r"([A-Z][a-z]?)(\d*\.?\d*)", first_phase):
        if symbol in atomic_numbers:
            counts[symbol] += max(1, round(float(number))) if number not in ("", ".") else 1
    return counts


def counts_from_extxyz(text: str) -> Counter[str]:
    """Count the elements of a structure of a row: extended XYZ with the symbols first.

    Raises
    ------
    ValueError
        If the columns are others.
    """
    header, *atoms = text.splitlines()[1:]
    if "Properties=species:S:1:" not in header:
        raise ValueError(f"not the structure of a row: {header[:80]!r}")
    return Counter(line.split(maxsplit=1)[0] for line in atoms if line)


def substrate_class(counts: Mapping[str, int], *, sheet: bool = False) -> str:
    """Return the class of a substrate.

    Parameters
    ----------
    counts
        Element to number of atoms, without the adsorbed K.
    sheet
        True for a two-dimensional material, which makes a transition-metal
        carbide or nitride a MXene.

    Returns
    -------
    str
        ``carbon``, ``doped_carbon``, ``mxene``, ``halide``, ``oxide``,
        ``chalcogenide``, ``metal``, ``alloy``, ``organic`` or ``other``; the
        first that fits in that order.
    """
    elements = {e for e, n in counts.items() if n > 0}
    if not elements:
        return "other"
    heavy = elements - {"H"}
    n_heavy = sum(n for e, n in counts.items() if e != "H")
    n_carbon = counts.get("C", 0)
    metals = heavy & _MXENE_METALS
    terminations = heavy - metals - {"C", "N"}
    if sheet and metals and heavy & {"C", "N"} and terminations <= _MXENE_TERMINATIONS:
        return "mxene"
    if n_carbon and n_carbon >= 0.7 * n_heavy:
        if counts.get("H", 0) > n_carbon:
            return "organic"
        return "carbon" if heavy == {"C"} else "doped_carbon"
    if heavy & _HALOGENS:
        return "halide"
    if "O" in heavy:
        return "oxide"
    if heavy & _CHALCOGENS and len(heavy) > 1:
        return "chalcogenide"
    if not heavy & _NOT_METALLIC and not heavy & _CHALCOGENS:
        return "metal" if len(heavy) == 1 else "alloy"
    return "other"
