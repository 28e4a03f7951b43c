"""One cheap committed row of every kind, computed again from its own inputs.

The engines are those of the rows (``constraints.txt`` pins them): a row of another version
is skipped, because its key says that its number may differ. Tolerances are what a cold start
of the same method may move a number by: the potentials are of single precision and their
relaxations end at 0.05 eV/angstrom; self-consistency and relaxation of molecules end within
a few meV; a liquid of 80 ps is a sample, so the intervals of both runs count.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from potash.engines import adsorption_levels, gpaw, md_levels, molecule_levels
from potash.errors import CalculationError
from potash.results.kinds import MODELS
from potash.results.liquid import LiquidInputs, LiquidValues
from potash.running.worker import compute
from potash.store import Row

CHEAPEST = {
    "k_metal": ("screen", "k_metal", 0.002),
    "adsorption": ("screen", "al_111", 0.01),
    "thickness": ("screen", "k3bi_001", 0.01),
    "hop": ("screen", "pristine_graphene", 0.01),
    "adhesion": ("screen", "ag_111", 0.01),
    "phase": ("screen", "k3_ag_l1_2", 0.002),
    "barrier": ("screen", "k2s", 0.02),
    "species": ("screen", "hydrogen_fluoride", 0.002),
    "redox": ("screen", "co", 0.01),
    "complex": ("screen", "k_plus_water", 0.005),
    "fluoride_release": ("screen", "tfb", 0.005),
}
"""Kind to level, item and tolerance (eV, V, J/m2) of its main value, of the cheapest row."""

needs_gpaw = pytest.mark.skipif(gpaw.interpreter() is None, reason="GPAW is not installed")


def quiet(_fraction: float, _note: str) -> None:
    """Ignore progress."""


def cheapest(rows: list[Row], kind: str, level: str, item: str) -> Row:
    found = [r for r in rows if (r.kind, r.level, r.item, r.status) == (kind, level, item, "ok")]
    return min(found, key=lambda r: r.seconds)


def computed_again(row: Row, rows: list[Row], folder: Path):
    """Return the outcome of a row's inputs today, through the worker's own function."""
    by_key = {r.key: r for r in rows}
    needs = {role: by_key[key].values for role, key in row.needs.items()}
    return compute(row.kind, row.provenance["inputs"], needs, workdir=folder, progress=quiet)


def skip_if_another_version(row: Row) -> None:
    level = row.read(MODELS[row.kind].inputs).level
    try:
        if "theory" in level:
            molecule_levels.level_of(level)
        elif row.kind == "liquid":
            md_levels.engine_of(level)
        else:
            adsorption_levels.level_of(level)
    except CalculationError as error:
        pytest.skip(str(error))


def test_every_kind_is_computed_again() -> None:
    assert {*CHEAPEST, "charge", "liquid"} == set(MODELS) - {"measurement"}


@pytest.mark.physics
@pytest.mark.parametrize("kind", CHEAPEST)
def test_a_row_comes_out_as_committed(reference_rows: list[Row], kind: str, tmp_path: Path) -> None:
    level, item, tolerance = CHEAPEST[kind]
    row = cheapest(reference_rows, kind, level, item)
    skip_if_another_version(row)
    outcome = computed_again(row, reference_rows, tmp_path / "work")
    assert outcome.status == "ok", outcome.reason
    models = MODELS[kind]
    before, now = row.read(models.values), outcome.values
    assert getattr(now, models.main) == pytest.approx(getattr(before, models.main), abs=tolerance)
    assert now.plain().keys() == before.plain().keys()
    assert outcome.plain()["uncertainty"].keys() == row.uncertainty.keys()
    assert (outcome.engine, outcome.engine_version) == (row.engine, row.engine_version)


@pytest.mark.dft
@needs_gpaw
def test_a_charge_comes_out_as_committed(reference_rows: list[Row], tmp_path: Path) -> None:
    row = cheapest(reference_rows, "charge", "standard", "pristine_graphene")
    outcome = computed_again(row, reference_rows, tmp_path / "work")
    assert outcome.status == "ok", outcome.reason
    before = row.read(MODELS["charge"].values)
    assert outcome.values.k_charge_e == pytest.approx(before.k_charge_e, abs=0.005)
    assert outcome.values.plain().keys() == before.plain().keys()


@pytest.mark.physics
@pytest.mark.skipif(shutil.which("gmx") is None, reason="GROMACS is not installed")
def test_the_density_of_a_liquid_comes_out_as_committed(
    reference_rows: list[Row], tmp_path: Path
) -> None:
    """Protocol and starting positions have changed since; the density of a solvent has not."""
    rows = [r for r in reference_rows if r.kind == "liquid" and r.item == "pure_dme"]
    row = min(rows, key=lambda r: r.read(LiquidValues).production_ps)
    skip_if_another_version(row)
    outcome = computed_again(row, reference_rows, tmp_path / "work")
    assert outcome.status == "ok", outcome.reason
    before, now = row.read(LiquidValues), outcome.values
    both = (row.uncertainty["density_g_ml"] ** 2 + outcome.uncertainty["density_g_ml"] ** 2) ** 0.5
    assert both < 0.03
    assert now.density_g_ml == pytest.approx(before.density_g_ml, abs=1.5 * both)
    asked = row.read(LiquidInputs)
    assert now.molecules == before.molecules
    assert now.temperature_k == pytest.approx(asked.temperature_k, abs=6.0)
