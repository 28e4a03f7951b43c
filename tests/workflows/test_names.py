"""Names of runs, tasks and artifacts."""

from __future__ import annotations

import pytest

from potash.catalog.catalog import load_catalog
from potash.engines.registry import level
from potash.hosts.adsorption import adsorption_calculations
from potash.hosts.hop import hop_calculation
from potash.hosts.k_metal import k_metal_calculation
from potash.hosts.targets import model_targets
from potash.molecules.orbitals import species_calculation
from potash.results.calculation import Calculation
from potash.workflows.names import artifact_key, calculation_name, portion_name


@pytest.fixture(scope="module")
def surface() -> Calculation:
    target = model_targets(load_catalog().models["cu_111"])[0]
    screen = level("adsorption", "screen")
    return adsorption_calculations(target.recipe, screen, item="cu_111", model="cu_111")[0]


def test_a_surface_is_named_with_part_plane_and_level(surface: Calculation) -> None:
    assert calculation_name(surface) == "hosts: cu_111 (111), screen"


def test_a_kind_that_does_not_go_without_saying_is_named() -> None:
    target = model_targets(load_catalog().models["cu_111"])[0]
    screen = level("adsorption", "screen")
    hop = hop_calculation(target.recipe, screen, item="cu_111", model="cu_111")
    assert calculation_name(hop) == "hosts: cu_111 (111) hop, screen"
    assert calculation_name(k_metal_calculation(screen)) == "references: k_metal, screen"


def test_a_portion_is_named_by_its_first_and_their_number(surface: Calculation) -> None:
    dme = species_calculation(load_catalog().species["dme"], level("molecules", "screen"), seed=1)
    assert portion_name([dme]) == "molecules: dme, screen"
    assert portion_name([surface, dme, dme]) == "hosts: cu_111 (111), screen and 2 more"


@pytest.mark.parametrize("name", ["quickstart", "Alloys_2.1", "a--b", "x" * 40])
def test_keys_of_artifacts_are_what_prefect_takes_and_differ_by_campaign(name: str) -> None:
    from prefect.artifacts import Artifact

    key = artifact_key(name, "hosts")
    assert Artifact(type="markdown", key=key).key == key
    assert key != artifact_key(name + "2", "hosts") != artifact_key(name + "2", "report")
