"""Means of correlated series and the counting error of populations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.trajectories.averages import (
    block_series,
    counting_half_width,
    settled_from,
)


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


@given(st.integers(1, 700), st.integers(1, 50))
def test_block_series_keep_the_mean_and_the_order(n_frames: int, n_blocks: int) -> None:
    time = np.arange(n_frames, dtype=float)
    found = block_series(time, {"x": 3.0 * time + 1.0}, n_blocks)
    assert len(found["x"]) == min(n_blocks, n_frames)
    assert found["x"] == pytest.approx([3.0 * t + 1.0 for t in found["time_ps"]])
    assert found["time_ps"] == sorted(found["time_ps"])
    frames = [len(part) for part in np.array_split(time, len(found["x"]))]
    assert np.average(found["x"], weights=frames) == pytest.approx((3.0 * time + 1.0).mean())


def test_a_relaxing_beginning_is_left_out_and_a_steady_series_is_kept() -> None:
    """Against the textbook case: exponential relaxation of known time into known noise."""
    rng = np.random.default_rng(2)
    steady = rng.normal(size=1000)
    assert settled_from([steady]) <= 100
    relaxing = 20.0 * np.exp(-np.arange(1000) / 40.0) + rng.normal(size=1000)
    found = settled_from([relaxing])
    # exp(-t/40) falls from 20 to the noise, 1, at t = 120 and to a tenth of it at 212.
    assert 80 <= found <= 260
    assert settled_from([steady, relaxing]) == pytest.approx(found, abs=60)
    assert abs(relaxing[found:].mean()) < 0.15 < abs(relaxing.mean())
    assert settled_from([np.arange(100.0)]) <= 50
    assert settled_from([steady[:5]]) == 0
