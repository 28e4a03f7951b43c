"""From a question and the candidates with their draws to an answer: who is in, out, in doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from potash.catalog.question import Bound, PartQuestion, Preference
from potash.errors import InputError
from potash.quantities import name_of, with_unit
from potash.ranking.membership import Answer, Tier, answer, right_picks
from potash.ranking.order import Candidate
from potash.ranking.population import Believed, believed

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_AT_A_TIME = 250
"""Draws that are judged together: bounds the memory of thousands of candidates."""


@dataclass(frozen=True)
class Condition:
    """Whether a candidate meets one condition of a question that is a matter of fact.

    Attributes
    ----------
    name
        What is asked, such as ``stable_with_k``.
    met
        None = not known.
    why
        In words, for the candidates that fail or are not known.
    """

    name: str
    met: bool | None
    why: str = ""


@dataclass(frozen=True)
class Asked:
    """A candidate with what is known of the conditions.

    Attributes
    ----------
    candidate
        Entry, central values, joint draws.
    names
        Names of all catalogue entries that it stands for: those that share its model.
    conditions
        In the order of the question.
    """

    candidate: Candidate
    names: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether no condition rules it out."""
        return all(c.met is not False for c in self.conditions)


@dataclass(frozen=True)
class Placed:
    """One candidate of an answer.

    Attributes
    ----------
    id, name, names
        Of the candidate, and of all entries that it stands for.
    tier
        ``in``, ``in_doubt`` or ``out``.
    probability_in
        Of being a right pick.
    chosen
        Whether it is one of the k picks.
    why
        One sentence made from the numbers.
    values
        Column to (value, low, high) after shrinking towards the population; unknown ones absent.
    unknown
        Columns and conditions that are not known.
    ruled_out
        Whether something that is known keeps it from being chosen.
    keys
        Of the rows that its values come from.
    """

    id: str
    name: str
    names: tuple[str, ...]
    tier: Tier
    probability_in: float
    chosen: bool
    why: str
    values: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    ruled_out: bool = False
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class PartAnswer:
    """The answer to the question about one kind of candidates.

    Attributes
    ----------
    kind
        ``hosts``, ``electrolytes`` or ``molecules``.
    choose, asked_confidence
        Of the question.
    confidence, answered, doubt
        See :class:`~potash.ranking.membership.Answer`.
    placed
        The candidates, the most probable first.
    draws
        Column to joint draws of the true values, shape (draws, n), in the order of ``ids``.
    right
        In which draws each candidate is a right pick, shape (draws, n).
    ids
        Ids in the order of the arrays: all but those that a condition rules out before anything
        is known of them.
    question
        What was asked.
    beliefs
        Column to what is believed of it: what the draws are from.
    facts
        In which draws each candidate meets the conditions that are matters of fact.
    """

    kind: str
    choose: int
    asked_confidence: float
    confidence: float
    answered: bool
    doubt: float
    placed: tuple[Placed, ...]
    draws: Mapping[str, Floats]
    right: Bools
    ids: tuple[str, ...]
    question: PartQuestion
    beliefs: Mapping[str, Believed]
    facts: Bools

    def tier(self, tier: Tier) -> tuple[Placed, ...]:
        """Return the candidates of one tier."""
        return tuple(p for p in self.placed if p.tier == tier)


def desirability(values: Floats, preference: Preference) -> Floats:
    """Return 0 to 1 for values of any shape.

    Linear between ``worst`` and ``best``; or 1 inside the bounds and falling to 0 over ``fade``
    outside them (Derringer and Suich, J. Qual. Technol. 1980, 12, 214, exponent 1).

    Examples
    --------
    >>> window = Preference(between=(0.1, 0.5), fade=0.2)
    >>> desirability(np.array([0.0, 0.3, 0.6, 0.8]), window).round(2).tolist()
    [0.5, 1.0, 0.5, 0.0]
    """
    if preference.best is not None and preference.worst is not None:
        share = (values - preference.worst) / (preference.best - preference.worst)
        return np.asarray(np.clip(share, 0.0, 1.0))
    low, high = preference.at_least, preference.at_most
    if preference.between is not None:
        low, high = preference.between
    outside = np.zeros(np.shape(values))
    if low is not None:
        outside = np.maximum(outside, low - values)
    if high is not None:
        outside = np.maximum(outside, values - high)
    return np.asarray(np.clip(1.0 - outside / preference.span, 0.0, 1.0))


