from __future__ import annotations

import pytest
from ase import Atoms
from ase.build import bulk

from potash.catalog.catalog import load_catalog
from potash.errors import InputError
from potash.results.adsorption import AdsorptionInputs, AdsorptionValues
from potash.store.rows import Row
from potash.structures.building import build
from potash.structures.facets import all_facets, cut_of, natural_plane, on_facet
from potash.structures.given import recipes_from_atoms
from potash.structures.miller import miller_text, same_plane
from potash.structures.planes import crystal_plane, facet_text
from potash.structures.recipes import BulkRecipe, SlabRecipe


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
        assert build(recipe)[0].facet == miller_text(recipe.miller)


def test_sheets_have_no_other_planes(models):
    recipe = models["pristine_graphene"].recipe
    assert all_facets(recipe) == [recipe]
    with pytest.raises(InputError, match=r"facet: .110. asks for a plane of a crystal"):
        on_facet(recipe, "110", field="facet")


def test_another_plane_of_a_crystal_has_all_its_terminations(models):
    own = models["k2s_111"].recipe
    named = own.model_copy(update={"termination": "K"})
    other = on_facet(named, "(100)")
    assert (other.miller, other.termination) == ((1, 0, 0), "all")
    assert other.crystal == own.crystal
    assert on_facet(named, "(1-11)") == named


def test_a_layered_crystal_is_cut_through_its_layers_when_asked(models):
    graphite = models["graphite_kc8"].recipe
    edge = on_facet(graphite, "(10-10)")
    assert not edge.layered
    assert build(edge)[0].facet == "(10-10)"


def test_a_bulk_model_can_be_cut(models):
    bulk = next(m.recipe for m in models.values() if isinstance(m.recipe, BulkRecipe))
    slab = on_facet(bulk, "(100)")
    assert slab.crystal == bulk.crystal
    assert slab.miller == (1, 0, 0)


def test_a_stack_lies_on_one_plane(models):
    with pytest.raises(InputError, match="this is a stack model"):
        on_facet(models["graphene_on_al_111"].recipe, "(100)")


def test_models_are_labelled_with_the_plane_that_is_built(models):
    wrong = []
    for model in models.values():
        slab = cut_of(model.recipe) if model.recipe is not None else None
        if slab is None or not model.facets or "(" not in model.facets[0]:
            continue
        if not same_plane(model.facets[0], facet_text(slab)):
            wrong.append((model.id, model.facets[0], facet_text(slab)))
    assert not wrong


def test_committed_rows_state_the_plane_of_their_recipe(reference_rows: list[Row]):
    stated = 0
    for row in reference_rows:
        if row.kind != "adsorption" or row.status not in ("ok", "anomalous"):
            continue
        slab = cut_of(row.read(AdsorptionInputs).recipe)
        values = row.read(AdsorptionValues)
        if slab is None:
            assert values.plane is None
        else:
            assert values.facet == facet_text(slab)
            assert values.plane == crystal_plane(slab)
            assert values.plane.axes == "catalogue"
            stated += 1
    assert stated > 100


@pytest.mark.parametrize(
    ("crystal", "miller"),
    [
        (bulk("Cu"), (1, 1, 1)),
        (bulk("Fe"), (1, 1, 0)),
        (bulk("NaCl", "rocksalt", a=5.64), (1, 0, 0)),
        (bulk("CaF2", "fluorite", a=5.46), (1, 1, 1)),
    ],
    ids=["fcc", "bcc", "rock salt: (111) is polar", "fluorite"],
)
def test_the_natural_plane_is_the_cleavage_or_growth_plane_of_textbooks(
    crystal: Atoms, miller: tuple[int, int, int]
) -> None:
    (recipe,) = recipes_from_atoms(crystal, facet="(110)")
    assert isinstance(recipe, SlabRecipe)
    assert natural_plane(recipe).miller == miller
