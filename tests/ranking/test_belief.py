import numpy as np
import pytest

from potash.ranking.belief import Belief, believe
from potash.ranking.joint_errors import Errors


def known(values: np.ndarray, covariance: np.ndarray) -> Belief:
    return believe(values, Errors.of_covariance(covariance))


def test_many_values_against_the_textbook_formula() -> None:
    rng = np.random.default_rng(1)
    truths = rng.normal(-0.5, 0.6, 400)
    values = truths + rng.normal(0, 0.3, 400)
    belief = known(values, 0.09 * np.eye(400))
    # With many values the spread is as good as known: shrink by tau^2 / (tau^2 + sigma^2).
    tau2 = np.var(values) - 0.09
    wanted = values.mean() + tau2 / (tau2 + 0.09) * (values - values.mean())
    np.testing.assert_allclose(belief.mean, wanted, atol=0.03)
    np.testing.assert_allclose(belief.sd, np.sqrt(0.09 * tau2 / (tau2 + 0.09)), rtol=0.02)
    assert belief.weights @ belief.spreads == pytest.approx(0.6, abs=0.06)


def test_shrunk_values_are_nearer_the_truth_and_the_spread_is_honest() -> None:
    rng = np.random.default_rng(2)
    worse, inside, n = 0, 0, 0
    for _ in range(60):
        truths = rng.normal(0.0, 0.55, 63)
        values = truths + rng.normal(0, 0.42, 63)
        belief = known(values, 0.42**2 * np.eye(63))
        worse += np.sum((belief.mean - truths) ** 2) > np.sum((values - truths) ** 2)
        half = 1.96 * belief.sd
        inside += int(np.sum(np.abs(belief.mean - truths) < half))
        n += 63
    assert worse <= 1
    assert 0.93 < inside / n < 0.965


def test_a_common_error_moves_all_and_no_difference() -> None:
    values = np.array([-1.0, 0.0, 1.0, 2.0])
    own = 0.01 * np.eye(4)
    with_common = known(values, own + 4.0)
    alone = known(values, own)
    # The population's mean is free, so a common shift is not seen at all.
    np.testing.assert_allclose(np.diff(with_common.mean), np.diff(alone.mean), rtol=0.02)
    drawn = with_common.draws(4000, np.random.default_rng(3))
    assert np.std(drawn[:, 1] - drawn[:, 0]) < 0.2


def test_without_a_value_a_candidate_is_as_the_population() -> None:
    values = np.array([-1.0, np.nan, 1.0, 0.5, -0.5])
    belief = known(values, 0.04 * np.eye(5))
    assert belief.mean[1] == pytest.approx(0.0, abs=0.01)
    assert belief.sd[1] > 0.8
    assert belief.sd[0] < 0.21
    with pytest.raises(ValueError, match="at least two"):
        known(np.array([1.0, np.nan]), np.eye(2))


def test_an_update_is_the_same_as_knowing_both_values_from_the_start() -> None:
    values = np.array([-1.0, 0.2, 1.0, 0.5, -0.5])
    errors = 0.16 * np.eye(5) + 0.05
    belief = known(values, errors)
    after = belief.updated(2, 0.7, 0.1)
    # By the normal equations, given the spread: a flat mean, five values and the sixth.
    g = 9
    design = np.vstack([np.eye(5), np.eye(5)[[2]]])
    noise = np.zeros((6, 6))
    noise[:5, :5], noise[5, 5] = errors, 0.01
    prior = belief.spreads[g] ** 2 * np.eye(5) + 1e6
    precision = np.linalg.inv(prior) + design.T @ np.linalg.inv(noise) @ design
    mean = np.linalg.solve(precision, design.T @ np.linalg.inv(noise) @ np.append(values, 0.7))
    np.testing.assert_allclose(after.means[g], mean, atol=1e-4)
    np.testing.assert_allclose(after.covariance(g), np.linalg.inv(precision), atol=1e-4)


def test_draws_have_the_mean_and_the_spread() -> None:
    belief = known(np.array([-1.0, 0.0, 2.0, 0.3]), 0.3 * np.eye(4) + 0.1)
    drawn = belief.draws(200_000, np.random.default_rng(4))
    np.testing.assert_allclose(drawn.mean(axis=0), belief.mean, atol=0.02)
    np.testing.assert_allclose(drawn.std(axis=0), belief.sd, rtol=0.01)


def test_a_value_that_is_exact_is_drawn_as_it_is() -> None:
    errors = np.diag([0.0, 0.04, 0.0, 0.04])
    belief = known(np.array([1.0, 2.0, -1.0, np.nan]), errors)
    drawn = belief.draws(2000, np.random.default_rng(0))
    assert np.abs(drawn[:, 0] - 1.0).max() < 1e-4
    assert np.abs(drawn[:, 2] + 1.0).max() < 1e-4
    assert drawn[:, 1].std() > 0.1


def regression(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return truths of spread 1, what the best line predicts of them, and its error."""
    truths = rng.normal(1.0, 1.0, n)
    cheap = truths + rng.normal(0.0, 1.5, n)
    slope = 1 / (1 + 1.5**2)
    return truths, 1.0 + slope * (cheap - 1.0), float(np.sqrt(1 - slope))


def test_what_a_line_predicts_is_not_pulled_a_second_time() -> None:
    truths, predictions, error = regression(np.random.default_rng(8), 300)
    values = np.append(predictions, np.nan)
    errors = Errors(np.zeros((301, 0)), np.full(301, error**2))
    belief = believe(values, errors, np.append(np.ones(300, dtype=bool), False))
    np.testing.assert_allclose(belief.mean[:300], predictions, atol=1e-9)
    np.testing.assert_allclose(belief.sd[:300], error, rtol=1e-9)
    inside = np.abs(belief.mean[:300] - truths) < 1.96 * belief.sd[:300]
    assert 0.92 < inside.mean() < 0.98
    # Whoever has no value is as the truths are, which are spread more than predictions are.
    assert belief.mean[300] == pytest.approx(1.0, abs=0.15)
    assert belief.sd[300] == pytest.approx(1.0, rel=0.12)
    # Taken for values with an error of their own they would all be nearly one, and surely so.
    pulled = believe(values[:300], errors.of(np.arange(300)))
    assert (np.abs(pulled.mean - truths) < 1.96 * pulled.sd).mean() < 0.6


def test_measured_and_predicted_values_stand_side_by_side() -> None:
    rng = np.random.default_rng(9)
    truths, predictions, error = regression(rng, 200)
    measured = np.arange(200) % 2 == 0
    values = np.where(measured, truths + rng.normal(0.0, 0.5, 200), predictions)
    errors = Errors(np.zeros((200, 0)), np.where(measured, 0.25, error**2))
    belief = believe(values, errors, ~measured)
    np.testing.assert_allclose(belief.mean[~measured], predictions[~measured], atol=1e-9)
    assert belief.weights @ belief.spreads == pytest.approx(1.0, abs=0.15)
    shrunk = np.sqrt(0.25 / 1.25)  # of a value with an error of 0.5 and a population of 1
    np.testing.assert_allclose(belief.sd[measured], shrunk, rtol=0.03)
    # A measurement of a predicted one is weighed against the prediction's own error.
    after = belief.updated(1, 3.0, 0.5)
    precision = 1 / error**2 + 4
    wanted = (predictions[1] / error**2 + 3.0 * 4) / precision
    assert after.mean[1] == pytest.approx(wanted, abs=1e-6)
    assert after.sd[1] == pytest.approx(precision**-0.5, abs=1e-6)
