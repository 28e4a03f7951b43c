from __future__ import annotations

import pytest

from potash.catalog.catalog import load_catalog
from potash.claims import judge_claims
from potash.evidence.contact import contact_verdicts, first_contact
from potash.evidence.phases import phase_sets
from potash.ranking import rank_hosts
from tests.synthetic_rows import adsorption, make_row

CATALOG = load_catalog()


def phase(formula, energy, *, level="screen", hubbard=(), name=""):
    return make_row(
        "phase",
        name or formula.lower(),
        level,
        values={
            "formula": formula,
            "energy_ev_per_formula": energy,
            "hubbard_elements": list(hubbard),
        },
    )


def verdicts(rows):
    return {v.id: v for v in judge_claims(rows, CATALOG, measured_ip_ev={})}


@pytest.mark.parametrize(
    ("energies", "expected"),
    [((0.30, 0.50), "agrees"), ((-0.50, 0.10), "disagrees"), ((-0.02, 0.10), "unresolved")],
)
def test_no_alloy_needs_every_prototype_above_the_elements(energies, expected):
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
    assert verdicts([*elements, phase("K3Bi", -7.03)])["k_bi_alloy"].verdict == "unresolved"
    assert verdicts([*elements, phase("K3Bi", -6.0)])["k_bi_alloy"].verdict == "disagrees"


def test_missing_phases_are_named():
    assert "Bi" in verdicts([phase("K", -1.0), phase("K3Bi", -8.0)])["k_bi_alloy"].reason


def test_reactions_are_balanced_before_they_are_judged():
    rows = [phase("AlF3", -20.0), phase("K", -1.0), phase("KF", -9.0), phase("Al", -3.5)]
    found = verdicts(rows)["alf3_k"]
    assert found.value == pytest.approx(3 * -9.0 - 3.5 - (-20.0 - 3.0))
    assert found.verdict == "agrees"


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
    rows = [phase("K", -1.0), phase("Na", -1.3)]
    for energy, expected in ((-0.015, "agrees"), (-0.07, "unresolved"), (-0.3, "disagrees")):
        assert verdicts([*rows, phase("KNa2", -3.6 + energy)])["kna2"].verdict == expected


def test_companion_questions_are_answered_but_never_decided():
    rows = [phase("Cu3Pt", -20.0), phase("K", -1.0), phase("Cu", -3.7), phase("Pt", -6.0)]
    found = verdicts(rows)["cu3pt_stab"]
    assert found.verdict == "unresolved"
    assert "survives" in found.reason


def test_levels_are_never_mixed():
    rows = [phase("K", -1.0), phase("Bi", -4.0, level="standard"), phase("K3Bi", -8.0)]
    assert verdicts(rows)["k_bi_alloy"].verdict == "not_computed"
    assert {s.level for s in phase_sets(rows)} == {"screen", "standard"}


def test_hosts_that_react_are_flagged_first_contact():
    rows = [
        phase("ZnO", -9.0),
        phase("Zn", -1.2),
        phase("K", -1.0),
        phase("K2O", -13.0),
        phase("Cu", -3.7),
    ]
    found = contact_verdicts(rows, CATALOG)
    assert found["zno_10m10"].verdict == "reacts"
    assert found["cu_111"].verdict != "reacts"
    assert "pristine_graphene" not in found
    contact = first_contact(rows, CATALOG)
    assert set(contact) == {"zno_10m10"}
    table = rank_hosts(
        [adsorption("zno_10m10", -1.0), adsorption("cu_111", -0.8)], CATALOG, first_contact=contact
    )
    for entry in table.ranked:
        assert ("first contact" in entry.flags) == (entry.values["model"] == "zno_10m10")
    assert contact_verdicts([], CATALOG) == {}
