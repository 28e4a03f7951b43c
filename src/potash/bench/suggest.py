"""What to measure next: candidates that are promising, or that teach most, by BayBE.

A Gaussian process learns measured figures of merit from what each candidate is, with what was
computed of the same figure as a related task. Whether it may speak is decided by
cross-validation on groups that it did not learn from: where it does not beat the mean of the
measured values, the batch is spread over the candidates instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from potash.bench.choices import Choices, Features
from potash.bench.surrogate import Target, modelled_batch, posterior
from potash.errors import InputError

FOLDS = 5
LEAST_MEASURED = 8
"""With fewer measured candidates there is nothing to cross-validate."""
LEAST_GROUPS = 3
"""With fewer sets of components, or classes, none can be left out."""
_DRAWS = 2000


@dataclass(frozen=True)
class Suggestion:
    """The next batch.

    Attributes
    ----------
    candidates
        In the order of the choice.
    learnt
        Columns that the model chose by; none: the batch is spread over what was not measured.
    skill
        Column to 1 - squared error of cross-validation / that of the mean (1 = perfect, 0 =
        the mean); None where too little was measured.
    gain
        Column to the expected best of the batch minus that of a random batch, in the column's
        unit, positive for better; empty where the model does not speak.
    prior
        Column to how many computed values the model was seeded with.
    why
        In words.
    """

    candidates: tuple[str, ...]
    learnt: tuple[str, ...]
    skill: Mapping[str, float | None]
    gain: Mapping[str, float]
    prior: Mapping[str, int]
    why: str


def suggest(
    choices: Choices,
    targets: Sequence[Target],
    *,
    batch: int,
    pending: Sequence[str] = (),
    seed: int = 0,
) -> Suggestion:
    """Return the next candidates to measure.

    Parameters
    ----------
    choices
        Every candidate, measured ones too.
    targets
        What to improve; of several, the batch is chosen for their Pareto front.
    batch
        How many to choose.
    pending
        Candidates that are being measured: not chosen again.
    seed
        Of the choice.

    Raises
    ------
    InputError
        If BayBE is not installed, or too few candidates are left.
    """
    features = choices.features
    measured = set.intersection(*(set(t.measured) for t in targets))
    left = [name for name in features if name not in measured and name not in pending]
    if len(left) < batch:
        raise InputError(f"only {len(left)} candidates are left, too few for {batch}")
    skill = {t.column: cross_validated_skill(choices, t, seed=seed) for t in targets}
    speaking = [t for t in targets if (skill[t.column] or 0.0) > 0]
    if len(speaking) > 1:
        shared = set.intersection(*(set(t.measured) for t in speaking))
        if len(shared) < LEAST_MEASURED:
            # Too few were measured in all of them for a front: the best known one counts.
            speaking = [max(speaking, key=lambda t: skill[t.column] or 0.0)]
    why = "; ".join(_verdict(t, skill[t.column], t in speaking) for t in targets)
    prior = {t.column: len(t.computed) for t in targets if t.computed}
    if not speaking:
        chosen = _spread(features, [*sorted(measured), *pending], left, batch)
        return Suggestion(chosen, (), skill, {}, prior, f"{why}: spread over the candidates")
    chosen = modelled_batch(features, speaking, left, batch=batch, pending=pending, seed=seed)
    gain = {t.column: _gain(features, t, left, chosen, seed) for t in speaking}
    learnt = tuple(t.column for t in speaking)
    return Suggestion(chosen, learnt, skill, gain, prior, why)


def _verdict(target: Target, skill: float | None, speaks: bool) -> str:
    n = len(target.measured)
    if skill is None:
        return (
            f"{target.column}: {n} measured candidates are too few to learn from (it needs "
            f"{LEAST_MEASURED}, in {LEAST_GROUPS} groups)"
        )
    if skill <= 0:
        return (
            f"{target.column}: not learnable yet, the model predicts groups that it has not seen "
            f"no better than the mean of {n} measured ones (skill {skill:.2f})"
        )
    text = f"{target.column}: the model explains {skill:.0%} of the variance of unseen groups"
    return text if speaks else f"{text}, but too few were measured in all figures"


def cross_validated_skill(choices: Choices, target: Target, *, seed: int) -> float | None:
    """Return 1 - squared error of the model / of the mean, over folds of whole groups.

    None with too few measured candidates or groups.
    """
    names = sorted(target.measured)
    groups = sorted({choices.groups[n] for n in names})
    if len(names) < LEAST_MEASURED or len(groups) < LEAST_GROUPS:
        return None
    order = np.random.default_rng(seed).permutation(len(groups))
    model = null = 0.0
    for fold in range(min(FOLDS, len(groups))):
        held = {groups[i] for i in order[fold::FOLDS]}
        out = [n for n in names if choices.groups[n] in held]
        training = target.without(out)
        if not training.measured:
            return None
        truth = np.array([target.measured[n] for n in out])
        mean, _ = posterior(choices.features, training, out)
        model += float(((truth - mean) ** 2).sum())
        null += float(((truth - np.mean(list(training.measured.values()))) ** 2).sum())
    return 1 - model / null if null > 0 else None


def _spread(
    features: Features, taken: Sequence[str], left: Sequence[str], batch: int
) -> tuple[str, ...]:
    """Return candidates far from those taken and from one another (greedy, farthest first)."""
    columns = sorted(next(iter(features.values())))
    table = {n: np.array([f[c] for c in columns]) for n, f in features.items()}
    spread = np.ptp(np.stack(list(table.values())), axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    near = [table[n] for n in taken] or [np.mean(list(table.values()), axis=0)]
    chosen: list[str] = []
    for _ in range(batch):
        distance = {
            n: min(float(np.linalg.norm((table[n] - x) / scale)) for x in near)
            for n in left
            if n not in chosen
        }
        best = max(sorted(distance), key=lambda n: distance[n])
        chosen.append(best)
        near.append(table[best])
    return tuple(chosen)


def _gain(
    features: Features, target: Target, left: Sequence[str], chosen: Sequence[str], seed: int
) -> float:
    """Return by how much the best of a batch is expected to beat that of a random batch."""
    mean, covariance = posterior(features, target, left)
    sign = 1.0 if target.maximise else -1.0
    rng = np.random.default_rng(seed)
    draws = rng.multivariate_normal(sign * mean, covariance, size=_DRAWS, method="eigh")
    own = draws[:, [list(left).index(n) for n in chosen]].max(axis=1)
    picks = np.argsort(rng.random(draws.shape), axis=1)[:, : len(chosen)]
    at_random = np.take_along_axis(draws, picks, axis=1).max(axis=1)
    return float(own.mean() - at_random.mean())
