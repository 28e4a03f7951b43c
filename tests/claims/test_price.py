"""What would decide open claims, and what it costs, on rows made for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from potash.claims.price import HALVED, deciders
from potash.claims.verdict import ClaimVerdict
from tests.synthetic_rows import adsorption, liquid


def verdict(name: str, *keys: str, **fields: object) -> ClaimVerdict:
    given = {"verdict": "unresolved", "reason": "within the error"} | fields
    return ClaimVerdict(
        id=name, kind="adsorption_energy", value=None, unit="eV", expected="", level=None,
        keys=keys, **given,
    )  # type: ignore[arg-type]  # fmt: skip


SCREEN = {m: adsorption(m, -1.0) for m in ("cu_111", "al_111", "pd_111")}
MEASURED = [
    replace(adsorption(m, -1.0, "standard"), seconds=s)
    for m, s in (("zn_0001", 3600.0), ("ag_100", 7200.0), ("pd_111", 10800.0))
]
ROWS = [*SCREEN.values(), *MEASURED]


def test_a_calculation_that_two_claims_need_is_counted_once_at_the_median_cost() -> None:
    cu, al, pd = (SCREEN[m].key for m in ("cu_111", "al_111", "pd_111"))
    (found,) = deciders([verdict("a", cu, al), verdict("b", cu, pd)], ROWS)
    assert found.what == "adsorption at standard"
    assert found.claims == ("a", "b")
    assert found.calculations == 2, "Pd is there already"
    assert found.core_hours == pytest.approx(2 * 2.0)
    assert "median of 3 measured: 2 core-hours each" in found.basis


def test_what_is_there_already_does_not_decide_it() -> None:
    (found,) = deciders([verdict("a", SCREEN["pd_111"].key)], ROWS)
    assert (found.calculations, found.core_hours) == (0, None)
    assert found.what == "more than adsorption at standard, which is there"


def test_liquids_need_three_times_their_length_at_the_slowest_rate() -> None:
    """One of the rows was analysed again and has the time of the analysis."""
    ran = replace(liquid("kfsi_dme_1m", level="screen-gromacs"), seconds=1800.0)
    again = replace(liquid("kpf6_dme_1m", level="screen-gromacs"), seconds=1.0)
    assert ran.values["production_ps"] * ran.values["n_atoms"] == (
        again.values["production_ps"] * again.values["n_atoms"]
    )
    (found,) = deciders([verdict("a", again.key)], [ran, again])
    assert found.what == "longer runs of liquids at screen-gromacs"
    assert (found.calculations, found.core_hours) == (1, pytest.approx(HALVED * 0.5))


def test_without_a_measured_time_there_is_no_cost_and_it_comes_last() -> None:
    found = deciders(
        [
            verdict("none", reason="needs elastic tensors: moduli", verdict="not_computed"),
            verdict("cheap", SCREEN["cu_111"].key),
            verdict("open", reason="1 against 2; the review states no direction, so"),
            verdict("done", SCREEN["cu_111"].key, verdict="agrees"),
        ],
        ROWS,
    )
    assert [d.claims for d in found] == [("cheap",), ("none",), ("open",)]
    assert [d.core_hours for d in found[1:]] == [None, None]
    assert found[1].what == "needs elastic tensors"
    assert found[2].what == "nothing: the review states no direction"
