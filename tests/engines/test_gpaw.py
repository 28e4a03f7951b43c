from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk, fcc111

from potash.engines import gpaw
from potash.engines.gpaw import Point, dft_level, hubbard_elements, parameters, run_points
from potash.engines.potentials import adsorption_level
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
    assert np.argmin(energies) == 1


@needs_gpaw
@pytest.mark.dft
def test_a_child_is_killed_at_its_time_limit(tmp_path: Path):
    slab = fcc111("Al", (2, 2, 4), vacuum=6)
    slab.pbc = (True, True, False)
    fingerprint = dft_level("standard").fingerprint
    with pytest.raises(CalculationError, match="killed after 3 s"):
        run_points([Point("al", slab)], fingerprint, tmp_path, time_limit_s=3)


@needs_gpaw
def test_an_error_of_one_point_is_reported(tmp_path: Path):
    fingerprint = dft_level("standard").fingerprint
    record = {"name": "al", "error": "KohnShamConvergenceError: no"}
    (tmp_path / "results.jsonl").write_text(json.dumps(record) + "\n")
    with pytest.raises(CalculationError, match="KohnShamConvergenceError"):
        run_points([Point("al", bulk("Al"))], fingerprint, tmp_path, time_limit_s=60)


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
