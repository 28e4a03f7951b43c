from __future__ import annotations

from collections import Counter

import pytest

from potash.catalog.catalog import load_catalog
from potash.structures.substrate_classes import counts_from_formula, substrate_class


@pytest.mark.parametrize(
    ("formula", "sheet", "expected"),
    [
        ("C32", True, "carbon"),
        ("C31N", True, "doped_carbon"),
        ("C48CoN4", True, "doped_carbon"),
        ("Cu", False, "metal"),
        ("Cu6Sn5", False, "alloy"),
        ("K3Bi", False, "alloy"),
        ("NiO", False, "oxide"),
        ("K2CO3", False, "oxide"),
        ("KF", False, "halide"),
        ("BiOCl", False, "halide"),
        ("K2S", False, "chalcogenide"),
        ("Ti3C2O2", True, "mxene"),
        ("Ti3C2O2", False, "oxide"),
        ("Ti3C2PO", True, "oxide"),  # phosphorus terminates no MXene
        ("MoC", False, "other"),
        ("K3P", False, "other"),
        ("C3H8", False, "organic"),
    ],
)
def test_class_of_known_substrates(formula, sheet, expected):
    assert substrate_class(counts_from_formula(formula), sheet=sheet) == expected


def test_open_ratios_and_alternatives_in_formulas():
    assert counts_from_formula("C:O:H") == Counter(C=1, O=1, H=1)
    assert counts_from_formula("C ; KC8") == Counter(C=1)


def test_every_model_of_the_catalogue_gets_a_class():
    for model in load_catalog().models.values():
        assert substrate_class(counts_from_formula(model.formula))
