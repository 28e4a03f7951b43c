import numpy as np
import pytest

from potash.ranking.joint_errors import Errors


def covariance(errors: Errors) -> np.ndarray:
    return errors.factors @ errors.factors.T + np.diag(errors.own_variance)


def test_a_covariance_is_kept_exactly_with_as_few_factors_as_there_are() -> None:
    rng = np.random.default_rng(1)
    loadings = rng.normal(size=(30, 3))
    wanted = loadings @ loadings.T + 0.2 * np.eye(30)
    found = Errors.of_covariance(wanted)
    assert found.factors.shape == (30, 3)
    np.testing.assert_allclose(covariance(found), wanted, atol=1e-10)
    np.testing.assert_allclose(found.variance, np.diag(wanted), atol=1e-10)
    assert Errors.of_covariance(0.3 * np.eye(5)).factors.shape == (5, 0)
    np.testing.assert_allclose(covariance(Errors.of_covariance(np.zeros((2, 2)))), np.zeros((2, 2)))


def test_of_few_values_the_covariance_is_that_of_the_draws() -> None:
    draws = np.random.default_rng(2).normal(size=(500, 40)) @ np.diag(np.linspace(0.1, 2, 40))
    found = covariance(Errors.of_draws(draws))
    np.testing.assert_allclose(found, np.cov(draws, rowvar=False), atol=1e-9)


def test_of_many_values_what_is_common_is_found_and_noise_is_not() -> None:
    rng = np.random.default_rng(3)
    n, n_draws = 600, 4000
    height, slope = np.full(n, 0.3), np.linspace(-0.5, 0.5, n)
    own = rng.uniform(0.2, 0.8, n)
    common = rng.normal(size=(n_draws, 2)) @ np.stack([height, slope])
    draws = common + rng.normal(size=(n_draws, n)) * own
    found = Errors.of_draws(draws)
    assert found.factors.shape[1] == 2
    wanted = np.outer(height, height) + np.outer(slope, slope)
    np.testing.assert_allclose(found.factors @ found.factors.T, wanted, atol=0.05)
    np.testing.assert_allclose(found.own_variance, own**2, rtol=0.12, atol=0.01)
    # The variance of each is that of its draws, whatever is common.
    np.testing.assert_allclose(found.variance, draws.var(axis=0, ddof=1), rtol=1e-9)
    assert Errors.of_draws(rng.normal(size=(n_draws, n))).factors.shape[1] == 0


def test_exact_values_among_many_have_no_error() -> None:
    draws = np.random.default_rng(4).normal(size=(1000, 200))
    draws[:, 7] = 3.0
    assert Errors.of_draws(draws).variance[7] == pytest.approx(0.0, abs=1e-12)


def test_some_of_the_values_and_further_ones() -> None:
    errors = Errors(np.array([[1.0], [2.0], [3.0]]), np.array([0.1, 0.2, 0.3]))
    some = errors.of(np.array([True, False, True]))
    assert some.variance.tolist() == pytest.approx([1.1, 9.3])
    assert some.padded(4).variance.tolist() == pytest.approx([1.1, 9.3, 0.0, 0.0])
