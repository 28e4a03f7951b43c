"""Looking after a store from the command line: check, forget, copy."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from potash.store import Row, Store
from tests.cli.conftest import Potash


@pytest.fixture
def url(tmp_path: Path, reference_rows: list[Row]) -> str:
    """Return a store of 60 good rows."""
    path = tmp_path / "store.sqlite"
    store = Store(path)
    store.put_many(r for r in reference_rows if r.kind in ("species", "k_metal"))
    failed = next(r for r in reference_rows if r.kind == "redox")
    store.put(replace(failed, status="failed", values={}, reason="no"))
    store.close()
    return str(path)


def rows(url: str) -> int:
    store = Store(url)
    try:
        return len(store.rows())
    finally:
        store.close()


def spoil(url: str, sql: str) -> None:
    with closing(sqlite3.connect(url)) as connection, connection:
        assert connection.execute(sql).rowcount == 1


def test_a_good_store_is_good(potash: Potash, url: str) -> None:
    done = potash("store", "check", "--store", url)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{rows(url)} rows, 0 damaged\n"


DAMAGES = {
    "a number": ("\"values\" = replace(\"values\", '-', '')", "not as it was written"),
    "a structure": ("structures = replace(structures, '0', '1')", "not as it was written"),
    "half a text": ("provenance = substr(provenance, 1, 40)", "cannot be read"),
    "bytes": ("reason = CAST(x'ff80fe' AS TEXT)", "not as it was written"),
    "no number": ("seconds = 'long'", "not as it was written"),
    "status": ("status = 'done'", "not as it was written"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_row_is_found_set_aside_and_computed_again(
    potash: Potash, url: str, name: str
) -> None:
    change, reason = DAMAGES[name]
    n = rows(url)
    spoil(
        url,
        f"UPDATE results SET {change} WHERE kind = 'species' AND item = 'dme' AND level = 'screen'",
    )
    looked = potash("store", "check", "--dry-run", "--store", url)
    assert looked.code == 1
    assert f"{n} rows, 1 damaged and found" in looked.out
    done = potash("store", "check", "--store", url)
    assert done.code == 1
    assert "species of dme" in done.out
    assert reason in done.out
    assert f"{n - 1} rows, 1 damaged and set aside" in done.out
    again = potash("store", "check", "--store", url)
    assert (again.code, again.out) == (0, f"{n - 1} rows, 0 damaged\n")
    with closing(sqlite3.connect(url)) as connection:
        (kept,) = connection.execute("SELECT record FROM damaged").fetchall()
    key = json.loads(kept[0])["key"]
    store = Store(url)
    assert store.statuses([key]) == {}
    assert store.claim(key, "me")
    store.close()


def test_a_row_that_fits_no_model_is_found(potash: Potash, url: str) -> None:
    """Its digest is right: an older or foreign program wrote it."""
    store = Store(url)
    good = store.rows(kind="species")[0]
    store.put(replace(good, values={**good.values, "homo_ev": "deep"}))
    store.close()
    done = potash("store", "check", "--store", url, "--json")
    (found,) = json.loads(done.out)["damaged"]
    assert found["key"] == good.key
    assert found["reason"].startswith("values.homo_ev: Input should be a valid number")


def test_a_damaged_file_is_replaced_by_what_can_be_read(potash: Potash, url: str) -> None:
    n, path = rows(url), Path(url)
    content = bytearray(path.read_bytes())
    half = len(content) // 2 // 4096 * 4096
    content[half : half + 4096] = b"\xaa" * 4096
    path.write_bytes(content)
    assert potash("hosts", "--store", url).code in (0, 2)
    looked = potash("store", "check", "--dry-run", "--store", url)
    assert looked.code == 2
    assert "is damaged" in looked.err
    done = potash("store", "check", "--store", url)
    assert done.code == 1, done
    assert "the file was damaged" in done.out
    assert n - 30 < rows(url) < n
    assert Path(f"{url}.damaged").is_file()
    assert potash("store", "check", "--store", url).code == 0


def test_rows_are_forgotten_by_key_item_and_status(
    potash: Potash, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    n = rows(url)
    refused = potash("store", "forget", "--item", "dme", "--store", url)
    assert refused.code == 2
    assert "add --yes" in refused.err
    assert rows(url) == n
    done = potash("store", "forget", "--status", "failed", "--yes", "--store", url)
    assert done.code == 0
    assert done.out.splitlines()[-1] == "1 rows removed"
    assert "redox of" in done.out
    store = Store(url)
    key = store.rows(kind="species", item="dme")[0].key
    store.close()
    done = potash("store", "forget", key[:12], "--yes", "--store", url, "--json")
    assert json.loads(done.out) == {"forgotten": [key]}
    assert rows(url) == n - 2
    for arguments, says in (
        ((), "say which rows"),
        ((key[:12],), "no such row has a key that begins"),
        (("abc",), "too short"),
        (("--status", "fail"), "'fail' is not a status"),
        (("--kind", "specie"), "'specie' is not a kind"),
    ):
        done = potash("store", "forget", *arguments, "--yes", "--store", url)
        assert (done.code, done.out) == (2, "")
        assert says in done.err


def test_a_copy_is_whole_while_others_write(potash: Potash, url: str, tmp_path: Path) -> None:
    writing = Store(url)
    row = writing.rows(kind="species")[0]
    writing.put(replace(row, item="last"))
    done = potash("store", "copy", str(tmp_path / "new" / "copy.sqlite"), "--store", url)
    assert done.code == 0, done
    copied = Store(tmp_path / "new" / "copy.sqlite")
    assert {r.key: r for r in copied.rows()} == {r.key: r for r in writing.rows()}
    assert copied.events("finished") == writing.events("finished")
    writing.close()
    done = potash("store", "copy", url, "--store", url)
    assert done.code == 2
    assert "a copy replaces nothing" in done.err


def test_what_is_no_store_is_one_line(potash: Potash, tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("no database\n" * 20)
    for command in (("check",), ("forget", "--item", "x"), ("copy", str(tmp_path / "c"))):
        for name in ("text.sqlite", "nowhere.sqlite"):
            done = potash("store", *command, "--store", str(tmp_path / name))
            assert (done.code, done.out) == (2, "")
            assert len(done.err.splitlines()) == 1
