"""What a question needs next: the command ``next``, and how a ladder ended, as text and JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from potash.cli.common import (
    CampaignArgument,
    JsonOption,
    StoreOption,
    load_known,
    only_reads,
    output_width,
    print_json,
    print_lines,
    print_paragraph,
)
from potash.errors import InputError

if TYPE_CHECKING:
    from potash.api.asking import Answers, Asking
    from potash.catalog.question import Kind
    from potash.cli.common import Known
    from potash.deciding.future import Certainty
    from potash.deciding.options import Advice
    from potash.deciding.trace import Round
    from potash.ranking.answering import PartAnswer
    from potash.workflows.climbing import Climbed


def asked_about(campaign: Path, store: str | None) -> tuple[Asking, Known]:
    """Return a campaign's question and the rows that are known.

    Raises
    ------
    InputError
        If the campaign asks no question.
    """
    from potash.catalog.campaign import load_campaign

    spec, catalog = load_campaign(campaign)
    if spec.question is None:
        raise _no_question(campaign)
    from potash.api.asking import Asking

    return Asking(spec, catalog), load_known(store, catalog)


def answered(campaign: Path, store: str | None) -> tuple[Mapping[Kind, PartAnswer], Known]:
    """Return the answer to every part of a campaign's question, and the rows that are known.

    What could be computed next is not looked at, so that none of the engines is loaded.

    Raises
    ------
    InputError
        If the campaign asks no question, or none that can be answered; it names the file.
    """
    from potash.catalog.campaign import load_campaign
    from potash.evidence.known import reference_rows
    from potash.ranking.asking import answers

    spec, catalog = load_campaign(campaign)
    if spec.question is None:
        raise _no_question(campaign)
    known = load_known(store, catalog)
    try:
        found = answers(
            spec.question,
            known.rows,
            catalog,
            calibration_rows=reference_rows(),
            seed=spec.seed,
        )
    except InputError as error:
        raise InputError(error.message, source=str(campaign), field=error.field) from None
    return found, known


def _no_question(campaign: Path) -> InputError:
    return InputError("this campaign asks no question", source=str(campaign), field="question")


def state_of(asking: Asking, known: Known, campaign: Path) -> Answers:
    """Return where a campaign's question stands; what is wrong with it names the file."""
    try:
        return asking.state(known.rows)
    except InputError as error:
        raise InputError(error.message, source=str(campaign), field=error.field) from None


def next_(
    campaign: CampaignArgument,
    store: StoreOption = None,
    json_output: JsonOption = False,
) -> None:
    """Say what would decide a question, and at what price.

    Nothing is computed. The price of certainty comes from futures drawn from what is believed,
    in which the same ladder is climbed.

    Example: potash next workflows/question.yaml
    """
    only_reads()
    asking, known = asked_about(campaign, store)
    state = state_of(asking, known, campaign)
    budget = asking.campaign.budget
    certainty = state.certainty(core_hours=None if budget is None else budget.core_hours)
    if json_output:
        print_json(
            {
                kind: {
                    "answered": part.answered,
                    "confidence": round(part.confidence, 4),
                    "asked_confidence": part.asked_confidence,
                    "doubt": round(part.doubt, 4),
                    "next": next_records(state, kind),
                    "why_not": list(state.options[kind].why_not) if kind in state.options else [],
                    "certainty": _certainty_record(certainty.get(kind)),
                }
                for kind, part in state.parts.items()
            }
        )
        return
    for kind, part in state.parts.items():
        advised = [a for a in state.advice if a.part == kind]
        print_lines([*_part_lines(part, advised, certainty.get(kind)), ""])


def next_records(state: Answers, kind: str) -> list[dict[str, Any]]:
    """Return what would be computed next for a part of a question, as plain data."""
    return [
        {
            "candidate": a.rung.candidate,
            "column": a.rung.column,
            "level": a.rung.level,
            "calculations": [
                {"key": c.key, "kind": c.kind, "item": c.item, "model": c.model, "level": c.level}
                for c in a.calculations
            ],
            "expected_core_s": round(a.cost_s, 1),
            "expected_fall_of_doubt": round(a.gain, 5),
            "expected_fall_per_core_hour": round(a.per_hour, 5),
            "error_sd": a.rung.error_sd,
            "why": a.why,
        }
        for a in state.advice
        if a.part == kind
    ]


def _certainty_record(price: Certainty | None) -> dict[str, Any] | None:
    if price is None:
        return None
    return {
        "core_hours_until_answered": price.core_hours,
        "curve": [
            {
                "core_hours": round(p.core_hours, 4),
                "confidence": round(p.confidence, 4),
                "doubt": round(p.doubt, 4),
                "share_answered": round(p.answered, 3),
            }
            for p in price.points
        ],
    }


