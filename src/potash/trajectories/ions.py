"""Ions by their formula: name, charge and the elements they bind cations with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DONOR_ELEMENTS: Final = ("O", "N", "F")
"""Elements that bind cations in any molecule."""


@dataclass(frozen=True)
class Ion:
    """What is known of an ion.

    Attributes
    ----------
    name
        Its usual abbreviation.
    charge
        In e.
    donors
        Elements of its atoms that bind cations.
    """

    name: str
    charge: int
    donors: tuple[str, ...] = DONOR_ELEMENTS


METAL_IONS: Final = {
    "K": 1, "Na": 1, "Li": 1, "Rb": 1, "Cs": 1,
    "Mg": 2, "Ca": 2, "Sr": 2, "Ba": 2, "Zn": 2, "Al": 3,
}  # fmt: skip
"""Metals that are cations when they stand alone, with their charge in e."""

NEVER_BONDED: Final = tuple(metal for metal in METAL_IONS if metal != "Al")
"""Metals whose short contacts are no bonds of a molecule."""

ANIONS: Final = {
    "F2NO4S2": Ion("FSI", -1),
    "C2F6NO4S2": Ion("TFSI", -1),
    "CF4NO4S2": Ion("FTFSI", -1),
    "C4F10NO4S2": Ion("BETI", -1),
    "C2HF5NO4S2": Ion("DFTFSI", -1),
    "C3F6NO4S2": Ion("HFDF", -1),
    "F6P": Ion("PF6", -1),
    "AsF6": Ion("AsF6", -1),
    "F6Sb": Ion("SbF6", -1),
    "C6F18P": Ion("FAP", -1),
    "F2O2P": Ion("DFP", -1),
    "BF4": Ion("BF4", -1),
    "C4BO8": Ion("BOB", -1),
    "C2BF2O4": Ion("DFOB", -1),
    "C4BN4": Ion("TCB", -1),
    "BH4": Ion("BH4", -1, ("H",)),
    "B3H8": Ion("B3H8", -1, ("H",)),
    "CH12B11": Ion("CB11H12", -1, ("H",)),
    "CH10B9": Ion("CB9H10", -1, ("H",)),
    "B12H12": Ion("B12H12", -2, ("H",)),
    "B10H10": Ion("B10H10", -2, ("H",)),
    "C12H4BF24O4": Ion("B(hfip)4", -1),
    "C12H4AlF24O4": Ion("Al(hfip)4", -1),
    "C16AlF36O4": Ion("Al(pftb)4", -1),
    "AlCl4": Ion("AlCl4", -1, ("Cl",)),
    "Al2Cl7": Ion("Al2Cl7", -1, ("Cl",)),
    "BCl4": Ion("BCl4", -1, ("Cl",)),
    "Cl6P": Ion("PCl6", -1, ("Cl",)),
    "ClO4": Ion("ClO4", -1),
    "NO3": Ion("NO3", -1),
    "NO2": Ion("NO2", -1),
    "N3": Ion("N3", -1),
    "CN": Ion("CN", -1, ("N", "C")),
    "CNS": Ion("SCN", -1, ("N", "S")),
    "CNO": Ion("OCN", -1),
    "C2N3": Ion("DCA", -1),
    "C4N3": Ion("TCM", -1),
    "C6F3N4": Ion("TDI", -1),
    "CF3O3S": Ion("OTf", -1),
    "CH3O3S": Ion("MeSO3", -1),
    "CH3O4S": Ion("MeSO4", -1),
    "C2F3O2": Ion("TFA", -1),
    "C2H3O2": Ion("OAc", -1),
    "CHO2": Ion("HCOO", -1),
    "CHO3": Ion("HCO3", -1),
    "CO3": Ion("CO3", -2),
    "O4S": Ion("SO4", -2),
    "HO4S": Ion("HSO4", -1),
    "O4P": Ion("PO4", -3),
    "H2O4P": Ion("H2PO4", -1),
    "F": Ion("F", -1),
    "Cl": Ion("Cl", -1, ("Cl",)),
    "Br": Ion("Br", -1, ("Br",)),
    "I": Ion("I", -1, ("I",)),
    "Br3": Ion("Br3", -1, ("Br",)),
    "I3": Ion("I3", -1, ("I",)),
}
"""Anions by formula (Hill order, implicit hydrogens counted)."""

MOLECULAR_CATIONS: Final = {
    "C6H11N2": Ion("EMIM", 1),
    "C7H13N2": Ion("PMIM", 1),
    "C8H15N2": Ion("BMIM", 1),
    "C10H19N2": Ion("HMIM", 1),
    "C12H23N2": Ion("OMIM", 1),
    "C5H9N2": Ion("MMIM", 1),
    "C7H16N": Ion("PYR12", 1),
    "C8H18N": Ion("PYR13", 1),
    "C9H20N": Ion("PYR14", 1),
    "C10H22N": Ion("PP14", 1),
    "C4H12N": Ion("TMA", 1),
    "C8H20N": Ion("TEA", 1),
    "C16H36N": Ion("TBA", 1),
    "C8H20NO": Ion("DEME", 1),
    "C5H14NO": Ion("choline", 1),
    "C32H68P": Ion("P66614", 1),
    "H4N": Ion("NH4", 1),
    "H3O": Ion("H3O", 1),
}
"""Cations of more than one atom by formula; one name stands for its isomers."""


def known_charge(formula: str) -> int | None:
    """Return the charge in e of the ion of this formula, or None where none is known.

    Examples
    --------
    >>> known_charge("F6P"), known_charge("Mg"), known_charge("C4H10O2")
    (-1, 2, None)
    """
    if formula in METAL_IONS:
        return METAL_IONS[formula]
    ion = ANIONS.get(formula) or MOLECULAR_CATIONS.get(formula)
    return None if ion is None else ion.charge


def usual_name(formula: str) -> str:
    """Return the abbreviation of the ion of this formula, else the formula.

    Examples
    --------
    >>> usual_name("F6P"), usual_name("H2O")
    ('PF6', 'H2O')
    """
    ion = ANIONS.get(formula) or MOLECULAR_CATIONS.get(formula)
    return formula if ion is None else ion.name


def donors_of_anion(formula: str, elements: frozenset[str]) -> tuple[str, ...]:
    """Return the elements with which an anion binds cations.

    Those of the table; for an anion that is not in it O, N and F, else the halogens
    and S, else H.

    Examples
    --------
    >>> donors_of_anion("AlCl4", frozenset({"Al", "Cl"}))
    ('Cl',)
    >>> donors_of_anion("ClO4", frozenset({"Cl", "O"}))
    ('O', 'N', 'F')
    """
    if formula in ANIONS:
        return ANIONS[formula].donors
    for usual in (DONOR_ELEMENTS, ("Cl", "Br", "I", "S"), ("H",)):
        if elements & frozenset(usual):
            return usual
    return tuple(sorted(elements))
