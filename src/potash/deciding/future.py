"""What more certainty would cost: the ladder climbed in futures drawn from what is believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from potash.deciding.ladder import Step, next_steps
from potash.deciding.options import Options
from potash.ranking.answering import PartAnswer, judge
from potash.ranking.membership import answer
from potash.ranking.population import Believed

N_FUTURES = 12
N_DRAWS = 800
MOST_ROUNDS = 40
_POINTS = 9
_AT_ONCE = 3
"""Steps of one round of a future: as many as would run side by side."""


@dataclass(frozen=True)
class Point:
    """What is expected at one price.

    Attributes
    ----------
    core_hours
        Spent from now on.
    confidence, doubt
        Means over the futures.
    answered
        Share of the futures in which the question is answered by then.
    """

    core_hours: float
    confidence: float
    doubt: float
    answered: float


@dataclass(frozen=True)
class Certainty:
    """The price of certainty.

    Attributes
    ----------
    points
        From nothing spent to the most that a future spent.
    core_hours
        Median over the futures that end answered; None if fewer than half do.
    """

    points: tuple[Point, ...]
    core_hours: float | None


@dataclass(frozen=True)
class _Moment:
    hours: float
    confidence: float
    doubt: float
    answered: bool


def price_of_certainty(
    now: PartAnswer,
    found: Options,
    *,
    seed: int,
    core_hours: float | None = None,
    n_futures: int = N_FUTURES,
) -> Certainty:
    """Return how confidence is expected to grow with the core-hours spent.

    In every future the true values are one joint draw of the belief; steps are taken in the
    order of their expected gain per core-hour, what they give is the truth with the error of
    their level, and the belief is updated, until the question is answered, nothing helps, or
    the core-hours are spent.

    Parameters
    ----------
    now
        The answer as it is.
    found
        What could be run.
    seed
        Of the futures.
    core_hours
        Most that a future may spend; without bounds by default.
    n_futures
        Number of futures.
    """
    rng = np.random.default_rng(seed)
    futures = [_future(now, found, core_hours, rng, seed + i) for i in range(n_futures)]
    most = max(future[-1].hours for future in futures)
    grid = np.linspace(0.0, most, _POINTS) if most > 0 else np.zeros(1)
    points = tuple(_point(float(hours), futures) for hours in grid)
    answered = sorted(f[-1].hours for f in futures if f[-1].answered)
    enough = 2 * len(answered) >= len(futures)
    price = float(np.median(answered)) if enough else None
    return Certainty(points, price)


def _point(hours: float, futures: Sequence[Sequence[_Moment]]) -> Point:
    then = [max((m for m in f if m.hours <= hours + 1e-12), key=lambda m: m.hours) for f in futures]
    return Point(
        core_hours=hours,
        confidence=float(np.mean([m.confidence for m in then])),
        doubt=float(np.mean([m.doubt for m in then])),
        answered=float(np.mean([m.answered for m in then])),
    )


def _future(
    now: PartAnswer,
    found: Options,
    core_hours: float | None,
    rng: np.random.Generator,
    seed: int,
) -> list[_Moment]:
    beliefs = dict(now.beliefs)
    which = int(rng.integers(len(now.facts)))
    truths = {column: drawn[which] for column, drawn in now.draws.items()}
    facts = now.facts[rng.integers(len(now.facts), size=N_DRAWS)]
    left = [step for _, step in found.further]
    batch = [step for _, step in found.first]
    hours, moments = 0.0, []
    for round_number in range(MOST_ROUNDS):
        draws = {column: belief.draws(N_DRAWS, rng) for column, belief in beliefs.items()}
        right = judge(now.question, draws, facts).right
        reached = answer(right, now.choose, now.asked_confidence, now.question.meaning)
        moments.append(_Moment(hours, reached.confidence, reached.doubt, reached.answered))
        if not batch:
            if reached.answered:
                break
            proposals = next_steps(left, draws, right, seed=seed + round_number)
            batch = _side_by_side([p.step for p in proposals])
        if core_hours is not None:
            batch = [s for s in batch if hours + s.cost_s / 3600 <= core_hours]
        if not batch:
            break
        for step in batch:
            beliefs[step.column] = _looked(beliefs[step.column], step, truths[step.column], rng)
            hours += step.cost_s / 3600
            left = [s for s in left if not _made_pointless(s, step)]
        batch = []
    return moments


def _side_by_side(steps: Sequence[Step]) -> list[Step]:
    """Return the first steps of different candidates."""
    chosen: dict[int, Step] = {}
    for step in steps:
        if step.candidate not in chosen:
            chosen[step.candidate] = step
        if len(chosen) == _AT_ONCE:
            break
    return list(chosen.values())


def _looked(
    belief: Believed, step: Step, truths: NDArray[np.float64], rng: np.random.Generator
) -> Believed:
    value = float(truths[step.candidate] + step.error_sd * rng.standard_normal())
    return belief.updated(step.candidate, value, step.error_sd)


def _made_pointless(step: Step, taken: Step) -> bool:
    """Tell whether a step tells no more than one that was taken."""
    same = (step.candidate, step.column) == (taken.candidate, taken.column)
    return same and step.error_sd >= taken.error_sd
