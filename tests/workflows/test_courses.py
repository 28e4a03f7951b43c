"""The course of a campaign as the report shows it."""

from __future__ import annotations

from potash.api.asking import Answers
from potash.deciding.trace import Decision, End, Round, Standing
from potash.workflows.climbing import Climbed
from potash.workflows.courses import courses
from tests.report.test_first import ANSWER


def decision(part: str, candidate: str, actual_s: float | None) -> Decision:
    return Decision(
        part=part, candidate=candidate, column="e_ev", level="standard", why="most per hour",
        keys=("k",), predicted_s=1800.0, predicted_fall=0.2, actual_s=actual_s,
    )  # fmt: skip


def test_what_was_run_for_a_part_and_what_it_cost() -> None:
    before = {"hosts": Standing(confidence=0.4, doubt=2.0)}
    later = {"hosts": Standing(confidence=0.6, doubt=1.0)}
    rounds = [
        Round(
            number=1, started="", before=before,
            decisions=(decision("hosts", "tin", 3600.0), decision("molecules", "dme", 60.0)),
        ),
        Round(number=2, started="", before=later, decisions=(decision("hosts", "lead", None),)),
    ]  # fmt: skip
    end = End(reason="answered", said="It is answered.", core_hours=1.0, standing={})
    state = Answers(parts={"hosts": ANSWER}, options={}, advice=(), seed=1)
    (course,) = courses(Climbed(state, end, rounds))
    assert (course.kind, course.core_hours) == ("hosts", 1.0)
    assert (course.before, course.after) == (0.4, ANSWER.confidence)
    assert [(d.what, d.core_hours, d.actual_core_hours) for d in course.done] == [
        ("tin, standard", 0.5, 1.0),
        ("lead, standard", 0.5, None),
    ]
    assert course.said == "It is answered."
    assert course.price == ()
