import numpy as np
import pytest
from scipy import stats

from potash.calibration import sample
from potash.calibration.line import fit_line


def test_interval_is_that_of_the_textbook() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(9.0, 1.0, 14)
    y = 0.7 * x - 1.0 + rng.normal(0.0, 0.3, 14)
    line = fit_line("y from x", x, y)
    assert line is not None
    found = stats.linregress(x, y)
    assert line.slope == pytest.approx(found.slope)
    at = 10.5
    estimate = line.estimate(at)
    assert estimate.value == pytest.approx(found.intercept + found.slope * at)
    residual = y - found.intercept - found.slope * x
    sd = np.sqrt(residual @ residual / 12)
    leverage = 1 + 1 / 14 + (at - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum()
    half = stats.t.ppf(0.975, 12) * sd * np.sqrt(leverage)
    assert estimate.high is not None
    assert estimate.high - estimate.value == pytest.approx(half, rel=0.01)


def test_predictions_share_the_line() -> None:
    rng = np.random.default_rng(4)
    x = np.linspace(0.0, 1.0, 10)
    line = fit_line("y from x", x, x + rng.normal(0.0, 0.5, 10))
    assert line is not None
    near, far = line.estimate(0.5), line.estimate(6.0)
    further = line.estimate(6.1)
    drawn = sample([near, far, further], n_draws=20_000, rng=rng)
    together = np.corrcoef(drawn.T)
    assert together[1, 2] > 0.9
    assert together[0, 1] < 0.5
    assert further.reason
    assert not near.reason


def test_too_few_or_equal_pairs_give_no_line() -> None:
    assert fit_line("y from x", range(7), range(7)) is None
    assert fit_line("y from x", [1.0] * 9, range(9)) is None
