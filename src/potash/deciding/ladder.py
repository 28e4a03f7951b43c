"""What to compute next: levels of theory as steps, each with its cost and the error it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from potash.deciding.gain import Parcels
from potash.ranking.membership import doubt

Floats = NDArray[np.float64]

MOST_PROMISING = 48
"""Steps whose gain is worked out each time: those of the candidates that are most in doubt."""


@dataclass(frozen=True)
class Step:
    """A calculation that could be run.

    Attributes
    ----------
    candidate
        Index of the candidate.
    column
        Quantity that it gives.
    level
        Name of the level of theory.
    error_sd
        Standard deviation of its error as a look of its own, independent of what is known
        today, in the quantity's unit.
    cost_s
        Expected core-seconds.
    teaches
        Whether it is for what it tells of others: the candidate itself may be decided.
    """

    candidate: int
    column: str
    level: str
    error_sd: float
    cost_s: float
    teaches: bool = False


@dataclass(frozen=True)
class Proposal:
    """A step with what it is expected to bring.

    Attributes
    ----------
    step
        The calculation.
    gain
        Expected fall of the doubt (the sum of p (1 - p) over all candidates).
    per_hour
        The same per core-hour: what the order follows.
    """

    step: Step
    gain: float
    per_hour: float


def next_steps(
    steps: Sequence[Step],
    draws: dict[str, Floats],
    right: NDArray[np.bool_],
    *,
    seed: int,
    most: int = MOST_PROMISING,
) -> list[Proposal]:
    """Return steps in the order in which they are worth running, the best first.

    Parameters
    ----------
    steps
        What could be run, of any candidates, quantities and levels.
    draws
        Column to joint draws of the true values, shape (draws, n).
    right
        Of :func:`~potash.ranking.membership.right_picks` on the same draws.
    seed
        Of the outcomes averaged over.
    most
        Only the steps of so many candidates, those most in doubt, are worked out: the others
        can hardly change the answer.

    Returns
    -------
    list of Proposal
        Steps without any expected gain are left out: nothing that is known to Potash would
        settle the question further.
    """
    p = right.mean(axis=0)
    now = float(doubt(p))
    # The noise of the draws; a gain below it is none.
    least = 1e-3 * max(now, 1e-6)
    uncertain = set(np.argsort(-(p * (1 - p)), kind="stable")[:most].tolist())
    undecided = np.ascontiguousarray(right[:, (p > 0) & (p < 1)])  # no other holds any doubt
    proposals = []
    parcels: dict[tuple[str, int], Parcels] = {}
    rng = np.random.default_rng(seed)
    for step in steps:
        decided = step.candidate not in uncertain or not 0 < p[step.candidate] < 1
        if decided and not step.teaches:
            continue  # what is certain of itself would show the noise of the draws alone
        looked_at = (step.column, step.candidate)
        if looked_at not in parcels:
            parcels[looked_at] = Parcels.of(draws[step.column][:, step.candidate], undecided)
        gain = now - parcels[looked_at].expected_doubt(step.error_sd, seed=seed)
        if decided:  # beyond what the same numbers would tell in any order: the noise
            of_no_use = rng.permutation(draws[step.column][:, step.candidate])
            noise = Parcels.of(of_no_use, undecided).expected_doubt(step.error_sd, seed=seed)
            gain -= max(now - noise, 0.0)
        if gain > least:
            proposals.append(Proposal(step, gain, gain / step.cost_s * 3600.0))
    return sorted(proposals, key=lambda q: (-q.per_hour, q.step.candidate, q.step.level))
