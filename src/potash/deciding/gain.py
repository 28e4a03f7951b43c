"""How much doubt a calculation would remove, before it is run (the knowledge gradient)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from potash.ranking.membership import doubt

Floats = NDArray[np.float64]

N_OUTCOMES = 32

_GOLDEN = (5**0.5 - 1) / 2

N_PARCELS = 80
"""Draws that lie side by side in the observed quantity are weighed together, in so many parcels:
each is far narrower than an observation's own error."""


def expected_doubt(
    observed: Floats,
    own: float,
    right: NDArray[np.bool_],
    *,
    seed: int,
    n_outcomes: int = N_OUTCOMES,
) -> float:
    """Return the doubt that is expected to be left after one more observation.

    The joint draws that the belief gave are weighted by the likelihood of an outcome, for
    outcomes drawn from what the belief predicts.

    Parameters
    ----------
    observed
        Shape (draws,): what the observation would give in every draw but for its own error.
    own
        Standard deviation of the observation's own error.
    right
        Of :func:`~potash.ranking.membership.right_picks`, shape (draws, n).
    seed
        Of the outcomes.
    n_outcomes
        Number of outcomes averaged over.

    Returns
    -------
    float
        In the unit of :func:`~potash.ranking.membership.doubt`; never above today's doubt but
        for the noise of the draws.
    """
    return Parcels.of(observed, right).expected_doubt(own, seed=seed, n_outcomes=n_outcomes)


@dataclass(frozen=True, eq=False)
class Parcels:
    """Joint draws by what an observation would give, in parcels: the same for every error of it.

    Attributes
    ----------
    order
        Shape (draws,): what it would give but for its own error, rising.
    centres, sizes
        Shape (parcels,): mean of each parcel, and its number of draws.
    inside
        Shape (parcels, n): share of its draws in which each candidate is a right pick.
    """

    order: Floats
    centres: Floats
    sizes: NDArray[np.int64]
    inside: Floats

    @classmethod
    def of(cls, observed: Floats, right: NDArray[np.bool_]) -> Parcels:
        """Return the parcels of some draws; parameters are those of :func:`expected_doubt`."""
        by_size = np.argsort(observed)
        order = observed[by_size]
        starts = np.linspace(0, len(order), min(N_PARCELS, len(order)), endpoint=False).astype(int)
        sizes = np.diff(np.append(starts, len(order)))
        centres = np.add.reduceat(order, starts) / sizes
        inside = np.add.reduceat(right[by_size], starts, axis=0, dtype=float) / sizes[:, None]
        return cls(order, centres, sizes, inside)

    def expected_doubt(self, own: float, *, seed: int, n_outcomes: int = N_OUTCOMES) -> float:
        """Return the doubt that is expected to be left, as of :func:`expected_doubt`."""
        if own <= 0:
            raise ValueError("an observation has an error of its own")
        places, errors = _outcomes(n_outcomes, seed)
        outcomes = self.order[(places * len(self.order)).astype(int)] + own * errors
        log_weights = -0.5 * ((outcomes[:, None] - self.centres[None, :]) / own) ** 2
        log_weights -= log_weights.max(axis=1, keepdims=True)
        weights = np.exp(log_weights) * self.sizes
        weights /= weights.sum(axis=1, keepdims=True)
        return float(doubt(weights @ self.inside).mean())


@lru_cache(maxsize=64)
def _outcomes(n: int, seed: int) -> tuple[Floats, Floats]:
    """Return quantiles of the prediction and standard errors, in pairs.

    Evenly spaced quantiles of both, in an order in which every few of them fill the square (the
    golden ratio's multiples): less noise than outcomes at random.
    """
    rng = np.random.default_rng(seed)
    turn = np.argsort(np.argsort((np.arange(n) * _GOLDEN + rng.random()) % 1.0))
    places = (np.arange(n) + rng.random()) / n
    normal: Floats = ndtri((np.arange(n) + 0.5) / n)
    return places, normal[turn]
