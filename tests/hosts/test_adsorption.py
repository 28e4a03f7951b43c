from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase.io import read

from potash.engines.adsorption_levels import adsorption_level
from potash.engines.levels import Level
from potash.engines.potentials import calculator
from potash.errors import CalculationError, RefusedError
from potash.hosts.adsorption import adsorption_calculations, compute_adsorption
from potash.hosts.k_metal import compute_k_metal, k_metal_calculation
from potash.results.adsorption import AdsorptionInputs, AdsorptionNeeds, SiteSearch
from potash.results.calculation import Outcome
from potash.results.k_metal import KMetalValues
from potash.results.model import NoNeeds
from potash.structures.recipes import Recipe, recipe_from_data
from potash.units import COHESIVE_ENERGY_K_EV

SLAB = {
    "builder": "slab",
    "crystal": {"kind": "prototype", "prototype": "fcc", "elements": ["Ag"], "a": 6.5},
    "miller": [1, 1, 1],
    "min_thickness_angstrom": 7.0,
    "min_k_k_distance_angstrom": 8.0,
}


def quiet(_fraction: float, _text: str) -> None:
    """Take a progress report."""


@pytest.fixture(scope="module")
def level() -> Level:
    return adsorption_level("pairs", calculator="tests.hosts.pair_potential:make")


@pytest.fixture(scope="module")
def k_metal(level: Level, tmp_path_factory: pytest.TempPathFactory) -> KMetalValues:
    inputs = k_metal_calculation(level).inputs
    folder = tmp_path_factory.mktemp("k")
    return compute_k_metal(inputs, NoNeeds(), workdir=folder, progress=quiet).values


def inputs_of(recipe: Recipe, level: Level, **changes: Any) -> AdsorptionInputs:
    (first, *_) = adsorption_calculations(recipe, level, item="x", model="x")
    return first.inputs.model_copy(update=changes)


def run(inputs: AdsorptionInputs, k_metal: KMetalValues, folder: Path) -> Outcome:
    needs = AdsorptionNeeds(k_metal=k_metal)
    return compute_adsorption(inputs, needs, workdir=folder, progress=quiet)


def kept_clean(outcome: Outcome, *, force_calls: int) -> str:
    """Return what a run leaves that is killed after it has relaxed the clean surface."""
    energy = outcome.values.e_slab_ev
    kept = {"atoms": outcome.structures["clean"], "energy_ev": energy, "force_calls": force_calls}
    return json.dumps(kept)


@pytest.fixture(scope="module")
def outcome(level: Level, k_metal: KMetalValues, tmp_path_factory: pytest.TempPathFactory):
    inputs = inputs_of(recipe_from_data(SLAB), level)
    folder = tmp_path_factory.mktemp("ads")
    reported: list[float] = []
    found = compute_adsorption(
        inputs,
        AdsorptionNeeds(k_metal=k_metal),
        workdir=folder,
        progress=lambda fraction, _text: reported.append(fraction),
    )
    assert len(reported) > 4
    assert reported == sorted(reported), "progress goes forward"
    assert reported[0] >= 0.0
    assert reported[-1] <= 1.0
    return found


def test_the_energy_is_the_difference_it_claims_to_be(outcome, k_metal, level):
    values = outcome.values
    assert outcome.status == "ok"
    assert values.adsorption_energy_ev == pytest.approx(
        values.e_slab_k_ev - values.e_slab_ev - k_metal.energy_ev_per_atom
    )
    assert values.binding_energy_ev == pytest.approx(
        COHESIVE_ENERGY_K_EV - values.adsorption_energy_ev
    )
    for name, energy in (("best", "e_slab_k_ev"), ("clean", "e_slab_ev")):
        atoms = read(StringIO(outcome.structures[name]), format="extxyz")
        atoms.calc = calculator(level.fingerprint)
        assert atoms.get_potential_energy() == pytest.approx(getattr(values, energy), abs=1e-4)


def test_the_value_is_the_strongest_usable_site(outcome):
    usable = [s for s in outcome.values.sites if s.verdict == "ok"]
    best = min(s.adsorption_energy_ev for s in usable)
    assert outcome.values.adsorption_energy_ev == pytest.approx(best)
    assert all(s.multiplicity >= 1 for s in outcome.values.sites)


def test_the_row_is_plain_finite_data_with_its_cell(outcome):
    text = json.dumps(outcome.plain(), allow_nan=False)
    assert "NaN" not in text
    assert outcome.values.k_k_distance_angstrom >= 8.0
    assert outcome.values.n_atoms == len(
        read(StringIO(outcome.structures["best"]), format="extxyz")
    )
    assert outcome.values.surface_energy_j_m2 > 0
    assert outcome.reference_state.startswith("K metal")


def test_the_row_says_which_plane_in_which_axes(outcome):
    plane = outcome.values.plane
    assert outcome.values.facet == "(111)"
    assert plane.miller == (1, 1, 1)
    assert plane.axes == "catalogue"
    assert plane.lengths_angstrom == (6.5, 6.5, 6.5)
    assert plane.angles_degree == (90, 90, 90)
    assert plane.spacing_angstrom == pytest.approx(6.5 / np.sqrt(3), abs=1e-4)


