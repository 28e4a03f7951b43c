"""Order candidates by their criteria, with what the uncertainties leave of that order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from potash.ranking.criteria import Criterion, overall_desirability
from potash.ranking.montecarlo import RESOLVED_PROBABILITY, probability_better, rank_ranges
from potash.ranking.pareto import front_probability, pareto_fronts
from potash.ranking.table import Entry


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
    """

    entry: Entry
    central: Mapping[str, float]
    draws: Mapping[str, NDArray[np.float64]]
    tie_key: str
    comparable: bool = True


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


def place(candidates: Sequence[Candidate], criteria: Sequence[Criterion]) -> tuple[Entry, ...]:
    """Return the entries in order, with ranks, rank intervals, fronts and verdicts.

    Candidates that lack the value of a weighted criterion are not ranked and
    come last. The place of one without an interval is open (rank interval from
    1 to the last, every comparison unresolved), and the others' rank intervals
    are widened accordingly. Uncorrected numbers, whose bias is unknown, follow
    those on the common scale.
    """
    weighted = [c for c in criteria if c.weight > 0]
    names = [c.column for c in weighted]
    scorable = [c for c in candidates if all(n in c.central for n in names)]
    rest = [c.entry for c in candidates if not all(n in c.central for n in names)]
    if not scorable:
        return tuple(rest)

    central = [np.array([c.central[n] for c in scorable]) for n in names]
    score = _scores(central, weighted)
    desirability = overall_desirability(central, weighted)
    fronts = pareto_fronts(
        np.stack([k.gain(x) for k, x in zip(weighted, central, strict=True)], axis=1)
    )
    known = np.array([all(n in c.draws for n in names) for c in scorable])
    order = sorted(range(len(scorable)), key=lambda i: (not scorable[i].comparable, -score[i], i))
    with_interval = [i for i in order if known[i]]
    drawn = _drawn_scores([scorable[i] for i in with_interval], weighted)
    on_front = _front_probabilities([scorable[i] for i in with_interval], weighted)
    n_unknown = len(order) - len(with_interval)
    ranges = rank_ranges(drawn, n_unknown=n_unknown) if with_interval else []
    better = probability_better(drawn) if with_interval else np.empty((0, 0))
    position = {i: p for p, i in enumerate(with_interval)}

    placed: list[Entry] = []
    rank = 1
    for p, i in enumerate(order):
        same_as_last = p > 0 and scorable[i].tie_key == scorable[order[p - 1]].tie_key
        if not same_as_last:
            rank = p + 1
        low, high = (
            (ranges[position[i]].low, ranges[position[i]].high) if known[i] else (1, len(scorable))
        )
        verdict, probability = "", None
        if p + 1 < len(order):
            j = order[p + 1]
            verdict = "unresolved"
            if known[i] and known[j]:
                probability = float(better[position[i], position[j]])
                verdict = "resolved" if probability >= RESOLVED_PROBABILITY else "unresolved"
            if scorable[i].tie_key == scorable[j].tie_key:
                verdict, probability = "tie", None
        placed.append(
            replace(
                scorable[i].entry,
                rank=rank,
                rank_low=min(low, rank),
                rank_high=max(high, rank),
                desirability=float(desirability[i]),
                front=int(fronts[i]),
                front_probability=on_front[position[i]] if known[i] else None,
                central={n: float(scorable[i].central[n]) for n in names},
                verdict=verdict,  # type: ignore[arg-type]
                probability_above_next=probability,
            )
        )
    return (*placed, *rest)


def _drawn_scores(
    candidates: Sequence[Candidate], criteria: Sequence[Criterion]
) -> NDArray[np.float64]:
    """Return joint draws of the score, shape (n_draws, n_candidates)."""
    if not candidates:
        return np.empty((0, 0))
    columns = [np.stack([c.draws[k.column] for c in candidates], axis=1) for k in criteria]
    return _scores(columns, criteria)


def _front_probabilities(
    candidates: Sequence[Candidate], criteria: Sequence[Criterion]
) -> list[float]:
    """Return how often each candidate is on the first Pareto front, over at most 500 draws."""
    if not candidates:
        return []
    gains = np.stack(
        [np.stack([k.gain(c.draws[k.column]) for c in candidates], axis=1) for k in criteria],
        axis=2,
    )
    return [float(p) for p in front_probability(gains[:500])]


def summary(entries: Sequence[Entry]) -> str:
    """Return one sentence on what the order is worth."""
    ranked = [e for e in entries if e.rank is not None]
    if not ranked:
        return "Nothing is ranked: no candidate has all the quantities that the criteria need."
    if len(ranked) == 1:
        return "One candidate is ranked; there is nothing to compare it with."
    neighbours = [e.verdict for e in ranked[:-1]]
    resolved, ties = neighbours.count("resolved"), neighbours.count("tie")
    pairs = len(neighbours)
    open_ = pairs - resolved - ties
    best = {e.id for e in ranked if (e.rank_low or 0) <= 1}
    head = (
        f"{ranked[0].name} is first beyond the uncertainties"
        if len(best) == 1
        else f"{len(best)} of {len(ranked)} may be first"
    )
    if open_ == pairs:
        return f"Unresolved: no neighbours can be told apart; {head}."
    return (
        f"{resolved} of {pairs} neighbouring pairs are resolved, {open_} unresolved, "
        f"{ties} tied by sharing a model; {head}."
    )