def passes(values: Floats, bound: Bound) -> Bools:
    """Return which values lie within a bound."""
    inside = np.ones(np.shape(values), dtype=bool)
    if bound.low is not None:
        inside &= values >= bound.low
    if bound.high is not None:
        inside &= values <= bound.high
    return inside


def answer_question(
    kind: str,
    question: PartQuestion,
    asked: Sequence[Asked],
    *,
    seed: int = 1,
    n_draws: int = 4000,
) -> PartAnswer:
    """Return who is in, out and in doubt.

    The values of every column are shrunk towards the population of the candidates, but for those
    that a regression predicts. A value that
    is not known is drawn as the population is, and a condition that is not known is met in as
    many draws as it is by those where it is known; such a candidate is in doubt, unless something
    that is known rules it out.

    Parameters
    ----------
    kind
        What is asked about, for messages.
    question
        Choose, by, among, equal within, confidence.
    asked
        All candidates of the kind, those that a condition rules out too.
    seed, n_draws
        Of the joint draws; the same seed gives the same answer.

    Raises
    ------
    InputError
        If more are to be chosen than there are candidates, a quantity is not known of at least
        two of them, or the conditions rule all of them out.
    """
    if question.choose > len(asked):
        raise InputError(
            f"{question.choose} cannot be chosen of {len(asked)} {kind}",
            field=f"question.{kind}.choose",
        )
    rng = np.random.default_rng(seed)
    columns = tuple(dict.fromkeys((*question.by, *question.among.bounds)))
    everybody = asked
    told = [a.possible or any(c in a.candidate.draws for c in columns) for a in everybody]
    asked = [a for a, is_told in zip(everybody, told, strict=True) if is_told]
    beliefs = {column: _believed(kind, column, asked, len(everybody)) for column in columns}
    draws = {column: believed.draws(n_draws, rng) for column, believed in beliefs.items()}
    facts = _facts(everybody, rng, n_draws)[:, told]
    judged = judge(question, draws, facts)
    right = judged.right
    if not judged.allowed.any():
        raise InputError(
            f"no {kind.removesuffix('s')} meets the conditions", field=f"question.{kind}.among"
        )
    found = answer(right, question.choose, question.confidence, question.meaning)
    story = _Story.of(question, draws, judged, found)
    places = {id(one): i for i, one in enumerate(asked)}
    placed = [
        story.placed(places[id(one)], one) if id(one) in places else _outside(one, columns)
        for one in everybody
    ]
    return PartAnswer(
        kind=kind,
        choose=question.choose,
        asked_confidence=question.confidence,
        confidence=found.confidence,
        answered=found.answered and not any(p.unknown for p in placed if p.chosen),
        doubt=found.doubt,
        placed=tuple(sorted(placed, key=lambda p: -p.probability_in)),
        draws=draws,
        right=right,
        ids=tuple(a.candidate.entry.id for a in asked),
        question=question,
        beliefs=beliefs,
        facts=facts,
    )


@dataclass(frozen=True, eq=False)
class Judged:
    """Joint draws of all candidates as a question judges them; every array is (draws, n).

    Attributes
    ----------
    scores
        Overall desirability, -1 where the candidate is not allowed.
    allowed
        Whether it meets all conditions.
    right
        Whether it is a right pick.
    """

    scores: Floats
    allowed: Bools
    right: Bools


