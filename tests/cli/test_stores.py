"""Which store a command reads, and that none is made by reading."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from potash.store import Row, Store
from tests.cli.conftest import Potash
from tests.synthetic_rows import adsorption

READING = [
    ("hosts",),
    ("hosts", "cu6sn5_cu"),
    ("molecules",),
    ("electrolytes",),
    ("claims",),
    ("rank", "hosts"),
    ("report", "--out", "there"),
    ("export", "there"),
]


@pytest.mark.parametrize("url", ["typo.sqlite", "sqlite:///typo.sqlite"])
@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_a_store_that_does_not_exist_is_refused_and_not_made(
    potash: Potash,
    command: tuple[str, ...],
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = potash(*command, "--store", url)
    assert (done.code, done.out) == (2, "")
    assert "there is no store 'typo.sqlite'" in done.err
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_kind_is_not_exported_in_silence(
    potash: Potash, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store("mine.sqlite")
    store.put(adsorption("cu_111", -1.0))
    store.close()
    done = potash("export", "out", "--kind", "foo", "--store", "mine.sqlite")
    assert done.code == 2
    assert "'foo' is not a kind of calculation" in done.err
    assert not Path("out").exists()
    files = json.loads(
        potash("export", "out", "--kind", "adsorption", "--store", "mine.sqlite", "--json").out
    )["files"]
    assert [Path(f).name for f in files] == ["adsorption.parquet", "croissant.json"]


def test_import_tells_its_counts_as_json(
    potash: Potash, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference_rows: list[Row]
) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store("mine.sqlite")
    store.put(next(r for r in reference_rows if r.kind == "adsorption" and r.item == "cu_111"))
    store.close()
    potash("export", "out", "--store", "mine.sqlite")
    first = json.loads(potash("import", "out", "--store", "other.sqlite", "--json").out)
    again = json.loads(potash("import", "out", "--store", "other.sqlite", "--json").out)
    assert first == {"added": 1, "known_before": 0, "refused": []}
    assert again == {"added": 0, "known_before": 1, "refused": []}


def test_one_bad_row_makes_no_table_impossible(
    potash: Potash, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference_rows: list[Row]
) -> None:
    """Its digest is right, as where a program of another version wrote it."""
    monkeypatch.chdir(tmp_path)
    store = Store("mine.sqlite")
    good = next(r for r in reference_rows if r.kind == "adsorption" and r.item == "cu_111")
    store.put_many(
        [
            replace(good, key="a" * 64, values={**good.values, "adsorption_energy_ev": "deep"}),
            replace(good, key="b" * 64, status="done"),  # type: ignore[arg-type]
            replace(good, key="c" * 64, kind="adsorbtion"),
        ]
    )
    store.close()
    for command in (("hosts", "--json"), ("rank", "hosts", "--json")):
        done = potash(*command, "--store", "mine.sqlite")
        assert done.code == 0, done
        assert json.loads(done.out)
        assert "2 damaged rows of sqlite:///mine.sqlite passed over" in done.err
