from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from potash.engines.xtb import screen_level
from potash.molecules.plan import smiles_calculation
from potash.running.pool import compute_pool
from potash.store import Row, Store, owner_of


def url_in(folder: Path) -> str:
    return Store(folder / "rows.sqlite").url


def test_every_row_is_computed_once(tmp_path: Path) -> None:
    calculations = [smiles_calculation(s, screen_level()) for s in ("O", "N", "C#N")]
    rows: list[Row] = []

    def run() -> int:
        return compute_pool(
            calculations,
            url_in(tmp_path),
            tmp_path,
            processes=2,
            timeout_s=120.0,
            finished=rows.append,
        )

    assert run() == 3
    assert {row.key for row in rows} == {c.key for c in calculations}
    assert all(row.status == "ok" for row in rows)
    assert run() == 0
    assert len(rows) == 3


def test_an_error_of_the_caller_ends_the_run_and_is_raised(tmp_path: Path) -> None:
    calculations = [smiles_calculation(s, screen_level()) for s in ("O", "N", "C#N")]

    def disk_is_full(_row: Row) -> None:
        raise OSError("disk is full")

    with pytest.raises(OSError, match="disk is full"):
        compute_pool(
            calculations,
            url_in(tmp_path),
            tmp_path,
            processes=1,
            timeout_s=120.0,
            finished=disk_is_full,
        )
    assert len(Store(tmp_path / "rows.sqlite").rows()) == 1


def test_what_another_process_computes_is_waited_for(tmp_path: Path) -> None:
    store = Store(tmp_path / "rows.sqlite")
    mine, other = (smiles_calculation(s, screen_level()) for s in ("O", "N"))
    sleeper = subprocess.Popen(["sleep", "2"])
    owner = owner_of(sleeper.pid)
    assert store.claim(other.key, owner)
    rows: list[Row] = []
    # The sleeper never delivers: its lease ends with it, and its work is taken over.
    threading.Thread(target=sleeper.wait).start()
    computed = compute_pool(
        [other, mine], store.url, tmp_path, processes=1, timeout_s=120.0, finished=rows.append
    )
    assert computed == 2
    assert [row.key for row in rows] == [mine.key, other.key]
    assert not store.leases()
