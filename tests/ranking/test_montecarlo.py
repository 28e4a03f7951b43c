from __future__ import annotations

import numpy as np
import pytest

from potash.ranking.montecarlo import RankRange, probability_better, rank_ranges, resolved


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


def test_probability_better_is_complementary_and_splits_ties():
    rng = np.random.default_rng(1)
    scores = np.stack([rng.normal(1, 1, 40_000), rng.normal(0, 1, 40_000)], axis=1)
    p = probability_better(scores)
    assert p[0, 1] + p[1, 0] == pytest.approx(1.0)
    assert p[0, 1] == pytest.approx(0.7602, abs=0.01)  # Phi(1 / sqrt 2)
    assert probability_better(np.ones((5, 2)))[0, 1] == 0.5


def test_ranks_and_probabilities_against_naive_loops():
    """With draws that are rounded, so that equal scores occur."""
    rng = np.random.default_rng(2)
    scores = np.round(rng.normal(0.0, 1.0, (400, 6)) + np.arange(6) / 2, 1)
    ranks = np.array([[1 + sum(x > y for x in line) for y in line] for line in scores])
    for found, column in zip(rank_ranges(scores, coverage=0.8), ranks.T, strict=True):
        ordered = np.sort(column)
        assert (found.low, found.high) == (ordered[39], ordered[360])
    p = probability_better(scores)
    for i in range(6):
        for j in range(6):
            wins = (scores[:, i] > scores[:, j]) + 0.5 * (scores[:, i] == scores[:, j])
            assert p[i, j] == pytest.approx(wins.mean())


def test_an_order_is_resolved_whichever_way_round_it_is():
    p = np.array([[0.5, 0.95, 0.94], [0.05, 0.5, np.nan], [0.06, np.nan, 0.5]])
    assert resolved(p).tolist() == [[False, True, False], [True, False, False], [False] * 3]
