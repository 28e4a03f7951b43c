"""Every field of every model of the catalogue is shown in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from potash.catalog import Catalog, load_catalog
from potash.catalog.claims import Claim
from potash.catalog.formulations import Formulation
from potash.catalog.hosts import AtomisticModel, Host
from potash.catalog.species import Salt, Species
from potash.report.text import words
from potash.report.told import (
    Told,
    claim_told,
    electrolyte_told,
    host_told,
    model_told,
    species_told,
    told,
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def entries(catalog: Catalog) -> Iterator[tuple[BaseModel, Told]]:
    for host in catalog.hosts.values():
        yield host, host_told(host, catalog)
    for model in catalog.models.values():
        yield model, model_told(model)
    elsewhere = catalog.species["dme"].model_copy(update={"where": ("sect. 9",)})
    yield elsewhere, told(elsewhere)
    for name, molecule in {**catalog.species, **catalog.salts}.items():
        yield molecule, species_told(name, catalog)
    for name, formulation in catalog.electrolytes.items():
        yield formulation, electrolyte_told(name, catalog)
    for claim in catalog.claims.values():
        yield claim, claim_told(claim)


def leaves(value: Any) -> Iterator[str]:
    """Yield every text and number inside a field as it would be printed."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from leaves(getattr(value, name))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from leaves(part)
    elif isinstance(value, Path):
        yield value.name
    elif isinstance(value, str) and value:
        yield words(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{value:g}"


HEADING = {"id", "name"}
CUT = {"recipe"}
"""Recipes with the atoms of a structure are cut after some hundred letters."""


def test_every_field_that_says_something_is_shown(catalog: Catalog) -> None:
    seen: dict[type, set[str]] = {}
    for entry, lines in entries(catalog):
        text = " ".join(line for _, line in lines)
        spaced = text.replace("_", " ")
        for name in set(type(entry).model_fields) - HEADING - CUT:
            parts = list(leaves(getattr(entry, name)))
            for part in parts:
                assert part in text or part.replace("_", " ") in spaced, (entry, name, part)
            if parts:
                seen.setdefault(type(entry), set()).add(name)
    for model in (Host, AtomisticModel, Species, Salt, Formulation, Claim):
        shown = seen[model] | HEADING | CUT
        flags = {"composite", "directed", "priority"}
        missing = set(model.model_fields) - shown - flags
        assert not missing, f"no entry of {model.__name__} tests {missing}"


def test_flags_and_recipes_are_shown_too(catalog: Catalog) -> None:
    assert ("composite", "yes") in host_told(catalog.hosts["bi_cnt"], catalog)
    assert ("priority", "yes") in [
        line for c in catalog.claims.values() if c.priority for line in claim_told(c)
    ]
    (recipe,) = [text for name, text in model_told(catalog.models["cu_111"]) if name == "recipe"]
    assert "prototype fcc" in recipe
    assert "miller 1, 1, 1" in recipe


def test_a_host_names_its_cells_and_claims(catalog: Catalog) -> None:
    lines = host_told(catalog.hosts["bi_cnt"], catalog)
    assert ("claims about it", "ads_bi, ads_cnt_curvature") in lines
    (cells,) = [text for name, text in lines if name == "cells in the review"]
    assert "current density 0.5 mA/cm2" in cells
    assert "life 500 h" in cells


def test_a_number_of_the_review_comes_with_its_origin(catalog: Catalog) -> None:
    lines = host_told(catalog.hosts["cu6sn5_cu"], catalog)
    (stated,) = [text for _, text in lines if "K adsorption energy" in text]
    assert "-4.98 eV" in stated
    assert "computed in source" in stated
    assert "ref. 204" in stated
