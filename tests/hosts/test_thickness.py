from __future__ import annotations

from pathlib import Path

import pytest

from potash.engines.levels import Level
from potash.engines.potentials import adsorption_level
from potash.hosts.adsorption import compute_adsorption, compute_k_metal
from potash.hosts.plan import adsorption_calculations, k_metal_calculation, thickness_calculation
from potash.hosts.thickness import compute_thickness
from potash.structures.recipes import recipe_from_data
from tests.hosts.test_adsorption import SLAB, quiet


@pytest.fixture(scope="module")
def level() -> Level:
    return adsorption_level("pairs", calculator="tests.hosts.pair_potential:make")


def test_only_slabs_of_crystals_are_checked(level):
    (sheet,) = adsorption_calculations(
        recipe_from_data({"builder": "graphene"}), level, item="g", model="g"
    )
    assert thickness_calculation(sheet) is None
    layered = recipe_from_data({**SLAB, "layered": True})
    (slab, *_) = adsorption_calculations(layered, level, item="s", model="s")
    assert thickness_calculation(slab) is None


def test_change_against_two_runs_of_the_adsorption(level, tmp_path: Path):
    """A pair potential of short range does not feel a layer further down."""
    (checked, *_) = adsorption_calculations(recipe_from_data(SLAB), level, item="s", model="s")
    check = thickness_calculation(checked)
    assert check is not None
    assert check.needs["adsorption"] == checked.key
    k_inputs = k_metal_calculation(level).inputs
    k_row = compute_k_metal(k_inputs, {}, workdir=tmp_path / "k", progress=quiet).values
    needs = {"k_metal": k_row}
    thin = compute_adsorption(checked.inputs, needs, workdir=tmp_path / "1", progress=quiet)
    thick = compute_adsorption(check.inputs, needs, workdir=tmp_path / "2", progress=quiet)
    both = {**needs, "adsorption": thin.values}
    outcome = compute_thickness(check.inputs, both, workdir=tmp_path / "3", progress=quiet)
    change = thick.values["adsorption_energy_ev"] - thin.values["adsorption_energy_ev"]
    assert outcome.values["thickness_change_ev"] == pytest.approx(change, abs=1e-6)
    assert outcome.values["n_atoms"] > thin.values["n_atoms"]
    assert (outcome.status == "ok") == (abs(change) <= 0.05)
    far = {**thin.values, "adsorption_energy_ev": thin.values["adsorption_energy_ev"] - 0.5}
    flagged = compute_thickness(
        check.inputs, {**needs, "adsorption": far}, workdir=tmp_path / "4", progress=quiet
    )
    assert flagged.status == "anomalous"
    assert "thicker slab" in flagged.reason
