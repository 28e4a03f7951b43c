"""What can presumably not take an electron: by ions, by saturated carbon, and what can."""

from __future__ import annotations

import pytest
from ase import Atoms
from ase.build import bulk, graphene, molecule

from potash.structures.insulators import ionic_insulator, presumed_insulator


@pytest.mark.parametrize(
    ("formula", "ions"),
    [
        ("AlF3", "Al3+, F-"),
        ("MgO", "Mg2+, O2-"),
        ("SiO2", "O2-, Si4+"),
        ("K2CO3", "C4+, K+, O2-"),
        ("K2SO3", "K+, O2-, S4+"),
        ("K3OCl", "Cl-, K+, O2-"),
        ("KClO4", "Cl7+, K+, O2-"),
        ("Zr6O32C12H16", "C2+, H+, O2-, Zr4+"),  # Zr6O4(OH)4(HCO2)12
    ],
)
def test_salts_and_oxides_that_k_does_not_reduce(formula, ions):
    counts = Atoms(formula).symbols.formula.count()
    assert ionic_insulator(counts) == f"charge-balanced by ions that K does not reduce ({ions})"


@pytest.mark.parametrize(
    "formula",
    ["GeO2", "TiO2", "V2O5", "ZnO", "SnO2", "BiI3", "KO2", "KNO3", "K3P", "K", "AlCu", "C6H6O6"],
)
def test_what_may_take_the_electron(formula):
    assert ionic_insulator(Atoms(formula).symbols.formula.count()) == ""


def test_one_oxygen_too_many_is_not_balanced():
    assert ionic_insulator({"Mg": 8, "O": 9}) == ""


@pytest.mark.parametrize("name", ["C2H6", "CH3OCH3", "CH4", "CH3CH2OH"])
def test_saturated_molecules(name):
    assert presumed_insulator(molecule(name)).startswith("saturated")


@pytest.mark.parametrize("name", ["C2H4", "C6H6", "H2CO", "CH3COCl", "C2F4"])
def test_molecules_with_double_bonds(name):
    assert presumed_insulator(molecule(name)) == ""


def test_graphene_and_metals():
    assert presumed_insulator(graphene(vacuum=8.0)) == ""
    assert presumed_insulator(bulk("Cu")) == ""
