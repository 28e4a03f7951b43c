"""What reading commands keep: the same answer in a tenth of the time, never an old one."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from potash.cli.cache import cached
from potash.kept import cache_folder
from potash.store import Store
from tests.cli.conftest import Potash
from tests.synthetic_rows import adsorption, liquid

LARGE = {"numpy", "scipy", "pymatgen", "rdkit", "ase", "pydantic", "pyarrow", "yaml"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POTASH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize(
    "command",
    [("hosts",), ("rank", "hosts"), ("claims",), ("molecules", "dme"), ("hosts", "cu_111")],
    ids=" ".join,
)
def test_asked_again_it_says_the_same_and_loads_no_library(command: tuple[str, ...]) -> None:
    script = (
        "import sys\nfrom potash.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print(sorted({LARGE!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", script, *command], capture_output=True, text=True, check=True
        )
        for _ in range(2)
    )
    assert first.stdout == second.stdout != ""
    loaded = set(json.loads(second.stderr.replace("'", '"')))
    # A typed id is looked up in the YAML files of the catalogue.
    assert loaded <= ({"yaml"} if len(command) == 2 and command[0] != "rank" else set())
    assert "numpy" in first.stderr


def test_a_new_row_is_seen(potash: Potash) -> None:
    arguments = ("electrolytes", "--json", "--store", "mine.sqlite")
    store = Store("mine.sqlite")
    store.put(adsorption("cu_111", -1.0))
    before = {r["id"]: r["source"] for r in json.loads(potash(*arguments).out)}
    store.put(liquid("kfsi_ecdec_1m", seed=77, production_ps=1e6))
    store.close()
    after = {r["id"]: r["source"] for r in json.loads(potash(*arguments).out)}
    assert (before["kfsi_ecdec_1m"], after["kfsi_ecdec_1m"]) == ("reference", "own")
    store = Store("mine.sqlite")
    (row,) = store.rows(kind="liquid")
    store.forget([row.key])
    store.close()
    assert {r["id"]: r["source"] for r in json.loads(potash(*arguments).out)} == before


def test_what_does_not_change_is_computed_once(folder: Path) -> None:
    calls: list[int] = []

    def compute() -> dict[str, int]:
        calls.append(1)
        return {"n": len(calls)}

    assert cached("x", ["a"], None, compute) == cached("x", ["a"], None, compute) == {"n": 1}
    assert cached("x", ["b"], None, compute) == {"n": 2}
    (kept,) = [p for p in folder.iterdir() if json.loads(p.read_text()) == {"n": 1}]
    kept.write_text('{"n": ')
    assert cached("x", ["a"], None, compute) == {"n": 3}, "half a document is none"


def test_code_and_data_are_part_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    from potash.cli import cache

    before = cache._key("x", (), None)
    assert cache._key("x", (), None) == before
    monkeypatch.setattr(cache, "__version__", "999")
    assert cache._key("x", (), None) != before


def test_a_changed_file_of_the_catalogue_changes_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from potash.cli import cache

    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "hosts.yaml"
    file.write_text("hosts: []\n")
    monkeypatch.setattr(cache, "_data_folders", lambda: [tmp_path / "data"])
    before = cache._key("x", (), None)
    file.write_text("hosts: [ ]\n")
    assert cache._key("x", (), None) != before


def test_a_campaign_with_entries_of_its_own_is_never_kept(potash: Potash, folder: Path) -> None:
    Path("campaign.yaml").write_text("name: x\nhosts: {items: [cu_111]}\n")
    potash("hosts", "--campaign", "campaign.yaml")
    assert {p.name.split("-")[0] for p in folder.glob("*")} <= {"catalogue"}


def test_a_folder_that_cannot_be_written_does_not_matter(potash: Potash, folder: Path) -> None:
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    (folder / "blocked").exists()
    assert potash("claims", "ads_al").code == 0
    folder.chmod(stat.S_IRWXU)


def test_a_file_in_place_of_the_folder_does_not_matter(potash: Potash, folder: Path) -> None:
    folder.write_text("not a folder")
    assert potash("claims", "ads_al").code == 0


def test_nothing_is_kept_when_it_is_off(
    potash: Potash, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POTASH_CACHE", "off")
    assert cache_folder() is None
    assert potash("claims", "ads_al").code == 0
    assert not folder.exists()


def test_the_home_folder_is_that_of_the_convention(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POTASH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder() == Path("/somewhere/potash")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert cache_folder() == Path("/home/somebody/.cache/potash")


def test_writers_at_the_same_time_leave_one_whole_document(folder: Path) -> None:
    script = (
        "from potash.cli.cache import cached\n"
        "print(cached('x', [], None, lambda: {'rows': list(range(20000))})['rows'][-1])\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert {process.communicate(timeout=120)[0] for process in running} == {"19999\n"}
    (kept,) = folder.iterdir()
    assert json.loads(kept.read_text())["rows"][-1] == 19999


def test_a_report_is_written_again_from_what_is_kept(potash: Potash, folder: Path) -> None:
    assert potash("report", "--out", "first").code == 0
    Path("second").mkdir()
    Path("second/mine.txt").write_text("mine")
    done = json.loads(potash("report", "--out", "second", "--json").out)
    assert done["report"] == "second/report.html"
    for name in ("report.html", "hosts.csv", "rows/adsorption.parquet"):
        assert Path("second", name).read_bytes() == Path("first", name).read_bytes()
    assert sorted(done["files"]) == sorted(
        str(p) for p in Path("second").rglob("*") if p.is_file() and p.name != "mine.txt"
    )
    assert Path("second/mine.txt").read_text() == "mine"
    assert len(list(folder.glob("report-*"))) == 1


def test_only_the_newest_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from potash.cli import cache

    monkeypatch.setattr(cache, "MOST_DOCUMENTS", 3)
    for n in range(5):
        cached("x", [str(n)], None, lambda n=n: {"n": n})  # type: ignore[misc]
        for path in folder.iterdir():
            os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 10))
    assert sorted(json.loads(p.read_text())["n"] for p in folder.iterdir()) == [2, 3, 4]
