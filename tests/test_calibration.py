"""Error models: bias, spread, leave-one-out, abstention, coverage, sampling."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from potash.calibration import Estimate, Pair, fit, leave_one_out, own_interval, sample


def make(pairs):
    return fit(pairs, quantity="adsorption_energy_ev", level="screen", reference="standard")


def group(name, errors, start=-1.0):
    return [
        Pair(f"{name}{i}", name, start + 0.1 * i, start + 0.1 * i + e) for i, e in enumerate(errors)
    ]


TWO_CLASSES = group("metal", [0.30, 0.34, 0.28]) + group("carbon", [0.60, 0.56])


def test_bias_and_pooled_spread_are_the_textbook_ones():
    model = make(TWO_CLASSES)
    metal, carbon = np.array([0.30, 0.34, 0.28]), np.array([0.60, 0.56])
    sd = math.sqrt((metal.var() * 3 + carbon.var() * 2) / 3)
    assert model.groups["metal"].bias == pytest.approx(metal.mean())
    assert model.groups["carbon"].residual_sd == pytest.approx(sd)
    assert model.groups["carbon"].degrees_of_freedom == 3
    estimate = model.estimate(-1.0, "carbon")
    half = stats.t.ppf(0.975, 3) * sd * math.sqrt(1.5)
    assert estimate.value == pytest.approx(-1.0 + 0.58)
    assert (estimate.low, estimate.high) == pytest.approx((-0.42 - half, -0.42 + half))


def test_a_class_with_enough_pairs_has_its_own_spread():
    errors = [0.1, 0.2, 0.15, 0.12, 0.22, 0.17]
    model = make(group("oxide", errors) + TWO_CLASSES)
    assert model.groups["oxide"].spread_from == "own"
    assert model.groups["oxide"].residual_sd == pytest.approx(np.std(errors, ddof=1))
    assert model.groups["metal"].spread_from == "pooled"


def test_unknown_class_abstains_with_a_reason():
    estimate = make(TWO_CLASSES).estimate(-1.0, "halide")
    assert estimate.value is None
    assert not estimate.known
    assert "halide" in estimate.reason


def test_too_few_degrees_of_freedom_abstain_instead_of_inventing_a_spread():
    model = make([Pair("a", "metal", -1.0, -0.7), Pair("b", "carbon", -1.0, -0.4)])
    assert model.groups == {}
    assert "degrees of freedom" in model.abstained["metal"]
    assert not model.estimate(-1.0, "metal").known


def test_no_pairs_at_all():
    model = make([])
    assert not model.estimate(0.0, "metal").known
    assert leave_one_out(model) is None


def test_values_far_from_the_pairs_are_flagged():
    model = make(TWO_CLASSES)
    assert model.estimate(-0.9, "metal").reason == ""
    assert "extrapolated" in model.estimate(-6.0, "metal").reason


def test_pairs_must_be_finite():
    with pytest.raises(ValueError, match="finite"):
        make([Pair("a", "metal", math.nan, 1.0)])


def test_leave_one_out_against_a_naive_loop():
    model = make(TWO_CLASSES)
    residuals = []
    for errors in ([0.30, 0.34, 0.28], [0.60, 0.56]):
        for i, e in enumerate(errors):
            others = errors[:i] + errors[i + 1 :]
            residuals.append(e - sum(others) / len(others))
    loo = leave_one_out(model)
    assert loo.n_predicted == loo.n_pairs == 5
    assert loo.mae_corrected == pytest.approx(np.abs(residuals).mean())
    assert loo.max_abs_error == pytest.approx(np.abs(residuals).max())
    assert loo.mae_uncorrected == pytest.approx(np.mean([p.error for p in model.pairs]))


def test_leave_one_out_abstains_with_the_model():
    pairs = group("metal", [0.30, 0.34]) + group("carbon", [0.60, 0.56])
    assert make(pairs).groups  # two degrees of freedom
    assert leave_one_out(make(pairs)) is None  # one is left without a pair


def test_leave_one_out_of_one_class():
    model = make(TWO_CLASSES + group("oxide", [0.1, 0.3, 0.2]))
    oxide = leave_one_out(model, group="oxide")
    assert (oxide.n_pairs, oxide.n_predicted) == (3, 3)
    assert oxide.mae_corrected == pytest.approx((0.15 + 0.15 + 0.0) / 3)
    assert leave_one_out(model, group="halide") is None


def test_leave_one_out_does_not_predict_lone_pairs():
    pairs = TWO_CLASSES + group("oxide", [0.1, 0.3, 0.2]) + [Pair("lone", "mxene", -2.0, -1.5)]
    loo = leave_one_out(make(pairs))
    assert (loo.n_pairs, loo.n_predicted) == (9, 8)


@given(
    shift=st.floats(-5, 5),
    errors=st.lists(st.floats(-1, 1), min_size=5, max_size=12),
    raw=st.floats(-3, 3),
)
@settings(max_examples=60, deadline=None)
def test_correction_moves_with_the_reference_scale(shift, errors, raw):
    """A new zero of the reference scale moves value and interval by the same amount."""
    pairs = group("g", errors)
    moved = [Pair(p.label, p.group, p.computed, p.reference + shift) for p in pairs]
    one, two = make(pairs).estimate(raw, "g"), make(moved).estimate(raw, "g")
    for a, b in ((one.value, two.value), (one.low, two.low), (one.high, two.high)):
        assert b == pytest.approx(a + shift, abs=1e-9)


@given(errors=st.lists(st.floats(-1, 1), min_size=5, max_size=10), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_order_of_the_pairs_does_not_matter(errors, seed):
    pairs = group("g", errors)
    shuffled = list(np.random.default_rng(seed).permutation(np.array(pairs, dtype=object)))
    assert make(shuffled).estimate(-1.0, "g").value == pytest.approx(
        make(pairs).estimate(-1.0, "g").value, abs=1e-12
    )


@pytest.mark.parametrize("coverage", [0.68, 0.95])
def test_intervals_cover_new_systems_as_often_as_they_say(coverage):
    rng = np.random.default_rng(7)
    hits = trials = 0
    for _ in range(1500):
        pairs = []
        for name, bias, n in (("a", 0.4, 2), ("b", -0.2, 3), ("c", 0.1, 7)):
            x = rng.normal(-1, 0.5, n)
            pairs += [
                Pair(f"{name}{i}", name, float(x[i]), float(x[i] + bias + rng.normal(0, 0.1)))
                for i in range(n)
            ]
        model = make(pairs)
        for name, bias in (("a", 0.4), ("b", -0.2), ("c", 0.1)):
            raw = rng.normal(-1, 0.5)
            truth = raw + bias + rng.normal(0, 0.1)
            e = model.estimate(raw, name, coverage=coverage)
            hits += e.low <= truth <= e.high
            trials += 1
    assert hits / trials == pytest.approx(coverage, abs=0.02)


def test_more_pairs_never_widen_the_factor_of_the_interval():
    widths = [
        make(group("g", [0.1, -0.1] * n)).estimate(0.0, "g").high
        - make(group("g", [0.1, -0.1] * n)).estimate(0.0, "g").low
        for n in (2, 4, 8, 32)
    ]
    assert widths == sorted(widths, reverse=True)


def test_extra_spread_widens_the_interval_in_quadrature():
    model = make(TWO_CLASSES)
    plain, wide = model.estimate(-1.0, "metal"), model.estimate(-1.0, "metal", extra_sd=0.3)
    t = stats.t.ppf(0.975, 3)
    assert (wide.high - wide.value) ** 2 == pytest.approx(
        (plain.high - plain.value) ** 2 + (t * 0.3) ** 2
    )


def test_a_number_without_calibration_has_no_interval():
    estimate = own_interval(-0.5, None)
    assert estimate.value == -0.5
    assert not estimate.known
    assert own_interval(-0.5, 0.1).low == pytest.approx(-0.6)
    assert own_interval(0.2, [0.1, 0.4]).high == 0.4


def test_draws_have_the_interval_as_their_quantiles():
    model = make(TWO_CLASSES)
    estimates = [model.estimate(-1.0, "metal"), model.estimate(-0.5, "carbon"), own_interval(0, 1)]
    draws = sample(estimates, n_draws=200_000, rng=np.random.default_rng(1))
    for column, e in zip(draws.T, estimates, strict=True):
        low, high = np.quantile(column, [0.025, 0.975])
        assert (low, high) == pytest.approx((e.low, e.high), abs=0.02)


def test_systems_of_one_class_share_the_error_of_the_bias():
    model = make(TWO_CLASSES)
    same = [model.estimate(-1.0, "metal"), model.estimate(-0.9, "metal")]
    apart = [same[0], model.estimate(-0.9, "carbon")]
    rng = np.random.default_rng(3)
    near, far = (sample(e, n_draws=50_000, rng=rng) for e in (same, apart))

    def width(draws):
        return np.subtract(*np.quantile(draws[:, 0] - draws[:, 1], [0.84, 0.16]))

    assert width(near) < 0.95 * width(far)


def test_unknown_intervals_are_drawn_as_nan():
    draws = sample([Estimate(raw=1.0)], n_draws=5, rng=np.random.default_rng(0))
    assert np.isnan(draws).all()
