"""What stays on disk of finished calculations, and the quota."""

from __future__ import annotations

from pathlib import Path

import pytest

from potash.catalog.campaign import load_campaign
from potash.catalog.campaign_parts import KeepPart
from potash.errors import InputError, QuotaError
from potash.results.calculation import Outcome, Status
from potash.running import keeping
from potash.running.drain import drain
from potash.running.keeping import Keeper, disk_bytes, kept
from potash.store import Row, Store
from tests.running.test_drain import Pretend
from tests.synthetic_calculations import calculation
from tests.trajectories.test_thinning import frames, written

FILES = ("state.npz", "previous.npz", "packed.npy", "topology.gro", "md.log", "deep/scratch.bin")


@pytest.fixture
def row() -> Row:
    return Row.from_outcome(calculation(1), Outcome(status="ok"), started="", seconds=0.0)


def made(folder: Path, key: str) -> Path:
    """Make the files that a simulation leaves."""
    work = folder / "work" / key
    (work / "deep").mkdir(parents=True)
    for name in FILES:
        (work / name).write_text("x")
    written(work / "production.xtc", [1.0, 2.0, 3.0, 4.0])
    written(work / "production_00000.xtc", [1.0, 2.0])
    return work


def tidy(part: KeepPart, folder: Path, row: Row) -> None:
    finished = Keeper(part, folder).finished
    if finished is not None:
        finished(row)


def left(work: Path) -> set[str]:
    return {str(f.relative_to(work)) for f in work.rglob("*") if f.is_file()}


ALL = {*FILES, "production.xtc", "production_00000.xtc"}


@pytest.mark.parametrize(
    "part, stays",
    [
        (KeepPart(), ALL),
        (KeepPart(disk_gb=1.0), ALL),
        (KeepPart(trajectories="none"), ALL - {"production.xtc"}),
        (KeepPart(checkpoints=False), {"production.xtc", "topology.gro", "md.log"}),
        (KeepPart(trajectories="none", checkpoints=False), {"topology.gro", "md.log"}),
    ],
)
def test_files_of_a_finished_calculation(
    tmp_path: Path, row: Row, part: KeepPart, stays: set[str]
) -> None:
    work = made(tmp_path, row.key)
    tidy(part, tmp_path, row)
    assert left(work) == stays


def test_nothing_is_asked_of_the_store_where_all_is_kept(tmp_path: Path) -> None:
    assert Keeper(KeepPart(disk_gb=1.0), tmp_path).finished is None


def test_trajectories_are_thinned(tmp_path: Path, row: Row) -> None:
    work = made(tmp_path, row.key)
    tidy(KeepPart(every_ps=2.0), tmp_path, row)
    assert left(work) == ALL
    assert [time for time, *_ in frames(work / "production.xtc")] == [1.0, 3.0]
    assert len(frames(work / "production_00000.xtc")) == 2, "a checkpoint"


@pytest.mark.parametrize("status", ["failed", "quarantined"])
def test_what_is_tried_again_keeps_all(tmp_path: Path, status: Status) -> None:
    outcome = Outcome(status=status, reason="x")
    bad = Row.from_outcome(calculation(1), outcome, started="", seconds=0.0)
    work = made(tmp_path, bad.key)
    tidy(KeepPart(trajectories="none", checkpoints=False), tmp_path, bad)
    assert left(work) == ALL


def test_a_damaged_trajectory_does_not_end_the_campaign(tmp_path: Path, row: Row) -> None:
    work = made(tmp_path, row.key)
    (work / "production.xtc").write_bytes(b"damaged")
    tidy(KeepPart(every_ps=2.0), tmp_path, row)
    assert (work / "production.xtc").read_bytes() == b"damaged"


def test_new_rules_hold_for_what_earlier_runs_left(tmp_path: Path, row: Row) -> None:
    store = Store(tmp_path / "rows.sqlite")
    store.put(row)
    done, begun = made(tmp_path, row.key), made(tmp_path, "0" * 64)
    shared = made(tmp_path, "screened")
    Keeper(KeepPart(checkpoints=False), tmp_path).tidy_all(store)
    assert left(done) == {"production.xtc", "topology.gro", "md.log"}
    assert left(begun) == ALL, "it has no row: it goes on from there"
    assert left(shared) == ALL, "several calculations share it"


def test_a_folder_left_empty_goes(tmp_path: Path, row: Row) -> None:
    work = tmp_path / "work" / row.key
    work.mkdir(parents=True)
    (work / "state.npz").write_text("x")
    tidy(KeepPart(checkpoints=False), tmp_path, row)
    assert not work.exists()


def test_the_quota_is_of_what_the_disk_holds(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"x" * 100_000)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert 100_000 <= disk_bytes(tmp_path) <= 120_000
    Keeper(KeepPart(disk_gb=2e-4), tmp_path).check()
    Keeper(KeepPart(), tmp_path).check()
    with pytest.raises(QuotaError) as told:
        Keeper(KeepPart(disk_gb=5e-5), tmp_path).check()
    assert f"{tmp_path} takes 0.0001" in str(told.value)
    assert "keep.disk_gb allows 5e-05;" in str(told.value)


def test_looking_costs_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[float] = []
    now = 100.0

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return now

    def slow_look(_folder: Path) -> int:
        nonlocal now
        looked.append(now)
        now += 1.0
        return 0

    monkeypatch.setattr(keeping, "time", Clock)
    monkeypatch.setattr(keeping, "disk_bytes", slow_look)
    keeper = Keeper(KeepPart(disk_gb=1.0), tmp_path)
    while now < 200.0:
        keeper.check()
        now += 0.5
    assert looked == [100.0, 151.0], "a look of 1 s, then none for 50 s"


def test_a_run_stops_at_its_quota_and_goes_on_afterwards(tmp_path: Path) -> None:
    store = Store(tmp_path / "rows.sqlite")
    work = [calculation(n) for n in range(5)]
    here = Pretend(store, tmp_path / "work")
    keeper = Keeper(KeepPart(disk_gb=5e-5), tmp_path / "work")

    def filling(row: Row) -> None:
        (tmp_path / "work" / "full").mkdir(parents=True, exist_ok=True)
        (tmp_path / "work" / "full" / row.key).write_bytes(b"x" * 30_000)
        keeper._next_look = 0.0

    with pytest.raises(QuotaError):
        drain(work, store, here.submit, in_flight=1, finished=filling, check=keeper.check)
    assert len(here.portions) == 2
    assert not store.leases()
    assert drain(work, store, here.submit, in_flight=1) == 3


def test_in_words() -> None:
    assert kept(KeepPart()) == "all trajectories, all checkpoints, as much as there is"
    assert kept(KeepPart(trajectories="none", disk_gb=0.5)) == (
        "no trajectories, all checkpoints, at most 0.5 GB"
    )


@pytest.mark.parametrize(
    "keep, says",
    [
        ("{trajectories: none, every_ps: 10}", "'every_ps' has no effect"),
        ("{trajectories: some}", "trajectories"),
        ("{disk_gb: 0}", "disk_gb"),
        ("{every_ps: -1}", "every_ps"),
        ("{frames: 3}", "unknown key 'frames'"),
    ],
)
def test_bad_rules_are_refused(tmp_path: Path, keep: str, says: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(f"name: x\nmolecules: {{items: [dme]}}\nkeep: {keep}\n")
    with pytest.raises(InputError, match=says):
        load_campaign(file)
