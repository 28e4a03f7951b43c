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
    n = scores.shape[1]
    if n == 0:
        return []
    ordered = np.sort(scores, axis=1)
    ranks = np.empty(scores.shape, dtype=int)
    for row, (values, line) in enumerate(zip(ordered, scores, strict=True)):
        ranks[row] = n - np.searchsorted(values, line, side="right") + 1
    tail = (1 - coverage) / 2
    low = np.quantile(ranks, tail, axis=0, method="lower")
    high = np.quantile(ranks, 1 - tail, axis=0, method="higher")
    return [RankRange(int(a), int(b) + n_unknown) for a, b in zip(low, high, strict=True)]


def probability_better(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``p[i, j]`` = share of draws in which candidate i beats j (ties count half)."""
    n = scores.shape[1]
    p = np.full((n, n), 0.5)
    for i in range(n):
        difference = scores[:, [i]] - scores
        p[i] = (difference > 0).mean(axis=0) + 0.5 * (difference == 0).mean(axis=0)
    return p
