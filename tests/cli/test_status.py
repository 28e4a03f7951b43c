"""What ``potash status`` tells, from the store alone."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from potash.store import Store, this_owner
from potash.store.runs import CampaignSchedule, beat_run, end_run, put_plan, put_run, put_schedule
from tests.cli.conftest import Potash
from tests.store.test_runs import a_run, ended_process
from tests.store.test_store import a_row

FILE = "store.sqlite"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store in which one campaign runs, one is dead, and one row failed."""
    monkeypatch.chdir(tmp_path)
    store = Store(FILE)
    store.put(a_row(1))
    store.put(a_row(2, status="failed", reason="the SCF did not converge"))
    store.put(a_row(3, status="refused", reason="an open shell"))
    keys = {n: a_row(n).key for n in (1, 2, 4, 5)}
    put_plan(store, "alloys", {key: f"molecules: m{n}, screen" for n, key in keys.items()})
    now = time.time()
    put_run(store, replace(a_run(1), started=now - 600, heartbeat=now, planned=4, known=1))
    beat_run(store, "run-1", done=1, failed=1, left_s=1800.0)
    dead = a_run(0, owner=ended_process(), campaign="oxides")
    put_run(store, replace(dead, started=now - 9000))
    assert store.claim(keys[4], this_owner())
    store.beat(keys[4], this_owner(), progress=0.25, note="step 5 of 20")
    assert store.claim("f" * 64, ended_process())
    return store


def test_a_person_reads_what_goes_on(store: Store, potash: Potash) -> None:
    told = potash("status", "--store", FILE)
    assert told.code == 0
    assert "3 rows: 1 failed, 1 ok, 1 refused" in told.out
    [alloys] = [line for line in told.lines if line.startswith("alloys ")]
    assert alloys.split() == [
        *("alloys", "running", "10", "min", "ago", "2", "of", "4", "1", "30", "min")
    ]
    [oxides] = [line for line in told.lines if line.startswith("oxides ")]
    assert "dead" in oxides
    [computing] = [line for line in told.lines if "molecules: m4, screen" in line]
    assert "25 %" in computing
    assert "step 5 of 20" in told.out
    [stranger] = [line for line in told.lines if line.startswith("f" * 12)]
    assert "(dead)" in stranger
    assert "the SCF did not converge" in told.out
    assert "an open shell" in told.out
    assert "No schedule" in told.out
    assert max(len(line) for line in told.lines) <= 100


def test_one_campaign_is_told_of_alone(store: Store, potash: Potash) -> None:
    found = json.loads(potash("status", "alloys", "--store", FILE, "--json").out)
    assert found["statuses"] == {"failed": 1, "ok": 1}
    assert [run["campaign"] for run in found["runs"]] == ["alloys"]
    assert [c["name"] for c in found["computing"]] == ["molecules: m4, screen"]
    assert [row["reason"] for row in found["not_ok"]] == ["the SCF did not converge"]


@pytest.mark.parametrize(
    "changes, said",
    [
        ({}, "next run 20"),
        ({"next_run": None}, "no run due"),
        ({"owner": "gone"}, "its process is gone"),
    ],
)
def test_the_next_run_is_told_or_that_there_is_none(
    store: Store, potash: Potash, changes: dict[str, object], said: str
) -> None:
    now = time.time()
    schedule = CampaignSchedule(
        "alloys", "alloys.yaml", "every 6 h", this_owner(), now, now + 3000, "http"
    )
    if changes.get("owner"):
        changes = {"owner": ended_process()}
    put_schedule(store, replace(schedule, **changes))  # type: ignore[arg-type]
    told = potash("status", "--store", FILE).out
    assert "Schedule of alloys: every 6 h" in told
    assert said in told
    record = json.loads(potash("status", "--store", FILE, "--json").out)["schedules"][0]
    assert record["alive"] == ("owner" not in changes)


def test_a_run_that_waits_is_shown_as_waiting(store: Store, potash: Potash) -> None:
    end_run(store, "run-1", "waiting", "for approval")
    told = potash("status", "--store", FILE)
    [alloys] = [line for line in told.lines if line.startswith("alloys ")]
    assert "waiting" in alloys
    assert "for approval" in told.out


def test_a_campaign_that_never_ran_is_refused_with_the_nearest(
    store: Store, potash: Potash
) -> None:
    told = potash("status", "aloys", "--store", FILE)
    assert (told.code, told.out) == (2, "")
    assert "aloys" in told.err
    assert "alloys" in told.err


def test_no_store_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, potash: Potash
) -> None:
    monkeypatch.chdir(tmp_path)
    told = potash("status")
    assert told.code == 2
    assert told.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [], "asking makes no store"


def test_rows_are_counted_in_the_database_and_none_is_read_whole(
    store: Store, potash: Potash
) -> None:
    def asked() -> list[str]:
        statements: list[str] = []

        def hear(*given: object) -> None:
            if given[3] != (0, 0):  # LIMIT 0: whether the columns are there
                statements.append(str(given[2]))

        event.listen(Engine, "before_cursor_execute", hear)
        try:
            assert potash("status", "alloys", "--store", FILE, "--json").code == 0
        finally:
            event.remove(Engine, "before_cursor_execute", hear)
        return [s for s in statements if s.startswith("SELECT")]

    few = asked()
    store.put_many(a_row(n) for n in range(100, 400))
    put_plan(store, "alloys", {a_row(n).key: f"m{n}" for n in (4, *range(100, 400))})
    many = asked()
    assert many == few
    assert any("count(*)" in s for s in many)
    for column in ("values", "structures", "provenance"):
        assert not any(f"results.{column}" in s or f'results."{column}"' in s for s in many)
    # What the campaign asks for stays in the database but for what is computed now.
    assert all("plans.key IN" in s for s in many if s.startswith("SELECT plans.key"))
