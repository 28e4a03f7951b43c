"""The joint errors of many values: what moves several of them at once, and each one's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_WHOLE = 128
"""Of so many values every correlation that the draws show is kept."""
_MOST_FACTORS = 48
_BEYOND_NOISE = 1.2
"""A factor of more values than that is kept if it is larger by this than what noise gives."""
_SEED = 5


@dataclass(frozen=True, eq=False)
class Errors:
    """Errors with the covariance factors factors^T + diag(own_variance).

    Attributes
    ----------
    factors
        Shape (n, r): how each value follows what is common.
    own_variance
        Shape (n,).
    """

    factors: Floats
    own_variance: Floats

    @property
    def variance(self) -> Floats:
        """Whole variance of each error, shape (n,)."""
        return np.asarray((self.factors**2).sum(axis=1) + self.own_variance)

    def of(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Errors:
        """Return the errors of some of the values."""
        return Errors(self.factors[chosen], self.own_variance[chosen])

    def padded(self, n: int) -> Errors:
        """Return the same with further values, up to ``n``, that have no error."""
        more = n - len(self.own_variance)
        return Errors(
            np.pad(self.factors, ((0, more), (0, 0))), np.pad(self.own_variance, (0, more))
        )

    @classmethod
    def of_covariance(cls, covariance: Floats) -> Errors:
        """Return errors of a known covariance, shape (n, n): exactly the same.

        Examples
        --------
        >>> errors = Errors.of_covariance(np.array([[2.0, 1.0], [1.0, 2.0]]))
        >>> errors.factors.shape, errors.variance.round(6).tolist()
        ((2, 1), [2.0, 2.0])
        """
        size, vectors = np.linalg.eigh(covariance)
        least = max(float(size[0]), 0.0)
        rest = np.clip(size - least, 0.0, None)
        kept = rest > 1e-12 * max(float(size[-1]), 1e-300)
        return cls(vectors[:, kept] * np.sqrt(rest[kept]), np.full(len(size), least))

    @classmethod
    def of_draws(cls, draws: Floats) -> Errors:
        """Return errors that vary as joint draws of them do, shape (draws, n).

        Of up to 128 values the covariance of the draws. Of more, what several of them share as
        far as it stands out of the noise of the draws (the largest eigenvalue that independent
        values show, Marchenko and Pastur, doi:10.1070/SM1967v001n04ABEH001994); the rest of each
        one's variance counts as its own.
        """
        n_draws, n = draws.shape
        if n <= _WHOLE:
            return cls.of_covariance(np.atleast_2d(np.cov(draws, rowvar=False)))
        away = draws - draws.mean(axis=0)
        sd = away.std(axis=0, ddof=1)
        away /= np.where(sd > 0, sd, 1.0)
        # The largest directions by random projection (Halko, Martinsson and Tropp, 2011).
        rng = np.random.default_rng(_SEED)
        space = rng.standard_normal((n, _MOST_FACTORS))
        for _ in range(3):
            space = np.linalg.qr(away.T @ (away @ space))[0]
        along = away @ space
        size, turn = np.linalg.eigh(along.T @ along / (n_draws - 1))
        kept = size > _BEYOND_NOISE * (1 + np.sqrt(n / n_draws)) ** 2
        factors = sd[:, None] * (space @ turn[:, kept]) * np.sqrt(size[kept])
        return cls(factors, np.clip(sd**2 - (factors**2).sum(axis=1), 0.0, None))
