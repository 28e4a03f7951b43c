"""The store: every result once, claims, dead owners, concurrent writers."""

from __future__ import annotations

import multiprocessing
import pickle
import time
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from potash.errors import InputError, PotashError
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
    with store.engine.begin() as connection:
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
        ("postgresql://me:s3cret@host:port/db", "'postgresql://me@host:port/db' is not a store"),
        pytest.param(f"postgresql://me@{'a' * 70}/db", "names no host", id="long host"),
        ("postgresql://me:s3/cr@et@", "is not a store URL|cannot|fail"),
        ("sqlite:////proc/no/such/place.db", "cannot be opened"),
        ("rows\0.sqlite", r"holds the character '\\x00'"),
        ("sqlite:///rows\udcff.sqlite", r"holds the character '\\udcff'"),
        ("postgresql://me:s3%00@host/db", r"holds the character '\\x00'"),
        ("postgresql://me@host/d\nb", r"holds the character '\\n'"),
    ],
)
def test_bad_urls_are_one_clear_line(url: str, says: str) -> None:
    with pytest.raises(PotashError, match=says) as caught:
        Store(url)
    assert "\n" not in str(caught.value)
    assert "s3" not in str(caught.value)


def test_many_rows_come_in_the_order_of_their_keys(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    rows = [a_row(n) for n in range(1200)]
    assert store.add_missing(rows) == 1200
    wanted = [row.key for row in rows[::-1]]
    found = store.get_many([*wanted, wanted[0], "0" * 64])
    assert list(found) == wanted
    assert found[wanted[5]] == rows[-6]


def test_rows_are_light_until_they_are_looked_at(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    rows = [a_row(n, structures={"best": f"1\n\nK 0 0 {n}\n"}) for n in range(1200)]
    store.put_many(rows)
    found = store.rows()
    fetched: list[tuple[str, ...]] = []
    fetch = store._pages._fetch
    store._pages._fetch = lambda keys: fetched.append(keys) or fetch(keys)
    assert found[0].values["homo_ev"] == -10.5
    assert fetched == []
    assert {r.key: r for r in found} == {r.key: r for r in rows}
    assert len(fetched) == 3, "a query for each page"
    again = pickle.loads(pickle.dumps(found[7]))
    assert again == found[7]


def test_what_is_not_finite_is_refused_before_anything_is_written(store: Store) -> None:
    for field, bad in (
        ("values", {"a": [1.0, {"b": float("inf")}]}),
        ("uncertainty", {"homo_ev": float("nan")}),
        ("provenance", {"inputs": {"x": float("nan")}}),
        ("seconds", float("nan")),
    ):
        with pytest.raises(InputError, match=rf"{field}.*: is (nan|inf), not a finite number"):
            store.put(a_row(1, **{field: bad}))
        with pytest.raises(InputError, match=field):
            store.add_missing([a_row(2, **{field: bad})])
    with pytest.raises(InputError, match="float32 is not JSON"):
        store.put(a_row(1, values={"a": np.float32(1)}))
    assert store.rows() == []


def test_the_fingerprint_follows_the_rows(store: Store) -> None:
    seen = [store.fingerprint()]
    for change in (
        lambda: store.put(a_row(1)),
        lambda: store.put(a_row(1, status="failed")),
        lambda: store.add_missing([a_row(2)]),
        lambda: store.forget([a_row(2).key]),
        lambda: store.put(a_row(2)),
    ):
        change()
        seen.append(store.fingerprint())
    assert len(set(seen)) == len(seen)
    store.claim("a" * 64, "me")
    store.beat("a" * 64, "me")
    store.forget(["b" * 64])
    assert store.fingerprint() == seen[-1]


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
