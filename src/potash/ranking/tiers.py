"""Ranked tables with tiers: who belongs to the best, who may, and who does not, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from potash.calibration import ErrorModel
from potash.catalog.question import Among, Bound, PartQuestion, Preference
from potash.errors import InputError
from potash.ranking.answering import Asked, Condition, PartAnswer, Placed, answer_question
from potash.ranking.conditions import most_allowed
from potash.ranking.criteria import Criterion
from potash.ranking.order import Candidate, Order, ordered, with_drawn_intervals
from potash.ranking.table import Entry, RankedTable
from potash.spelling import nearest

USUAL_CHOICE = 10
"""How many are chosen where nobody says; at most half of those ranked."""

CONFIDENCE = 0.9

_REACH_SD = 8.0
"""A single criterion is rewarded over everything that the candidates may be: nothing is cut."""


@dataclass(frozen=True)
class Wish:
    """What a ranking is asked for beyond its criteria.

    Attributes
    ----------
    choose
        How many make up the best; None: :data:`USUAL_CHOICE`, at most half of those ranked.
    among
        Conditions. Who fails one of the catalogue is left out of the table; who may fail one on a
        quantity is in doubt.
    """

    choose: int | None = None
    among: Among = field(default_factory=Among)


def ranked_table(
    kind: str,
    candidates: Sequence[Candidate],
    criteria: Sequence[Criterion],
    wish: Wish,
    *,
    conditions: Mapping[str, tuple[Condition, ...]],
    notes: Sequence[str] = (),
    error_models: Sequence[ErrorModel] = (),
    seed: int,
    n_draws: int,
) -> RankedTable:
    """Return candidates in tiers, with what the uncertainties leave of their order.

    Parameters
    ----------
    kind
        ``hosts``, ``electrolytes`` or ``molecules``.
    candidates
        Of the kind, those without values too.
    criteria
        What is rewarded.
    wish
        How many are chosen, and among whom.
    conditions
        Candidate's id to what is known of the conditions that are matters of fact.
    notes, error_models
        Shown with the table.
    seed, n_draws
        Of the joint draws of the candidates; the same give the same tiers.

    Raises
    ------
    InputError
        If more are to be chosen than are ranked, or no candidate meets the conditions.
    """
    candidates = [
        c for c in candidates if all(x.met is not False for x in conditions.get(c.entry.id, ()))
    ]
    if not candidates:
        raise InputError(f"no {kind.removesuffix('s')} meets the conditions", source="filters")
    if wish.among.bounds:
        rng = np.random.default_rng(seed + 7)
        candidates = [with_drawn_intervals(c, rng, n_draws) for c in candidates]
        _check_columns(wish.among.bounds, candidates)
    order = ordered(candidates, criteria)
    placed = {e.id for e in order.entries if e.rank is not None}
    ranked = [c for c in candidates if c.entry.id in placed]
    groups: dict[str, list[Candidate]] = {}
    for candidate in ranked:
        groups.setdefault(candidate.tie_key, []).append(candidate)
    choose = _choose(kind, wish.choose, len(groups))
    asked = [
        Asked(
            members[0],
            tuple(c.entry.name for c in members),
            _most_allowed([conditions.get(c.entry.id, ()) for c in members]),
        )
        for members in groups.values()
    ]
    found = _answer(kind, asked, criteria, choose, wish, seed, n_draws)
    tiers: dict[str, Placed] = {}
    if found is not None:
        by_id = {p.id: p for p in found.placed}
        tiers = {
            member.entry.id: by_id[members[0].entry.id]
            for members in groups.values()
            for member in members
        }
    here = [c for c in candidates if not c.apart]
    possible = len(here) * (len(here) - 1) // 2
    entries = [_placed(e, tiers) for e in order.entries]
    entries.sort(key=lambda e: (e.rank is None, -(e.probability_in or 0.0)))
    return RankedTable(
        kind=kind,
        entries=tuple(entries),
        criteria=tuple(criteria),
        verdict=summary(kind, order, choose, found, possible),
        choose=choose,
        confidence=None if found is None else found.confidence,
        pairs=order.pairs,
        resolved_pairs=order.resolved_pairs,
        tied_pairs=order.tied_pairs,
        possible_pairs=possible,
        notes=tuple(notes),
        error_models=tuple(error_models),
        seed=seed,
        n_draws=n_draws,
    )


def summary(kind: str, order: Order, choose: int, found: PartAnswer | None, possible: int) -> str:
    """Say in one or two sentences what a ranking is worth.

    ``possible`` pairs are those of all candidates, without a value too.
    """
    n = sum(e.rank is not None for e in order.entries)
    if not n:
        return "Nothing is ranked: no candidate has all the quantities that the criteria need."
    if n == 1:
        return "One candidate is ranked; there is nothing to compare it with."
    ties = f", {order.tied_pairs} tied by sharing a model" if order.tied_pairs else ""
    pairs = (
        f"{order.resolved_pairs} of all {order.pairs} pairs are resolved "
        f"({order.resolved_pairs / order.pairs:.0%}){ties}"
        + (
            f"; with those that have no value, of {possible} "
            f"({order.resolved_pairs / possible:.0%})."
            if possible > order.pairs
            else "."
        )
    )
    if found is None:
        return f"No tiers: fewer than two of {n} have an interval. {pairs}"
    best = f"The {choose} best {kind}" if choose > 1 else f"The best {kind.removesuffix('s')}"
    counts = {tier: len(found.tier(tier)) for tier in ("in", "in_doubt", "out")}
    return (
        f"{best}: {counts['in']} in, {counts['in_doubt']} in doubt, {counts['out']} out; "
        f"of the {choose} most probable {found.confidence:.0%} are expected to be right. {pairs}"
    )


def _most_allowed(conditions: Sequence[tuple[Condition, ...]]) -> tuple[Condition, ...]:
    return conditions[most_allowed(conditions)]


def _choose(kind: str, wanted: int | None, n: int) -> int:
    if wanted is None:
        return max(1, min(USUAL_CHOICE, n // 2))
    if wanted > n:
        raise InputError(
            f"{wanted} cannot be chosen of {n} {kind} that are ranked"
            + (" and differ" if n else ""),
            source="--choose",
        )
    return wanted


def _check_columns(bounds: Mapping[str, Bound], candidates: Sequence[Candidate]) -> None:
    known = sorted({c for one in candidates for c in one.draws})
    for column in bounds:
        if column not in known:
            raise InputError(
                f"{column!r} is no quantity with a known error{nearest(column, known)} "
                f"(quantities: {', '.join(known)})",
                source="--where",
            )


def _answer(
    kind: str,
    asked: Sequence[Asked],
    criteria: Sequence[Criterion],
    choose: int,
    wish: Wish,
    seed: int,
    n_draws: int,
) -> PartAnswer | None:
    """Return who is in, out and in doubt; None where intervals are too few to tell."""
    weighted = [c for c in criteria if c.weight > 0]
    needed = {c.column for c in weighted} | set(wish.among.bounds)
    if any(sum(n in a.candidate.draws for a in asked) < 2 for n in needed):
        return None
    question = PartQuestion(
        choose=choose,
        among=Among.model_validate(wish.among.bounds),
        by=_preferences(weighted, [a.candidate for a in asked]),
        confidence=CONFIDENCE,
    )
    return answer_question(kind, question, asked, seed=seed, n_draws=n_draws)


def _preferences(
    criteria: Sequence[Criterion], candidates: Sequence[Candidate]
) -> dict[str, Preference]:
    """Return the criteria as preferences.

    As in the order: several are linear between their bounds, and of one more is always better,
    because bounds would tie candidates that the quantity itself tells apart.
    """
    if len(criteria) > 1:
        return {c.column: Preference(best=c.best, worst=c.worst, weight=c.weight) for c in criteria}
    (only,) = criteria
    drawn = [c.draws[only.column] for c in candidates if only.column in c.draws]
    reach = _REACH_SD * max(float(d.std()) for d in drawn)
    low = min(float(d.mean()) for d in drawn) - reach - 1e-30
    high = max(float(d.mean()) for d in drawn) + reach + 1e-30
    best, worst = (high, low) if only.direction == "maximise" else (low, high)
    return {only.column: Preference(best=best, worst=worst)}


def _placed(entry: Entry, tiers: Mapping[str, Placed]) -> Entry:
    if entry.rank is None:
        return entry
    found = tiers.get(entry.id)
    if found is None:
        return replace(entry, tier="in_doubt", why="too few intervals are known to tell")
    return replace(
        entry,
        tier=found.tier,
        probability_in=found.probability_in,
        chosen=found.chosen,
        why=found.why,
    )
