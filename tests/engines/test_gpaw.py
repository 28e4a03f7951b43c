from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111

from potash.engines import gpaw
from potash.engines.adsorption_levels import adsorption_level
from potash.engines.gpaw import (
    Point,
    dft_level,
    hubbard_elements,
    parameters,
    run_points,
    session,
)
from potash.errors import CalculationError, RefusedError

needs_gpaw = pytest.mark.skipif(gpaw.interpreter() is None, reason="GPAW is not installed")


@pytest.mark.parametrize("name", gpaw.DFT_LEVELS)
def test_without_gpaw_one_line_says_how_to_get_it(name, monkeypatch):
    monkeypatch.setattr(gpaw, "interpreter", lambda: None)
    with pytest.raises(RefusedError, match="make dft"):
        adsorption_level(name)


def test_an_interpreter_without_gpaw_is_refused(monkeypatch):
    monkeypatch.setattr(gpaw, "interpreter", lambda: Path(sys.executable))
    gpaw.versions.cache_clear()
    with pytest.raises(RefusedError, match="make dft"):
        dft_level("standard")
    gpaw.versions.cache_clear()


def test_k_points_follow_the_cell():
    fingerprint = {
        "name": "standard",
        "parameters": {"xc": "PBE", "mode": {"name": "pw", "ecut": 400}},
        "hubbard_u_ev": {"Ni": 6.2},
        "kpoint_length_angstrom": 20.0,
        "bulk_kpoint_length_angstrom": 37.0,
    }
    slab = fcc111("Al", (2, 2, 3), a=4.05, vacuum=6)
    slab.pbc = (True, True, False)
    assert parameters(fingerprint, slab)["kpts"] == {"size": [4, 4, 1], "gamma": True}
    crystal = bulk("K", "bcc", a=5.3)
    assert parameters(fingerprint, crystal)["kpts"]["size"] == [9, 9, 9]


def test_hubbard_u_goes_on_oxides_and_fluorides_only():
    fingerprint = {
        "parameters": {"xc": "PBE"},
        "hubbard_u_ev": {"Ni": 6.2, "Co": 3.3},
        "kpoint_length_angstrom": 20.0,
        "bulk_kpoint_length_angstrom": 37.0,
    }
    oxide = bulk("NiO", "rocksalt", a=4.2)
    assert parameters(fingerprint, oxide)["setups"] == {"Ni": ":d,6.2"}
    assert hubbard_elements(fingerprint, oxide) == {"Ni": 6.2}
    assert parameters(fingerprint, oxide)["mixer"]["method"] == "difference"
    assert "mixer" not in parameters(fingerprint, bulk("Ni", a=3.5))
    assert "setups" not in parameters(fingerprint, bulk("Ni", a=3.5))
    assert "setups" not in parameters(fingerprint, bulk("MgO", "rocksalt", a=4.2))


@needs_gpaw
@pytest.mark.dft
def test_a_point_is_computed_once_and_matches_a_known_property(tmp_path: Path):
    """Forces vanish by symmetry, and fcc Al has its lattice constant near 4.04 (PBE)."""
    fingerprint = dft_level("standard").fingerprint
    energies = []
    for a in (3.9, 4.04, 4.2):
        point = Point("al", bulk("Al", a=a))
        folder = tmp_path / str(a)
        found = run_points([point], fingerprint, folder, time_limit_s=300)
        energies.append(found["al"]["energy_ev"])
        before = (folder / "results.jsonl").stat().st_mtime_ns
        run_points([point], fingerprint, folder, time_limit_s=300)
        assert (folder / "results.jsonl").stat().st_mtime_ns == before
        error = {"name": "al", "error": "KohnShamConvergenceError: no"}
        (folder / "results.jsonl").write_text(json.dumps(error) + "\n")
        again = run_points([point], fingerprint, folder, time_limit_s=300)
        assert again["al"]["energy_ev"] == pytest.approx(energies[-1], abs=1e-6)
    assert np.argmin(energies) == 1


@needs_gpaw
@pytest.mark.dft
def test_a_child_is_killed_at_its_time_limit(tmp_path: Path):
    slab = fcc111("Al", (2, 2, 4), vacuum=6)
    slab.pbc = (True, True, False)
    fingerprint = dft_level("standard").fingerprint
    with pytest.raises(CalculationError, match="killed after 3 s"):
        run_points([Point("al", slab)], fingerprint, tmp_path, time_limit_s=3)


@pytest.fixture
def pretended_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for GPAW with a driver whose energies are lattice constants.

    It fails on what ``fails`` beside the job names; returns the folder of the results.
    """
    driver = tmp_path / "driver.py"
    driver.write_text("""
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1]).parent
fails = folder / "fails"
bad = fails.read_text().split() if fails.is_file() else []
for line in sys.stdin:
    point = json.loads(line)
    with (folder / "asked").open("a") as asked:
        asked.write(point["name"] + "\\n")
    record = {"name": point["name"], "energy_ev": point["cell"][0][1], "cpu_seconds": 0.0}
    if point["name"] in bad:
        record = {"name": point["name"], "error": "KohnShamConvergenceError: no"}
    if "die" in bad:
        raise SystemExit("Segmentation fault")
    print(json.dumps(record), flush=True)
