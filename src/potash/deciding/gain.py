"""How much doubt a calculation would remove, before it is run (the knowledge gradient)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from potash.calibration.distribution import normal_quantile
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
    if own <= 0:
        raise ValueError("an observation has an error of its own")
    rng = np.random.default_rng(seed)
    # Evenly spaced quantiles of the prediction and of the error, in an order in which every few
    # of them fill the square (the golden ratio's multiples): less noise than outcomes at random.
    by_size = np.argsort(observed)
    order = observed[by_size]
    turn = np.argsort(np.argsort((np.arange(n_outcomes) * _GOLDEN + rng.random()) % 1.0))
    places = (np.arange(n_outcomes) + rng.random()) / n_outcomes
    outcomes = order[(places * len(order)).astype(int)] + own * _normal(n_outcomes)[turn]
    starts = np.linspace(0, len(order), min(N_PARCELS, len(order)), endpoint=False).astype(int)
    sizes = np.diff(np.append(starts, len(order)))
    centres = np.add.reduceat(order, starts) / sizes
    inside = np.add.reduceat(right[by_size], starts, axis=0, dtype=float) / sizes[:, None]
    log_weights = -0.5 * ((outcomes[:, None] - centres[None, :]) / own) ** 2
    log_weights -= log_weights.max(axis=1, keepdims=True)
    weights = np.exp(log_weights) * sizes
    weights /= weights.sum(axis=1, keepdims=True)
    return float(doubt(weights @ inside).mean())


def _normal(n: int) -> Floats:
    """Return the quantiles of a standard normal in the middle of n equal parts."""
    return np.array([normal_quantile((i + 0.5) / n) for i in range(n)])
