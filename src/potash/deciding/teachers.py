"""Candidates that are decided themselves, and whose better value tells of others that are not.

The bias of a class is one unknown of all its members. A member that is surely out, or that a
condition rules out, calibrates the doubtful ones, and may be much cheaper to compute than they.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from potash.ranking.answering import PartAnswer

MOST_TEACHERS = 12
LEAST_SHARED = 0.01
"""Share of the doubt that a straight line in one's value tells of; noise is a tenth of it."""


def teachers(answer: PartAnswer, column: str, doubtful: Collection[str]) -> tuple[str, ...]:
    """Return whose value goes with whether the doubtful ones are right picks, the best first.

    What moves all candidates alike goes with nobody's being a right pick.

    Parameters
    ----------
    answer
        As it is known now.
    column
        Quantity that would be looked at.
    doubtful
        Ids of the candidates in doubt.

    Returns
    -------
    tuple of str
        At most :data:`MOST_TEACHERS` that are not doubtful themselves; whether they are worth
        their cost is not asked here.
    """
    p = answer.right.mean(axis=0)
    weights = p * (1 - p)
    weights *= np.isin(answer.ids, list(doubtful))
    open_ = weights > 0
    if not open_.any():
        return ()
    drawn = answer.draws[column]
    away = drawn - drawn.mean(axis=0)
    size = away.std(axis=0)
    # Squared correlations times p (1 - p) of each, which is the variance of being right.
    together = (away.T @ (answer.right[:, open_] - p[open_]) / len(away)) ** 2
    shared = together.sum(axis=1) / np.where(size > 0, size, np.inf) ** 2 / weights.sum()
    shared[open_] = 0.0
    best = np.argsort(-shared, kind="stable")[:MOST_TEACHERS]
    return tuple(answer.ids[i] for i in best if shared[i] >= LEAST_SHARED)