""")
    monkeypatch.setattr(gpaw, "_DRIVER", driver)
    monkeypatch.setattr(gpaw, "interpreter", lambda: Path(sys.executable))
    monkeypatch.setattr(gpaw, "versions", lambda _python: {"gpaw": "1", "gpaw-data": "1"})
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


FINGERPRINT = {
    "versions": {"gpaw": "1", "gpaw-data": "1"},
    "parameters": {"xc": "PBE"},
    "hubbard_u_ev": {},
    "kpoint_length_angstrom": 20.0,
    "bulk_kpoint_length_angstrom": 37.0,
}
POINTS = [Point(name, bulk("Al", a=a)) for name, a in (("one", 4.0), ("two", 5.0), ("three", 6.0))]


def pretended(folder: Path) -> dict[str, float]:
    found = run_points(POINTS, FINGERPRINT, folder, time_limit_s=60)
    return {name: record["energy_ev"] for name, record in found.items()}


def test_a_point_that_failed_is_reported_and_computed_again(pretended_driver: Path) -> None:
    (pretended_driver / "fails").write_text("two")
    for _ in range(2):
        with pytest.raises(CalculationError, match="two: KohnShamConvergenceError"):
            pretended(pretended_driver)
    (pretended_driver / "fails").unlink()
    assert pretended(pretended_driver) == {"one": 2.0, "two": 2.5, "three": 3.0}
    asked = (pretended_driver / "asked").read_text().split()
    assert asked == ["one", "two", "two", "two", "three"], "what was done is kept"
    assert pretended(pretended_driver) == {"one": 2.0, "two": 2.5, "three": 3.0}
    assert (pretended_driver / "asked").read_text().split() == asked, "no child for what is known"


def test_the_last_line_of_a_child_that_died_is_told(pretended_driver: Path) -> None:
    (pretended_driver / "fails").write_text("die")
    with pytest.raises(CalculationError, match="ended with code 1: Segmentation fault"):
        pretended(pretended_driver)


def test_one_child_answers_all_points_of_a_session(
    pretended_driver: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    real = subprocess.Popen

    def counted(*arguments: Any, **options: Any) -> Any:
        child = real(*arguments, **options)
        started.append(child.pid)
        return child

    monkeypatch.setattr(gpaw.subprocess, "Popen", counted)
    with session(FINGERPRINT, pretended_driver, time_limit_s=60) as compute:
        assert not started, "before there is anything to compute"
        energies = [compute(point)["energy_ev"] for point in POINTS]
    assert energies == [2.0, 2.5, 3.0]
    assert len(started) == 1
    assert not Path(f"/proc/{started[0]}").exists(), "it ends with the session"


def test_what_a_point_asks_for_reaches_the_child() -> None:
    slab = fcc111("Al", (1, 1, 2), vacuum=6)
    with_k = slab + Atoms("K", [[0.0, 0.0, 12.0]])
    plain = gpaw._point_data(Point("x", with_k, functionals=False), FINGERPRINT)
    assert plain["functionals"] == []
    assert not {"forces", "charges", "magnetic_moments", "relax"} & set(plain)
    spin = gpaw._point_data(Point("x", with_k, forces=True, unpaired=2), FINGERPRINT)
    assert spin["forces"] is True
    assert spin["magnetic_moments"] == [0.0, 0.0, 1.0]
    assert spin["functionals"] == ["RPBE", "PBEsol"]


@pytest.mark.parametrize(
    "left",
    [
        '{"name": "one", "energy_ev": 7.0}\n{"name": "two", "ener',
        '{"name": "one", "energy_ev": 7.0}\n{"name": "tw{"name": "two", "energy_ev": 9.0}\n',
        '{"name": "one", "energy_ev": 7.0}\n\x00\x00\x00',
        '{"name": "one", "energy_ev": 7.0}\n17\n[]\n',
    ],
)
def test_a_line_that_was_not_written_to_its_end_is_computed_again(
    pretended_driver: Path, left: str
) -> None:
    results = pretended_driver / "results.jsonl"
    results.write_text(left)
    assert pretended(pretended_driver) == {"one": 7.0, "two": 2.5, "three": 3.0}
    assert [json.loads(x)["name"] for x in results.read_text().splitlines()] == [
        *("one", "two", "three")
    ]


@needs_gpaw
def test_another_version_than_planned_is_refused(tmp_path: Path):
    fingerprint = {**dft_level("standard").fingerprint, "versions": {"gpaw": "1", "gpaw-data": "1"}}
    with pytest.raises(RefusedError, match="planned for 1"):
        run_points([Point("al", bulk("Al"))], fingerprint, tmp_path, time_limit_s=60)


@needs_gpaw
def test_gpaw_does_not_outlive_who_started_it(tmp_path: Path):
    """kill -9 of the worker leaves no GPAW process behind."""
    python, driver = gpaw.interpreter(), Path(gpaw.__file__).with_name("gpaw_driver.py")
    flag = tmp_path / "pid"
    child = (
        "import runpy, os, time, pathlib;"
        f"d = runpy.run_path({str(driver)!r}); d['die_with_parent']();"
        f"pathlib.Path({str(flag)!r}).write_text(str(os.getpid())); time.sleep(60)"
    )
    starter = f"import subprocess; subprocess.run([{str(python)!r}, '-I', '-c', {child!r}])"
    parent = subprocess.Popen([sys.executable, "-c", starter])
    for _ in range(300):
        if flag.is_file() and flag.read_text():
            break
        time.sleep(0.1)
    pid = int(flag.read_text())
    parent.kill()
    parent.wait()
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text():
            return
        time.sleep(0.1)
    pytest.fail("the child is still there")
