"""Rows in short: pages, filters, counts, costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from potash.store import Store
from potash.store.listing import Filter, count, counts, listed
from potash.store.runs import put_plan
from tests.store.test_store import a_row

STATUSES = ["ok", "ok", "ok", "failed", "refused"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store.sqlite")
    for number in range(25):
        store.put(
            a_row(
                number,
                status=STATUSES[number % 5],
                level="screen" if number < 10 else "standard",
                seconds=float(number),
                model="100%" if number == 7 else "m",
            )
        )
    return store


def test_pages_cover_everything_once_in_order(store: Store) -> None:
    pages = [listed(store, limit=10, offset=n) for n in (0, 10, 20, 30)]
    assert [len(page) for page in pages] == [10, 10, 5, 0]
    items = [row.item for page in pages for row in page]
    assert items == sorted(items)
    assert set(items) == {f"m{n}" for n in range(25)}


def test_sorting_both_ways(store: Store) -> None:
    up = [row.seconds for row in listed(store, sort="seconds")]
    assert up == [float(n) for n in range(25)]
    down = listed(store, sort="seconds", descending=True, limit=1)
    assert down[0].item == "m24"


def test_filters_narrow_and_combine(store: Store) -> None:
    assert count(store) == 25
    assert count(store, Filter(statuses=["failed", "refused"])) == 10
    assert count(store, Filter(statuses=["failed"], level="screen")) == 2
    assert [r.item for r in listed(store, Filter(text="M24"))] == ["m24"]
    assert [r.item for r in listed(store, Filter(text="0%"))] == ["m7"], "% is a character"
    assert count(store, Filter(kind="liquid")) == 0
    key = a_row(3).key
    put_plan(store, "mine", {key: "three", "0" * 64: "not computed"})
    assert [r.key for r in listed(store, Filter(campaign="mine"))] == [key]


def test_counts_are_those_of_the_rows(store: Store) -> None:
    assert counts(store, "status") == {"failed": 5, "ok": 15, "refused": 5}
    assert counts(store, "level", Filter(statuses=["ok"])) == {"screen": 6, "standard": 9}
    assert counts(store, "kind") == {"species": 25}