def judge(question: PartQuestion, draws: Mapping[str, Floats], facts: Bools) -> Judged:
    """Return which candidates are right picks in every draw.

    Parameters
    ----------
    question
        By, among, choose, equal within.
    draws
        Column to joint draws, shape (draws, n).
    facts
        In which draws each candidate meets the conditions that are matters of fact.
    """
    judged = Judged(np.empty(facts.shape), facts.copy(), np.empty(facts.shape, dtype=bool))
    total = sum(p.weight for p in question.by.values())
    for start in range(0, len(facts), _AT_A_TIME):
        some = slice(start, start + _AT_A_TIME)
        scores, allowed = judged.scores[some], judged.allowed[some]
        for column, bound in question.among.bounds.items():
            allowed &= passes(draws[column][some], bound)
        scores[:] = sum(
            p.weight / total * desirability(draws[column][some], p)
            for column, p in question.by.items()
        )
        scores[~allowed] = -1.0
        right = right_picks(scores, question.choose, question.indifference)
        np.logical_and(right, allowed, out=judged.right[some])
    return judged


def _believed(kind: str, column: str, asked: Sequence[Asked], n_all: int) -> Believed:
    """Return the belief of one column, from the central values and the draws of their errors."""
    draws = {
        i: a.candidate.draws[column] for i, a in enumerate(asked) if column in a.candidate.draws
    }
    if len(draws) < 2:
        raise InputError(
            f"{column!r} is known of {len(draws)} of {n_all} {kind}; none can be chosen by it",
            field=f"question.{kind}.by",
        )
    central = {i: asked[i].candidate.central[column] for i in draws}
    predicted = [i for i in draws if column in asked[i].candidate.predicted]
    return believed(central, draws, len(asked), predicted=predicted)


def _facts(asked: Sequence[Asked], rng: np.random.Generator, n_draws: int) -> Bools:
    """Return in which draws each candidate meets the conditions that are matters of fact."""
    allowed = np.ones((n_draws, len(asked)), dtype=bool)
    for number in range(len(asked[0].conditions) if asked else 0):
        states = [a.conditions[number].met for a in asked]
        known = [s for s in states if s is not None]
        share = float(np.mean(known)) if known else 0.5
        for i, met in enumerate(states):
            allowed[:, i] &= rng.random(n_draws) < share if met is None else met
    return allowed


def _outside(asked: Asked, columns: Sequence[str]) -> Placed:
    """Return a candidate that a condition rules out before anything is known of it."""
    entry = asked.candidate.entry
    why = next(c.why for c in asked.conditions if c.met is False)
    return Placed(
        id=entry.id,
        name=entry.name,
        names=asked.names,
        tier="out",
        probability_in=0.0,
        chosen=False,
        why=f"ruled out: {why}",
        unknown=(*columns, *(c.name for c in asked.conditions if c.met is None)),
        ruled_out=True,
        keys=tuple(entry.keys.values()),
    )


