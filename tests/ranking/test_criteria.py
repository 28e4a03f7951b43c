from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from potash.ranking.criteria import Criterion, overall_desirability
from potash.ranking.electrolytes import ELECTROLYTE_CRITERIA

LOW = Criterion(column="x_ev", label="x", direction="minimise", worst=0.0, best=-1.0)
HIGH = Criterion(column="y_v", label="y", direction="maximise", worst=2.0, best=4.0, weight=3.0)


def test_desirability_between_and_beyond_the_bounds():
    assert LOW.desirability(np.array([0.5, 0.0, -0.25, -1.0, -3.0])).tolist() == [
        0.0,
        0.0,
        0.25,
        1.0,
        1.0,
    ]
    assert np.isnan(HIGH.desirability(np.array([np.nan]))[0])


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=6))
def test_desirability_never_rewards_the_wrong_direction(values):
    x = np.sort(np.array(values))
    assert np.all(np.diff(LOW.desirability(x)) <= 0)
    assert np.all(np.diff(HIGH.desirability(x)) >= 0)


def test_overall_is_the_weighted_mean():
    assert overall_desirability([np.array([-0.5]), np.array([3.0])], [LOW, HIGH])[0] == (
        pytest.approx((1 * 0.5 + 3 * 0.5) / 4)
    )


def test_a_missing_value_is_not_a_bad_value():
    assert np.isnan(overall_desirability([np.array([-0.5]), np.array([np.nan])], [LOW, HIGH])[0])


def test_all_weights_zero_is_refused():
    with pytest.raises(ValueError, match="weight"):
        overall_desirability([np.array([1.0])], [LOW.model_copy(update={"weight": 0.0})])


@pytest.mark.parametrize(("worst", "best"), [(0.0, 1.0), (1.0, 1.0)])
def test_bounds_must_agree_with_the_direction(worst, best):
    with pytest.raises(ValidationError, match="minimise"):
        Criterion(column="x", label="x", direction="minimise", worst=worst, best=best)


def test_ion_pairing_is_not_rewarded():
    names = " ".join(c.column for c in ELECTROLYTE_CRITERIA)
    assert not any(word in names for word in ("ssip", "cip", "agg"))
