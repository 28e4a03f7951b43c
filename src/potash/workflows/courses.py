"""How a campaign came to its answers, as the report shows it."""

from __future__ import annotations

from collections.abc import Sequence

from potash.deciding.options import Advice
from potash.deciding.trace import Decision, Round
from potash.report.first import Course, Deed
from potash.workflows.climbing import Climbed

MOST_AHEAD = 8
"""Calculations that would come next and are shown."""


def courses(climbed: Climbed) -> tuple[Course, ...]:
    """Return what was run for each part of a question, what would be next, and its price.

    Parameters
    ----------
    climbed
        How the ladder of the campaign ended.
    """
    certainty = climbed.state.certainty()
    return tuple(
        Course(
            kind=kind,
            core_hours=sum(d.actual_s or 0.0 for d in _decisions(climbed.rounds, kind)) / 3600,
            before=_before(climbed.rounds, kind),
            after=part.confidence,
            done=tuple(_done(d) for d in _decisions(climbed.rounds, kind)),
            ahead=tuple(_ahead(a) for a in climbed.state.advice if a.part == kind)[:MOST_AHEAD],
            price=tuple((p.core_hours, p.confidence) for p in certainty[kind].points)
            if kind in certainty
            else (),
            said=climbed.end.said,
        )
        for kind, part in climbed.state.parts.items()
    )


def _decisions(rounds: Sequence[Round], kind: str) -> list[Decision]:
    return [d for r in rounds for d in r.decisions if d.part == kind]


def _before(rounds: Sequence[Round], kind: str) -> float | None:
    return next((r.before[kind].confidence for r in rounds if kind in r.before), None)


def _done(decision: Decision) -> Deed:
    """Return what was run; the fall of the doubt is known of rounds, not of one decision."""
    actual = decision.actual_s
    return Deed(
        what=f"{decision.candidate}, {decision.level}",
        why=decision.why,
        core_hours=decision.predicted_s / 3600,
        fall=decision.predicted_fall,
        actual_core_hours=None if actual is None else actual / 3600,
    )


def _ahead(advice: Advice) -> Deed:
    return Deed(
        what=f"{advice.rung.candidate}, {advice.rung.level}",
        why=advice.why,
        core_hours=advice.cost_s / 3600,
        fall=advice.gain,
    )
