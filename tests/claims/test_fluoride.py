from __future__ import annotations

import pytest

from potash.catalog.catalog import load_catalog
from potash.claims.fluoride import KF_SUBLIMATION_EV
from potash.claims.judging import judge_claims
from potash.units import KJ_MOL_EV
from tests.claims.cases import redox, release

CATALOG = load_catalog()


def verdicts(rows):
    return {v.id: v for v in judge_claims(rows, CATALOG, measured_ip_ev={})}


@pytest.mark.parametrize(
    ("fsi", "expected"),
    [(0.29, "agrees"), (0.31, "unresolved"), (0.69, "unresolved"), (0.71, "disagrees")],
)
def test_the_salt_that_gives_fluoride_most_easily(fsi, expected):
    """Within 0.2 eV of the next one, on either side, nothing is decided."""
    rows = [release("fsi_minus", fsi), release("pf6_minus", 1.0), release("tfsi_minus", 0.5)]
    found = verdicts(rows)["salt_reduction"]
    assert (found.verdict, found.margin) == (expected, 0.2)
    assert found.value == {"fsi_minus": fsi, "pf6_minus": 1.0, "tfsi_minus": 0.5}


def test_the_best_level_that_all_have_decides():
    rows = [release(n, 1.0, "screen") for n in ("fsi_minus", "pf6_minus", "tfsi_minus")]
    rows += [release("fsi_minus", -3.0), release("pf6_minus", 1.0)]
    assert verdicts(rows)["salt_reduction"].level == "screen"
    assert verdicts([*rows, release("tfsi_minus", 1.0)])["salt_reduction"].level == "standard"


def test_nothing_is_said_without_all_of_them():
    found = verdicts([release("fsi_minus", -1.0)])["salt_reduction"]
    assert found.verdict == "not_computed"
    assert "tfsi_minus" in found.reason


NAMES = ("fsi_minus", "hfdf_minus", "pf6_minus", "tte")
BEFORE = [redox(n, reduction=3.0) for n in NAMES] + [redox("dme", reduction=0.0)]


@pytest.mark.parametrize(
    ("energy", "expected"),
    [(2.30, "agrees"), (2.32, "unresolved"), (2.70, "unresolved"), (2.72, "disagrees")],
)
def test_gains_are_counted_with_solid_fluoride(energy, expected):
    """KF(molecule) to KF(crystal) gains 2.51 eV; the threshold is zero, the margin 0.2 eV."""
    found = verdicts([*(release(n, energy) for n in NAMES), *BEFORE])["kf_sei_reduction"]
    assert found.verdict == expected
    assert found.value["fsi_minus"] == pytest.approx(energy - 2.51)


def test_sublimation_of_potassium_fluoride():
    """From the measured enthalpies of formation of gas and crystal."""
    assert pytest.approx((568.6 - 326.8) * KJ_MOL_EV, abs=0.005) == KF_SUBLIMATION_EV


def test_fluoride_has_to_go_before_the_solvent_does():
    gains = [release(n, 0.0) for n in NAMES]
    late = [redox(n, reduction=-3.0) for n in NAMES] + [redox("dme", reduction=0.0)]
    assert verdicts([*gains, *late])["kf_sei_reduction"].verdict == "disagrees"
    alone = verdicts(gains)["kf_sei_reduction"]
    assert alone.verdict == "unresolved"
    assert "needs the reduction potentials" in alone.reason


def test_a_claim_without_direction_is_reported_and_never_agrees():
    for sign in (-1, 1):
        found = verdicts([release("tte", 2.0 * sign), release("tfb", 0.0)])["tfb_potassiation"]
        assert found.verdict == "unresolved"
        assert found.value["tte"] == 2.0 * sign
        assert "no direction" in found.reason