def _part_lines(part: PartAnswer, advised: list[Advice], price: Certainty | None) -> list[str]:
    from potash.report.text import Column, paragraph, table_lines

    width = output_width()
    lines = paragraph(
        f"{part.kind}: {'answered' if part.answered else 'not answered yet'}, expected share of "
        f"right picks {part.confidence:.0%} ({part.asked_confidence:.0%} asked for).",
        width,
    )
    if price is None:
        return lines
    if not advised:
        lines += ["Nothing that is known to Potash can settle more."]
        return lines
    columns = [
        Column("candidate", lambda r: str(r["candidate"]), wraps=True),
        Column("level", lambda r: str(r["level"])),
        Column("core-h", lambda r: f"{r['hours']:.2g}"),
        Column("doubt -", lambda r: f"{r['gain']:.2g}"),
        Column("why", lambda r: str(r["why"]), wraps=True),
    ]
    records = [
        {
            "candidate": a.rung.candidate,
            "level": a.rung.level,
            "hours": a.cost_s / 3600,
            "gain": a.gain,
            "why": a.why,
        }
        for a in advised[:10]
    ]
    lines += ["", "Next:", *table_lines(columns, records, width)]
    if len(advised) > len(records):
        lines.append(f"and {len(advised) - len(records)} more")
    curve = [
        Column("core-h", lambda r: f"{r['hours']:.2g}"),
        Column("confidence", lambda r: f"{r['confidence']:.0%}"),
        Column("doubt", lambda r: f"{r['doubt']:.2f}"),
        Column("answered in", lambda r: f"{r['answered']:.0%} of futures"),
    ]
    points = [
        {
            "hours": p.core_hours,
            "confidence": p.confidence,
            "doubt": p.doubt,
            "answered": p.answered,
        }
        for p in price.points
    ]
    lines += ["", "The price of certainty:", *table_lines(curve, points, width)]
    if price.core_hours is not None:
        lines.append(f"Answered after about {price.core_hours:.2g} core-hours (median).")
    else:
        lines.append("Fewer than half of the futures end with an answer.")
    return lines


def climbed_record(climbed: Climbed, own: Collection[str]) -> dict[str, Any]:
    """Return how a ladder ended, with its answers and its trace, as plain data.

    ``own`` are the keys of the rows that are not of the reference campaign.
    """
    from potash.report.answers import answer_record

    state = climbed.state
    return {
        "ended": climbed.end.reason,
        "said": climbed.end.said,
        "core_hours": round(climbed.end.core_hours, 5),
        "answers": {
            kind: {**answer_record(part, own), "next": next_records(state, kind)}
            for kind, part in state.parts.items()
        },
        "rounds": [_round_record(r) for r in climbed.rounds],
    }


def _round_record(one: Round) -> dict[str, Any]:
    return {
        **one.model_dump(mode="json"),
        "predicted_s": round(one.predicted_s, 2),
        "actual_s": round(one.actual_s, 2),
        "predicted_fall": round(one.predicted_fall, 5),
        "actual_fall": None if one.actual_fall is None else round(one.actual_fall, 5),
    }


def show_climbed(climbed: Climbed, own: Collection[str]) -> None:
    """Print the answer, and what it cost: the first screen of a run."""
    from potash.report.answers import answer_lines

    for part in climbed.state.parts.values():
        print_lines([*answer_lines(part, output_width(), own), ""])
    n = sum(len(r.decisions) for r in climbed.rounds)
    predicted = sum(r.predicted_s for r in climbed.rounds) / 3600
    falls = [r.actual_fall for r in climbed.rounds if r.actual_fall is not None]
    spent = (
        f"{n} steps in {len(climbed.rounds)} round(s) took {climbed.end.core_hours:.2g} core-hours "
        f"({predicted:.2g} expected) and {sum(falls):.2g} of the doubt "
        f"({sum(r.predicted_fall for r in climbed.rounds):.2g} expected)"
        if climbed.rounds
        else "nothing had to be computed: what is known answers it, or nothing else can"
    )
    print_paragraph(f"Ended: {climbed.end.said}; {spent}.")
    advised = climbed.state.advice
    if advised:
        first = advised[0]
        print_paragraph(
            f"More certainty: next would be {first.rung.candidate} at {first.rung.level}, about "
            f"{first.cost_s / 3600:.2g} core-hours; 'potash next' gives the price of it all."
        )
    print_lines([""])


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("next")(next_)
