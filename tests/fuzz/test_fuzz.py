"""A minute of damaged input for every parser, and every input that ever failed."""

from __future__ import annotations

import pytest

from tests.fuzz.__main__ import PAGE, TABLE, corpus_of, counted, fuzz, main, page
from tests.fuzz.mutator import mutated
from tests.fuzz.targets import TARGETS

SLOW = ("liquid", "own", "campaign", "rows", "store")


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_input_is_one_line(name):
    target = TARGETS[name]
    numbers = range(15 if name.startswith(SLOW) else 300)
    found = fuzz(target, numbers, hang_s=20.0, keep_failures=False)
    assert (found["foreign"], found["signal"], found["hang"]) == (0, 0, 0), found["examples"]
    assert found["inputs"] == len(numbers) + len(corpus_of(target))


def test_the_same_number_gives_the_same_input():
    seeds = (b"abc 1.5\nxyz", b"1 2 3")
    many = [mutated(seeds, k, "x") for k in range(200)]
    assert many == [mutated(seeds, k, "x") for k in range(200)]
    assert len(set(many)) > 150


def test_failures_are_told_apart():
    """A parser with a foreign exception, a crash and a hang is found out."""
    import os
    import time
    from pathlib import Path

    from tests.fuzz.__main__ import run_batch
    from tests.fuzz.targets import Target

    def bad(path: Path, data: bytes) -> object:
        if data == b"raise":
            raise KeyError("x")
        if data == b"crash":
            os.kill(os.getpid(), 11)
        while data == b"spin":
            time.perf_counter()
        return None

    target = Target("bad", lambda: (b"",), bad, "x")
    inputs = [b"", b"raise", b"crash", b"", b"spin", b"raise"]
    found = run_batch(target, inputs, 0.5)
    assert [(at, kind) for at, kind, _ in sorted(found)] == [
        (1, "foreign"), (2, "signal"), (4, "hang"), (5, "foreign"),
    ]  # fmt: skip
    assert "KeyError" in sorted(found)[0][2]


def test_runs_add_up(tmp_path, monkeypatch):
    table = tmp_path / "counts.csv"
    for wanted in (300, 300, 700):
        options = ["--only", "formulas", "--inputs", str(wanted), "--table", str(table)]
        monkeypatch.setattr("sys.argv", ["fuzz", *options])
        assert main() == 0
        assert counted(table) == {
            "formulas": {"inputs": wanted, "foreign": 0, "signal": 0, "hang": 0, "caught": 0}
        }


def test_the_committed_page_is_of_the_committed_counts():
    assert PAGE.read_text() == page(counted(TABLE))


def test_the_page_adds_up():
    one = {"inputs": 3, "foreign": 0, "signal": 0, "hang": 0, "caught": 1}
    assert "| all | 6 | 0 | 0 | 0 | 2 |" in page({"a": one, "b": one})
