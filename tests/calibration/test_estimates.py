"""Intervals of single numbers and joint draws of several."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from potash.calibration import (
    Component,
    Estimate,
    Pair,
    fit,
    interval_of,
    own_interval,
    sample,
)


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


def test_of_an_interval_askew_the_larger_side_counts():
    estimate = own_interval(0.2, [0.1, 0.5])
    assert (estimate.low, estimate.high) == pytest.approx((-0.1, 0.5))


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


def estimate(value, *components, **options):
    return Estimate(raw=value, value=value, components=components, **options)


def drawn(estimates, n=100_000, seed=5):
    return sample(estimates, n_draws=n, rng=np.random.default_rng(seed))


STEP = {"degrees_of_freedom": 2.0, "spread": "step"}
CHAINED = (
    Component("scatter", 0.3, degrees_of_freedom=8.0, spread="first"),
    Component("bias of the class", 0.15, shared=True, degrees_of_freedom=8.0, spread="first"),
    Component("scatter of the step", 0.065, **STEP),
    Component("bias of the step", 0.04, shared=True, **STEP),
    Component("functional", 0.07, shared=True),
)


def test_steps_with_degrees_of_freedom_of_their_own_have_the_interval_as_quantiles():
    one = estimate(-1.0, *CHAINED)
    column = drawn([one], 1_000_000)[:, 0]
    width = np.subtract(*np.quantile(column, [0.975, 0.025]))
    assert width == pytest.approx(one.high - one.low, rel=0.01)
    assert np.median(column) == pytest.approx(-1.0, abs=2e-3)


def test_the_interval_of_two_steps_against_a_double_integral():
    """Scale mixtures: given both spreads the sum is normal."""
    one = estimate(0.0, *CHAINED)
    p = (np.arange(400) + 0.5) / 400
    first, second = (d / stats.chi2.ppf(p, d) for d in (8, 2))
    variance = (
        (0.3**2 + 0.15**2) * first[:, None] + (0.065**2 + 0.04**2) * second[None, :] + 0.07**2
    )
    inside = 2 * stats.norm.cdf(one.high / np.sqrt(variance)).mean() - 1
    assert inside == pytest.approx(0.95, abs=2e-4)


def test_a_shared_component_moves_all_by_its_own_scale():
    functional = [Component("functional", s, shared=True) for s in (0.1, 0.05, -0.1)]
    draws = drawn([estimate(0.0, c) for c in functional], 1000)
    assert np.allclose(draws[:, 1], 0.5 * draws[:, 0])
    assert np.allclose(draws[:, 2], -draws[:, 0])
    assert np.std(draws[:, 0]) == pytest.approx(0.1, rel=0.1)


def test_own_components_of_one_name_are_independent():
    scatter = Component("scatter", 0.1)
    draws = drawn([estimate(0.0, scatter), estimate(0.0, scatter)])
    assert abs(np.corrcoef(draws.T)[0, 1]) < 0.02


def test_values_with_one_fitted_spread_are_wrong_together():
    """Independent in sign, alike in size: the squares correlate, and only with one spread."""
    same = [Component("s", 0.1, degrees_of_freedom=8.0, spread="pooled")] * 2
    apart = [Component("s", 0.1, degrees_of_freedom=8.0)] * 2
    correlations = [
        np.corrcoef((drawn([estimate(0.0, c) for c in pair], 400_000) ** 2).T)[0, 1]
        for pair in (same, apart)
    ]
    assert correlations[0] > 0.1
    assert abs(correlations[1]) < 0.02


def test_one_variable_twice_in_an_estimate_adds_up_before_it_is_squared():
    twice = estimate(0.0, *[Component("zero", 0.1, shared=True)] * 2)
    opposite = estimate(0.0, Component("zero", 0.1, shared=True), Component("zero", -0.1, True))
    assert twice.high == pytest.approx(1.959964 * 0.2)
    assert (opposite.low, opposite.high) == (0.0, 0.0)
    assert np.std(drawn([twice])[:, 0]) == pytest.approx(0.2, rel=0.02)


def test_one_variable_has_one_spread():
    with pytest.raises(ValueError, match="two spreads"):
        estimate(0.0, Component("zero", 0.1, True), Component("zero", 0.1, True, 3.0, "other"))


def test_bounds_hold_for_interval_and_draws():
    fraction = estimate(0.95, Component("scatter", 0.1), lowest=0.0, highest=1.0)
    assert fraction.high == 1.0
    assert fraction.low == pytest.approx(0.95 - 0.196, abs=1e-3)
    column = drawn([fraction])[:, 0]
    assert column.max() == 1.0
    assert np.quantile(column, 0.025) == pytest.approx(fraction.low, abs=5e-3)


def test_a_mixture_has_the_quantiles_of_its_draws():
    one, two = estimate(-1.0, Component("a", 0.1)), estimate(0.0, Component("b", 0.3))
    low, high = interval_of([one, two])
    draws = drawn([one, two]).ravel()
    assert (low, high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=0.01)


def test_what_has_no_interval_is_not_widened():
    with pytest.raises(ValueError, match="cannot be widened"):
        own_interval(1.0, None).widened([Component("a", 0.1)])
    with pytest.raises(ValueError, match="no distribution"):
        interval_of([own_interval(1.0, None)])
