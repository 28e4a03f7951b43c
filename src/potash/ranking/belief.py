"""What is believed of one quantity of many candidates: values shrunk towards their population.

The true values are taken as drawn from a population, theta_i ~ N(m, tau^2), and seen with errors
of which some move several at once (the functional, the bias of a class),

    y = theta + F z + e,   z ~ N(0, 1),   e_i ~ N(0, d_i).

Nothing is known of m and tau beforehand (both uniform); they are integrated over, so that few or
poor values do not make the population look narrower than it may be (the hierarchical normal model
of Gelman et al., *Bayesian Data Analysis*, 3rd ed., section 5.4). Given tau and what is common,
x = (m, z), the candidates are independent: nothing is ever as large as n x n, and thousands of
candidates take no longer than their draws.

A value that a regression predicts is nearer to the mean already: the true value scatters about it,
theta_i = y_i + F z + e_i (Berkson, doi:10.1080/01621459.1950.10483349). It is not pulled again, and
such values are spread less than the truths are, by their errors.

Shrinking matters for a choice: the best of many noisy values is too good on average, and picks
made on unshrunk values are wrong more often than they say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import logsumexp

from potash.ranking.joint_errors import Errors

Floats = NDArray[np.float64]

_GRID = 24
"""Spreads of the population that stand for its posterior."""
_NODES = 64
"""Spreads at which the posterior is worked out; it is smooth between them."""

_AT_ONCE = 4_000_000
"""Numbers that are worked on together: bounds the memory of thousands of candidates."""

_LEFT = 0.01
"""Predictions are spread by this share of the variance of their errors at least."""

_NEARLY_EXACT = 1e-9


@dataclass(frozen=True, eq=False)
class Belief:
    """Distribution of the candidates' true values: normal for each spread of the population.

    Given a spread, theta = mean + loadings x + own e, with x and e independent standard normal.

    Attributes
    ----------
    spreads
        Shape (g,): spreads of the population, in the unit of the quantity.
    weights
        Shape (g,): how probable each is; they add up to 1.
    means
        Shape (g, n): expected values, given the spread.
    loadings
        Shape (g, n, q): how the candidates follow what is common to them.
    own
        Shape (g, n): standard deviation of what is each one's own.
    """

    spreads: Floats
    weights: Floats
    means: Floats
    loadings: Floats
    own: Floats

    @classmethod
    def of_one(cls, value: float, sd: float) -> Belief:
        """Return what is believed of a single candidate, which no population tells about."""
        one = np.ones(1)
        return cls(one, one, np.full((1, 1), value), np.zeros((1, 1, 0)), np.full((1, 1), sd))

    @property
    def mean(self) -> Floats:
        """Expected true values, shape (n,)."""
        return np.asarray(self.weights @ self.means)

    @property
    def sd(self) -> Floats:
        """Standard deviations of the true values, shape (n,)."""
        within = np.einsum("gnq,gnq->gn", self.loadings, self.loadings) + self.own**2
        across = (self.means - self.mean) ** 2
        return np.asarray(np.sqrt(self.weights @ (within + across)))

    def covariance(self, spread: int) -> Floats:
        """Return the covariance given one of the spreads, shape (n, n)."""
        common = self.loadings[spread] @ self.loadings[spread].T
        return np.asarray(common + np.diag(self.own[spread] ** 2))

    def draws(self, n_draws: int, rng: np.random.Generator) -> Floats:
        """Return joint draws, shape (n_draws, n)."""
        which = rng.choice(len(self.weights), size=n_draws, p=self.weights)
        common = rng.standard_normal((n_draws, self.loadings.shape[2]))
        drawn = rng.standard_normal((n_draws, self.means.shape[1]))
        for g in np.unique(which):
            here = which == g
            moved = self.means[g] + common[here] @ self.loadings[g].T
            drawn[here] = moved + drawn[here] * self.own[g]
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
        follows = self.loadings[:, candidate, :]
        own2, error2 = self.own[:, candidate] ** 2, error_sd**2
        squares = np.einsum("gq,gq->g", follows, follows)
        predicted = squares + own2 + error2
        surprise = value - self.means[:, candidate]
        log_weights = np.log(self.weights + 1e-300) - 0.5 * (
            np.log(predicted) + surprise**2 / predicted
        )
        along = np.einsum("gnq,gq->gn", self.loadings, follows)
        seen = along.copy()
        seen[:, candidate] += own2
        # The candidate itself: what is its own takes its share of the surprise ...
        taken = own2 / (own2 + error2)
        along[:, candidate] *= 1 - taken
        loadings, own = self.loadings.copy(), self.own.copy()
        loadings[:, candidate, :] *= (1 - taken)[:, None]
        own[:, candidate] = np.sqrt(own2 * (1 - taken))
        # ... and what is common is known better along its loading: a root of 1 - l l^T / predicted.
        left = np.sqrt(1 - squares / predicted)
        shrink = (1 - left) / np.where(squares > 0, squares, 1.0)
        loadings -= (shrink[:, None] * along)[:, :, None] * follows[:, None, :]
        return replace(
            self,
            weights=np.exp(log_weights - logsumexp(log_weights)),
            means=self.means + seen * (surprise / predicted)[:, None],
            loadings=loadings,
            own=own,
        )


def believe(values: Floats, errors: Errors, predicted: NDArray[np.bool_] | None = None) -> Belief:
    """Return what is believed of all candidates, given a value of some.

    Parameters
    ----------
    values
        Shape (n,); NaN where a candidate has no value yet: it is as the population is.
    errors
        Of the values; those of candidates without a value are not read.
    predicted
        Shape (n,): which values a regression predicts; none by default.

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

    >>> errors = Errors.of_covariance(0.36 * np.eye(4))
    >>> belief = believe(np.array([-1.0, -0.5, 0.0, 0.5]), errors)
    >>> bool(np.ptp(belief.mean) < 1.0)
    True
    """
    known = np.isfinite(values)
    if known.sum() < 2:
        raise ValueError("a population needs at least two candidates with a value")
    by_regression = np.zeros(len(known), dtype=bool) if predicted is None else predicted
    seen = _Seen(np.asarray(values, dtype=float)[known], errors.of(known), by_regression[known])
    spreads = _likely_spreads(seen)
    weights = np.full(len(spreads), 1 / len(spreads))
    return Belief(spreads, weights, *_given_spreads(seen, known, spreads))


@dataclass(frozen=True, eq=False)
class _Seen:
    """The candidates with a value: values (k,), their errors, and which are predicted."""

    values: Floats
    errors: Errors
    predicted: NDArray[np.bool_]

    def common(self, spreads: Floats) -> tuple[Floats, Floats, Floats]:
        """Return what x is, for each of some spreads of the population, shape (g,).

        Returns
        -------
        tuple of ndarray
            Mean (g, q), Cholesky factor of the precision (g, q, q), logarithm of the
            likelihood (g,).
        """
        errors = self.errors
        # What is predicted says nothing of its errors, and of the population what is left of it.
        factors = np.where(self.predicted[:, None], 0.0, errors.factors)
        design = np.column_stack([np.ones(len(self.values)), factors])
        squares = spreads[:, None] ** 2
        left = np.maximum(squares - errors.variance, _LEFT * errors.variance)
        weights = 1.0 / np.where(self.predicted, left, errors.own_variance + squares)
        weighted = weights[:, :, None] * design
        precision = design.T @ weighted
        precision[:, 1:, 1:] += np.eye(design.shape[1] - 1)
        lower = np.linalg.cholesky(precision)
        centre = weights @ self.values / weights.sum(axis=1)
        away = self.values - centre[:, None]
        pull = np.einsum("gnq,gn->gq", weighted, away)
        mean = np.linalg.solve(precision, pull[:, :, None])[:, :, 0]
        log_likelihood = (
            0.5 * np.log(weights).sum(axis=1)
            - np.log(np.einsum("gqq->gq", lower)).sum(axis=1)
            - 0.5 * ((weights * away**2).sum(axis=1) - (pull * mean).sum(axis=1))
        )
        mean[:, 0] += centre
        return mean, lower, log_likelihood


def _likely_spreads(seen: _Seen) -> Floats:
    """Return spreads of the population that are equally probable: quantiles of its posterior."""
    errors = np.sqrt(np.mean(seen.errors.variance))
    scale = max(float(np.std(seen.values)), float(errors), _NEARLY_EXACT)
    nodes = scale * np.geomspace(0.005, 4.0, _NODES)
    grid = scale * np.linspace(0.005, 4.0, 4000)
    parts = np.array_split(nodes, min(_NODES, 1 + _NODES * seen.errors.factors.size // _AT_ONCE))
    known = np.concatenate([seen.common(part)[2] for part in parts])
    log_likelihood = CubicSpline(np.log(nodes), known)(np.log(grid))
    reached = np.cumsum(np.exp(log_likelihood - log_likelihood.max()))
    quantiles = (np.arange(_GRID) + 0.5) / _GRID
    return np.asarray(np.interp(quantiles, reached / reached[-1], grid))


def _given_spreads(
    seen: _Seen, known: NDArray[np.bool_], spreads: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return means, loadings and what is each one's own, the mean of the population integrated out.

    Given x, a value is pulled towards m by the share of its own error in what is not common.
    """
    mean, lower, _ = seen.common(spreads)
    squares = spreads[:, None] ** 2
    trust = squares / (squares + seen.errors.own_variance)
    trust[:, seen.predicted] = 1.0
    follows = np.zeros((len(spreads), len(known), mean.shape[1]))
    follows[:, :, 0] = 1.0
    follows[:, known, 0] = 1 - trust
    follows[:, known, 1:] = -trust[:, :, None] * seen.errors.factors
    means: Floats = np.einsum("gnq,gq->gn", follows, mean)
    means[:, known] += trust * seen.values
    own = np.repeat(spreads[:, None], len(known), axis=1)
    own[:, known] = np.sqrt(trust * seen.errors.own_variance)
    # The covariance of x is the inverse of L L^T, so a root of it is the inverse of L, transposed.
    loadings = np.linalg.solve(lower, follows.transpose(0, 2, 1)).transpose(0, 2, 1)
    return means, np.asarray(loadings, dtype=float), own
