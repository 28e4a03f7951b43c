"""Answers to questions as text: what to make next, what is in doubt, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from potash.evidence.known import RowSource, source_of
from potash.ranking.answering import PartAnswer, Placed
from potash.report.text import Column, paragraph, table_lines

_MARKS: Mapping[RowSource | None, str] = {"own": "own", "reference": "ref", None: "-"}

DOUBTS_SHOWN = 8
"""Candidates in doubt that are listed; the others are counted."""


def answer_record(found: PartAnswer, own: Collection[str]) -> dict[str, Any]:
    """Return an answer as the plain data that ``potash ask --json`` prints.

    Parameters
    ----------
    found
        Of :func:`potash.ranking.answering.answer_question`.
    own
        Keys of the rows that are not of the reference campaign: each candidate says whether its
        numbers are from one of them.
    """
    return {
        "kind": found.kind,
        "choose": found.choose,
        "answered": found.answered,
        "confidence": round(found.confidence, 4),
        "asked_confidence": found.asked_confidence,
        "doubt": round(found.doubt, 4),
        "candidates": [_placed_record(p, own) for p in found.placed],
    }


def _placed_record(placed: Placed, own: Collection[str]) -> dict[str, Any]:
    return {
        "id": placed.id,
        "name": placed.name,
        "names": list(placed.names),
        "tier": placed.tier,
        "probability_in": round(placed.probability_in, 4),
        "chosen": placed.chosen,
        "why": placed.why,
        "unknown": list(placed.unknown),
        "source": source_of(placed.keys, own),
        **{
            f"believed_{column}": {"value": value, "low": low, "high": high}
            for column, (value, low, high) in placed.values.items()
        },
    }


def answer_lines(found: PartAnswer, width: int, own: Collection[str]) -> list[str]:
    """Return an answer as lines: the verdict first, then who to make next, then the doubts.

    Parameters
    ----------
    found
        Of :func:`potash.ranking.answering.answer_question`.
    width
        Of the terminal, in characters.
    own
        Keys of the rows that are not of the reference campaign.
    """
    sure, doubts, out = found.tier("in"), found.tier("in_doubt"), found.tier("out")
    verdict = "Answered" if found.answered else "Not answered yet"
    kind = found.kind if found.choose > 1 else found.kind.removesuffix("s")
    lines = paragraph(
        f"{verdict}: the {found.choose} {kind} to make next, expected share of right picks "
        f"{found.confidence:.0%} ({found.asked_confidence:.0%} asked for); "
        f"{len(sure)} in, {len(doubts)} in doubt, {len(out)} out.",
        width,
    )
    picks = [p for p in found.placed if p.chosen]
    lines += _table("Make these next" if found.answered else "Best picks so far", picks, width, own)
    others = [p for p in (*sure, *doubts) if not p.chosen]
    if others:
        lines += _table("Also in question", others[:DOUBTS_SHOWN], width, own)
        if len(others) > DOUBTS_SHOWN:
            lines.append(f"and {len(others) - DOUBTS_SHOWN} more in doubt")
    return lines


def _table(title: str, placed: list[Placed], width: int, own: Collection[str]) -> list[str]:
    columns = [
        Column("candidate", lambda r: str(r["name"]), wraps=True),
        Column("tier", lambda r: str(r["tier"]).replace("_", " ")),
        Column("right", lambda r: f"{r['probability_in']:.0%}"),
        Column("rows", lambda r: _MARKS[r["source"]]),
        Column("why", lambda r: str(r["why"]), wraps=True),
    ]
    records: list[Mapping[str, Any]] = [_shown(p, own) for p in placed]
    return ["", f"{title}:", *table_lines(columns, records, width)]


def _shown(placed: Placed, own: Collection[str]) -> dict[str, Any]:
    more = len(placed.names) - 1
    name = f"{placed.name} (and {more} more of the same model)" if more else placed.name
    record = _placed_record(placed, own)
    return {**record, "name": f"{name} [{placed.id}]"}
