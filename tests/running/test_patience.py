"""Waiting for a database that does not answer."""

from __future__ import annotations

import pytest

from potash.errors import StoreAwayError, StoreError
from potash.running import patience
from potash.running.patience import patiently


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_PAUSE_S", (0.001, 0.002))


def gone() -> StoreAwayError:
    return StoreAwayError("the database system is starting up")


def test_what_comes_back_is_waited_for_and_undone_before_each_further_try() -> None:
    done: list[str] = []

    def action() -> int:
        done.append("try")
        if done.count("try") < 3:
            raise gone()
        return 7

    assert patiently(action, before_again=lambda: done.append("undo")) == 7
    assert done == ["try", "undo", "try", "undo", "try"]


def test_it_ends_at_some_time() -> None:
    def action() -> None:
        raise gone()

    with pytest.raises(StoreAwayError):
        patiently(action, patience_s=0.05)


@pytest.mark.parametrize(
    "words, tries", [("database or disk is full", 1), ("database is locked", 2)]
)
def test_a_file_is_waited_for_only_where_it_is_locked(words: str, tries: int) -> None:
    done: list[int] = []

    def action() -> None:
        done.append(1)
        if len(done) < 2:
            raise (StoreError if tries == 1 else StoreAwayError)(words)

    if tries == 1:
        with pytest.raises(StoreError, match="full"):
            patiently(action)
    else:
        patiently(action)
    assert len(done) == tries
