"""Every judge reaches every verdict that it can reach, on synthetic evidence."""

from __future__ import annotations

import pytest

from potash.claims import analytic
from potash.claims.grounds import gather
from potash.claims.judging import JUDGES
from potash.claims.unjudged import NOT_COMPUTABLE, without_judge
from potash.claims.verdict import with_claim
from tests.claims.cases import CASES, CATALOG, FORMULAS, NOT_REACHED

SIGNS = {"agrees": 1, "disagrees": -1, "unresolved": 0}


def judged(claim, rows):
    grounds = gather(rows, CATALOG, measured_ip_ev={})
    return with_claim(CATALOG.claims[claim], JUDGES[claim](grounds))


def test_every_judge_has_its_cases():
    assert set(CASES) | set(FORMULAS) == set(JUDGES)
    assert not set(CASES) & set(FORMULAS)
    assert set(NOT_REACHED) <= set(CASES)


@pytest.mark.parametrize("claim", CASES)
@pytest.mark.parametrize("verdict", SIGNS)
def test_verdict_on_evidence_that_shows_it(claim, verdict):
    found = judged(claim, CASES[claim](SIGNS[verdict]))
    directed = CATALOG.claims[claim].directed
    expected = verdict if directed and verdict not in NOT_REACHED.get(claim, {}) else "unresolved"
    assert found.verdict == expected, found.reason
    assert found.level
    assert found.keys
    assert found.unit
    if not directed and verdict != "unresolved":
        assert "no direction" in found.reason


@pytest.mark.parametrize("claim", CASES)
def test_without_rows_it_says_what_is_missing(claim):
    found = judged(claim, [])
    assert (found.verdict, found.value, found.keys) == ("not_computed", None, ())
    assert "need" in found.reason


@pytest.mark.parametrize("claim", FORMULAS)
def test_a_wrong_formula_refutes(claim, monkeypatch):
    assert judged(claim, []).verdict == "agrees"
    assert judged(claim, []).decided_by == "formula"
    for name, wrong in FORMULAS[claim].items():
        monkeypatch.setattr(analytic, name, wrong)
    assert judged(claim, []).verdict == "disagrees"


@pytest.mark.parametrize("claim", sorted(set(CATALOG.claims) - set(JUDGES)))
def test_a_claim_without_judge_says_why(claim):
    found = without_judge(CATALOG.claims[claim])
    never = claim in NOT_COMPUTABLE
    assert found.verdict == ("not_computable" if never else "not_computed")
    assert found.reason.startswith("needs ") or never
    assert found.value is None


def test_what_is_never_computable_exists_and_has_no_judge():
    assert set(NOT_COMPUTABLE) <= set(CATALOG.claims) - set(JUDGES)


def test_claims_without_direction_are_marked_in_the_catalogue():
    undirected = {c.id for c in CATALOG.claims.values() if not c.directed}
    assert undirected == {
        "bind_cellulose", "cu3pt_stab", "cu6sn5_stab", "k3ocl_ion", "peo_k_dissoc",
        "tfb_potassiation",
    }  # fmt: skip
    reported = {c.id for c in CATALOG.claims.values() if c.tolerance == "report"}
    assert reported <= undirected
