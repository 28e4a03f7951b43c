"""What a run writes down about itself."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from prefect.exceptions import Pause

from potash.results.calculation import Outcome
from potash.store import Row, Store
from potash.store.runs import CampaignRun, recent_runs
from potash.workflows import recorded as module
from potash.workflows.recorded import recorded
from tests.synthetic_calculations import calculation


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


WORK = [calculation(n) for n in range(4)]


def compute(store: Store, number: int, status: str = "ok") -> None:
    outcome = Outcome(status=status)  # type: ignore[arg-type]
    store.put(Row.from_outcome(WORK[number], outcome, started="2026-01-01T00:00:00Z", seconds=1))


def watched(store: Store, folder: Path) -> object:
    file = folder / "x.yaml"
    return recorded("r", WORK, store, campaign="x", file=file, output=folder / "results")


def the_run(store: Store) -> CampaignRun:
    [run] = recent_runs(store)
    return run


def test_a_run_tells_how_far_it_is_and_what_is_left(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.05)
    compute(store, 0)
    with watched(store, tmp_path):
        run = the_run(store)
        assert (run.state, run.planned, run.known, run.done) == ("running", 4, 1, 0)
        time.sleep(0.3)
        assert the_run(store).left_s is None, "nothing tells the pace yet"
        compute(store, 1)
        compute(store, 2, "failed")
        time.sleep(0.3)
        run = the_run(store)
        assert (run.done, run.failed) == (2, 1)
        # Two of three equal calculations took about 0.6 s: half of that is left.
        assert run.left_s == pytest.approx(0.3, abs=0.2)
    run = the_run(store)
    assert (run.state, run.done, run.left_s, run.note) == ("done", 2, None, "")


@pytest.mark.parametrize(
    "error, state, note",
    [
        (Pause(), "waiting", "for approval"),
        (OSError("no space left"), "failed", "OSError: no space left"),
        (KeyboardInterrupt(), "stopped", "KeyboardInterrupt"),
    ],
)
def test_how_a_run_ended_is_told(
    store: Store, tmp_path: Path, error: BaseException, state: str, note: str
) -> None:
    with pytest.raises(type(error)), watched(store, tmp_path):  # noqa: PT012
        compute(store, 0)
        raise error
    run = the_run(store)
    assert (run.state, run.note, run.done) == (state, note, 1)
