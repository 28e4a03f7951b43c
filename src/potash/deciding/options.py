"""From the levels that could tell more to steps with the calculations that they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from potash.columns import unit_of
from potash.deciding.costs import Costs
from potash.deciding.ladder import MOST_PROMISING, Proposal, Step, next_steps
from potash.deciding.levels import Rung
from potash.deciding.teachers import teachers
from potash.evidence.ladder import LADDER
from potash.evidence.predicted import K_COMPLEX
from potash.quantities import with_unit
from potash.ranking.answering import PartAnswer
from potash.results.calculation import Calculation
from potash.store.rows import Row

_FEW_DRAWS = 1000

Plan = Callable[[Rung], Sequence[Calculation]]
"""Returns the calculations of a rung, what they need included; none where there is no way."""


@dataclass(frozen=True)
class Tried:
    """What has a row somewhere: in the store, or in the reference campaign.

    Attributes
    ----------
    keys
        Of all these rows.
    usable
        Keys of those that another calculation can be computed from.
    labels
        Kind, item, model and level of the same, but for liquids: a row by another version of
        an engine tells as much.
    """

    keys: frozenset[str]
    usable: frozenset[str]
    labels: frozenset[tuple[str, str, str, str]]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Tried:
        """Return what these rows are of."""
        rows = list(rows)
        return cls(
            keys=frozenset(r.key for r in rows),
            usable=frozenset(r.key for r in rows if r.status == "ok"),
            labels=frozenset(_label(r.kind, r.item, r.model, r.level) for r in rows),
        )

    def has(self, calculation: Calculation) -> bool:
        """Tell whether a calculation was tried, whatever came of it."""
        c = calculation
        return c.key in self.keys or (
            c.kind != "liquid" and _label(c.kind, c.item, c.model, c.level) in self.labels
        )

    def exhausts(self, rung: Rung) -> bool:
        """Tell, before anything is planned, whether all calculations of a rung were tried."""
        if rung.kind in ("adsorption", "liquid"):  # a model's surfaces, and seeds, are told by keys
            return False
        before = K_COMPLEX if rung.kind == "complex" else ""
        return all((rung.kind, before + i, "", rung.level) in self.labels for i in rung.items)


def _label(kind: str, item: str, model: str, level: str) -> tuple[str, str, str, str]:
    # Only surfaces have several models; those of molecules name the program.
    return (kind, item, model if kind == "adsorption" else "", level)


@dataclass(frozen=True)
class Options:
    """What could be run for one part of a question.

    Attributes
    ----------
    first
        What is run before all else, with its step: the cheapest screening of each candidate that
        has no row yet; where the answer would be sure enough, what its picks still lack.
    further
        Everything else, the first value of another quantity included.
    why_not
        What cannot be computed here although it could tell more, one line each.
    """

    first: tuple[tuple[Rung, Step], ...]
    further: tuple[tuple[Rung, Step], ...]
    why_not: tuple[str, ...]


@dataclass(frozen=True)
class Advice:
    """Something to run, with what it is expected to bring.

    Attributes
    ----------
    part
        ``hosts``, ``electrolytes`` or ``molecules``.
    rung
        Candidate, quantity and level.
    calculations
        What has to be computed, with what that needs; what is known is left out.
    cost_s
        Expected core-seconds of them all.
    gain
        Expected fall of the doubt: the sum of p (1 - p) over the candidates of its part.
    why
        One sentence.
    opening
        Whether it is a candidate's screening, which comes before all else.
    """

    part: str
    rung: Rung
    calculations: tuple[Calculation, ...]
    cost_s: float
    gain: float
    why: str
    opening: bool = False

    @property
    def per_hour(self) -> float:
        """Expected fall of the doubt per core-hour."""
        return self.gain / self.cost_s * 3600.0


def options(
    answer: PartAnswer,
    rungs: Sequence[Rung],
    rough_s: Callable[[Rung], float | None],
    unusable: Callable[[Rung], str],
    tried: Tried,
) -> Options:
    """Return what could be run for one part of a question, before it is planned.

    Candidates that something known rules out are left alone, and so are those without any doubt.
    A candidate that nobody has looked at is screened in the quantity where that is cheapest; its
    other quantities are bought only where they decide. That makes a funnel of a library.
    A candidate that is decided, or ruled out, stays where a better value of it would tell of
    doubtful ones: it calibrates their class.

    Parameters
    ----------
    answer
        As it is known now.
    rungs
        Of all candidates, the cheapest level of each first.
    rough_s
        Expected core-seconds of a rung; None where it cannot be computed.
    unusable
        Why a rung's level cannot be used here, or ''.
    tried
        What has a row somewhere; a rung whose own calculations all have one is none.
    """
    place = {name: i for i, name in enumerate(answer.ids)}
    placed = {p.id: p for p in answer.placed}
    p = answer.right.mean(axis=0)
    doubtful = {answer.ids[i] for i in np.argsort(-(p * (1 - p)), kind="stable")[:MOST_PROMISING]}
    sure = answer.confidence >= answer.asked_confidence
    teaching: dict[str, tuple[str, ...]] = {}
    begun: set[tuple[str, str]] = set()
    screening: dict[str, tuple[Rung, Step]] = {}
    lacking: list[tuple[Rung, Step]] = []
    further: list[tuple[Rung, Step]] = []
    why_not: dict[str, None] = {}
    for rung in rungs:
        one = placed.get(rung.candidate)
        if one is None or rung.candidate not in place or rung.column not in answer.draws:
            continue
        named = (rung.candidate, rung.column)
        index = place[rung.candidate]
        idle = rung.candidate not in doubtful or not 0 < p[index] < 1
        if rung.column not in teaching:
            teaching[rung.column] = teachers(answer, rung.column, doubtful)
        teaches = idle and not rung.first and rung.candidate in teaching[rung.column]
        if one.ruled_out and not teaches:
            continue
        unseen = rung.level.partition("-")[0] == LADDER[0] and not one.keys
        opening = rung.first and (unseen or (sure and one.chosen))
        wanted = opening or teaches or not idle
        if (rung.first and named in begun) or not wanted or tried.exhausts(rung):
            continue
        if reason := unusable(rung):
            why_not[reason] = None
            continue
        cost = rough_s(rung)
        if cost is None:
            continue
        step = Step(index, rung.column, rung.level, rung.adds_sd, cost, teaches)
        entry = (rung, step)
        begun.add(named)
        if not opening:
            further.append(entry)
        elif not unseen:
            lacking.append(entry)
        elif rung.candidate not in screening or cost < screening[rung.candidate][1].cost_s:
            screening[rung.candidate] = entry
    return Options((*screening.values(), *lacking), tuple(further), tuple(why_not))


def advice(
    answer: PartAnswer,
    found: Options,
    plan: Plan,
    costs: Costs,
    tried: Tried,
    *,
    seed: int,
    most: int,
) -> list[Advice]:
    """Return what to run, in the order in which it is worth running, the best first.

    First values come before all else, the cheapest of them at the head; then what is expected
    to remove the most doubt per core-second.

    Parameters
    ----------
    answer
        As it is known now.
    found
        Of :func:`options`.
    plan
        Turns a rung into calculations.
    costs
        Expected core-seconds of a calculation.
    tried
        What has a row somewhere; a rung whose own calculations all have one is none.
    seed
        Of the outcomes averaged over.
    most
        Planned are all first values, or so many of the others.
    """
    draws = dict(answer.draws)
    first = [(rung, step, _missing(rung, plan, tried)) for rung, step in found.first]
    first = [entry for entry in first if entry[2]]
    if first:
        steps = [step for _, step, _ in first]
        # Nothing follows their gains but what the trace predicts: some of the draws will do.
        few = {column: drawn[:_FEW_DRAWS] for column, drawn in draws.items()}
        right = answer.right[:_FEW_DRAWS]
        proposed = next_steps(steps, few, right, seed=seed, most=len(answer.ids))
        gains = {id(proposal.step): proposal.gain for proposal in proposed}
        opening = [
            Advice(
                part=answer.kind,
                rung=rung,
                calculations=calculations,
                cost_s=sum(costs.of(c) for c in calculations),
                gain=gains.get(id(step), 0.0),
                why=_why_first(rung),
                opening=True,
            )
            for rung, step, calculations in first
        ]
        return sorted(opening, key=lambda a: (a.cost_s, a.rung.candidate))
    p = answer.right.mean(axis=0)
    rung_of = {id(step): rung for rung, step in found.further}
    planned: dict[tuple[str, ...], Advice] = {}
    steps = [step for _, step in found.further]
    for proposal in next_steps(steps, draws, answer.right, seed=seed):
        rung = rung_of[id(proposal.step)]
        calculations = _missing(rung, plan, tried)
        keys = tuple(c.key for c in calculations)
        # One calculation may give several quantities: the one that it tells most about is named.
        if calculations and keys not in planned:
            cost = sum(costs.of(c) for c in calculations)
            why = _why(rung, proposal, float(p[proposal.step.candidate]))
            planned[keys] = Advice(answer.kind, rung, calculations, cost, proposal.gain, why)
        if len(planned) == most:
            break
    return sorted(planned.values(), key=lambda a: (-a.per_hour, a.rung.candidate, a.rung.level))


def _missing(rung: Rung, plan: Plan, tried: Tried) -> tuple[Calculation, ...]:
    """Return what a rung needs and nobody has, what is needed first at the head."""
    calculations = plan(rung)
    own = [c for c in calculations if c.kind == rung.kind and not tried.has(c)]
    needed = {key for c in own for key in c.needs.values()} - tried.usable
    return (*(c for c in calculations if c.key in needed), *own)


def _why_first(rung: Rung) -> str:
    return f"no {_words(rung)} of {rung.candidate} is known; {rung.level} first"


def _why(rung: Rung, proposal: Proposal, p: float) -> str:
    error, gain = with_unit(rung.column, rung.error_sd, None, None), proposal.gain
    if proposal.step.teaches:
        return (
            f"{rung.candidate} is decided, but like others in doubt: its {_words(rung)} at "
            f"{rung.level} would tell of them, and take {gain:.2g} of the doubt away"
        )
    return (
        f"{rung.candidate} is a right pick in {p:.0%} of the draws; its {_words(rung)} at "
        f"{rung.level} would be known to {error} and take {gain:.2g} of the doubt away"
    )


def _words(rung: Rung) -> str:
    return unit_of(rung.column)[0]
