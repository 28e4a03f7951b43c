from __future__ import annotations

import numpy as np
import pytest

from potash.ranking import montecarlo
from potash.ranking.montecarlo import RankRange, rank_ranges, told_apart


def test_certain_scores_give_certain_ranks():
    scores = np.tile([1.0, 3.0, 2.0], (50, 1))
    assert rank_ranges(scores) == [RankRange(3, 3), RankRange(1, 1), RankRange(2, 2)]


def test_equal_scores_share_the_better_rank():
    assert rank_ranges(np.tile([1.0, 1.0, 0.0], (10, 1))) == [
        RankRange(1, 1),
        RankRange(1, 1),
        RankRange(3, 3),
    ]


def test_overlap_widens_the_range_and_distance_does_not():
    rng = np.random.default_rng(0)
    scores = np.stack(
        [rng.normal(0, 1, 5000), rng.normal(0.1, 1, 5000), rng.normal(50, 1, 5000)], axis=1
    )
    assert rank_ranges(scores) == [RankRange(2, 3), RankRange(2, 3), RankRange(1, 1)]


def test_candidates_of_unknown_place_push_the_worst_rank_down():
    assert rank_ranges(np.tile([2.0, 1.0], (10, 1)), n_unknown=3)[0] == RankRange(1, 4)


def test_no_candidates():
    assert rank_ranges(np.empty((10, 0))) == []


def test_ranks_against_naive_loops():
    """With draws that are rounded, so that equal scores occur; in more than one batch."""
    rng = np.random.default_rng(2)
    scores = np.round(rng.normal(0.0, 1.0, (400, 6)) + np.arange(6) / 2, 1)
    ranks = np.array([[1 + sum(x > y for x in line) for y in line] for line in scores])
    for found, column in zip(rank_ranges(scores, coverage=0.8), ranks.T, strict=True):
        ordered = np.sort(column)
        assert (found.low, found.high) == (ordered[39], ordered[360])


def naive_counts(scores, ties):
    """Count by the probability of winning, ties counted half."""
    n = scores.shape[1]
    counts = [0] * n
    for i in range(n):
        for j in range(n):
            p = np.mean((scores[:, i] > scores[:, j]) + 0.5 * (scores[:, i] == scores[:, j]))
            counts[i] += ties[i] != ties[j] and (p >= 0.95 or p <= 0.05)
    return counts


@pytest.mark.parametrize("compiled_from", [0, 1000])
@pytest.mark.parametrize("decimals", [0, 1, 3])
def test_who_is_told_apart_against_a_naive_count(compiled_from, decimals, monkeypatch):
    """By both ways: pair by pair in Python, and compiled."""
    monkeypatch.setattr(montecarlo, "_COMPILED_FROM", compiled_from)
    rng = np.random.default_rng(3)
    scores = np.round(rng.normal(0.0, 1.0, (300, 40)) + np.linspace(0, 6, 40), decimals)
    scores += rng.normal(0.0, 2.0, (300, 1))  # common to all: moves no pair
    ties = np.arange(40) // 2 * (np.arange(40) < 8) + np.arange(40) * (np.arange(40) >= 8)
    counts = told_apart(scores, ties)
    assert counts.tolist() == naive_counts(scores, ties)
    assert 0 < counts.sum() < 40 * 39


@pytest.mark.parametrize(("wins", "apart"), [(94, 0), (95, 1), (5, 1), (6, 0)])
def test_an_order_is_resolved_from_95_of_100_draws_on_whichever_way_round(wins, apart):
    scores = np.array([[1.0, 0.0]] * wins + [[0.0, 1.0]] * (100 - wins))
    assert told_apart(scores, np.array([0, 1])).tolist() == [apart, apart]
