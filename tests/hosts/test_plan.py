from __future__ import annotations

import pytest
from ase.build import bulk, fcc111
from ase.io import write

from potash.engines.adsorption_levels import adsorption_level
from potash.engines.levels import Level
from potash.errors import InputError
from potash.hosts.adsorption import adsorption_calculations, adsorption_from_file
from potash.hosts.hop import hop_calculation
from potash.hosts.k_metal import k_metal_calculation
from potash.structures.recipes import recipe_from_data

GRAPHENE = recipe_from_data({"builder": "graphene"})


@pytest.fixture(scope="module")
def level() -> Level:
    return adsorption_level("screen")


def test_one_calculation_per_termination(level):
    rocksalt = {"kind": "prototype", "prototype": "rocksalt", "elements": ["K", "F"], "a": 5.34}
    states = {"oxidation_states": {"K": 1, "F": -1}}
    recipe = recipe_from_data(
        {"builder": "slab", "crystal": {**rocksalt, **states}, "miller": [1, 1, 1]}
    )
    found = adsorption_calculations(recipe, level, item="kf", model="kf_111")
    assert len(found) == 2
    assert len({c.key for c in found}) == 2
    assert {c.model.split(":")[0] for c in found} == {"kf_111"}
    assert len(adsorption_calculations(recipe, level, item="", model="", max_terminations=1)) == 1


def test_the_key_is_that_of_inputs_and_level_alone(level):
    (one,) = adsorption_calculations(GRAPHENE, level, item="a", model="a")
    (same,) = adsorption_calculations(GRAPHENE, level, item="b", model="b")
    (other,) = adsorption_calculations(
        GRAPHENE, adsorption_level("screen-chgnet"), item="a", model="a"
    )
    assert one.key == same.key
    assert one.key != other.key
    assert one.needs == {"k_metal": k_metal_calculation(level).key}
    assert one.cost_s > 0


def test_a_bulk_model_has_no_surface(level):
    recipe = recipe_from_data(
        {
            "builder": "bulk",
            "crystal": {"kind": "prototype", "prototype": "bcc", "elements": ["K"], "a": 5.33},
        }
    )
    with pytest.raises(InputError, match="no surface"):
        adsorption_calculations(recipe, level, item="k", model="k")


def test_a_crystal_file_gives_its_planes(level, tmp_path):
    path = tmp_path / "cu.cif"
    write(path, bulk("Cu", cubic=True))
    found = adsorption_from_file(path, level)
    assert {c.model for c in found} == {"cu.cif (100)", "cu.cif (110)", "cu.cif (111)"}
    (asked,) = adsorption_from_file(path, level, miller=(1, 1, 1))
    assert asked.key in {c.key for c in found}


def test_a_slab_file_gives_one(level, tmp_path):
    path = tmp_path / "slab.extxyz"
    write(path, fcc111("Cu", (2, 2, 3), vacuum=8, periodic=True))
    (found,) = adsorption_from_file(path, level)
    assert found.item == "slab.extxyz"


def test_a_missing_file_is_named(level, tmp_path):
    with pytest.raises(InputError, match="no structure file"):
        adsorption_from_file(tmp_path / "none.cif", level)


def test_a_hop_has_a_key_of_its_own(level):
    one = hop_calculation(GRAPHENE, level, item="g", model="g")
    (adsorption,) = adsorption_calculations(GRAPHENE, level, item="g", model="g")
    assert one.kind == "hop"
    assert one.key != adsorption.key
    assert one.key != hop_calculation(GRAPHENE, level, item="g", model="g", n_images=7).key
