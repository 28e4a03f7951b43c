"""The store: every result once, claims, dead owners, concurrent writers."""

from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from potash.errors import InputError
from potash.results.calculation import Outcome
from potash.store import Row, Store, this_owner
from potash.store.schema import leases
from tests.synthetic_calculations import calculation


def a_row(number: int = 0, **changes: object) -> Row:
    outcome = Outcome(
        status="ok",
        structures={"geometry": "1\n\nK 0 0 0\n"},
        engine="tblite",
        engine_version="0.5",
    )
    row = Row.from_outcome(
        calculation(number), outcome, started="2026-01-01T00:00:00Z", seconds=1.5
    )
    values = {"homo_ev": -10.5, "sites": [{"site": "top"}]}
    return Row(**{**row.as_dict(), "values": values, **changes})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "deep" / "store.sqlite")


def test_round_trip(store: Store) -> None:
    row = a_row()
    store.put(row)
    assert store.get(row.key) == row
    assert store.get("0" * 64) is None
    assert row.seed == 7


def test_put_again_replaces(store: Store) -> None:
    store.put(a_row())
    store.put(a_row(status="failed", reason="no"))
    assert [r.status for r in store.rows()] == ["failed"]


def test_rows_are_filtered_and_ordered(store: Store) -> None:
    for number in (3, 1, 2):
        store.put(a_row(number))
    assert [r.item for r in store.rows(kind="species")] == ["m1", "m2", "m3"]
    assert [r.item for r in store.rows(item="m2")] == ["m2"]
    assert store.rows(level="standard") == []


def test_add_missing_keeps_what_is_there(store: Store) -> None:
    store.put(a_row(1))
    assert store.add_missing([a_row(1, status="failed"), a_row(2), a_row(2)]) == 1
    assert {r.item: r.status for r in store.rows()} == {"m1": "ok", "m2": "ok"}


def test_a_key_is_claimed_once_and_not_when_finished(store: Store) -> None:
    row = a_row()
    assert store.claim(row.key, "me")
    assert not store.claim(row.key, "you")
    store.put(row, owner="me")
    assert store.leases() == []
    assert not store.claim(row.key, "you")
    assert store.leases() == []
    assert store.events("started") == {row.key: 1}
    assert store.events("finished") == {row.key: 1}


def test_heartbeat_carries_progress(store: Store) -> None:
    store.claim("a" * 64, "me")
    store.beat("a" * 64, "me", progress=0.4, note="NPT")
    (lease,) = store.leases()
    assert (lease.progress, lease.note) == (0.4, "NPT")


def test_reap_releases_the_dead_and_spares_the_living(store: Store) -> None:
    dead = multiprocessing.get_context("spawn").Process(target=time.time)
    dead.start()
    host = this_owner().split(":")[0]
    dead_owner = f"{host}:{dead.pid}:1"
    dead.join()
    store.claim("a" * 64, this_owner())
    store.claim("b" * 64, dead_owner)
    store.claim("c" * 64, "elsewhere:1:1")
    assert store.reap() == 1
    assert {x.key[0] for x in store.leases()} == {"a", "c"}
    with store._engine.begin() as connection:
        connection.execute(update(leases).values(heartbeat=time.time() - 1e4))
    assert store.reap() == 1, "another machine's lease dies of old age, ours while we live does not"
    assert {x.key[0] for x in store.leases()} == {"a"}


def test_forget(store: Store) -> None:
    store.put(a_row(1))
    store.forget([a_row(1).key])
    assert store.rows() == []


def _write_many(path: str, first: int, claimed: multiprocessing.Queue[int]) -> None:
    store = Store(path)
    owner, won = this_owner(), 0
    for number in range(first, 60):
        row = a_row(number)
        if store.claim(row.key, owner):
            won += 1
            store.put(row, owner=owner)
    claimed.put(won)


def test_four_writers_never_compute_a_key_twice(tmp_path: Path) -> None:
    path = str(tmp_path / "shared.sqlite")
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[int] = context.Queue()
    workers = [context.Process(target=_write_many, args=(path, 0, queue)) for _ in range(4)]
    for worker in workers:
        worker.start()
    won = sum(queue.get(timeout=120) for _ in workers)
    for worker in workers:
        worker.join()
    store = Store(path)
    assert won == 60
    assert len(store.rows()) == 60
    assert set(store.events("started").values()) == {1}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense://x", "not a store URL"),
        ("sqlite:////proc/no/such/place.db", "cannot open"),
    ],
)
def test_bad_urls_are_one_clear_line(url: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        Store(url)
    assert "\n" not in str(caught.value)


@pytest.mark.server
def test_postgresql_behaves_the_same() -> None:
    url = os.environ.get("POTASH_TEST_POSTGRES", "")
    if not url:
        pytest.skip("POTASH_TEST_POSTGRES does not name a PostgreSQL database")
    store = Store(url)
    store.forget([r.key for r in store.rows()])
    row = a_row()
    assert store.claim(row.key, this_owner())
    assert not store.claim(row.key, "you")
    store.put(row)
    store.put(row)
    assert store.get(row.key) == row
    before = store.last_event()
    assert store.add_missing([row, a_row(5)]) == 1
    keys = [a_row(5).key, "0" * 64, row.key]
    assert list(store.get_many(keys)) == [keys[0], keys[2]]
    after, written = store.written_since(before)
    assert after == before + 1
    assert a_row(5).key in written


def test_many_rows_come_in_the_order_of_their_keys(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    rows = [a_row(n) for n in range(1200)]
    assert store.add_missing(rows) == 1200
    wanted = [row.key for row in rows[::-1]]
    found = store.get_many([*wanted, wanted[0], "0" * 64])
    assert list(found) == wanted
    assert found[wanted[5]] == rows[-6]


def test_what_was_written_since_an_event_is_known(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    assert store.last_event() == 0
    store.claim(a_row(0).key, "me")
    store.put(a_row(0), owner="me")
    event = store.last_event()
    assert event == 2
    assert store.written_since(event) == (event, {a_row(0).key}), "a while before counts, too"
    store.add_missing([a_row(1)])
    assert store.written_since(event) == (event + 1, {a_row(0).key, a_row(1).key})
