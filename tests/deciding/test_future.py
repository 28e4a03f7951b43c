"""The price of certainty in cases where it can be told beforehand."""

import numpy as np
import pytest

from potash.catalog.question import PartQuestion, Preference
from potash.deciding.future import price_of_certainty
from potash.deciding.ladder import Step
from potash.deciding.levels import Rung
from potash.deciding.options import Options
from potash.ranking.answering import Asked, PartAnswer, answer_question
from potash.ranking.order import Candidate
from potash.ranking.table import Entry

X = "oxidation_limit_v"
BY = {X: Preference(best=10.0, worst=0.0)}


def answered(*values: float, sd: float = 0.6) -> PartAnswer:
    candidates = []
    for i, value in enumerate(values):
        drawn = value + sd * np.random.default_rng(i).standard_normal(4000)
        entry = Entry(id=f"m{i}", name=f"m{i}", group="solvent", status="computed")
        candidates.append(Asked(Candidate(entry, {X: value}, {X: drawn}, f"m{i}"), (f"m{i}",)))
    return answer_question("molecules", PartQuestion(choose=1, by=BY), candidates)


def looks(n: int, cost_s: float, error_sd: float = 0.01) -> Options:
    """Return one nearly exact look at each of n candidates."""
    steps = []
    for i in range(n):
        rung = Rung(f"m{i}", X, "redox", (f"m{i}",), "standard", error_sd, False)
        steps.append((rung, Step(i, X, "standard", error_sd, cost_s)))
    return Options((), tuple(steps), ())


CLOSE = (5.0, 5.1, 1.0, 1.2, 0.8, 1.1)
"""Two that may be the best, four that cannot."""


def test_what_is_answered_costs_nothing_more() -> None:
    now = answered(9.0, 1.0, 1.1, 0.9, sd=0.1)
    assert now.answered
    price = price_of_certainty(now, looks(4, 3600.0), seed=1)
    assert price.core_hours == 0.0
    assert {p.core_hours for p in price.points} == {0.0}
    assert price.points[0].answered == 1.0


def test_exact_looks_at_the_two_in_doubt_settle_it() -> None:
    now = answered(*CLOSE)
    assert not now.answered
    price = price_of_certainty(now, looks(6, 3600.0), seed=2, n_futures=24)
    assert price.core_hours is not None
    # One look may settle it, two do; the other four are worth none.
    assert 1.0 <= price.core_hours <= 2.0
    assert price.points[-1].core_hours <= 2.0
    assert price.points[-1].answered == 1.0
    confidence = [p.confidence for p in price.points]
    assert confidence[-1] > confidence[0]
    assert price.points[-1].doubt < 0.5 * price.points[0].doubt


def test_the_price_is_in_ratio_to_the_costs() -> None:
    now = answered(*CLOSE)
    cheap = price_of_certainty(now, looks(6, 360.0), seed=3)
    dear = price_of_certainty(now, looks(6, 3600.0), seed=3)
    assert cheap.core_hours is not None
    assert dear.core_hours == pytest.approx(10 * cheap.core_hours)


def test_a_budget_below_the_cheapest_look_buys_nothing() -> None:
    now = answered(*CLOSE)
    price = price_of_certainty(now, looks(6, 3600.0), seed=4, core_hours=0.5)
    assert price.core_hours is None
    assert all(p.core_hours == 0.0 and p.answered == 0.0 for p in price.points)


def test_without_any_way_there_is_no_price() -> None:
    price = price_of_certainty(answered(*CLOSE), Options((), (), ()), seed=5)
    assert price.core_hours is None
    assert price.points[0].confidence == pytest.approx(answered(*CLOSE).confidence, abs=0.06)
