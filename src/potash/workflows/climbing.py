"""The ladder of a campaign with a question: ask, compute what decides, ask again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from potash.api.asking import Answers, Asking
from potash.catalog.question import Kind
from potash.deciding.ladder import MOST_PROMISING
from potash.deciding.options import Advice
from potash.deciding.trace import Decision, End, Reason, Round, Standing, Trace
from potash.evidence.known import known_rows, reference_rows
from potash.report.written import Written
from potash.results.calculation import Calculation
from potash.running.schedule import Stage
from potash.store import Row, Store
from potash.workflows.planned import Planned, watch_here

TRACE = "decisions.jsonl"
"""Name of the trace in a campaign's output folder."""
LEAST_ROUND_S = 20.0
"""Core-seconds per worker below which a round is not worth asking anew."""
ROUND_PER_ASKING = 4.0
"""A round lasts so many times as long as asking did at least: nobody computes meanwhile."""
STILL_WORTH_IT = 0.2
"""What brings less than this share of the best per core-hour waits for the next asking."""
PARTS: Mapping[str, Kind] = {
    "hosts": "hosts",
    "molecules": "molecules",
    "liquids": "electrolytes",
}
"""Part of a campaign to the part of its question that it belongs to."""

Drain = Callable[[Sequence[Calculation]], object]
"""Brings calculations to rows in the store."""


