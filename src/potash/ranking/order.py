"""Order candidates by their criteria, with what the uncertainties leave of that order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from potash.calibration import HALF_WIDTH_PER_SD
from potash.columns import interval_names
from potash.ranking.criteria import Criterion, overall_desirability
from potash.ranking.montecarlo import rank_ranges, told_apart
from potash.ranking.pareto import front_probability, pareto_fronts
from potash.ranking.table import Entry

_FRONT_DRAWS = 500
"""Draws that a share of Pareto fronts is taken over: good to 0.02."""


@dataclass(frozen=True)
class Candidate:
    """An entry to be placed.

    Attributes
    ----------
    entry
        What the table will show.
    central
        Column to central value; a column that is absent is not known.
    draws
        Column to joint draws, shape (n_draws,); absent = interval not known.
    tie_key
        Candidates with the same key share their score by construction.
    comparable
        Whether the central values are on the common scale; False for uncorrected
        numbers of a level whose bias is not known.
    predicted
        Columns whose value a regression predicts (:class:`~potash.calibration.Estimate`).
    apart
        Whether it is ranked in another table: shown here without a rank.
    """

    entry: Entry
    central: Mapping[str, float]
    draws: Mapping[str, NDArray[np.float64]]
    tie_key: str
    comparable: bool = True
    predicted: frozenset[str] = frozenset()
    apart: bool = False


def with_drawn_intervals(candidate: Candidate, rng: np.random.Generator, n_draws: int) -> Candidate:
    """Return a candidate with draws of every quantity whose interval is known.

    A quantity that the ranking has no joint draws of is drawn by itself, as normal with the
    width of its 95 % interval.
    """
    values = candidate.entry.values
    central, draws = dict(candidate.central), dict(candidate.draws)
    for column, value in values.items():
        if column in draws or value is None:
            continue
        low, high = (values.get(end) for end in interval_names(column))
        if low is None or high is None:
            continue
        central[column] = float(value)
        draws[column] = rng.normal(float(value), (high - low) / (2 * HALF_WIDTH_PER_SD), n_draws)
    return replace(candidate, central=central, draws=draws)


def _scores(
    columns: Sequence[NDArray[np.float64]], criteria: Sequence[Criterion]
) -> NDArray[np.float64]:
    """Return what the order follows: the plain quantity for one criterion, else desirability.

    Desirability is flat beyond its bounds, which would tie candidates that a
    single criterion can tell apart.
    """
    weighted = [(c, x) for c, x in zip(criteria, columns, strict=True) if c.weight > 0]
    if len(weighted) == 1:
        criterion, values = weighted[0]
        return criterion.gain(np.asarray(values, dtype=float))
    return overall_desirability([x for _, x in weighted], [c for c, _ in weighted])


@dataclass(frozen=True)
class Order:
    """Candidates in order, and how much of that order is told apart.

    Attributes
    ----------
    entries
        Ranked ones first, best first; then those that cannot be ranked.
    pairs
        Number of pairs of ranked candidates, n (n - 1) / 2.
    resolved_pairs
        Pairs of which one is better with at least 95 % probability.
    tied_pairs
        Pairs that share their value by construction, and cannot be told apart.
    """

    entries: tuple[Entry, ...]
    pairs: int = 0
    resolved_pairs: int = 0
    tied_pairs: int = 0


def ordered(candidates: Sequence[Candidate], criteria: Sequence[Criterion]) -> Order:
    """Return the entries in order, with ranks, rank intervals and fronts.

    Candidates that lack the value of a weighted criterion, or are ranked apart, are not
    ranked and come last. The place of one without an interval is open (rank interval from
    1 to the last, every comparison unresolved), and the others' rank intervals
    are widened accordingly. Uncorrected numbers, whose bias is unknown, follow
    those on the common scale.
    """
    weighted = [c for c in criteria if c.weight > 0]
    names = [c.column for c in weighted]
    able = [not c.apart and all(n in c.central for n in names) for c in candidates]
    scorable = [c for c, is_able in zip(candidates, able, strict=True) if is_able]
    rest = tuple(c.entry for c, is_able in zip(candidates, able, strict=True) if not is_able)
    if not scorable:
        return Order(rest)
    central = [np.array([c.central[n] for c in scorable]) for n in names]
    score = _scores(central, weighted)
    order = sorted(range(len(scorable)), key=lambda i: (not scorable[i].comparable, -score[i], i))
    scorable, central = [scorable[i] for i in order], [x[order] for x in central]

    desirability = overall_desirability(central, weighted)
    fronts = pareto_fronts(
        np.stack([k.gain(x) for k, x in zip(weighted, central, strict=True)], axis=1)
    )
    n = len(scorable)
    known = [all(x in c.draws for x in names) for c in scorable]
    drawn = [c for c, k in zip(scorable, known, strict=True) if k]
    scores = _drawn_scores(drawn, weighted)
    at = [i for i in range(n) if known[i]]
    ranges = dict(zip(at, rank_ranges(scores, n_unknown=n - len(at)), strict=True))
    on_front = dict(zip(at, _front_probabilities(drawn, weighted), strict=True))
    _, ties = np.unique([c.tie_key for c in scorable], return_inverse=True)
    apart = dict(zip(at, told_apart(scores, ties[at]), strict=True))

    placed: list[Entry] = []
    rank = 1
    for i, candidate in enumerate(scorable):
        if i and ties[i] != ties[i - 1]:
            rank = i + 1
        low, high = (ranges[i].low, ranges[i].high) if known[i] else (1, n)
        placed.append(
            replace(
                candidate.entry,
                rank=rank,
                rank_low=min(low, rank),
                rank_high=max(high, rank),
                desirability=float(desirability[i]),
                front=int(fronts[i]),
                front_probability=on_front.get(i),
                central={x: float(candidate.central[x]) for x in names},
                told_apart_from=int(apart.get(i, 0)),
            )
        )
    return Order(
        entries=(*placed, *rest),
        pairs=n * (n - 1) // 2,
        resolved_pairs=int(sum(apart.values())) // 2,
        tied_pairs=sum(k * (k - 1) // 2 for k in Counter(ties.tolist()).values()),
    )


def _drawn_scores(
    candidates: Sequence[Candidate], criteria: Sequence[Criterion]
) -> NDArray[np.float64]:
    """Return joint draws of the score, shape (n_draws, n_candidates)."""
    if not candidates:
        return np.empty((1, 0))
    columns = [np.stack([c.draws[k.column] for c in candidates], axis=1) for k in criteria]
    return _scores(columns, criteria)


def _front_probabilities(
    candidates: Sequence[Candidate], criteria: Sequence[Criterion]
) -> list[float]:
    """Return how often each candidate is on the first Pareto front, over some of the draws."""
    if not candidates:
        return []
    gains = np.stack(
        [
            np.stack([k.gain(c.draws[k.column][:_FRONT_DRAWS]) for c in candidates], axis=1)
            for k in criteria
        ],
        axis=2,
    )
    return [float(p) for p in front_probability(gains)]
