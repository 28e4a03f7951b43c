"""Formulas against pymatgen."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Composition, Element

from potash.catalog.catalog import load_catalog
from potash.catalog.phases import load_phases
from potash.structures.formula import _ELECTRONEGATIVITY, Formula, formula

USUAL = [
    "K",
    "Na",
    "Li",
    "Bi",
    "Sb",
    "Cu",
    "Ti",
    "V",
    "Fe",
    "C",
    "P",
    "S",
    "Se",
    "Cl",
    "H",
    "O",
    "F",
]


def same(ours: Formula, theirs: Composition) -> None:
    assert ours.amounts == pytest.approx(theirs.get_el_amt_dict())
    assert ours.num_atoms == pytest.approx(float(theirs.num_atoms))
    assert ours.reduced_and_factor == theirs.get_reduced_formula_and_factor()
    assert ours.reduced == theirs.reduced_formula


@given(st.dictionaries(st.sampled_from(USUAL), st.integers(1, 24), min_size=1, max_size=5))
def test_whole_numbers_reduce_as_in_pymatgen(amounts: dict[str, int]) -> None:
    text = "".join(f"{e}{n}" for e, n in amounts.items())
    same(formula(text), Composition(text))


@pytest.mark.parametrize(
    "text",
    ["Ca3(PO4)2", "K2[Fe(CN)6]2", "Cu1.4Te", "Ti3C2O2", "K0.5Bi", "O", "KO", "(NH4)2SO4", "K2 CO3"],
)
def test_brackets_and_fractions(text: str) -> None:
    same(formula(text), Composition(text))


def test_the_catalogue_and_the_phases_read_as_in_pymatgen() -> None:
    texts = {p.formula for p in load_phases().values()}
    texts |= {m.formula for m in load_catalog().models.values()}
    read = 0
    for text in texts:
        try:
            found = formula(text)
        except ValueError:
            continue
        read += 1
        same(found, Composition(text))
    assert read > 0.8 * len(texts)


@pytest.mark.filterwarnings("ignore:No Pauling")
def test_electronegativities_are_those_of_pymatgen() -> None:
    for symbol, value in _ELECTRONEGATIVITY.items():
        theirs = Element(symbol).X
        assert value == (0.0 if math.isnan(theirs) else theirs), symbol


@pytest.mark.parametrize(
    "text", ["", "  ", "12", "Qq2", "K3Bi)", "(K3Bi", "K-2", "K1.2.3", "k", "K0", "K1e99"]
)
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a chemical formula"):
        formula(text)