@dataclass(frozen=True, eq=False)
class Climbed:
    """How a ladder ended.

    Attributes
    ----------
    state
        The answers, and what could be computed next.
    end
        Why it ended.
    rounds
        Of all runs.
    """

    state: Answers
    end: End
    rounds: Sequence[Round]

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of everything that was to be computed, each once."""
        return tuple(dict.fromkeys(k for r in self.rounds for d in r.decisions for k in d.keys))


@dataclass(frozen=True, eq=False)
class Finished:
    """What the flow of a campaign returns.

    Attributes
    ----------
    written
        Ranked tables and files.
    climbed
        How its question stands; None without one.
    """

    written: Written
    climbed: Climbed | None


def climb_campaign(
    planned: Planned,
    store: Store,
    drain: Drain,
    *,
    output_dir: Path,
    workers: int,
    only: Sequence[str] | None,
) -> Climbed | None:
    """Answer the question of a campaign, where it asks one, and show how it goes.

    Parameters
    ----------
    planned
        The campaign.
    store, drain, output_dir, workers
        See :func:`climb`.
    only
        Parts of the campaign to compute; all by default.
    """
    if planned.campaign.question is None:
        return None
    kinds = None if only is None else [PARTS[part] for part in only if part in PARTS]
    asking = Asking(planned.campaign, planned.catalog, only=kinds)
    if asking.question is None:
        return None
    watch = watch_here()
    if watch is None:
        return climb(asking, store, drain, output_dir=output_dir, workers=workers)

    def shown(calculations: Sequence[Calculation]) -> None:
        watch.add(Stage("question", tuple(calculations)))
        drain(calculations)

    return climb(asking, store, shown, output_dir=output_dir, workers=workers, tell=watch.say)


def climb(
    asking: Asking,
    store: Store,
    drain: Drain,
    *,
    output_dir: Path,
    workers: int,
    tell: Callable[[str], object] = lambda line: None,
) -> Climbed:
    """Compute what decides, until the question is answered, or cannot be, or the budget is spent.

    Candidates that nobody has screened are screened first, the cheapest before the others. Then
    in every round what is expected to remove the most doubt per core-second is computed, as much
    as keeps all workers busy. The rows of the reference campaign count as known.

    Parameters
    ----------
    asking
        The campaign's question.
    store
        Where rows are.
    drain
        Brings calculations to rows.
    output_dir
        Holds the trace; a run that was killed goes on with it.
    workers
        Calculations at a time.
    tell
        Told one line at the beginning of every round.
    """
    trace = Trace(output_dir / TRACE)
    budget = asking.campaign.budget
    while True:
        began = time.monotonic()
        state = asking.state(known_rows(store, asking.catalog), most=MOST_PROMISING)
        least_s = max(LEAST_ROUND_S, ROUND_PER_ASKING * (time.monotonic() - began))
        _close(trace, state, store)
        left_s = None if budget is None else budget.core_hours * 3600 - trace.spent_s
        batch = next_batch(state.advice, workers, left_s, least_s=least_s)
        ended = _ended(state, batch, left_s)
        if ended is not None:
            end = End(
                reason=ended[0],
                said=ended[1],
                core_hours=trace.spent_s / 3600,
                standing=_standing(state),
            )
            if end != trace.end:
                trace.add(end)
            return Climbed(state, end, trace.rounds)
        rounds = len(trace.rounds)
        trace.add(
            Round(
                number=rounds + 1,
                started=datetime.now(UTC).isoformat(timespec="seconds"),
                decisions=tuple(_decision(a) for a in batch),
                before=_standing(state),
            )
        )
        calculations = list({c.key: c for a in batch for c in a.calculations}.values())
        tell(_told(rounds + 1, state, batch, left_s))
        _lend(calculations, store)
        drain(calculations)


def next_batch(
    advice: Sequence[Advice],
    workers: int,
    left_s: float | None,
    *,
    least_s: float = LEAST_ROUND_S,
) -> tuple[Advice, ...]:
    """Return what to run side by side: all screenings, else one thing for each candidate.

    As many as keep all workers busy: until their core-seconds are as many as the longest of
    them takes on every worker. What costs more than is left is passed over; what brings far less
    per core-hour than the best is not taken to fill a round.

    Parameters
    ----------
    advice
        The best first.
    workers
        Calculations at a time.
    left_s
        Core-seconds left of the budget; None for no bound.
    least_s
        Core-seconds per worker that are worth a round.
    """
    chosen: list[Advice] = []
    candidates: set[tuple[str, str]] = set()
    total = 0.0
    for one in advice:
        if left_s is not None and total + one.cost_s > left_s:
            continue
        if not one.opening:
            longest = max((a.cost_s for a in chosen), default=0.0)
            busy = total >= workers * max(longest, least_s)
            poor = bool(chosen) and one.per_hour < STILL_WORTH_IT * chosen[0].per_hour
            full = len(chosen) >= workers and (busy or poor)
            if full or (one.part, one.rung.candidate) in candidates:
                continue
        chosen.append(one)
        candidates.add((one.part, one.rung.candidate))
        total += one.cost_s
    return tuple(chosen)


def _ended(
    state: Answers, batch: Sequence[Advice], left_s: float | None
) -> tuple[Reason, str] | None:
    if batch:
        return None
    if state.answered:
        return "answered", "answered at the confidence asked for"
    open_ = ", ".join(kind for kind, part in state.parts.items() if not part.answered)
    if state.advice:
        cheapest = min(a.cost_s for a in state.advice)
        assert left_s is not None
        return "budget", (
            f"the budget is spent: {max(left_s, 0.0) / 3600:.2g} core-hours are left, and what "
            f"could settle more about {open_} takes at least {cheapest / 3600:.2g}"
        )
    missing = [why for o in state.options.values() for why in o.why_not]
    more = f"; not usable here: {'; '.join(missing)}" if missing else ""
    return "nothing", f"nothing that is known to Potash can settle more about {open_}{more}"


def _close(trace: Trace, state: Answers, store: Store) -> None:
    """Write what the last round gave, where that is not written yet."""
    if not trace.rounds or trace.rounds[-1].after is not None:
        return
    last = trace.rounds[-1]
    rows = store.get_many([k for d in last.decisions for k in d.keys])
    counted: set[str] = set()
    decisions = []
    for decision in last.decisions:
        decisions.append(_with_actual(decision, rows, counted))
        counted.update(decision.keys)
    update = {"decisions": tuple(decisions), "after": _standing(state)}
    trace.add(last.model_copy(update=update))


def _with_actual(decision: Decision, rows: Mapping[str, Row], counted: set[str]) -> Decision:
    own = [rows[k].core_seconds for k in decision.keys if k in rows and k not in counted]
    statuses = tuple(rows[k].status if k in rows else "missing" for k in decision.keys)
    return decision.model_copy(update={"actual_s": sum(own), "statuses": statuses})


def _decision(advice: Advice) -> Decision:
    return Decision(
        part=advice.part,
        candidate=advice.rung.candidate,
        column=advice.rung.column,
        level=advice.rung.level,
        why=advice.why,
        keys=tuple(c.key for c in advice.calculations),
        predicted_s=advice.cost_s,
        predicted_fall=advice.gain,
    )


def _standing(state: Answers) -> dict[str, Standing]:
    return {
        kind: Standing(confidence=part.confidence, doubt=part.doubt)
        for kind, part in state.parts.items()
    }


def _lend(calculations: Iterable[Calculation], store: Store) -> None:
    """Copy reference rows that calculations need into the store, where they are looked up."""
    needed = {key for c in calculations for key in c.needs.values()}
    store.add_missing(r for r in reference_rows() if r.key in needed)


def _told(number: int, state: Answers, batch: Sequence[Advice], left_s: float | None) -> str:
    sure = ", ".join(
        f"{kind} {part.confidence:.0%} sure of {part.asked_confidence:.0%}"
        for kind, part in state.parts.items()
        if not part.answered
    )
    first = batch[0]
    what = f"{first.rung.candidate} at {first.rung.level}"
    more = f" and {len(batch) - 1} more" if len(batch) > 1 else ""
    left = "" if left_s is None else f"; {left_s / 3600:.2g} core-hours left"
    minutes = sum(a.cost_s for a in batch) / 60
    return f"round {number}: {sure}; computing {what}{more}, about {minutes:.1f} core-min{left}"
