"""Hosts and atomistic models."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase.build import bulk, fcc111, graphene
from ase.io import write
from pydantic import ValidationError

from potash.catalog import AtomisticModel, Host, load_catalog
from potash.catalog.hosts import POPULATIONS

MODEL = {"id": "x", "label": "x", "kind": "slab", "formula": "Cu"}


def test_structure_file_becomes_the_recipe(tmp_path: Path) -> None:
    write(tmp_path / "slab.cif", fcc111("Cu", (2, 2, 3), vacuum=8, periodic=True))
    model = AtomisticModel.model_validate(
        {**MODEL, "structure": "slab.cif"}, context={"folder": tmp_path}
    )
    assert model.recipe is not None
    assert model.recipe.builder == "structure"
    assert model.basis == "user"


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"structure": "absent.cif"}, "there is no such file"),
        ({"structure": "bad.cif"}, "'bad.cif': is not valid CIF"),
        ({"structure": 3}, "name of a structure file"),
        ({"structure": "x.cif", "recipe": {"builder": "bulk"}}, "not both"),
        (
            {"recipe": {"builder": "graphene"}, "not_modelled_reason": "too big"},
            "cannot also have a not_modelled_reason",
        ),
        ({"recipe": {"builder": "grafene"}}, "graphene"),
    ],
)
def test_bad_models(tmp_path: Path, extra: dict[str, object], words: str) -> None:
    (tmp_path / "bad.cif").write_text("this is not a CIF\n")
    with pytest.raises(ValidationError, match=words):
        AtomisticModel.model_validate({**MODEL, **extra}, context={"folder": tmp_path})


def test_a_host_needs_a_model() -> None:
    with pytest.raises(ValidationError, match="at least one model"):
        Host(id="x", name="x", material_class="metal", models=())


def test_quantities_cite_references_of_the_host() -> None:
    quantity = {"quantity": "q", "value": 1, "origin": "experiment", "location": "l", "ref": 7}
    data = {"id": "x", "name": "x", "material_class": "metal", "models": ["m"]}
    with pytest.raises(ValidationError, match="reference 7"):
        Host.model_validate({**data, "quantities": [quantity]})
    assert Host.model_validate({**data, "refs": [7], "quantities": [quantity]}).refs == (7,)


def test_sheet_and_crystal_from_file(tmp_path: Path) -> None:
    write(tmp_path / "sheet.xyz", graphene(size=(3, 3, 1), vacuum=8), format="extxyz")
    write(tmp_path / "POSCAR", bulk("Cu", cubic=True), format="vasp")
    context = {"folder": tmp_path}
    sheet = AtomisticModel.model_validate({**MODEL, "structure": "sheet.xyz"}, context=context)
    assert sheet.recipe is not None
    assert sheet.recipe.builder == "structure"
    crystal = {**MODEL, "structure": "POSCAR"}
    with pytest.raises(ValidationError, match="say which surface"):
        AtomisticModel.model_validate(crystal, context=context)
    cut = AtomisticModel.model_validate({**crystal, "facets": ["(111)"]}, context=context)
    assert cut.recipe is not None
    assert cut.recipe.builder == "slab"


def test_hosts_are_compared_with_their_like() -> None:
    catalog = load_catalog()
    found = {h.id: h.population for h in catalog.hosts.values()}
    assert {found[x] for x in ("cu_foil", "ti3c2", "acf", "sn_cu_foam")} == {"substrate"}
    assert {found[x] for x in ("gf_separator", "pep_nm", "aglf", "alf3_pp")} == {"separator"}
    assert {found[x] for x in ("kf", "k3bi", "k_ge", "silica_mesoporous")} == {"phase"}
    assert set(found.values()) == set(POPULATIONS)


def test_models_that_are_not_the_material_itself_say_what_they_are() -> None:
    models = load_catalog().models
    for name in ("k4co4_slab", "ki_bii3", "k3vo4_tetragonal", "cr3o_node", "fe_110"):
        assert models[name].surrogate
    assert not models["cu_111"].surrogate
    for model in models.values():
        if any("surrogate" in s.citation for s in model.sources):
            assert model.surrogate, model.id
