from __future__ import annotations

import pytest
from ase.build import bulk, fcc111
from ase.io import write

from potash.catalog.catalog import load_catalog
from potash.engines.adsorption_levels import adsorption_level
from potash.engines.levels import Level
from potash.errors import InputError
from potash.hosts.adsorption import adsorption_calculations
from potash.hosts.hop import hop_calculation
from potash.hosts.k_metal import k_metal_calculation
from potash.hosts.targets import model_targets, structure_targets
from potash.structures.building import build
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


def test_a_crystal_file_gives_its_planes(tmp_path):
    path = tmp_path / "cu.cif"
    write(path, bulk("Cu", cubic=True))
    found = structure_targets(path)
    assert {t.model for t in found} == {"cu.cif (100)", "cu.cif (110)", "cu.cif (111)"}
    (asked,) = structure_targets(path, "(111)")
    assert asked in found
    assert asked.item == "cu.cif"


def test_one_block_of_a_file_is_named_in_its_rows(tmp_path):
    path = tmp_path / "run.extxyz"
    write(path, [bulk("Cu", cubic=True), bulk("Ag", cubic=True)], format="extxyz")
    (second,) = structure_targets(f"{path}#2", "(111)")
    assert second.model == "run.extxyz#2 (111)"
    assert second.recipe.crystal.elements[0] == "Ag"


def test_a_slab_file_gives_one_and_has_no_facets(level, tmp_path):
    path = tmp_path / "slab.extxyz"
    write(path, fcc111("Cu", (2, 2, 3), vacuum=8, periodic=True))
    (found,) = structure_targets(path)
    assert (found.item, found.model) == ("slab.extxyz", "slab.extxyz")
    with pytest.raises(InputError, match="slab or sheet already"):
        structure_targets(path, "(111)")


def test_atoms_and_their_file_have_one_key(level, tmp_path):
    path = tmp_path / "slab.extxyz"
    slab = fcc111("Cu", (2, 2, 3), vacuum=8)
    write(path, slab)
    keys = {
        adsorption_calculations(t.recipe, level, item=t.item, model=t.model)[0].key
        for t in (*structure_targets(path), *structure_targets(slab))
    }
    assert len(keys) == 1


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.cif: there is no such file"):
        structure_targets(tmp_path / "none.cif")


def test_planes_of_a_model():
    model = load_catalog().models["cu_111"]
    assert [t.model for t in model_targets(model)] == ["cu_111"]
    every = model_targets(model, "all")
    assert {t.item for t in every} == {"cu_111"}
    assert [t.model for t in every] == ["cu_111", "cu_111 (110)", "cu_111 (100)"]
    (asked,) = model_targets(model, ["(110)"])
    assert asked.model == "cu_111 (110)"
    assert asked.recipe.miller == (1, 1, 0)
    (own,) = model_targets(model, ["(1-11)"])
    assert (own.model, own.recipe) == ("cu_111", model.recipe)


@pytest.mark.parametrize(
    ("name", "facet", "label"),
    [
        ("zn_0001", "(10-10)", "zn_0001 (10-10)"),
        ("pd_on_cu_111", "(100)", "pd_on_cu_111 (100)"),
        ("dtd_on_k_110", "(100)", "dtd_on_k_110 (100)"),
    ],
)
def test_planes_of_models_that_carry_something(name, facet, label):
    (target,) = model_targets(load_catalog().models[name], [facet])
    assert target.model == label
    assert build(target.recipe)


@pytest.mark.parametrize("name", ["pristine_graphene", "cellulose_k", "graphene_on_al_111"])
def test_models_that_are_no_cut_have_no_facets(name):
    with pytest.raises(InputError, match=f"{name}: facet: .*asks for a plane of a crystal"):
        model_targets(load_catalog().models[name], ["(110)"])


def test_a_hop_has_a_key_of_its_own(level):
    one = hop_calculation(GRAPHENE, level, item="g", model="g")
    (adsorption,) = adsorption_calculations(GRAPHENE, level, item="g", model="g")
    assert one.kind == "hop"
    assert one.key != adsorption.key
    assert one.key != hop_calculation(GRAPHENE, level, item="g", model="g", n_images=7).key
