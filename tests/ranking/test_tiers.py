"""Rankings as tiers: in, in doubt, out of the best."""

from __future__ import annotations

import numpy as np
import pytest

from potash.catalog.question import Among
from potash.errors import InputError
from potash.ranking.answering import Condition
from potash.ranking.criteria import Criterion
from potash.ranking.order import Candidate
from potash.ranking.table import Entry, RankedTable
from potash.ranking.tiers import Wish, ranked_table

ENERGY = Criterion(column="e_ev", label="energy", direction="minimise", worst=0.0, best=-1.0)


def candidate(name: str, value: float, sd: float | None = 0.02, *, key: str = "") -> Candidate:
    entry = Entry(
        id=name, name=name.title(), group="g", status="computed", values={"size_angstrom": 3.0}
    )
    rng = np.random.default_rng(sum(map(ord, name)))
    drawn = {} if sd is None else {"e_ev": value + sd * rng.standard_normal(4000)}
    return Candidate(entry, {"e_ev": value}, drawn, key or name)


def table(*candidates: Candidate, **options: object) -> RankedTable:
    given = {"wish": Wish(), "conditions": {}, "seed": 1, "n_draws": 4000} | options
    wish = given.pop("wish")
    return ranked_table("hosts", candidates, [ENERGY], wish, **given)  # type: ignore[arg-type]


FAR = [candidate(f"c{i}", -3.0 + 0.5 * i) for i in range(6)]


def test_the_best_half_is_in_where_all_is_told_apart() -> None:
    found = table(*FAR)
    assert found.choose == 3
    assert [e.tier for e in found.ranked] == ["in"] * 3 + ["out"] * 3
    assert [e.chosen for e in found.ranked] == [True] * 3 + [False] * 3
    assert found.confidence == pytest.approx(1.0)
    assert found.verdict == (
        "The 3 best hosts: 3 in, 0 in doubt, 3 out; of the 3 most probable 100% are expected to be "
        "right. 15 of all 15 pairs are resolved (100%)."
    )


def test_energies_beyond_the_bounds_of_desirability_are_still_told_apart() -> None:
    """All are below -1 eV, where the desirability is 1."""
    found = table(*FAR[:3], wish=Wish(1))
    assert [e.id for e in found.ranked if e.tier == "in"] == ["c0"]


def test_as_many_as_asked_for_and_no_more_than_there_are() -> None:
    assert sum(e.tier == "in" for e in table(*FAR, wish=Wish(5)).ranked) == 5
    with pytest.raises(InputError, match="7 cannot be chosen of 6 hosts"):
        table(*FAR, wish=Wish(7))


def test_the_most_probable_come_first_and_probabilities_add_up_to_the_choice() -> None:
    crowd = [candidate(f"c{i}", -1.0 - 0.1 * i, 0.3) for i in range(8)]
    found = table(*crowd)
    p = [e.probability_in for e in found.ranked]
    assert p == sorted(p, reverse=True)
    assert sum(p) == pytest.approx(found.choose, abs=1e-6)
    assert all("in doubt" in found.verdict and "of the draws" in e.why for e in found.ranked)


def test_what_shares_a_model_shares_its_tier_and_takes_one_place() -> None:
    same = [candidate("c0", -3.0, key="m"), candidate("twin", -3.0, key="m")]
    found = table(*same, *FAR[1:], wish=Wish(2))
    tiers = {e.id: e.tier for e in found.ranked}
    assert (tiers["c0"], tiers["twin"], tiers["c1"], tiers["c2"]) == ("in", "in", "in", "out")
    assert found.tied_pairs == 1


def test_without_two_intervals_there_are_no_tiers_and_it_says_so() -> None:
    found = table(candidate("a", -1.0), candidate("b", -2.0, None))
    assert [(e.tier, e.probability_in) for e in found.ranked] == [("in_doubt", None)] * 2
    assert "fewer than two of 2 have an interval" in found.verdict
    assert found.confidence is None
    assert "nothing to compare" in table(candidate("a", -1.0)).verdict
    entry = Entry(id="x", name="X", group="g", status="not_computed")
    assert "Nothing is ranked" in table(Candidate(entry, {}, {}, "x")).verdict


def test_an_unknown_error_leaves_in_doubt_and_says_so() -> None:
    found = table(*FAR, candidate("raw", -9.0, None))
    (raw,) = [e for e in found.ranked if e.id == "raw"]
    assert raw.tier == "in_doubt"
    assert "the error of the e not known" in raw.why


def test_conditions_leave_out_who_fails_and_doubt_who_may() -> None:
    conditions = {
        "c0": (Condition("stable", False, "reacts"),),
        "c1": (Condition("stable", None),),
        **{f"c{i}": (Condition("stable", True),) for i in range(2, 6)},
    }
    found = table(*FAR, wish=Wish(2), conditions=conditions)
    tiers = {e.id: e.tier for e in found.ranked}
    assert "c0" not in tiers
    assert tiers["c1"] == "in_doubt"
    assert tiers["c2"] == "in"
    with pytest.raises(InputError, match="no host meets the conditions"):
        table(FAR[0], conditions={"c0": (Condition("stable", False, "reacts"),)})


def test_a_bound_on_a_quantity_puts_out_who_fails_it() -> None:
    found = table(*FAR, wish=Wish(2, Among.model_validate({"e_ev": {"at_least": -2.25}})))
    tiers = {e.id: e.tier for e in found.ranked}
    assert [n for n, tier in tiers.items() if tier == "in"] == ["c2", "c3"]
    assert tiers["c0"] == tiers["c1"] == "out"
    with pytest.raises(InputError, match=r"'e_v' is no quantity with a known error.*'e_ev'"):
        table(*FAR, wish=Wish(2, Among.model_validate({"e_v": {"at_least": -2.25}})))


def test_salts_of_one_anion_are_one_member_of_the_population() -> None:
    """Counted apart they would say that members hardly differ, and draw all values together."""
    far = [candidate(f"c{i}", 0.5 * i, 0.3) for i in range(6)]
    twin = Candidate(
        Entry(id="twin", name="Twin", group="g", status="computed"),
        far[0].central,
        far[0].draws,
        "twin",
    )
    alone, both = table(*far, wish=Wish(2)), table(*far, twin, wish=Wish(3))
    before = {e.id: e.probability_in for e in alone.ranked}
    after = {e.id: e.probability_in for e in both.ranked}
    assert after["twin"] == after["c0"] == pytest.approx(before["c0"], abs=0.05)
    assert after["c5"] < 0.05
