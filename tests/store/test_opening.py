"""Opening a store: versions, rights, and every way in which it can be bad."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from potash.errors import StoreError
from potash.store import Store
from potash.store.schema import VERSION, metadata
from tests.store.test_store import a_row

OLD = Path(__file__).parent / "old"
ROOT = os.geteuid() == 0


def filled(path: Path, n: int = 50) -> Path:
    store = Store(path)
    store.put_many(a_row(number) for number in range(n))
    store.close()
    return path


def write_and_read(path: Path) -> None:
    store = Store(path)
    store.put_many(a_row(number) for number in range(100, 200))
    store.rows()


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """Yield a folder on a file system of its own, in memory."""
    if not ROOT:
        pytest.skip("only root can mount")
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


# -- versions ------------------------------------------------------------------------------


def test_a_store_of_version_1_is_brought_to_this_one(tmp_path: Path) -> None:
    """The file was made by the program of November 2026, before versions were written down."""
    path = tmp_path / "store.sqlite"
    shutil.copy(OLD / "version_1.sqlite", path)
    store = Store(path)
    rows = {(r.kind, r.item): r for r in store.rows()}
    assert [(*name, r.status) for name, r in rows.items()] == [
        ("adsorption", "cu_111", "ok"),
        ("k_metal", "k_metal", "ok"),
        ("phase", "k_bcc", "ok"),
        ("redox", "etpta", "failed"),
        ("species", "dme", "ok"),
        ("species", "m3", "failed"),
    ]
    assert store.damaged == set()
    copper = rows["adsorption", "cu_111"]
    assert copper.key.startswith("4429c569")
    assert copper.values["adsorption_energy_ev"] == pytest.approx(-0.9, abs=0.3)
    assert copper.structures["best"].startswith(f"{copper.values['n_atoms']}\n")
    assert rows["species", "m3"].reason == "no convergence"
    assert [lease.owner for lease in store.leases()] == ["host:1:1"]
    assert len(store.events("imported")) == 3
    store.put(a_row(9))
    store.close()
    assert len(Store(path).rows()) == 7


def test_a_store_of_version_2_keeps_its_rows_and_takes_core_seconds(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    shutil.copy(OLD / "version_2.sqlite", path)
    store = Store(path)
    before = {r.key: r for r in store.rows()}
    assert store.damaged == set()
    assert sorted(r.item for r in before.values()) == ["cu_111", "dme", "graphene"]
    assert {r.cpu_seconds for r in before.values()} == {None}
    store.put(replace(a_row(9), cpu_seconds=1.25))
    assert dict(Store(path).get_many(before)) == before
    assert sorted(r.cpu_seconds or 0.0 for r in store.rows()) == [0.0, 0.0, 0.0, 1.25]


@pytest.mark.parametrize("old", ["version_1", "version_2"])
def test_migrated_and_new_tables_are_the_same(tmp_path: Path, old: str) -> None:
    path = tmp_path / "store.sqlite"
    shutil.copy(OLD / f"{old}.sqlite", path)
    for store in (Store(path), Store(tmp_path / "new.sqlite")):
        with store.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": False})
            assert compare_metadata(context, metadata) == []
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
            assert list(found.scalars()) == [VERSION]


def test_a_migration_that_is_interrupted_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.sqlite"
    shutil.copy(OLD / "version_1.sqlite", path)
    monkeypatch.setattr("potash.store.records.digest", lambda _cells: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Store(path)
    monkeypatch.undo()
    assert len(Store(path).rows()) == 6


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = filled(tmp_path / "store.sqlite")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '99'")
    for reading in (False, True):
        with pytest.raises(StoreError, match=rf"is of version 99, .* up to {VERSION}; use the"):
            Store(path, reading=reading)


# -- bad stores ----------------------------------------------------------------------------


def test_every_bad_store_is_one_line(tmp_path: Path) -> None:
    good = filled(tmp_path / "good.sqlite").read_bytes()
    foreign = tmp_path / "foreign.sqlite"
    with closing(sqlite3.connect(foreign)) as connection, connection:
        connection.execute("CREATE TABLE flow_run (id TEXT)")
    column = tmp_path / "column.sqlite"
    with closing(sqlite3.connect(column)) as connection, connection:
        connection.execute("CREATE TABLE results (key TEXT, kind TEXT)")
    for name, content in {
        "text.sqlite": b"these are no rows\n" * 20,
        "short.sqlite": good[:60],
        "page.sqlite": good[:5000],
        "half.sqlite": good[: len(good) // 2],
        "flipped.sqlite": good[:4096] + bytes(b ^ 0xFF for b in good[4096:12288]) + good[12288:],
        "empty.sqlite": b"",
    }.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    cases = {
        "text.sqlite": "is no SQLite database",
        "short.sqlite": "is cut short",
        "page.sqlite": "is damaged; 'potash store check'",
        "half.sqlite": "is damaged; 'potash store check'",
        "flipped.sqlite": "is damaged; 'potash store check'",
        "foreign.sqlite": r"no store of Potash \(its tables: flow_run\)",
        "column.sqlite": "no store of Potash: its table 'results' has no column",
        "empty.sqlite": "is an empty file",
        "folder": "is a folder; name a file",
        "n" * 300: "file name too long",
        "file/store.sqlite": "not a directory",
        "nowhere.sqlite": "no such file",
    }
    for name, says in cases.items():
        with pytest.raises(StoreError, match=says) as caught:
            Store(tmp_path / name, reading=True).rows()
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith("store ")
    for name in cases.keys() - {"empty.sqlite", "nowhere.sqlite"}:
        with pytest.raises(StoreError) as caught:
            write_and_read(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_flipped_bits_in_a_row_hide_that_row_alone(tmp_path: Path) -> None:
    path = filled(tmp_path / "store.sqlite")
    content = path.read_bytes()
    assert content.count(b'"homo_ev": -10.5') == 50
    at = content.index(b'"homo_ev": -10.5') + len('"homo_ev": -1')
    path.write_bytes(content[:at] + b"7" + content[at + 1 :])
    store = Store(path, reading=True)
    assert len(store.rows()) == 49, "-17.5 can be read and is not what was written"
    assert len(store.damaged) == 1
    (key,) = store.damaged
    assert store.get(key) is None


def test_text_that_is_none_hides_its_row_alone(tmp_path: Path) -> None:
    path = filled(tmp_path / "store.sqlite", 3)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE results SET reason = CAST(x'ff80fe' AS TEXT) WHERE item = 'm1'")
        connection.execute("UPDATE results SET structures = '{' WHERE item = 'm2'")
    store = Store(path)
    assert [r.item for r in store.rows()] == ["m0", "m2"]
    with pytest.raises(StoreError, match="was damaged or removed"):
        dict(store.rows()[1].structures)


@pytest.mark.parametrize(
    "word, says",
    [
        (b"uncertainty", "no store of Potash"),
        (b"CREATE TABLE results", "is damaged; 'potash store check'"),
        (b"results", "is damaged: its table 'results' is missing"),
    ],
)
def test_names_that_are_no_text_are_one_line(tmp_path: Path, word: bytes, says: str) -> None:
    path = filled(tmp_path / "store.sqlite", 3)
    content = path.read_bytes()
    path.write_bytes(content.replace(word, word[:3] + b"\xff" + word[4:]))
    for reading in (True, False):
        with pytest.raises(StoreError, match=says) as caught:
            Store(path, reading=reading).rows()
        assert "\n" not in str(caught.value)


# -- rights and disks ------------------------------------------------------------------------


def test_a_read_only_disk_is_read(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk") as disk:
        filled(disk / "whole.sqlite")
        shutil.copy(OLD / "version_1.sqlite", disk / "old.sqlite")
        left = Store(disk / "left.sqlite")
        left.put_many(a_row(k) for k in range(7))
        with left.engine.connect() as held:
            held.exec_driver_sql("SELECT count(*) FROM results")
            for suffix in ("", "-wal"):
                shutil.copy(f"{disk}/left.sqlite{suffix}", f"{disk}/killed.sqlite{suffix}")
        left.close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        before = sorted(path.name for path in disk.iterdir())
        for name, count in {"whole": 50, "old": 6, "killed": 7}.items():
            store = Store(disk / f"{name}.sqlite", reading=True)
            assert len(store.rows()) == count
            assert store.rows()[0].structures is not None
            store.close()
        with pytest.raises(StoreError, match="cannot be written: no rights, or a read-only disk"):
            Store(disk / "whole.sqlite").put(a_row(99))
        assert sorted(path.name for path in disk.iterdir()) == before


def test_a_full_disk_is_one_line_and_keeps_what_was_written(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "-o", "size=1m") as disk:
        store = Store(disk / "store.sqlite")
        written = 0

        def write_on() -> None:
            nonlocal written
            while written < 2000:
                store.put(a_row(written, reason="x" * 2000))
                written += 1

        with pytest.raises(StoreError, match="the disk is full: nothing more can be written"):
            write_on()
        store.close()
        assert written > 20
        assert len(Store(disk / "store.sqlite", reading=True).rows()) == written


def test_a_database_at_its_limit_is_a_full_disk(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.sqlite")
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="the disk is full"):
        store.put_many(a_row(number) for number in range(100))
    assert store.rows() == []


@pytest.mark.skipif(ROOT, reason="root may read everything")
def test_a_file_without_rights_is_one_line(tmp_path: Path) -> None:
    path = filled(tmp_path / "store.sqlite")
    path.chmod(0)
    with pytest.raises(StoreError, match="permission denied"):
        Store(path, reading=True)
    path.chmod(0o400)
    assert len(Store(path, reading=True).rows()) == 50


# -- whole files -----------------------------------------------------------------------------

_PUT = """
import os, signal, sys, time
from potash.store import Store
from tests.store.test_store import a_row
store = Store(sys.argv[1])
store.put_many(a_row(k) for k in range(20))
for k in range(20, 25):
    store.put(a_row(k))
{end}
"""


@pytest.mark.parametrize(
    "end",
    [
        "",
        "sys.exit(3)",
        "raise ValueError",
        "time.sleep(3); os.kill(os.getpid(), signal.SIGKILL)",
        "time.sleep(3); os.kill(os.getpid(), signal.SIGTERM)",
        "store.close(); os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
def test_the_file_alone_holds_every_row_however_its_process_ended(tmp_path: Path, end: str) -> None:
    path = tmp_path / "store.sqlite"
    subprocess.run(
        [sys.executable, "-c", _PUT.format(end=end), path], capture_output=True, check=False
    )
    copy = tmp_path / "copy.sqlite"
    shutil.copyfile(path, copy)
    assert len(Store(copy).rows()) == 25
    if "kill" not in end or "close" in end:
        assert [p.name for p in tmp_path.glob("store.sqlite*")] == ["store.sqlite"]


def test_the_file_alone_holds_every_row_while_it_is_open(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.sqlite")
    store.put_many(a_row(k) for k in range(30))
    time.sleep(2)
    shutil.copyfile(tmp_path / "store.sqlite", tmp_path / "copy.sqlite")
    assert len(Store(tmp_path / "copy.sqlite").rows()) == 30
    store.close()


def test_opening_again_keeps_the_locks_of_this_process(tmp_path: Path) -> None:
    """Else a process that closes takes itself for the last one and removes the log."""
    path = tmp_path / "store.sqlite"
    first = Store(path)
    first.put(a_row(1))
    second = Store(path)
    other = f"from potash.store import Store; s = Store({str(path)!r}); s.rows(); s.close()"
    subprocess.run([sys.executable, "-c", other], check=True)
    assert Path(f"{path}-wal").exists(), "the log of open connections stays"
    first.put(a_row(2))
    second.put(a_row(3))
    assert len(first.rows()) == len(second.rows()) == 3
    first.close()
    second.close()
    assert len(Store(path).rows()) == 3
