"""Intervals of single numbers and joint draws of several."""

from __future__ import annotations

import numpy as np
import pytest

from potash.calibration import Estimate, Pair, fit, own_interval, sample


def group(name, errors, start=-1.0):
    return [
        Pair(f"{name}{i}", name, start + 0.1 * i, start + 0.1 * i + e) for i, e in enumerate(errors)
    ]


TWO_CLASSES = fit(
    group("metal", [0.30, 0.34, 0.28]) + group("carbon", [0.60, 0.56]),
    quantity="adsorption_energy_ev",
    level="screen",
    reference="standard",
)


def test_a_number_without_calibration_has_no_interval():
    estimate = own_interval(-0.5, None)
    assert estimate.value == -0.5
    assert not estimate.known
    assert own_interval(-0.5, 0.1).low == pytest.approx(-0.6)
    assert own_interval(0.2, [0.1, 0.4]).high == 0.4


def test_draws_have_the_interval_as_their_quantiles():
    estimates = [
        TWO_CLASSES.estimate(-1.0, "metal"),
        TWO_CLASSES.estimate(-0.5, "carbon"),
        own_interval(0, 1),
    ]
    draws = sample(estimates, n_draws=200_000, rng=np.random.default_rng(1))
    for column, e in zip(draws.T, estimates, strict=True):
        low, high = np.quantile(column, [0.025, 0.975])
        assert (low, high) == pytest.approx((e.low, e.high), abs=0.02)


def test_systems_of_one_class_share_the_error_of_the_bias():
    same = [TWO_CLASSES.estimate(-1.0, "metal"), TWO_CLASSES.estimate(-0.9, "metal")]
    apart = [same[0], TWO_CLASSES.estimate(-0.9, "carbon")]
    rng = np.random.default_rng(3)
    near, far = (sample(e, n_draws=50_000, rng=rng) for e in (same, apart))

    def width(draws):
        return np.subtract(*np.quantile(draws[:, 0] - draws[:, 1], [0.84, 0.16]))

    assert width(near) < 0.95 * width(far)


def test_unknown_intervals_are_drawn_as_nan():
    draws = sample([Estimate(raw=1.0)], n_draws=5, rng=np.random.default_rng(0))
    assert np.isnan(draws).all()
