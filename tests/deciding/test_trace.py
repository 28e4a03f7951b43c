from pathlib import Path

import pytest

from potash.deciding.trace import Decision, End, Round, Standing, Trace
from potash.errors import InputError

BEFORE = {"hosts": Standing(confidence=0.5, doubt=3.0)}
AFTER = {"hosts": Standing(confidence=0.8, doubt=1.25)}


def decision(key: str, actual_s: float | None = None) -> Decision:
    return Decision(
        part="hosts",
        candidate="cu",
        column="adsorption_energy_ev",
        level="standard",
        why="because",
        keys=(key,),
        predicted_s=100.0,
        predicted_fall=0.5,
        actual_s=actual_s,
    )


def a_round(number: int, *decisions: Decision, ended: bool = False) -> Round:
    return Round(
        number=number,
        started="2025-01-01T00:00:00+00:00",
        decisions=decisions,
        before=BEFORE,
        after=AFTER if ended else None,
    )


def test_of_two_lines_of_one_round_the_later_counts(tmp_path: Path) -> None:
    trace = Trace(tmp_path / "out" / "decisions.jsonl")
    assert trace.rounds == ()
    trace.add(a_round(1, decision("a"), decision("b")))
    assert trace.rounds[0].actual_fall is None
    trace.add(a_round(1, decision("a", 60.0), decision("b", 30.0), ended=True))
    trace.add(a_round(2, decision("a"), decision("c")))
    again = Trace(trace.path)
    assert again.rounds == trace.rounds
    assert [r.number for r in again.rounds] == [1, 2]
    assert again.keys == ("a", "b", "c")
    assert again.spent_s == 90.0
    first = again.rounds[0]
    assert (first.predicted_s, first.actual_s) == (200.0, 90.0)
    assert (first.predicted_fall, first.actual_fall) == (1.0, 1.75)


def test_an_end_counts_until_another_round_begins(tmp_path: Path) -> None:
    trace = Trace(tmp_path / "decisions.jsonl")
    end = End(reason="budget", said="the budget is spent", core_hours=0.1, standing=AFTER)
    trace.add(a_round(1, decision("a", 60.0), ended=True))
    trace.add(end)
    assert Trace(trace.path).end == end
    trace.add(a_round(2, decision("b")))
    assert Trace(trace.path).end is None


def test_a_line_that_was_not_finished_is_dropped_and_a_broken_one_is_told(tmp_path: Path) -> None:
    trace = Trace(tmp_path / "decisions.jsonl")
    trace.add(a_round(1, decision("a"), ended=True))
    whole = trace.path.read_text()
    trace.path.write_text(whole + whole[:50])
    again = Trace(trace.path)
    assert len(again.rounds) == 1
    assert trace.path.read_text() == whole, "the next event begins a line of its own"
    trace.path.write_text('{"event": "round"}\n' + whole)
    with pytest.raises(InputError, match="line 1 is no event") as caught:
        Trace(trace.path)
    assert caught.value.source == str(trace.path)
