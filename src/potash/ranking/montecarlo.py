"""Ranks with their uncertainty: what joint draws of the scores say about the order."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESOLVED_PROBABILITY = 0.95
"""An order is called resolved if it holds in at least this share of the draws."""

N_DRAWS = 4000
"""Joint draws of the candidates of a ranking, or of a question."""
_FEWEST_DRAWS = 1000
_MOST_NUMBERS = 8_000_000

_COMPILED_FROM = 600
"""Candidates from which comparing their pairs is worth loading a compiler (half a second)."""
_PAIR_DRAWS = 500
_MOST_COMPARED = 40_000_000_000
_AT_A_TIME = 200
"""Draws, or candidates, that are looked at together: bounds the memory, changes no number."""


def draws_for(n_candidates: int) -> int:
    """Return how many joint draws to take: fewer of thousands of candidates, to bound the memory.

    >>> draws_for(150), draws_for(4_000), draws_for(100_000)
    (4000, 2000, 1000)
    """
    few = _MOST_NUMBERS // max(n_candidates, 1)
    return max(_FEWEST_DRAWS, min(N_DRAWS, few))


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
    ranks = _ranks(scores)
    tail = (1 - coverage) / 2
    found = []
    for start in range(0, ranks.shape[1], _AT_A_TIME):
        some = ranks[:, start : start + _AT_A_TIME]
        low = np.quantile(some, tail, axis=0, method="lower")
        high = np.quantile(some, 1 - tail, axis=0, method="higher")
        found += [RankRange(int(a), int(b) + n_unknown) for a, b in zip(low, high, strict=True)]
    return found


def _ranks(scores: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return the rank of each candidate in each draw; equal scores share the better rank."""
    ranks = np.empty(scores.shape, dtype=np.int32)
    for start in range(0, len(scores), _AT_A_TIME):
        some = scores[start : start + _AT_A_TIME]
        order = np.argsort(-some, axis=1)
        ordered = np.take_along_axis(some, order, axis=1)
        first = np.zeros(some.shape, dtype=np.int32)
        first[:, 1:] = np.where(ordered[:, 1:] != ordered[:, :-1], np.arange(1, some.shape[1]), 0)
        placed = np.maximum.accumulate(first, axis=1) + 1
        np.put_along_axis(ranks[start : start + _AT_A_TIME], order, placed, axis=1)
    return ranks


def told_apart(scores: NDArray[np.float64], ties: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return from how many others each candidate is told apart: the order of the pair is resolved.

    It is resolved where one is better in at least 95 % of the draws, whichever it is; ties count
    half.

    Parameters
    ----------
    scores
        Joint draws, shape (n_draws, n_candidates), larger is better, no NaN.
    ties
        Shape (n_candidates,): candidates of one number share their score by construction, and
        are never told apart.

    Returns
    -------
    ndarray
        Shape (n_candidates,); the sum is twice the number of resolved pairs.
    """
    n = scores.shape[1]
    # Of thousands of candidates 500 draws tell, good to 0.01 where a pair is just resolved.
    scores = scores[: max(_PAIR_DRAWS, _MOST_COMPARED // max(n, 1) ** 2)]
    n_draws = len(scores)
    # With ties counted half: |wins - losses| >= (2 p - 1) n_draws.
    needed = math.ceil(round((2 * RESOLVED_PROBABILITY - 1) * n_draws, 6))
    if n >= _COMPILED_FROM:
        from potash.ranking.pairs import resolved_counts

        # Ranks tell who is better in a draw as the scores do, in a quarter of the room.
        by_rank = np.ascontiguousarray(-_ranks(scores).T)
        small = by_rank.astype(np.int16) if n <= np.iinfo(np.int16).max else by_rank
        found: NDArray[np.int64] = resolved_counts(small, ties, needed)
        return found
    by_candidate = np.ascontiguousarray(scores.T)
    counts = np.zeros(n, dtype=np.int64)
    for i in range(n - 1):
        mine, others = by_candidate[i], by_candidate[i + 1 :]
        wins = np.count_nonzero(mine > others, axis=1)
        losses = np.count_nonzero(mine < others, axis=1)
        apart = (np.abs(wins - losses) >= needed) & (ties[i + 1 :] != ties[i])
        counts[i] += np.count_nonzero(apart)
        counts[i + 1 :] += apart
    return counts
