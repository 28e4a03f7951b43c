"""One screened geometry for all DFT calculations on a surface, whoever comes first."""

from __future__ import annotations

import contextlib
import dataclasses
import multiprocessing
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from potash.engines import gpaw
from potash.engines.adsorption_levels import adsorption_level
from potash.engines.gpaw import Point, dft_level
from potash.errors import CalculationError
from potash.hosts import charge, dft, k_metal, screened_site
from potash.hosts.adsorption import adsorption_calculations
from potash.hosts.charge import charge_calculation
from potash.hosts.k_metal import k_metal_calculation
from potash.hosts.screened_site import ScreenedSite, screened
from potash.results.adsorption import AdsorptionInputs
from potash.results.calculation import Calculation
from potash.running.local import compute_here
from potash.store import Store
from potash.structures.recipes import recipe_from_data
from tests.hosts.test_adsorption import SLAB, quiet

PAIRS = adsorption_level("pairs", calculator="tests.hosts.pair_potential:make").fingerprint
RECIPE = recipe_from_data(SLAB)


@pytest.fixture(autouse=True)
def pretended_gpaw(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for GPAW: parabolas in the height of K and in the lattice constant."""

    def compute(point: Point) -> dict[str, Any]:
        number = point.name.partition(",")[0].split()[-1]
        x = float(number) if number[-1].isdigit() else 0.0
        x -= 5.28 if x > 5 else 0.0
        return {
            "energy_ev": x * x,
            "forces_ev_angstrom": [*[[0.0] * 3] * (len(point.atoms) - 1), [0.0, 0.0, -2 * x]],
            "functional_shift_ev": {},
            "fermi_ev": 0.0,
            "hirshfeld_charges_e": [-0.5, *[0.0] * (len(point.atoms) - 2), 0.5],
        }

    def run_points(points: list[Point], *_: Any, **__: Any) -> dict[str, dict[str, Any]]:
        return {point.name: compute(point) for point in points}

    monkeypatch.setattr(gpaw, "interpreter", lambda: Path("python"))
    monkeypatch.setattr(gpaw, "versions", lambda _python: {"gpaw": "1", "gpaw-data": "1"})
    for module in (dft, charge, k_metal):
        monkeypatch.setattr(module, "run_points", run_points)
    monkeypatch.setattr(dft, "session", lambda *_, **__: contextlib.nullcontext(compute))


def with_pairs(calculation: Calculation) -> Calculation:
    """Return a DFT calculation whose geometry a quick potential gives."""
    inputs = calculation.inputs.model_copy(update={"screen": PAIRS})
    return dataclasses.replace(calculation, inputs=inputs)


def surface() -> AdsorptionInputs:
    (first, *_) = adsorption_calculations(RECIPE, dft_level("standard"), item="ag", model="ag")
    inputs = with_pairs(first).inputs
    assert isinstance(inputs, AdsorptionInputs)
    return inputs


def test_two_levels_and_a_charge_screen_a_surface_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screenings: list[Path] = []
    real = screened_site.screen

    def counted(*arguments: Any, workdir: Path, **more: Any) -> Any:
        screenings.append(workdir)
        return real(*arguments, workdir=workdir, **more)

    monkeypatch.setattr(screened_site, "screen", counted)
    levels = [dft_level(name) for name in ("standard", "standard-lcao")]
    work = [k_metal_calculation(level) for level in levels]
    for level in levels:
        work += map(with_pairs, adsorption_calculations(RECIPE, level, item="ag", model="ag")[:1])
    work.append(with_pairs(charge_calculation(RECIPE, levels[0], item="ag", model="ag")))
    rows = compute_here(work, Store(tmp_path / "rows.sqlite"), tmp_path / "work", lambda *_: None)
    assert [row.status for row in rows] == ["ok"] * 5, [row.reason for row in rows]
    assert len(screenings) == 1
    first, second = (row for row in rows if row.kind == "adsorption")
    assert first.structures["clean"] == second.structures["clean"]
    other = surface().model_copy(update={"termination": "nothing"})
    with pytest.raises(CalculationError):
        screened(other, PAIRS, tmp_path / "work" / "x", quiet)
    assert len(screenings) == 2, "another surface is screened by itself"


def _screen_slowly(folder: Path, seconds: float, marks: Path) -> ScreenedSite:
    def search(*_: Any) -> ScreenedSite:
        (marks / f"{os.getpid()}").touch()
        time.sleep(seconds)
        return ScreenedSite(
            facet="(111)", termination="Ag", polar=False, site="top", height_angstrom=2.0,
            normal=(0.0, 0.0, 1.0), fixed=(), held=False, interaction_ev=0.0,
            distortion_energy_ev=0.0, remarks=str(os.getpid()), best="", clean="",
        )  # fmt: skip

    screened_site._search = search
    screened_site._WAIT_S = 0.05
    return screened(surface(), PAIRS, folder / str(os.getpid()), quiet)


def _in_child(folder: Path, seconds: float, marks: Path, answers: Any) -> None:
    answers.put(_screen_slowly(folder, seconds, marks).remarks)


def test_workers_wait_for_the_one_that_screens_and_take_over_if_it_dies(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    marks = tmp_path / "marks"
    marks.mkdir()
    answers = context.SimpleQueue()

    def child(seconds: float) -> Any:
        process = context.Process(
            target=_in_child, args=(tmp_path / "work", seconds, marks, answers)
        )
        process.start()
        return process

    killed = child(600.0)
    while not list(marks.iterdir()):
        time.sleep(0.05)
    others = [child(0.5) for _ in range(3)]
    time.sleep(0.5)
    assert [m.name for m in marks.iterdir()] == [str(killed.pid)], "they wait"
    os.kill(killed.pid, signal.SIGKILL)
    for process in others:
        process.join(60)
    assert len(list(marks.iterdir())) == 2, "one of them took over"
    assert len({answers.get() for _ in others}) == 1


def test_what_was_not_written_to_its_end_is_screened_again(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    search, wait = screened_site._search, screened_site._WAIT_S
    try:
        first = _screen_slowly(tmp_path / "work", 0.0, marks)
        (kept,) = (tmp_path / "work" / "screened").glob("*/site.json")
        kept.write_text(kept.read_text()[:50])
        assert _screen_slowly(tmp_path / "work", 0.0, marks) == first
        assert ScreenedSite.model_validate_json(kept.read_text()) == first
    finally:
        screened_site._search, screened_site._WAIT_S = search, wait
