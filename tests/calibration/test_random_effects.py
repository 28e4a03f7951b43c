"""Shrinkage against its definition, its limits, and a simulation."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.calibration.random_effects import between_group_variance, shrunk_means, unseen_mean


def test_variance_between_groups_of_equal_precision_is_the_textbook_one():
    """The variance of the observed means less that of their errors."""
    means = np.array([0.1, 0.5, 0.9, 0.2])
    found = between_group_variance(means, np.full(4, 0.02))
    assert found == pytest.approx(means.var(ddof=1) - 0.02)


def test_scatter_that_chance_explains_gives_no_variance_between_groups():
    assert between_group_variance(np.array([0.1, 0.2, 0.15]), np.full(3, 0.5)) == 0.0
    assert between_group_variance(np.array([0.3]), np.array([0.1])) == 0.0


def test_variance_between_groups_is_found_in_a_simulation():
    rng = np.random.default_rng(5)
    variances = rng.uniform(0.01, 0.3, 4000)
    means = rng.normal(0.7, 0.4, 4000) + rng.normal(0.0, np.sqrt(variances))
    assert between_group_variance(means, variances) == pytest.approx(0.16, rel=0.1)


def test_exact_means_stay():
    assert shrunk_means([0.3, -0.2], [0.0, 0.0]) == [(0.3, 0.0, 0.0), (-0.2, 0.0, 0.0)]
    assert shrunk_means([], []) == []


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(1e-3, 1.0)), min_size=1, max_size=8))
def test_predictions_lie_between_own_mean_and_average_and_are_surer(groups):
    means, variances = (list(x) for x in zip(*groups, strict=True))
    found = shrunk_means(means, variances)
    for prediction, mean, own in zip(found, means, variances, strict=True):
        assert min(means) - 1e-9 <= prediction.mean <= max(means) + 1e-9
        assert 0.0 < prediction.sd**2 <= own * (1 + 1e-9)
        assert abs(prediction.mean - mean) <= max(means) - min(means) + 1e-9


@given(
    st.lists(st.tuples(st.floats(-2, 2), st.floats(1e-3, 1.0)), min_size=2, max_size=8),
    st.floats(-3, 3),
)
def test_predictions_move_with_the_scale(groups, shift):
    means, variances = (list(x) for x in zip(*groups, strict=True))
    moved = shrunk_means([m + shift for m in means], variances)
    for a, b in zip(shrunk_means(means, variances), moved, strict=True):
        assert b.mean == pytest.approx(a.mean + shift, abs=1e-6)


def test_an_unseen_group_is_one_more_of_the_others():
    """With exact means: their average, their standard deviation, and that over root n."""
    means = [0.1, 0.4, 0.7, 1.2]
    found = unseen_mean(means, [1e-12] * 4)
    sd = statistics.stdev(means)
    assert found.mean == pytest.approx(statistics.mean(means))
    assert found.own_sd == pytest.approx(sd, rel=1e-4)
    assert found.common_sd == pytest.approx(sd / 2.0, rel=1e-4)


@pytest.mark.parametrize("variance", [0.0, 1e-320, 1e-30])
def test_means_without_errors_differ_by_all_that_they_differ(variance):
    means = np.array([0.1, 0.5, 0.9, 0.2])
    found = between_group_variance(means, np.full(4, variance))
    assert found == pytest.approx(means.var(ddof=1), rel=1e-6)
    assert between_group_variance(np.full(3, 0.2), np.full(3, 0.0)) < 1e-30
