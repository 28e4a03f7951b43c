"""Splines against those of SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from potash.calibration.spline import cubic_spline


@given(st.lists(st.floats(-10, 10), min_size=4, max_size=70), st.floats(-5, 5), st.floats(0.01, 9))
def test_the_spline_is_that_of_scipy(heights: list[float], start: float, step: float) -> None:
    x = start + step * np.arange(len(heights))
    y = np.array(heights)
    at = np.linspace(x[0], x[-1], 101)
    expected = CubicSpline(x, y)(at)
    assert cubic_spline(x, y, at) == pytest.approx(expected, rel=1e-7, abs=1e-7)
