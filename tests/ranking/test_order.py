"""The order of candidates, and how much of it is told apart."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.ranking.criteria import Criterion
from potash.ranking.order import Candidate, ordered
from potash.ranking.table import Entry
from tests.counting import calls

ENERGY = Criterion(column="e_ev", label="energy", direction="minimise", worst=0.0, best=-1.0)


def candidate(name, value, draws=None, *, key="", **options):
    entry = Entry(id=name, name=name.title(), group="g", status="computed")
    drawn = {} if draws is None else {"e_ev": np.asarray(draws, dtype=float)}
    central = {} if value is None else {"e_ev": value}
    return Candidate(entry, central, drawn, key or name, **options)


def normal(name, value, sd, seed, **options):
    draws = np.random.default_rng(seed).normal(value, sd, 4000)
    return candidate(name, value, draws, **options)


def naive(candidates):
    """Count resolved pairs one by one."""
    count = 0
    for i, a in enumerate(candidates):
        for b in candidates[i + 1 :]:
            if a.tie_key == b.tie_key or not (a.draws and b.draws):
                continue
            p = np.mean(a.draws["e_ev"] < b.draws["e_ev"])
            p += 0.5 * np.mean(a.draws["e_ev"] == b.draws["e_ev"])
            count += p >= 0.95 or p <= 0.05
    return count


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 1.0)), min_size=2, max_size=8))
@settings(max_examples=30, deadline=None)
def test_resolved_pairs_against_a_naive_count(values):
    candidates = [normal(f"c{i}", v, sd, i) for i, (v, sd) in enumerate(values)]
    order = ordered(candidates, [ENERGY])
    assert order.pairs == len(values) * (len(values) - 1) // 2
    assert order.resolved_pairs == naive(candidates)
    assert sum(e.told_apart_from for e in order.entries) == 2 * order.resolved_pairs


def test_what_they_share_does_not_keep_candidates_from_being_told_apart():
    shared = np.random.default_rng(0).normal(0.0, 1.0, 4000)
    one, two = candidate("a", -1.0, -1.0 + shared), candidate("b", -0.9, -0.9 + shared)
    assert ordered([one, two], [ENERGY]).resolved_pairs == 1
    apart = np.random.default_rng(1).normal(-0.9, 1.0, 4000)
    assert ordered([one, candidate("b", -0.9, apart)], [ENERGY]).resolved_pairs == 0


def test_candidates_of_one_model_tie_and_are_never_told_apart():
    """Even where further models of one of them move its draws away."""
    one, two = (normal(n, v, 0.01, i, key="m") for i, (n, v) in enumerate((("a", -1.0), ("b", 0))))
    order = ordered([one, two, normal("c", 3.0, 0.01, 5)], [ENERGY])
    assert (order.resolved_pairs, order.tied_pairs, order.pairs) == (2, 1, 3)
    assert [e.rank for e in order.entries] == [1, 1, 3]
    assert [e.told_apart_from for e in order.entries] == [1, 1, 2]


def test_without_an_interval_a_place_is_open():
    order = ordered([normal("a", -1.0, 0.01, 0), candidate("b", 5.0)], [ENERGY])
    a, b = order.entries
    assert order.resolved_pairs == 0
    assert (a.told_apart_from, b.told_apart_from) == (0, 0)
    assert (a.rank_low, a.rank_high) == (1, 2) == (b.rank_low, b.rank_high)


def test_an_uncorrected_number_follows_those_on_the_common_scale():
    raw = candidate("raw", -9.0, comparable=False)
    order = ordered([raw, normal("a", -1.0, 0.1, 0)], [ENERGY])
    assert [e.id for e in order.entries] == ["a", "raw"]


def test_what_has_no_value_is_not_ranked_and_not_counted():
    order = ordered([candidate("x", None), normal("a", -1.0, 0.1, 0)], [ENERGY])
    assert [e.rank for e in order.entries] == [1, None]
    assert order.entries[1].told_apart_from is None
    assert order.pairs == 0


def test_pairs_are_compared_as_arrays():
    def work(n):
        candidates = [normal(f"c{i}", i / 10, 1.0, i) for i in range(n)]
        return lambda: ordered(candidates, [ENERGY])

    work(40)()
    # There are 16 times as many pairs; no function is called for each.
    assert calls(work(160)) < 5 * calls(work(40))
