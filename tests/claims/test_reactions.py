from __future__ import annotations

import pytest

from potash.catalog.catalog import load_catalog
from potash.claims.judging import judge_claims
from potash.evidence.phases import phase_sets
from tests.claims.cases import gain, phase

CATALOG = load_catalog()


def verdicts(rows):
    return {v.id: v for v in judge_claims(rows, CATALOG, measured_ip_ev={})}


@pytest.mark.parametrize(
    ("energies", "expected"),
    [
        ((0.34, 0.80), "agrees"),
        ((0.32, 0.80), "unresolved"),
        ((-0.34, 0.10), "unresolved"),
        ((-0.36, 0.10), "disagrees"),
    ],
)
def test_no_alloy_needs_every_prototype_above_the_elements(energies, expected):
    """-0.005 eV/atom +- 0.17 eV/atom: for two atoms -0.35 and +0.33 eV."""
    rows = [phase("K", -1.0), phase("Ag", -3.0)]
    rows += [phase("KAg", -4.0 + energies[0]), phase("KAg3", -10.0 + energies[1])]
    found = verdicts(rows)["k_ag_none"]
    assert found.verdict == expected
    assert found.value == pytest.approx(min(energies[0] / 2, energies[1] / 4))
    assert len(found.keys) == 2


def test_no_prototype_is_no_evidence():
    assert verdicts([phase("K", -1.0), phase("Ag", -3.0)])["k_ag_none"].verdict == "not_computed"


def test_alloys_form_beyond_the_resolution():
    elements = [phase("K", -1.0), phase("Bi", -4.0)]
    assert verdicts([*elements, phase("K3Bi", -8.0)])["k_bi_alloy"].verdict == "agrees"
    for energy in (-7.0 - 0.67, -7.0 + 0.67):
        assert verdicts([*elements, phase("K3Bi", energy)])["k_bi_alloy"].verdict == "unresolved"
    for energy, expected in ((-7.0 - 0.69, "agrees"), (-7.0 + 0.69, "disagrees")):
        found = verdicts([*elements, phase("K3Bi", energy)])["k_bi_alloy"]
        assert (found.verdict, found.margin) == (expected, 0.17)
    assert verdicts([*elements, phase("K3Bi", -6.0)])["k_bi_alloy"].verdict == "disagrees"


def test_missing_phases_are_named():
    assert "Bi" in verdicts([phase("K", -1.0), phase("K3Bi", -8.0)])["k_bi_alloy"].reason


def test_reactions_are_balanced_before_they_are_judged():
    rows = [phase("AlF3", -20.0), phase("K", -1.0), phase("KF", -9.0), phase("Al", -3.5)]
    found = verdicts(rows)["alf3_k"]
    assert found.value == pytest.approx((3 * -9.0 - 3.5 - (-20.0 - 3.0)) / 7, rel=1e-5)
    assert found.unit == "eV/atom"
    assert found.verdict == "agrees"


@pytest.mark.parametrize(
    ("per_atom", "expected"),
    [(-0.171, "agrees"), (-0.169, "unresolved"), (0.169, "unresolved"), (0.171, "disagrees")],
)
def test_a_reaction_is_judged_per_atom_that_takes_part(per_atom, expected):
    """BiOCl + 6 K has nine atoms; one of BiOCl alone would have three."""
    rows = [phase("BiOCl", 0.0), phase("K", 0.0), phase("K3OCl", 0.0), phase("K3Bi", 9 * per_atom)]
    found = verdicts(rows)["biocl_k"]
    assert found.value == pytest.approx(per_atom)
    assert found.verdict == expected


def test_a_level_of_unknown_error_decides_nothing():
    rows = [
        phase(p.values["formula"], p.values["energy_ev_per_formula"], level="mine")
        for p in gain(["BiOCl", "K"], ["K3Bi", "K3OCl"])(1)
    ]
    found = verdicts(rows)["biocl_k"]
    assert (found.verdict, found.margin) == ("unresolved", None)
    assert "no difference counts" in found.reason


def test_energies_with_and_without_u_are_not_combined():
    rows = [
        phase("VS2", -20.0),
        phase("K", -1.0),
        phase("K2S", -10.0),
        phase("V", -8.0, hubbard=["V"]),
    ]
    found = verdicts(rows)["vs2_k"]
    assert found.verdict == "not_computed"
    assert "+U" in found.reason


def test_sodium_potassium_phase_is_near_zero():
    """A window of 0.010 eV/atom within +- 0.17: it can be refuted and not confirmed."""
    rows = [phase("K", -1.0), phase("Na", -1.3)]
    for per_atom, expected in (
        (0.0, "unresolved"),
        (-0.179, "unresolved"),
        (-0.181, "disagrees"),
        (0.179, "unresolved"),
        (0.181, "disagrees"),
    ):
        found = verdicts([*rows, phase("KNa2", -3.6 + 3 * per_atom)])["kna2"]
        assert found.verdict == expected, per_atom


def test_companion_questions_are_answered_but_never_decided():
    rows = [phase("Cu3Pt", -20.0), phase("K", -1.0), phase("Cu", -3.7), phase("Pt", -6.0)]
    found = verdicts(rows)["cu3pt_stab"]
    assert found.verdict == "unresolved"
    assert "survives" in found.reason
    gains = gain(["Cu3Pt", "K"], ["KPt2", "Cu"])
    for sign, word in ((1, "reacts"), (-1, "survives")):
        found = verdicts(gains(sign))["cu3pt_stab"]
        assert found.verdict == "unresolved"
        assert word in found.reason
        assert "no direction" in found.reason


def test_levels_are_never_mixed():
    rows = [phase("K", -1.0), phase("Bi", -4.0, level="standard"), phase("K3Bi", -8.0)]
    assert verdicts(rows)["k_bi_alloy"].verdict == "not_computed"
    assert {s.level for s in phase_sets(rows)} == {"screen", "standard"}
