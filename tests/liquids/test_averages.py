"""Means of correlated series and the counting error of populations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.liquids.averages import counting_half_width


@given(st.floats(0, 1), st.integers(1, 500), st.floats(1, 1e5), st.floats(0.1, 1e5))
def test_counting_error_falls_with_ions_and_length_and_is_never_zero(
    fraction: float, n_ions: int, length_ps: float, residence_ps: float
) -> None:
    half = counting_half_width(fraction, n_ions, length_ps, residence_ps)
    assert half > 0
    assert counting_half_width(fraction, n_ions + 1, length_ps, residence_ps) < half
    assert counting_half_width(fraction, n_ions, 2 * length_ps, residence_ps) <= half
    assert counting_half_width(fraction, n_ions, length_ps, None) >= half * (1 - 1e-12)


def test_counting_error_is_binomial_and_covers_frozen_runs() -> None:
    rng = np.random.default_rng(4)
    n_ions, fraction, repeats = 40, 0.3, 4000
    measured = rng.binomial(n_ions, fraction, repeats) / n_ions
    half = [counting_half_width(m, n_ions, 30.0, 1e4) for m in measured]
    assert np.mean(np.abs(measured - fraction) <= half) == pytest.approx(0.95, abs=0.025)
