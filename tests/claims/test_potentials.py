from __future__ import annotations

import pytest

from potash.catalog.catalog import load_catalog
from potash.claims.judging import judge_claims
from tests.claims.cases import redox
from tests.synthetic_rows import species

CATALOG = load_catalog()


def verdicts(rows):
    return {v.id: v for v in judge_claims(rows, CATALOG, measured_ip_ev={})}


@pytest.mark.parametrize(
    ("dx13", "expected"), [(5.5, "agrees"), (4.3, "unresolved"), (2.5, "disagrees")]
)
def test_potentials_in_solution_decide_where_there_are_any(dx13, expected):
    found = verdicts([redox("dx13", dx13), redox("dme", 4.0)])["dx13_anodic"]
    assert found.verdict == expected
    assert found.unit == "V vs K/K+"


def test_the_scale_cancels_between_two_potentials():
    pair = [redox("dx13", 4.1, half=0.2), redox("dme", 4.0, half=0.2)]
    assert verdicts(pair)["dx13_anodic"].verdict == "agrees"


def test_without_potentials_the_gas_phase_speaks():
    rows = [species("dx13", "C1COCOC1", 9.9), species("dme", "COCCOC", 9.5), redox("dme")]
    found = verdicts(rows)["dx13_anodic"]
    assert found.verdict == "unresolved"
    assert "gas phase" in found.reason


def test_potentials_of_different_levels_are_not_compared():
    found = verdicts([redox("dx13", 9.0), redox("dme", 4.0, level="screen")])["dx13_anodic"]
    assert found.verdict == "not_computed"


def test_the_best_level_that_both_have_is_taken():
    rows = [redox("dx13", 9.0, level="screen"), redox("dme", 4.0, level="screen")]
    found = verdicts([*rows, redox("dx13", 4.0)])["dx13_anodic"]
    assert (found.verdict, found.level) == ("agrees", "screen")


def test_broken_bonds_are_said():
    rows = [redox("dtd", reduction=2.0, reduction_dissociative=True), redox("dme", reduction=-1.0)]
    found = verdicts(rows)["dtd_reduction"]
    assert found.verdict == "agrees"
    assert "breaks a bond: dtd" in found.reason


@pytest.mark.parametrize(
    ("value", "expected"),
    [(5.21, "agrees"), (5.19, "unresolved"), (4.21, "unresolved"), (4.19, "disagrees")],
)
def test_a_lower_bound_on_the_potential(value, expected):
    """4.7 V, and 0.5 V that the row states for itself, on either side."""
    assert verdicts([redox("hfdf_minus", value)])["ox_4p7"].verdict == expected
