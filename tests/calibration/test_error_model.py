"""Error models: bias, spread, leave-one-out, abstention, coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from potash.calibration import Pair, fit, leave_one_out


def make(pairs):
    return fit(pairs, quantity="adsorption_energy_ev", level="screen", reference="standard")


def group(name, errors, start=-1.0):
    return [
        Pair(f"{name}{i}", name, start + 0.1 * i, start + 0.1 * i + e) for i, e in enumerate(errors)
    ]


TWO_CLASSES = group("metal", [0.30, 0.34, 0.28]) + group("carbon", [0.60, 0.56])


def blup(errors_by_group, sigma, tau):
    """Predict the bias of each group from all errors at once, by conditioning a joint Gaussian."""
    labels = [g for g, e in errors_by_group.items() for _ in e]
    errors = np.array([x for e in errors_by_group.values() for x in e])
    same = np.equal.outer(labels, labels)
    common = 1e6  # a mean that is not known beforehand
    covariance = sigma**2 * np.eye(len(errors)) + tau**2 * same + common
    solved = np.linalg.solve(covariance, errors)
    return {
        g: float((tau**2 * np.array([g == x for x in labels]) + common) @ solved)
        for g in errors_by_group
    }


def test_bias_and_spread_are_those_of_the_random_effects_model():
    model = make(TWO_CLASSES)
    errors = {"metal": np.array([0.30, 0.34, 0.28]), "carbon": np.array([0.60, 0.56])}
    sd = math.sqrt(sum(e.var() * len(e) for e in errors.values()) / 3)
    means = np.array([e.mean() for e in errors.values()])
    # Two groups: half of the squared difference is tau^2 plus the mean error variance.
    tau2 = (means[0] - means[1]) ** 2 / 2 - sd**2 * (1 / 3 + 1 / 2) / 2
    expected = blup(errors, sd, math.sqrt(tau2))
    for name, e in errors.items():
        found = model.groups[name]
        assert found.mean == pytest.approx(e.mean())
        assert found.bias == pytest.approx(expected[name], abs=1e-6)
        assert (found.residual_sd, found.degrees_of_freedom) == (pytest.approx(sd), 3)
    estimate = model.estimate(-1.0, "carbon")
    carbon = model.groups["carbon"]
    half = stats.t.ppf(0.975, 3) * math.hypot(sd, carbon.bias_sd)
    assert estimate.value == pytest.approx(-1.0 + carbon.bias)
    assert (estimate.low, estimate.high) == pytest.approx(
        (estimate.value - half, estimate.value + half)
    )


def test_classes_that_are_alike_share_their_bias():
    model = make(group("a", [0.5, 0.3]) + group("b", [0.4, 0.42]) + group("c", [0.38]))
    assert {round(g.bias, 9) for g in model.groups.values()} == {0.4}
    assert model.groups["c"].bias_sd == pytest.approx(model.groups["c"].residual_sd / math.sqrt(5))


def test_classes_that_differ_keep_their_own_bias():
    model = make(group("a", [5.0, 5.01]) + group("b", [-5.0, -4.99]) + group("c", [0.0]))
    for name, mean in (("a", 5.005), ("b", -4.995), ("c", 0.0)):
        assert model.groups[name].bias == pytest.approx(mean, abs=1e-4)


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
    loo = leave_one_out(make(TWO_CLASSES))
    residuals = []
    for i, pair in enumerate(TWO_CLASSES):
        rest = make(TWO_CLASSES[:i] + TWO_CLASSES[i + 1 :])
        residuals.append(pair.error - rest.groups[pair.group].bias)
    assert loo.n_predicted == loo.n_pairs == 5
    assert loo.mae_corrected == pytest.approx(np.abs(residuals).mean())
    assert loo.max_abs_error == pytest.approx(np.abs(residuals).max())
    assert loo.mae_uncorrected == pytest.approx(np.mean([p.error for p in TWO_CLASSES]))


@pytest.mark.parametrize("unseen", [True, False])
def test_what_is_left_out_is_what_a_fit_without_it_says(unseen: bool):
    rng = np.random.default_rng(5)
    pairs = [
        Pair(f"{n}", name, float(rng.normal()), float(rng.normal()))
        for n, name in enumerate("abcdeabcdeabcabaaaaf")
    ]
    options = {"quantity": "q", "level": "l", "reference": "r", "unseen_classes": unseen}
    model = fit(pairs, **options)
    for i, (pair, estimate) in enumerate(model.left_out):
        assert pair is pairs[i]
        rest = fit(pairs[:i] + pairs[i + 1 :], **options)
        expected = rest.estimate(pair.computed, pair.group)
        assert (estimate.value is None) == (expected.value is None)
        assert estimate.reason == expected.reason
        if expected.value is not None:
            assert estimate.value == pytest.approx(expected.value, rel=1e-12)
            assert estimate.high == pytest.approx(expected.high, rel=1e-9)


def test_leave_one_out_abstains_with_the_model():
    pairs = group("metal", [0.30, 0.34]) + group("carbon", [0.60, 0.56])
    assert make(pairs).groups  # two degrees of freedom
    assert leave_one_out(make(pairs)) is None  # one is left without a pair


def test_leave_one_out_of_one_class():
    model = make(TWO_CLASSES + group("oxide", [0.1, 0.3, 0.2]))
    oxide = leave_one_out(model, group="oxide")
    assert (oxide.n_pairs, oxide.n_predicted) == (3, 3)
    everything = leave_one_out(model)
    assert everything.n_predicted == 8
    assert oxide.mae_corrected != pytest.approx(everything.mae_corrected)
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


@pytest.mark.parametrize("tau", [0.0, 0.05, 0.2])
def test_intervals_cover_whatever_classes_have_in_common(tau):
    """Classes with few pairs, whose biases are drawn anew each time."""
    rng = np.random.default_rng(11)
    hits = trials = 0
    for _ in range(800):
        biases = rng.normal(0.4, tau, 6) if tau else np.full(6, 0.4)
        pairs = [
            Pair(f"{name}{i}", name, -1.0, -1.0 + bias + rng.normal(0, 0.1))
            for name, bias, n in zip("abcdef", biases, (1, 1, 2, 2, 3, 4), strict=True)
            for i in range(n)
        ]
        model = make(pairs)
        for name, bias in zip("abcdef", biases, strict=True):
            estimate = model.estimate(-1.0, name)
            hits += estimate.low <= -1.0 + bias + rng.normal(0, 0.1) <= estimate.high
            trials += 1
    assert hits / trials == pytest.approx(0.95, abs=0.025)


def test_more_pairs_never_widen_the_factor_of_the_interval():
    widths = [
        make(group("g", [0.1, -0.1] * n)).estimate(0.0, "g").high
        - make(group("g", [0.1, -0.1] * n)).estimate(0.0, "g").low
        for n in (2, 4, 8, 32)
    ]
    assert widths == sorted(widths, reverse=True)


def test_classes_that_lean_on_one_another_share_the_error_of_their_average():
    """The covariance of the errors of two biases, from the joint Gaussian of all pairs."""
    errors = {"metal": [0.30, 0.34, 0.28], "carbon": [0.60, 0.52]}
    model = make([p for g, e in errors.items() for p in group(g, e)])
    sigma = model.groups["metal"].residual_sd
    means = [np.mean(e) for e in errors.values()]
    tau2 = (means[0] - means[1]) ** 2 / 2 - sigma**2 * (1 / 3 + 1 / 2) / 2
    # Error of (bias - prediction) with a mean that is not known beforehand (variance 1e6).
    of = np.repeat([0, 1], [3, 2])
    observed = sigma**2 * np.eye(5) + tau2 * np.equal.outer(of, of) + 1e6
    cross = tau2 * np.equal.outer([0, 1], of) + 1e6
    prior = tau2 * np.eye(2) + 1e6
    expected = prior - cross @ np.linalg.solve(observed, cross.T)
    one, two = model.groups["metal"], model.groups["carbon"]
    assert one.bias_sd**2 == pytest.approx(expected[0, 0], rel=1e-3)
    assert two.bias_sd**2 == pytest.approx(expected[1, 1], rel=1e-3)
    assert one.common_bias_sd * two.common_bias_sd == pytest.approx(expected[0, 1], rel=1e-3)


def test_components_say_what_is_shared():
    model = make(TWO_CLASSES)
    metal, carbon = (model.estimate(-1.0, g).components for g in ("metal", "carbon"))
    assert [c.shared for c in metal] == [False, True, True]
    assert metal[1].name != carbon[1].name  # the bias of a class
    assert metal[2].name == carbon[2].name  # the average of all classes
    assert {c.spread for c in (*metal, *carbon)} == {metal[0].spread}
    assert {c.degrees_of_freedom for c in metal} == {3.0}


def test_rank_correlation_is_spearmans():
    rng = np.random.default_rng(2)
    errors = rng.normal(0.3, 0.4, 12)
    loo = leave_one_out(make(group("g", errors)))
    pairs = group("g", errors)
    corrected = [
        p.computed + (errors.sum() - e) / (len(errors) - 1)
        for p, e in zip(pairs, errors, strict=True)
    ]
    expected = stats.spearmanr(corrected, [p.reference for p in pairs]).statistic
    assert loo.spearman == pytest.approx(expected)


def five_classes(rng, tau=0.4):
    """Return three pairs in each of five classes, and the true centre of the classes."""
    return [
        Pair(f"{g}{i}", g, 0.0, bias + rng.normal(0, 0.2))
        for g, bias in zip("abcde", rng.normal(0.5, tau, 5), strict=True)
        for i in range(3)
    ]


def test_a_class_without_pairs_abstains_unless_it_may_be_taken_for_one_more():
    pairs = five_classes(np.random.default_rng(1))
    closed = fit(pairs, quantity="x", level="a", reference="b")
    assert closed.estimate(1.0, "new").value is None
    opened = fit(pairs, quantity="x", level="a", reference="b", unseen_classes=True)
    found = opened.estimate(1.0, "new")
    averages = [np.mean([p.error for p in pairs if p.group == g]) for g in "abcde"]
    assert found.value == pytest.approx(1.0 + np.mean(averages), abs=1e-9)
    assert "not calibrated" in found.reason
    assert found.high - found.low > 1.5 * (
        opened.estimate(1.0, "a").high - opened.estimate(1.0, "a").low
    )
    few = [p for p in pairs if p.group != "e"]
    assert fit(few, quantity="x", level="a", reference="b", unseen_classes=True).unseen is None


def test_intervals_of_unseen_classes_cover_as_often_as_they_say():
    rng = np.random.default_rng(5)
    covered = []
    for _ in range(1500):
        pairs = five_classes(rng)
        truth = rng.normal(0.5, 0.4) + rng.normal(0, 0.2)
        model = fit(pairs, quantity="x", level="a", reference="b", unseen_classes=True)
        estimate = model.estimate(0.0, "new")
        covered.append(estimate.low <= truth <= estimate.high)
    assert 0.92 < np.mean(covered) < 0.98