@dataclass(frozen=True, eq=False)
class _Story:
    """Everything that the sentence about one candidate is made from."""

    question: PartQuestion
    judged: Judged
    found: Answer
    intervals: Mapping[str, Floats]
    """Column to mean, low and high of all candidates, shape (3, n)."""
    inside: Mapping[str, Floats]
    """Bounded column to the share of draws that pass, shape (n,)."""
    of_last: Mapping[str, tuple[float, float, float]]
    """Column to mean, low and high of whoever takes the last place."""
    last_score: float

    @classmethod
    def of(
        cls, question: PartQuestion, draws: Mapping[str, Floats], judged: Judged, found: Answer
    ) -> _Story:
        """Return what is said of all candidates, worked out for all at once."""
        rows = np.arange(len(judged.scores))
        last = np.concatenate(
            [
                np.argpartition(some, -question.choose, axis=1)[:, -question.choose]
                for some in np.array_split(judged.scores, -(-len(rows) // _AT_A_TIME))
            ]
        )
        bounds = question.among.bounds
        return cls(
            question=question,
            judged=judged,
            found=found,
            intervals={c: _intervals(drawn) for c, drawn in draws.items()},
            inside={c: passes(draws[c], bound).mean(axis=0) for c, bound in bounds.items()},
            of_last={c: _interval(_intervals(draws[c][rows, last])) for c in question.by},
            last_score=float(np.median(judged.scores[rows, last])),
        )

    def placed(self, i: int, asked: Asked) -> Placed:
        """Return candidate ``i`` with its tier and why."""
        entry = asked.candidate.entry
        lacking = [c for c in self.intervals if c not in asked.candidate.draws]
        open_ = [c.name for c in asked.conditions if c.met is None]
        unknown = (*lacking, *open_)
        tier = self.found.tiers[i]
        ruled_out = self._ruled_out(i, asked, unknown)
        if unknown and not ruled_out:
            tier = "in_doubt"
        return Placed(
            id=entry.id,
            name=entry.name,
            names=asked.names,
            tier=tier,
            probability_in=float(self.found.probability[i]),
            chosen=i in self.found.chosen,
            why=ruled_out or self._why(i, asked, tier, unknown),
            values={
                column: _interval(of_all[:, i])
                for column, of_all in self.intervals.items()
                if column not in lacking
            },
            unknown=unknown,
            ruled_out=bool(ruled_out),
            keys=tuple(entry.keys.values()),
        )

    def _ruled_out(self, i: int, asked: Asked, unknown: Sequence[str]) -> str:
        """Return why a condition rules the candidate out, or ''."""
        for condition in asked.conditions:
            if condition.met is False:
                return f"ruled out: {condition.why}"
        for column, bound in self.question.among.bounds.items():
            share = float(self.inside[column][i])
            if column not in unknown and share <= 1 - self.question.confidence:
                return f"ruled out: {self._shown(column, i)}, {_wanted(column, bound)}"
        return ""

    def _why(self, i: int, asked: Asked, tier: Tier, unknown: Sequence[str]) -> str:
        values = "; ".join(self._shown(c, i) for c in self.question.by if c not in unknown)
        among = f"among the best {self.question.choose} in {self.found.probability[i]:.0%}"
        sentence = f"{among} of the draws" + (f": {values}" if values else "")
        if unknown and tier == "in_doubt":
            words = (self._lack(u, asked) for u in unknown)
            why = "; ".join(c.why for c in asked.conditions if c.met is None and c.why)
            because = f" ({why})" if why else ""
            return f"{', '.join(words)} not known{because}; {sentence}"
        if tier == "in_doubt" and len(self.question.by) == 1:
            (column,) = self.question.by
            return f"{sentence}; the last place takes {with_unit(column, *self.of_last[column])}"
        if tier == "in_doubt":
            scores, allowed = self.judged.scores[:, i], self.judged.allowed[:, i]
            low, high = np.quantile(scores[allowed], (0.025, 0.975))
            return (
                f"{sentence}; its desirability [{low:.2f}, {high:.2f}] contains that of the last"
                f" place ({self.last_score:.2f})"
            )
        return sentence

    def _lack(self, unknown: str, asked: Asked) -> str:
        """Name what is not known: a quantity, or the error of one that is."""
        if unknown not in self.intervals:
            return unknown.replace("_", " ")
        name = name_of(unknown)
        return f"the error of the {name}" if unknown in asked.candidate.central else name

    def _shown(self, column: str, i: int) -> str:
        value, low, high = _interval(self.intervals[column][:, i])
        if high - low < 1e-3 * abs(value):  # what a formula fixes, such as a molar mass
            return f"{name_of(column)} {with_unit(column, value, None, None)}"
        return f"{name_of(column)} {with_unit(column, value, low, high)}"


def _wanted(column: str, bound: Bound) -> str:
    parts = []
    if bound.low is not None:
        parts.append(f"at least {with_unit(column, bound.low, None, None)}")
    if bound.high is not None:
        parts.append(f"at most {with_unit(column, bound.high, None, None)}")
    return " and ".join(parts) + " asked for"


def _intervals(drawn: Floats) -> Floats:
    """Return mean, low and high of draws, shape (draws, ...), as shape (3, ...)."""
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    return np.array([drawn.mean(axis=0), low, high])


def _interval(of_one: Floats) -> tuple[float, float, float]:
    value, low, high = of_one
    return float(value), float(low), float(high)
