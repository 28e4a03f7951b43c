"""The first screen of the report: what to make next, what is in doubt, why, and what it cost.

Everything here is plain data; who computes what next is not this room's business, so that the
course of a campaign comes in as it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from potash.catalog.question import Kind
from potash.ranking.answering import PartAnswer, Placed
from potash.ranking.table import Entry, RankedTable

MOST_PICKS = 20
"""Picks that are shown; the others are in the table below."""
MOST_DOUBTS = 12


@dataclass(frozen=True)
class Shown:
    """One candidate as the first screen shows it.

    Attributes
    ----------
    id, name
        Of the candidate.
    others
        Names of entries that stand or fall with it, because one model sets the value of all.
    tier, probability_in, why
        Of the answer; the probability is None where too few intervals are known.
    """

    id: str
    name: str
    others: tuple[str, ...]
    tier: str
    probability_in: float | None
    why: str


@dataclass(frozen=True)
class Verdict:
    """What to make next of one kind of candidates.

    Attributes
    ----------
    kind, choose
        What is asked about, and how many.
    answered
        Whether the confidence asked for is reached.
    confidence, asked_confidence
        Expected share of right picks; None where it is not known or was not asked for.
    picks, doubts
        The chosen, and others in question; the most probable first.
    n_in, n_doubt, n_out
        How many candidates there are of each tier.
    pairs
        Resolved pairs of all pairs, where a ranking says so.
    """

    kind: str
    choose: int
    answered: bool
    confidence: float | None
    asked_confidence: float | None
    picks: tuple[Shown, ...]
    doubts: tuple[Shown, ...]
    n_in: int
    n_doubt: int
    n_out: int
    pairs: tuple[int, int] | None = None


@dataclass(frozen=True)
class Deed:
    """A calculation that was run to lower the doubt, or that would be run next.

    Attributes
    ----------
    what, why
        In words.
    core_hours, fall
        Expected cost and fall of the doubt.
    actual_core_hours, actual_fall
        Of what was run; None otherwise.
    """

    what: str
    why: str
    core_hours: float
    fall: float
    actual_core_hours: float | None = None
    actual_fall: float | None = None


@dataclass(frozen=True)
class Course:
    """How a campaign came to its answer about one kind, and what more certainty would cost.

    Attributes
    ----------
    kind
        Of the question.
    core_hours
        Spent by the campaign.
    before, after
        Expected share of right picks when it began, and now.
    done, ahead
        What was run, in order, and what would be run next.
    price
        Core-hours from now, and the expected share of right picks then.
    said
        Why it ended, or what keeps the question open.
    """

    kind: str
    core_hours: float = 0.0
    before: float | None = None
    after: float | None = None
    done: tuple[Deed, ...] = ()
    ahead: tuple[Deed, ...] = ()
    price: tuple[tuple[float, float], ...] = ()
    said: str = ""


def verdict_of_answer(found: PartAnswer) -> Verdict:
    """Return the first screen's view of the answer to a question."""
    picks = [_placed(p) for p in found.placed if p.chosen]
    doubts = [_placed(p) for p in found.placed if p.tier != "out" and not p.chosen]
    return Verdict(
        kind=found.kind,
        choose=found.choose,
        answered=found.answered,
        confidence=found.confidence,
        asked_confidence=found.asked_confidence,
        picks=tuple(picks[:MOST_PICKS]),
        doubts=tuple(doubts[:MOST_DOUBTS]),
        n_in=len(found.tier("in")),
        n_doubt=len(found.tier("in_doubt")),
        n_out=len(found.tier("out")),
    )


def _placed(placed: Placed) -> Shown:
    return Shown(
        id=placed.id,
        name=placed.name,
        others=tuple(n for n in placed.names if n != placed.name),
        tier=placed.tier,
        probability_in=placed.probability_in,
        why=placed.why,
    )


def verdict_of_table(table: RankedTable) -> Verdict | None:
    """Return the first screen's view of a ranking; None where nothing is ranked."""
    groups = _groups(table.ranked)
    if not groups:
        return None
    shown = [_entries(members) for members in groups]
    chosen = [members[0].chosen for members in groups]
    picks = tuple(s for s, c in zip(shown, chosen, strict=True) if c)
    tiers = [s.tier for s in shown]
    return Verdict(
        kind=table.kind,
        choose=table.choose,
        answered=bool(picks) and all(p.tier == "in" for p in picks),
        confidence=table.confidence,
        asked_confidence=None,
        picks=picks[:MOST_PICKS],
        doubts=tuple(s for s, c in zip(shown, chosen, strict=True) if not c and s.tier != "out")[
            :MOST_DOUBTS
        ],
        n_in=tiers.count("in"),
        n_doubt=tiers.count("in_doubt"),
        n_out=tiers.count("out"),
        pairs=(table.resolved_pairs, table.pairs),
    )


def _groups(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Join entries that share a model and so their place."""
    groups: dict[tuple[object, ...], list[Entry]] = {}
    for entry in entries:
        model = entry.values.get("model") or entry.id
        groups.setdefault((model, entry.probability_in), []).append(entry)
    return list(groups.values())


def _entries(members: Sequence[Entry]) -> Shown:
    first = members[0]
    return Shown(
        id=first.id,
        name=first.name,
        others=tuple(e.name for e in members[1:]),
        tier=first.tier,
        probability_in=first.probability_in,
        why=first.why,
    )


def verdicts(
    tables: Mapping[str, RankedTable], answers: Mapping[Kind, PartAnswer]
) -> tuple[Verdict, ...]:
    """Return one verdict a kind: the answers where the campaign asks, else the rankings.

    Of hosts the substrates; tables of what is ranked apart have other names than their kind.
    """
    if answers:
        return tuple(verdict_of_answer(found) for found in answers.values())
    rankings = (verdict_of_table(table) for name, table in tables.items() if name == table.kind)
    return tuple(found for found in rankings if found is not None)
