"""What the store remembers of runs and schedules."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from potash.store import Store, owner_of, this_owner
from potash.store.runs import (
    CampaignRun,
    CampaignSchedule,
    all_schedules,
    beat_run,
    drop_schedule,
    end_run,
    keys_of,
    known_campaigns,
    names_of,
    put_plan,
    put_run,
    put_schedule,
    recent_runs,
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


def a_run(number: int = 0, owner: str | None = None, campaign: str = "alloys") -> CampaignRun:
    now = time.time()
    return CampaignRun(
        id=f"run-{number}",
        campaign=campaign,
        file="/x/alloys.yaml",
        output="/x/results/alloys",
        owner=owner or this_owner(),
        started=now + number,
        heartbeat=now,
        ended=None,
        state="running",
        planned=7,
        known=2,
    )


def ended_process() -> str:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = owner_of(process.pid)
    process.communicate(b"\n")
    return owner


def test_a_run_comes_back_as_it_was_put_with_its_progress(store: Store) -> None:
    put_run(store, a_run())
    assert recent_runs(store) == [a_run_at(store)]
    beat_run(store, "run-0", done=3, failed=1, left_s=12.5)
    [run] = recent_runs(store)
    assert (run.done, run.failed, run.left_s, run.state) == (3, 1, 12.5, "running")
    end_run(store, "run-0", "failed", "the disk is full")
    [run] = recent_runs(store)
    assert (run.state, run.note, run.left_s) == ("failed", "the disk is full", None)
    assert run.ended is not None
    assert run.ended >= run.started


def a_run_at(store: Store) -> CampaignRun:
    [run] = recent_runs(store)
    return replace(a_run(), started=run.started, heartbeat=run.heartbeat)


def test_a_run_that_waits_has_not_ended_and_outlives_its_process(store: Store) -> None:
    put_run(store, a_run(owner=ended_process()))
    end_run(store, "run-0", "waiting", "for approval")
    [run] = recent_runs(store)
    assert (run.state, run.ended) == ("waiting", None)


def test_a_run_whose_process_is_gone_is_dead(store: Store) -> None:
    put_run(store, a_run(owner=ended_process()))
    assert recent_runs(store)[0].state == "dead"
    put_run(store, a_run(owner=this_owner()))
    assert recent_runs(store)[0].state == "running"


def test_a_run_of_another_machine_is_dead_without_a_sign_of_life(store: Store) -> None:
    elsewhere = "other-machine:12:345"
    put_run(store, a_run(owner=elsewhere))
    assert recent_runs(store)[0].state == "running"
    put_run(store, replace(a_run(owner=elsewhere), heartbeat=time.time() - 3600))
    assert recent_runs(store)[0].state == "dead"


def test_the_newest_runs_come_first_and_are_filtered(store: Store) -> None:
    for number in (1, 3, 2):
        put_run(store, a_run(number))
    put_run(store, a_run(4, campaign="oxides"))
    assert [r.id for r in recent_runs(store, limit=3)] == ["run-4", "run-3", "run-2"]
    assert [r.id for r in recent_runs(store, campaign="oxides")] == ["run-4"]


def test_schedules_are_one_per_campaign_and_end_with_who_serves_them(store: Store) -> None:
    schedule = CampaignSchedule(
        campaign="alloys",
        file="/x/alloys.yaml",
        when="every 30 min",
        owner=this_owner(),
        heartbeat=time.time(),
        next_run=time.time() + 60,
        ui="http://127.0.0.1:4200",
    )
    put_schedule(store, schedule)
    put_schedule(store, replace(schedule, when="every 10 min"))
    assert [s.when for s in all_schedules(store)] == ["every 10 min"]
    assert all_schedules(store)[0].alive
    put_schedule(store, replace(schedule, owner=ended_process()))
    assert not all_schedules(store)[0].alive
    drop_schedule(store, "alloys", this_owner())
    assert len(all_schedules(store)) == 1, "somebody else serves it now"
    drop_schedule(store, "alloys", all_schedules(store)[0].owner)
    assert all_schedules(store) == []


def test_a_plan_names_keys_and_takes_the_place_of_the_one_before(store: Store) -> None:
    put_plan(store, "alloys", {"a": "hosts: x, screen", "b": "hosts: y, screen"})
    put_plan(store, "oxides", {"b": "hosts: y, screen"})
    put_plan(store, "alloys", {"b": "hosts: y, screen", "c": "hosts: z, screen"})
    assert keys_of(store, "alloys", ["a", "b", "c", "d"]) == {"b", "c"}
    assert keys_of(store, "alloys", ["b"]) == {"b"}
    assert names_of(store, ["b", "c", "d"]) == {"b": "hosts: y, screen", "c": "hosts: z, screen"}
    put_plan(store, "oxides", {})
    assert keys_of(store, "oxides", ["a", "b", "c"]) == set()


def test_campaigns_are_known_by_their_runs_and_schedules(store: Store) -> None:
    assert known_campaigns(store) == []
    put_run(store, a_run(1, campaign="oxides"))
    put_run(store, a_run(2, campaign="oxides"))
    assert known_campaigns(store) == ["oxides"]
