from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from potash.ranking.pareto import front_probability, pareto_fronts

GAINS = arrays(float, st.tuples(st.integers(1, 9), st.integers(1, 3)), elements=st.integers(-3, 3))


def naive_front(gains, left):
    return {
        i
        for i in left
        if not any(all(gains[j] >= gains[i]) and any(gains[j] > gains[i]) for j in left if j != i)
    }


@given(GAINS)
@settings(max_examples=80, deadline=None)
def test_fronts_against_naive_peeling(gains):
    fronts = pareto_fronts(gains)
    left, number = set(range(len(gains))), 1
    while left:
        front = naive_front(gains, left)
        assert {i for i in left if fronts[i] == number} == front
        left -= front
        number += 1


def test_known_example():
    gains = np.array([[3.0, 1.0], [1.0, 3.0], [2.0, 2.0], [1.0, 1.0], [0.0, 0.0]])
    assert pareto_fronts(gains).tolist() == [1, 1, 1, 2, 3]


def test_one_criterion_is_a_plain_order():
    assert pareto_fronts(np.array([[1.0], [3.0], [2.0], [3.0]])).tolist() == [3, 1, 2, 1]


def test_missing_values_are_not_placed():
    assert pareto_fronts(np.array([[1.0, np.nan], [0.0, 0.0]])).tolist() == [0, 1]


@given(GAINS)
@settings(max_examples=80, deadline=None)
def test_probability_of_one_draw_is_the_first_front_against_naive_peeling(gains):
    found = set(np.flatnonzero(front_probability(gains[None])))
    assert found == naive_front(gains, set(range(len(gains))))


def test_front_probability_counts_draws():
    draws = np.array([[[1.0], [0.0], [np.nan]], [[0.0], [1.0], [np.nan]], [[1.0], [1.0], [1.0]]])
    p = front_probability(draws)
    assert np.allclose(p[:2], [2 / 3, 2 / 3])
    assert np.isnan(p[2])


def test_front_probability_is_of_those_who_are_not_dominated():
    """The second is best in both, in every draw; the others are under it."""
    gains = [[1.0, 1.0], [3.0, 3.0], [2.0, 0.0]]
    assert front_probability(np.array([gains, gains])).tolist() == [0.0, 1.0, 0.0]
