"""Zeros against those of SciPy."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from potash.calibration.root import root


@given(st.floats(-5.0, 5.0), st.floats(0.1, 5.0), st.floats(0.1, 10.0))
def test_the_zero_is_that_of_brent(where: float, steep: float, away: float) -> None:
    def function(x: float) -> float:
        return math.tanh(steep * (x - where)) + 0.3 * (x - where) ** 3

    low, high = where - away, where + 2.0 * away
    expected = brentq(function, low, high, xtol=1e-14)
    assert root(function, low, high) == pytest.approx(expected, rel=0, abs=1e-12)


def test_a_smooth_function_takes_a_dozen_evaluations() -> None:
    asked: list[float] = []

    def function(x: float) -> float:
        asked.append(x)
        return math.exp(x) - 2.0

    assert root(function, 0.0, 3.0, tolerance=1e-9) == pytest.approx(math.log(2.0), abs=2e-9)
    assert len(asked) <= 14


def test_an_end_may_be_the_zero_and_a_step_is_found() -> None:
    assert root(lambda x: x, 0.0, 1.0) == 0.0
    assert root(lambda x: x - 1.0, 0.0, 1.0) == 1.0
    assert root(lambda x: -1.0 if x < 0.3 else 1.0, 0.0, 1.0) == pytest.approx(0.3)


def test_without_a_change_of_sign_there_is_none() -> None:
    with pytest.raises(ValueError, match="same sign"):
        root(lambda x: x * x + 1.0, -1.0, 1.0)
