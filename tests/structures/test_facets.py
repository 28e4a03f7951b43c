from __future__ import annotations

import pytest

from potash.catalog.catalog import load_catalog
from potash.structures.building import build
from potash.structures.facets import all_facets
from potash.structures.recipes import SlabRecipe


@pytest.fixture(scope="module")
def models():
    return load_catalog().models


def test_fcc_has_three_low_index_planes_its_own_first(models):
    found = all_facets(models["cu_111"].recipe)
    assert found[0] == models["cu_111"].recipe
    assert [tuple(sorted(map(abs, r.miller))) for r in found] == [(1, 1, 1), (0, 1, 1), (0, 0, 1)]


def test_hexagonal_planes_that_symmetry_maps_onto_one_another_count_once(models):
    planes = [r.miller for r in all_facets(models["zn_0001"].recipe)]
    assert planes[0] == (0, 0, 1)
    prisms = {(1, 0, 0), (0, 1, 0), (-1, 1, 0), (1, -1, 0), (-1, 0, 0), (0, -1, 0)}
    assert len(prisms & set(planes)) == 1


@pytest.mark.parametrize("name", ["vs2_basal", "sio2_hydroxylated_001", "f_doped_sno2_110"])
def test_layers_doped_and_saturated_surfaces_keep_their_plane(models, name):
    recipe = models[name].recipe
    assert isinstance(recipe, SlabRecipe)
    assert all_facets(recipe) == [recipe]


def test_every_facet_can_be_built(models):
    for recipe in all_facets(models["al_111"].recipe):
        assert build(recipe)[0].facet.strip("()").replace(" ", "") == "".join(
            str(i) for i in recipe.miller
        )
