"""Every recipe of the catalogue builds, on its own lattice and on a relaxed one."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms

from potash.catalog.catalog import load_catalog
from potash.structures.building import build, bulk_of
from potash.structures.checks import check_structure
from potash.structures.recipes import recipe_data, recipe_from_data
from potash.structures.supercells import shortest_translation_angstrom
from potash.structures.vacuum import VACUUM_ANGSTROM, open_axes, widest_gap_angstrom

MODELS = load_catalog().models
WITH_RECIPE = sorted(name for name, model in MODELS.items() if model.recipe is not None)
SAMPLE = [
    "cu_111",
    "pyridinic_n_graphene",
    "ti3c2t2",
    "zno_10m10",
    "k2s_111",
    "cu6sn5_001",
    "ribbon_carboxyl",
    "sio2_hydroxylated_001",
    "graphene_on_al_111",
    "pvdf_oligomer",
]


def strained(cell: Atoms, factor: float) -> Atoms:
    """Return the cell scaled along its periodic directions, atoms moved a little."""
    other = cell.copy()
    scale = np.where(cell.pbc, factor, 1.0)[:, None]
    other.set_cell(cell.cell.array * scale, scale_atoms=True)
    other.positions += np.random.default_rng(0).normal(0, 0.004, other.positions.shape)
    return other


def without_pbc(atoms: Atoms) -> Atoms:
    """Return atoms as most files hold them: all directions declared periodic."""
    return Atoms(atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=True)


def check_model(name: str) -> None:
    recipe = MODELS[name].recipe
    assert recipe is not None
    surfaces = build(recipe)
    assert surfaces
    assert len({s.termination for s in surfaces}) == len(surfaces)
    for surface in surfaces:
        atoms = surface.atoms
        check_structure(atoms)
        if surface.kind != "bulk":
            assert open_axes(without_pbc(atoms)).tolist() == (~atoms.pbc).tolist()
        assert np.isfinite(atoms.positions).all()
        assert all(0 <= i < len(atoms) for i in surface.fixed)
        if surface.kind == "bulk":
            continue
        assert len(atoms) <= 112
        assert widest_gap_angstrom(atoms, 2) >= VACUUM_ANGSTROM
        if surface.kind in ("slab", "sheet"):
            assert tuple(atoms.pbc) == (True, True, False)
            assert shortest_translation_angstrom(atoms.cell) >= 8.0
        elif surface.kind in ("ribbon", "tube"):
            assert tuple(atoms.pbc) == (True, False, False)
            assert atoms.cell[0, 0] >= 8.0
        if surface.kind == "slab":
            low = atoms.positions[list(surface.fixed), 2]
            assert len(low) > 0
            assert low.max() < atoms.positions[:, 2].max() - 1.0
    assert recipe_data(recipe_from_data(recipe_data(recipe))) == recipe_data(recipe)


def check_relaxed(name: str) -> None:
    recipe = MODELS[name].recipe
    assert recipe is not None
    bulk = bulk_of(recipe)
    if bulk is None:
        return
    before = build(recipe)
    after = build(recipe, strained(bulk, 1.012))
    assert [s.label for s in after] == [s.label for s in before]
    for first, second in zip(before, after, strict=True):
        assert first.atoms.symbols.formula.count() == second.atoms.symbols.formula.count()
        ratio = second.atoms.cell.lengths()[0] / first.atoms.cell.lengths()[0]
        assert ratio == pytest.approx(1.012, abs=0.01)


@pytest.mark.parametrize("name", SAMPLE)
def test_sample(name: str) -> None:
    check_model(name)
    check_relaxed(name)


@pytest.mark.physics
@pytest.mark.parametrize("name", WITH_RECIPE)
def test_every_recipe(name: str) -> None:
    check_model(name)


@pytest.mark.physics
@pytest.mark.parametrize("name", WITH_RECIPE)
def test_every_recipe_on_a_relaxed_lattice(name: str) -> None:
    check_relaxed(name)


def test_every_model_has_a_recipe_or_a_reason() -> None:
    silent = [n for n, m in MODELS.items() if m.recipe is None and not m.not_modelled_reason]
    assert silent == []


def test_most_hosts_have_a_surface() -> None:
    hosts = load_catalog().hosts
    covered = [
        host.id
        for host in hosts.values()
        if any(
            (recipe := MODELS[m].recipe) is not None and recipe.builder != "bulk"
            for m in host.models
        )
    ]
    assert len(hosts) == 109
    assert len(covered) >= 95


def test_ionic_models_are_neutral() -> None:
    for name in WITH_RECIPE:
        recipe = MODELS[name].recipe
        crystal = getattr(recipe, "crystal", None)
        if recipe is None or crystal is None or not crystal.oxidation_states:
            continue
        bulk = bulk_of(recipe)
        assert bulk is not None
        charge = sum(crystal.oxidation_states[str(s)] for s in bulk.symbols)
        assert charge == pytest.approx(0), name
