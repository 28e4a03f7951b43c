"""Which candidates belong to the best k, how sure that is, and how much doubt is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Tier = Literal["in", "in_doubt", "out"]
Meaning = Literal["expected_share", "all_right"]


@dataclass(frozen=True, eq=False)
class Answer:
    """The best k as far as it is known.

    Attributes
    ----------
    probability
        Shape (n,): of being a right pick, i.e. no worse than the k-th best by more than the
        indifference.
    chosen
        Indices of the k picks, the surest first.
    tiers
        ``in``: at least the confidence asked for that it is a right pick; ``out``: at most its
        complement, and so improbable that of the k right picks no more than that share is
        expected among all candidates that are out together; else ``in_doubt``.
    confidence
        Expected share of right picks among the chosen, or the probability that all are right.
    answered
        Whether that reaches what was asked for.
    doubt
        Sum of p (1 - p) over all candidates.
    """

    probability: Floats
    chosen: tuple[int, ...]
    tiers: tuple[Tier, ...]
    confidence: float
    answered: bool
    doubt: float


def right_picks(scores: Floats, k: int, indifference: float = 0.0) -> NDArray[np.bool_]:
    """Return in which draws each candidate is a right pick.

    Parameters
    ----------
    scores
        Shape (draws, n); more is better.
    k
        How many are chosen, 1 to n.
    indifference
        Differences up to this do not matter, in the unit of the scores.

    Returns
    -------
    ndarray
        Shape (draws, n).

    Raises
    ------
    ValueError
        If ``k`` is not between 1 and n, or the indifference is negative.

    Examples
    --------
    >>> right_picks(np.array([[3.0, 2.9, 1.0]]), 1, 0.2).tolist()
    [[True, True, False]]
    """
    n = scores.shape[1]
    if not 1 <= k <= n:
        raise ValueError(f"{k} cannot be chosen of {n}")
    if indifference < 0:
        raise ValueError("an indifference is not negative")
    worst = np.partition(scores, n - k, axis=1)[:, n - k]
    right: NDArray[np.bool_] = scores >= (worst - indifference)[:, None]
    return right


def answer(
    right: NDArray[np.bool_], k: int, confidence: float, meaning: Meaning = "expected_share"
) -> Answer:
    """Return the answer that draws give.

    Parameters
    ----------
    right
        Of :func:`right_picks`, shape (draws, n).
    k
        How many are chosen.
    confidence
        Asked for, between 0 and 1.
    meaning
        ``expected_share``: of right picks among the chosen; ``all_right``: the probability that
        every one of them is right.
    """
    p = right.mean(axis=0)
    chosen = tuple(int(i) for i in np.argsort(-p, kind="stable")[:k])
    picks = right[:, list(chosen)]
    reached = picks.mean() if meaning == "expected_share" else picks.all(axis=1).mean()
    out = _out(p, k, confidence)
    tiers: list[Tier] = [
        "in" if q >= confidence else "out" if is_out else "in_doubt"
        for q, is_out in zip(p, out, strict=True)
    ]
    return Answer(
        probability=p,
        chosen=chosen,
        tiers=tuple(tiers),
        confidence=float(reached),
        answered=bool(reached >= confidence),
        doubt=float(doubt(p)),
    )


def _out(p: Floats, k: int, confidence: float) -> NDArray[np.bool_]:
    """Return who is out.

    A small probability is not enough: of a hundred candidates that nothing is known of each has
    one, and yet the right ones are among them. So the least probable are taken together.
    """
    order = np.argsort(p, kind="stable")
    lost = np.cumsum(p[order])
    # Equally improbable candidates are out together or not at all.
    last_of_equals = np.searchsorted(p[order], p[order], side="right") - 1
    out = np.zeros(len(p), dtype=bool)
    out[order] = lost[last_of_equals] <= (1 - confidence) * k + 1e-12
    result: NDArray[np.bool_] = out & (p <= 1 - confidence)
    return result


def doubt(probability: Floats) -> Floats:
    """Return the sum of p (1 - p) over the last axis: 0 where everything is certain."""
    total: Floats = (probability * (1 - probability)).sum(axis=-1)
    return total
