from __future__ import annotations

from dataclasses import replace

import pytest

from potash.catalog.catalog import load_catalog
from potash.errors import CalculationError
from potash.evidence import contact
from potash.evidence.contact import contact_verdicts
from potash.ranking.hosts import rank_hosts
from tests.claims.cases import phase
from tests.synthetic_rows import adsorption

CATALOG = load_catalog()
ROWS = [
    phase("ZnO", -9.0),
    phase("Zn", -1.2),
    phase("K", -1.0),
    phase("K2O", -13.0),
    phase("Cu", -3.7),
    phase("KCu", -3.7),
]
SURFACES = [adsorption("zno_10m10", -1.0), adsorption("cu_111", -0.8)]


def test_hosts_that_react_are_flagged_first_contact():
    found = contact_verdicts(ROWS, CATALOG)
    assert found["zno_10m10"].verdict == "reacts"
    assert found["cu_111"].verdict == "survives"
    assert "pristine_graphene" not in found
    table = rank_hosts(SURFACES, CATALOG, contact=found)
    assert table.ranked
    for entry in table.ranked:
        assert "first contact" not in entry.flags
        assert entry.values["contact_with_k"] == "survives"
        assert entry.values["reacts_with_k"] is None
    (oxide,) = [e for e in table.entries if e.id == "ctz3d"]
    assert oxide.rank is None
    assert "first contact" in oxide.flags
    assert oxide.values["first_contact_model"] == "zno_10m10"
    # ZnO + 2 K -> K2O + Zn: -13 - 1.2 + 2 + 9 = -3.2 eV, half of it for each K.
    assert oxide.values["reacts_with_k_ev_per_k"] == pytest.approx(-1.6)
    assert ": -1.60 eV per K, -0.800 eV/atom" in oxide.values["reacts_with_k"]
    assert contact_verdicts([], CATALOG) == {}


def test_a_dopant_neither_makes_nor_saves_a_compound():
    rows = [*ROWS, phase("SnO2", -15.0), phase("KSn", -6.0), phase("Sn", -4.0)]
    found = contact_verdicts(rows, CATALOG)
    assert CATALOG.models["f_doped_sno2_110"].formula == "SnO2:F"
    assert found["f_doped_sno2_110"].host == "SnO2"
    assert found["f_doped_sno2_110"].verdict == "reacts"
    assert "ribbon_carbonyl" not in found  # C:O:H is an open ratio


def test_a_check_that_fails_is_a_flag(monkeypatch):
    def fails(*_, **__):
        raise CalculationError("no lowest mixture found: made up")

    monkeypatch.setattr(contact, "contact_verdict", fails)
    # What is known of the very same rows is not asked again.
    found = contact_verdicts([replace(row) for row in ROWS], CATALOG)
    assert found["zno_10m10"].verdict == "not_known"
    assert found["zno_10m10"].reason == "no lowest mixture found: made up"
    table = rank_hosts(SURFACES, CATALOG, contact=found)
    for entry in table.ranked:
        assert "contact with K not known: no lowest mixture found: made up" in entry.flags
        assert entry.values["contact_with_k"] == "not_known"
        assert entry.values["reacts_with_k"] is None


def test_without_an_energy_of_potassium_no_host_is_checked_and_all_say_so():
    found = contact_verdicts([p for p in ROWS if p.item != "k"], CATALOG)
    assert {v.verdict for v in found.values()} == {"not_known"}
    assert all("no energy of K metal" in v.reason for v in found.values())


def test_a_host_of_potassium_alone_is_not_asked():
    models = [m.id for m in CATALOG.models.values() if m.formula == "K"]
    found = contact_verdicts(ROWS, CATALOG)
    assert all(found[m].verdict == "not_known" for m in models if m in found)


@pytest.mark.parametrize("model", ["pristine_graphene", "ribbon_amine"])
def test_what_has_no_bulk_phase_has_nothing_to_check(model):
    assert model not in contact_verdicts(ROWS, CATALOG)
