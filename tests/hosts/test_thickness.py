from __future__ import annotations

from pathlib import Path

import pytest

from potash.engines.adsorption_levels import adsorption_level
from potash.engines.levels import Level
from potash.hosts import screening
from potash.hosts.adsorption import adsorption_calculations, compute_adsorption
from potash.hosts.k_metal import compute_k_metal, k_metal_calculation
from potash.hosts.thickness import compute_thickness, thickness_calculation
from potash.results.adsorption import AdsorptionNeeds
from potash.results.model import NoNeeds
from potash.results.thickness import ThicknessNeeds
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


@pytest.mark.physics
def test_change_against_two_runs_of_the_adsorption(level, tmp_path: Path):
    """A pair potential of short range does not feel a layer further down."""
    (checked, *_) = adsorption_calculations(recipe_from_data(SLAB), level, item="s", model="s")
    check = thickness_calculation(checked)
    assert check is not None
    assert check.needs["adsorption"] == checked.key
    k_inputs = k_metal_calculation(level).inputs
    metal = compute_k_metal(k_inputs, NoNeeds(), workdir=tmp_path / "k", progress=quiet).values
    needs = AdsorptionNeeds(k_metal=metal)
    thin = compute_adsorption(checked.inputs, needs, workdir=tmp_path / "1", progress=quiet)
    thick = screening.adsorption(check.inputs, metal, workdir=tmp_path / "2", progress=quiet)
    both = ThicknessNeeds(k_metal=metal, adsorption=thin.values)
    outcome = compute_thickness(check.inputs, both, workdir=tmp_path / "3", progress=quiet)
    change = thick.values.adsorption_energy_ev - thin.values.adsorption_energy_ev
    assert outcome.values.thickness_change_ev == pytest.approx(change, abs=1e-6)
    assert outcome.values.n_atoms > thin.values.n_atoms
    assert (outcome.status == "ok") == (abs(change) <= 0.05)
    energy = thin.values.adsorption_energy_ev
    far = thin.values.model_copy(update={"adsorption_energy_ev": energy - 0.5})
    needs_far = ThicknessNeeds(k_metal=metal, adsorption=far)
    flagged = compute_thickness(check.inputs, needs_far, workdir=tmp_path / "4", progress=quiet)
    assert flagged.status == "anomalous"
    assert "thicker slab" in flagged.reason
