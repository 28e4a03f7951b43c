from __future__ import annotations

import numpy as np
import pytest

from potash.ranking.montecarlo import RankRange, probability_better, rank_ranges


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
