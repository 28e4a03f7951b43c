from __future__ import annotations

import subprocess
import threading
from pathlib import Path

from potash.engines.xtb import screen_level
from potash.molecules.plan import smiles_calculation
from potash.running.single import compute_now
from potash.store import Store, owner_of


def test_a_row_is_computed_once_and_its_lease_given_up(tmp_path: Path) -> None:
    store = Store(tmp_path / "rows.sqlite")
    water = smiles_calculation("O", screen_level())
    notes: list[float] = []

    def report(_item: str, fraction: float, _note: str) -> None:
        notes.append(fraction)

    (first,) = compute_now([water], store, tmp_path, report)
    assert first.status == "ok"
    seen = len(notes)
    (again,) = compute_now([water], store, tmp_path, report)
    assert again.key == first.key
    assert len(notes) == seen
    assert not store.leases()


def test_two_processes_never_work_in_one_folder(tmp_path: Path) -> None:
    store = Store(tmp_path / "rows.sqlite")
    water = smiles_calculation("O", screen_level())
    sleeper = subprocess.Popen(["sleep", "2"])
    assert store.claim(water.key, owner_of(sleeper.pid))
    threading.Thread(target=sleeper.wait).start()
    heard: list[str] = []
    (row,) = compute_now([water], store, tmp_path, lambda _i, _f, note: heard.append(note))
    assert row.status == "ok"
    assert heard[0] == "another process computes it; waiting"
