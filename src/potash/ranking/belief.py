"""What is believed of one quantity of many candidates: values shrunk towards their population.

The true values are taken as drawn from a population, theta_i ~ N(m, tau^2), and seen with errors
of a known joint covariance S (the functional or the bias of a class moves several at once),
y ~ N(theta, S). Nothing is known of m and tau beforehand (both uniform); they are integrated over,
so that few or poor values do not make the population look narrower than it may be
(the hierarchical normal model of Gelman et al., *Bayesian Data Analysis*, 3rd ed., section 5.4).

Shrinking matters for a choice: the best of many noisy values is too good on average, and picks
made on unshrunk values are wrong more often than they say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import logsumexp

Floats = NDArray[np.float64]

_GRID = 24
"""Spreads of the population that stand for its posterior."""

_NEARLY_EXACT = 1e-9


@dataclass(frozen=True, eq=False)
class Belief:
    """Distribution of the candidates' true values: normal for each spread of the population.

    Attributes
    ----------
    spreads
        Shape (g,): spreads of the population, in the unit of the quantity.
    weights
        Shape (g,): how probable each is; they add up to 1.
    means
        Shape (g, n): expected values, given the spread.
    covariances
        Shape (g, n, n).
    """

    spreads: Floats
    weights: Floats
    means: Floats
    covariances: Floats

    @property
    def mean(self) -> Floats:
        """Expected true values, shape (n,)."""
        return np.asarray(self.weights @ self.means)

    @property
    def sd(self) -> Floats:
        """Standard deviations of the true values, shape (n,)."""
        within = np.diagonal(self.covariances, axis1=1, axis2=2)
        across = (self.means - self.mean) ** 2
        return np.asarray(np.sqrt(self.weights @ (within + across)))

    def draws(self, n_draws: int, rng: np.random.Generator) -> Floats:
        """Return joint draws, shape (n_draws, n)."""
        n = self.means.shape[1]
        which = rng.choice(len(self.weights), size=n_draws, p=self.weights)
        drawn = rng.standard_normal((n_draws, n))
        roots = _roots(self.covariances)
        for g in np.unique(which):
            drawn[which == g] = self.means[g] + drawn[which == g] @ roots[g].T
        return drawn

    def updated(self, candidate: int, value: float, error_sd: float) -> Belief:
        """Return the belief after one more value with an error of its own.

        Parameters
        ----------
        candidate
            Index of the candidate.
        value
            What was observed.
        error_sd
            Standard deviation of its error, independent of all others.
        """
        seen = self.covariances[:, :, candidate]
        predicted = seen[:, candidate] + error_sd**2
        surprise = value - self.means[:, candidate]
        log_weights = np.log(self.weights + 1e-300) - 0.5 * (
            np.log(predicted) + surprise**2 / predicted
        )
        gain = seen / predicted[:, None]
        return Belief(
            spreads=self.spreads,
            weights=np.exp(log_weights - logsumexp(log_weights)),
            means=self.means + gain * surprise[:, None],
            covariances=self.covariances - gain[:, :, None] * seen[:, None, :],
        )


def believe(values: Floats, error_covariance: Floats) -> Belief:
    """Return what is believed of all candidates, given a value of some.

    Parameters
    ----------
    values
        Shape (n,); NaN where a candidate has no value yet: it is as the population is.
    error_covariance
        Shape (n, n), of the errors of the values; rows and columns of candidates without a value
        are not read.

    Returns
    -------
    Belief

    Raises
    ------
    ValueError
        If fewer than two candidates have a value: there is no population then.

    Examples
    --------
    Values seen through errors as large as their differences are pulled together:

    >>> belief = believe(np.array([-1.0, -0.5, 0.0, 0.5]), 0.36 * np.eye(4))
    >>> bool(np.ptp(belief.mean) < 1.0)
    True
    """
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < 2:
        raise ValueError("a population needs at least two candidates with a value")
    seen = np.asarray(values, dtype=float)[known]
    errors = np.asarray(error_covariance, dtype=float)[np.ix_(known, known)]
    spreads = _likely_spreads(seen, errors)
    parts = [_given_spread(seen, errors, known, len(values), float(t)) for t in spreads]
    return Belief(
        spreads=spreads,
        weights=np.full(len(spreads), 1 / len(spreads)),
        means=np.array([mean for mean, _ in parts]),
        covariances=np.array([covariance for _, covariance in parts]),
    )


def _roots(covariances: Floats) -> Floats:
    """Return R with R R^T = covariance, of each of a stack of matrices, shape (g, n, n)."""
    largest = np.diagonal(covariances, axis1=1, axis2=2).max(axis=1)
    n = covariances.shape[1]
    # A value that is known exactly makes a matrix singular. A little own error, a millionth of the
    # widest, mends that ten times as fast as eigenvalues do.
    for share in (0.0, 1e-12):
        try:
            mended = covariances + (share * largest)[:, None, None] * np.eye(n)
            return np.asarray(np.linalg.cholesky(mended))
        except np.linalg.LinAlgError:
            continue
    size, vectors = np.linalg.eigh(covariances)
    return np.asarray(vectors * np.sqrt(np.clip(size, 0.0, None))[:, None, :])


def _likely_spreads(seen: Floats, errors: Floats) -> Floats:
    """Return spreads of the population that are equally probable: quantiles of its posterior."""
    scale = max(float(np.std(seen)), float(np.sqrt(np.mean(np.diag(errors)))), _NEARLY_EXACT)
    grid = scale * np.linspace(0.005, 4.0, 800)
    size, vectors = np.linalg.eigh(errors)
    inverse = 1.0 / (np.clip(size, 0.0, None) + grid[:, None] ** 2)
    ones, turned = vectors.T @ np.ones(len(seen)), vectors.T @ seen
    precision = inverse @ ones**2
    mean = (inverse @ (ones * turned)) / precision
    squares = np.einsum("gk,gk->g", inverse, (turned - mean[:, None] * ones) ** 2)
    log_likelihood = -0.5 * (squares - np.log(inverse).sum(axis=1) + np.log(precision))
    reached = np.cumsum(np.exp(log_likelihood - log_likelihood.max()))
    quantiles = (np.arange(_GRID) + 0.5) / _GRID
    return np.asarray(np.interp(quantiles, reached / reached[-1], grid))


def _given_spread(
    seen: Floats, errors: Floats, known: NDArray[np.intp], n: int, spread: float
) -> tuple[Floats, Floats]:
    """Return expected values and covariance, the mean of the population integrated out."""
    ones = np.ones(len(known))
    factor = cho_factor(errors + spread**2 * np.eye(len(known)))
    weights = cho_solve(factor, ones)
    precision = float(weights @ ones)
    mean = float(weights @ seen) / precision
    residual = seen - mean
    across = np.zeros((n, len(known)))
    across[known, np.arange(len(known))] = spread**2
    # How far each value follows the mean of the population, which is not known exactly either.
    follows = np.ones(n) - across @ weights
    covariance = (
        spread**2 * np.eye(n)
        - across @ cho_solve(factor, across.T)
        + np.outer(follows, follows) / precision
    )
    return mean + across @ cho_solve(factor, residual), covariance