def test_a_killed_run_continues_with_its_clean_surface(outcome, level, k_metal, tmp_path):
    inputs = inputs_of(recipe_from_data(SLAB), level)
    kept = kept_clean(outcome, force_calls=1_000_000)
    (tmp_path / "clean.json").write_text(kept)
    again = run(inputs, k_metal, tmp_path)
    assert again.values.force_calls > 1_000_000
    assert again.values.adsorption_energy_ev == pytest.approx(
        outcome.values.adsorption_energy_ev, abs=1e-3
    )
    assert not list(tmp_path.iterdir())
    (tmp_path / "clean.json").write_text(kept[: len(kept) // 2])
    assert run(inputs, k_metal, tmp_path).values.force_calls < 1_000_000


def test_a_reference_at_other_settings_is_refused(level, k_metal, tmp_path):
    other = k_metal.model_copy(update={"level_sha256": "0" * 64})
    with pytest.raises(RefusedError, match="other settings"):
        run(inputs_of(recipe_from_data(SLAB), level), other, tmp_path)


@pytest.mark.parametrize("charge", [-1, 2])
def test_a_charged_cell_is_refused(level, k_metal, tmp_path, charge):
    with pytest.raises(RefusedError, match="charge"):
        run(inputs_of(recipe_from_data(SLAB), level, charge=charge), k_metal, tmp_path)


def test_an_unknown_termination_is_an_error(level, k_metal, tmp_path):
    with pytest.raises(CalculationError, match="no termination 'Zn'"):
        run(inputs_of(recipe_from_data(SLAB), level, termination="Zn"), k_metal, tmp_path)


def test_an_element_outside_the_level_is_refused(tmp_path):
    screen = adsorption_level("screen")
    slab = json.loads(json.dumps(SLAB).replace('"Ag"', '"Th"').replace("6.5", "5.08"))
    inputs = inputs_of(recipe_from_data(slab), screen)
    from potash.engines.levels import level_sha256

    k_metal = KMetalValues(
        energy_ev_per_atom=-1.0,
        lattice_constant_angstrom=5.3,
        level_sha256=level_sha256(screen.fingerprint),
    )
    with pytest.raises(RefusedError, match="element Th"):
        run(inputs, k_metal, tmp_path)


def test_without_a_usable_site_there_is_no_number(level, k_metal, tmp_path):
    inputs = inputs_of(recipe_from_data(SLAB), level)
    clean = inputs_of(recipe_from_data(SLAB), level, search=SiteSearch(max_steps=0))
    (tmp_path / "clean.json").write_text(kept_clean(run(inputs, k_metal, tmp_path), force_calls=1))
    outcome = run(clean, k_metal, tmp_path)
    assert outcome.status == "anomalous"
    assert "not converged" in outcome.reason
    assert outcome.values.adsorption_energy_ev is None
    assert "adsorption_energy_ev" not in outcome.plain()["values"]


@pytest.mark.physics
@pytest.mark.physics
@pytest.mark.parametrize(
    ("recipe", "low", "high", "site"),
    [
        ({"builder": "graphene", "supercell": [3, 3]}, -0.6, -0.2, "hollow-6(C6)"),
        (
            {
                "builder": "graphene",
                "supercell": [3, 3],
                "motif": "pyridinic",
                "element": "N",
                "count": 3,
            },
            -2.2,
            -1.3,
            "hollow-3(N3)",
        ),
    ],
)
def test_graphene_at_screen(recipe, low, high, site, tmp_path):
    screen = adsorption_level("screen")
    k_metal = compute_k_metal(
        k_metal_calculation(screen).inputs, NoNeeds(), workdir=tmp_path, progress=quiet
    ).values
    found = run(inputs_of(recipe_from_data(recipe), screen), k_metal, tmp_path)
    assert low < found.values.adsorption_energy_ev < high
    assert found.values.site == site
    assert np.isclose(found.values.k_k_distance_angstrom, 7.4, atol=0.2)


SALT = {
    "builder": "slab",
    "crystal": {"kind": "prototype", "prototype": "rocksalt", "elements": ["Li", "F"], "a": 4.03},
    "miller": [1, 0, 0],
    "min_thickness_angstrom": 6.0,
    "min_k_k_distance_angstrom": 8.0,
}


def test_a_potential_is_refused_where_the_substrate_takes_no_electron(k_metal, tmp_path):
    """It knows no electrons: on LiF it is wrong by 1.9 eV."""
    recipe = recipe_from_data(SALT)
    inputs = inputs_of(recipe, adsorption_level("screen"))
    with pytest.raises(RefusedError, match=r"takes no electron.*F-, Li\+.*standard-lcao"):
        run(inputs, k_metal, tmp_path)
    denied = inputs_of(recipe_from_data(SLAB), adsorption_level("screen"), electron_acceptor=False)
    with pytest.raises(RefusedError, match="so the catalogue says"):
        run(denied, k_metal, tmp_path)
    # Where it is known to take one, the next check is reached: a reference at other settings.
    known = inputs.model_copy(update={"electron_acceptor": True})
    with pytest.raises(RefusedError, match="other settings"):
        run(known, k_metal, tmp_path)


def test_what_is_not_known_of_the_electron_does_not_change_the_key():
    recipe = recipe_from_data(SALT)
    level = adsorption_level("screen")
    (plain, *_) = adsorption_calculations(recipe, level, item="x", model="x")
    (known, *_) = adsorption_calculations(
        recipe, level, item="x", model="x", electron_acceptor=True
    )
    assert "electron_acceptor" not in plain.inputs.plain()
    assert known.key != plain.key
