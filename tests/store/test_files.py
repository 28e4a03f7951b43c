"""Files of calculations, found by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from potash.store import Store
from potash.store.files import files_of, items_like
from potash.store.runs import put_plan
from tests.store.test_store import a_row


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "results" / "store.sqlite")
    store.put(a_row(1))
    store.put(a_row(2))
    for folder, key, name in (
        ("alloys/work", a_row(1).key, "trajectory.xtc"),
        ("work", a_row(1).key, "deep/state.npz"),
        ("work", a_row(2).key, "other.log"),
        ("oxides/work", "f" * 64, "checkpoint.chk"),
    ):
        file = tmp_path / "results" / folder / key / name
        file.parent.mkdir(parents=True)
        file.write_text("12345")
    put_plan(store, "oxides", {"f" * 64: "liquids: kfsi_dme_1m, screen-openmm"})
    return store


def test_files_are_found_by_item_wherever_they_were_computed(store: Store, tmp_path: Path) -> None:
    found = files_of(store, "m1", [tmp_path / "results"])
    assert {f.file.name for f in found} == {"trajectory.xtc", "state.npz"}
    assert {(f.kind, f.level, f.status, f.size) for f in found} == {("species", "screen", "ok", 5)}
    assert all(f.file.is_absolute() for f in found)


def test_files_are_found_by_the_start_of_a_key(store: Store, tmp_path: Path) -> None:
    [found] = files_of(store, a_row(2).key[:12], [tmp_path / "results"])
    assert (found.item, found.file.name) == ("m2", "other.log")


def test_checkpoints_of_what_has_not_ended_are_found(store: Store, tmp_path: Path) -> None:
    [found] = files_of(store, "kfsi_dme_1m", [tmp_path / "results"])
    assert (found.file.name, found.status, found.level) == (
        "checkpoint.chk", "not ended", "screen-openmm",
    )  # fmt: skip
    assert files_of(store, "kfsi", [tmp_path / "results"]) == [], "a name is a whole name"


def test_items_are_offered_for_a_name_that_is_none(store: Store) -> None:
    assert items_like(store, "m1") == ["m1"]
    assert items_like(store, "zzz") == ["m1", "m2"]
