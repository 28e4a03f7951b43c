"""The ladder on a real engine (GFN2-xTB): how it ends, what it writes, killed and run again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from potash.api.asking import Asking
from potash.catalog.campaign import load_campaign
from potash.deciding.levels import Rung
from potash.deciding.options import Advice
from potash.deciding.trace import Trace
from potash.results.calculation import Calculation
from potash.running.limits import Limits
from potash.running.local import compute_in_processes
from potash.store import Store
from potash.workflows.climbing import TRACE, Climbed, climb, next_batch

IP = {"ip_vertical_ev": {"best": 12.0, "worst": 8.0}}
APART = "FC(F)(F)OC(F)(F)F perfluoroether\nCCSCC diethyl_sulfide\nCCNCC diethylamine\n"
ALIKE = "CCSCC diethyl_sulfide\nCCCSC methyl_propyl_sulfide\nCC(C)SC isopropyl_methyl_sulfide\n"


def campaign(folder: Path, molecules: dict[str, object], **more: object) -> Path:
    file = folder / "campaign.yaml"
    part = {"choose": 1, "by": IP, **molecules}
    file.write_text(yaml.safe_dump({"name": "c", "question": {"molecules": part}, **more}))
    return file


def library(folder: Path, text: str) -> dict[str, object]:
    (folder / "mine.smi").write_text(text)
    return {"among": {"from": "mine.smi"}}


def climbed(file: Path) -> Climbed:
    asking = Asking(*load_campaign(file))
    store = Store(file.parent / "store.sqlite")

    def drain(calculations: Sequence[Calculation]) -> None:
        work = file.parent / "work"
        compute_in_processes(calculations, store, work, processes=1, limits=Limits())

    return climb(asking, store, drain, output_dir=file.parent, workers=1)


@pytest.mark.physics
@pytest.mark.timeout(600)
def test_screening_answers_what_lies_far_apart_and_the_second_run_computes_nothing(
    tmp_path: Path,
) -> None:
    file = campaign(tmp_path, library(tmp_path, APART))
    found = climbed(file)
    assert found.end.reason == "answered"
    chosen = [p.id for p in found.state.parts["molecules"].placed if p.chosen]
    assert chosen == ["perfluoroether"]
    (only,) = found.rounds
    assert {d.level for d in only.decisions} == {"screen"}
    assert {d.statuses for d in only.decisions} == {("ok",)}
    rows = {r.key: r for r in Store(tmp_path / "store.sqlite").rows()}
    assert set(found.keys) == set(rows)
    assert only.actual_s == pytest.approx(sum(r.core_seconds for r in rows.values()))
    assert found.end.core_hours == pytest.approx(only.actual_s / 3600)
    assert only.actual_fall is not None
    assert only.actual_fall > 0.1

    lines = (tmp_path / TRACE).read_text()
    again = climbed(file)
    assert again.end == found.end
    assert (tmp_path / TRACE).read_text() == lines, "nothing was decided anew"
    assert len(Store(tmp_path / "store.sqlite").rows()) == len(rows)


@pytest.mark.physics
@pytest.mark.timeout(600)
def test_what_is_alike_is_screened_and_then_costs_more_than_the_budget(tmp_path: Path) -> None:
    file = campaign(tmp_path, library(tmp_path, ALIKE), budget={"core_hours": 0.006})
    found = climbed(file)
    assert found.end.reason == "budget"
    assert "core-hours are left" in found.end.said
    assert {d.level for r in found.rounds for d in r.decisions} == {"screen"}
    rows = Store(tmp_path / "store.sqlite").rows()
    assert found.end.core_hours == pytest.approx(sum(r.core_seconds for r in rows) / 3600)
    assert found.state.advice[0].rung.level == "standard"
    assert found.state.advice[0].cost_s > 0.006 * 3600 - found.end.core_hours * 3600


def test_nothing_is_left_where_the_reference_rows_hold_all_that_could_tell(tmp_path: Path) -> None:
    """Of organic molecules the standard level is the best calibrated one; both have it."""
    file = campaign(tmp_path, {"among": {"only": ["dme", "thf"]}})
    found = climbed(file)
    assert found.end.reason == "nothing"
    assert "nothing that is known to Potash" in found.end.said
    assert not found.rounds
    assert not found.state.parts["molecules"].answered
    end = json.loads((tmp_path / TRACE).read_text().splitlines()[-1])
    assert end["reason"] == "nothing"


RUN = """
import sys
from pathlib import Path
from tests.workflows.test_climbing import climbed
climbed(Path(sys.argv[1]))
"""


@pytest.mark.physics
@pytest.mark.timeout(900)
def test_a_killed_run_goes_on_and_its_trace_too(tmp_path: Path) -> None:
    file = campaign(tmp_path, library(tmp_path, APART))
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(file)],
        start_new_session=True,
        cwd=Path(__file__).parents[2],
    )
    database = tmp_path / "store.sqlite"
    while process.poll() is None:
        time.sleep(0.05)
        if database.is_file() and len(Store(database).rows()) >= 1:
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    rows = Store(database).rows()
    assert 1 <= len(rows) < 3, "killed in the middle"
    assert Trace(tmp_path / TRACE).rounds[0].after is None, "its round is open"

    found = climbed(file)
    assert found.end.reason == "answered"
    first = found.rounds[0]
    assert first.after is not None
    statuses = [s for d in first.decisions for s in d.statuses]
    assert statuses.count("ok") == len(rows)
    assert statuses.count("missing") == 3 - len(rows)
    assert set(Store(database).events("finished").values()) == {1}, "nothing is computed twice"
    assert len(Store(database).rows()) == 3
    spent = sum(r.core_seconds for r in Store(database).rows())
    assert found.end.core_hours == pytest.approx(spent / 3600)


def advice(candidate: str, cost_s: float, *, opening: bool = False) -> Advice:
    rung = Rung(candidate, "ip_vertical_ev", "species", (candidate,), "standard", 0.2, False)
    return Advice("molecules", rung, (), cost_s, 0.1, "", opening=opening)


def names(found: Sequence[Advice]) -> list[str]:
    return [a.rung.candidate for a in found]


def test_a_round_keeps_all_workers_busy_for_as_long_as_its_longest_step() -> None:
    many = [advice(f"m{i}", 100.0) for i in range(10)]
    assert names(next_batch(many, 4, None)) == ["m0", "m1", "m2", "m3"]
    uneven = [advice("long", 300.0), *many]
    assert names(next_batch(uneven, 2, None)) == ["long", "m0", "m1", "m2"]
    short = [advice(f"s{i}", 1.0) for i in range(100)]
    assert len(next_batch(short, 2, None)) == 40, "not asked anew for a few seconds of work"


def test_a_round_has_one_step_of_a_candidate_and_passes_over_what_is_too_dear() -> None:
    two = [advice("a", 50.0), advice("a", 10.0), advice("b", 50.0)]
    assert names(next_batch(two, 2, None)) == ["a", "b"]
    assert names(next_batch([advice("a", 500.0), advice("b", 50.0)], 2, 100.0)) == ["b"]
    assert next_batch([advice("a", 500.0)], 2, 100.0) == ()


def test_a_round_is_not_filled_with_what_brings_far_less_per_core_hour() -> None:
    cheap = [advice(f"s{i}", 1.0) for i in range(5)]  # all bring the same, at a price of 1 or 300
    assert names(next_batch([*cheap, advice("dear", 300.0)], 2, None)) == [
        f"s{i}" for i in range(5)
    ]
    alone = [advice("s0", 1.0), advice("dear", 300.0)]
    assert names(next_batch(alone, 2, None)) == ["s0", "dear"], "no worker is left without work"


def test_all_screenings_are_one_round() -> None:
    opening = [advice(f"m{i}", 100.0, opening=True) for i in range(10)]
    assert len(next_batch(opening, 2, None)) == 10
    assert len(next_batch(opening, 2, 350.0)) == 3
