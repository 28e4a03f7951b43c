"""Ranks with their uncertainty: what joint draws of the scores say about the order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESOLVED_PROBABILITY = 0.95
"""An order is called resolved if it holds in at least this share of the draws."""


@dataclass(frozen=True)
class RankRange:
    """Rank interval of one candidate; 1 is the best rank."""

    low: int
    high: int


def rank_ranges(
    scores: NDArray[np.float64], *, n_unknown: int = 0, coverage: float = 0.95
) -> list[RankRange]:
    """Return the rank interval of each candidate.

    Parameters
    ----------
    scores
        Joint draws, shape (n_draws, n_candidates), larger is better, no NaN.
        Equal scores share the better rank.
    n_unknown
        Candidates whose score has no known interval. They could stand anywhere,
        so they widen every upper rank by their number.
    coverage
        Share of the draws inside the interval.
    """
    order = np.argsort(-scores, axis=1)
    ordered = np.take_along_axis(scores, order, axis=1)
    first = np.zeros(scores.shape, dtype=np.int32)
    first[:, 1:] = np.where(ordered[:, 1:] != ordered[:, :-1], np.arange(1, scores.shape[1]), 0)
    ranks = np.empty(scores.shape, dtype=np.int32)
    np.put_along_axis(ranks, order, np.maximum.accumulate(first, axis=1) + 1, axis=1)
    tail = (1 - coverage) / 2
    low = np.quantile(ranks, tail, axis=0, method="lower")
    high = np.quantile(ranks, 1 - tail, axis=0, method="higher")
    return [RankRange(int(a), int(b) + n_unknown) for a, b in zip(low, high, strict=True)]


def probability_better(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``p[i, j]`` = share of draws in which candidate i beats j (ties count half).

    Parameters
    ----------
    scores
        Joint draws, shape (n_draws, n_candidates), larger is better, no NaN.

    Returns
    -------
    ndarray, shape (n_candidates, n_candidates)
        ``p[i, j] + p[j, i] = 1``.
    """
    n_draws, n = scores.shape
    by_candidate = np.ascontiguousarray(scores.T)
    p = np.full((n, n), 0.5)
    for i in range(n - 1):
        mine, others = by_candidate[i], by_candidate[i + 1 :]
        wins = np.count_nonzero(mine > others, axis=1)
        losses = np.count_nonzero(mine < others, axis=1)
        p[i, i + 1 :] = 0.5 + (wins - losses) / (2 * n_draws)
        p[i + 1 :, i] = 1.0 - p[i, i + 1 :]
    return p


def resolved(probability: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which pairs have a resolved order, either way round.

    Parameters
    ----------
    probability
        From :func:`probability_better`.
    """
    return np.asarray(np.maximum(probability, probability.T) >= RESOLVED_PROBABILITY)
