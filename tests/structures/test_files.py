from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.constraints import FixAtoms
from ase.io import write

from potash.errors import InputError
from potash.structures.building import build
from potash.structures.files import recipes_from_file
from potash.structures.recipes import SlabRecipe, StructureRecipe
from potash.structures.supercells import shortest_translation_angstrom


def test_a_crystal_becomes_slabs(tmp_path: Path) -> None:
    write(tmp_path / "mgo.cif", bulk("MgO", "rocksalt", a=4.21))
    recipes = recipes_from_file(tmp_path / "mgo.cif")
    assert [r.miller for r in recipes if isinstance(r, SlabRecipe)] == [
        (1, 1, 1),
        (1, 1, 0),
        (1, 0, 0),
    ]
    (wanted,) = recipes_from_file(tmp_path / "mgo.cif", miller=(1, 0, 0))
    assert isinstance(wanted, SlabRecipe)
    assert wanted.crystal.oxidation_states == {"Mg": 2.0, "O": -2.0}
    surface = build(wanted)[0]
    assert not surface.polar
    assert shortest_translation_angstrom(surface.atoms.cell) >= 8.0


def test_a_slab_is_taken_as_given(tmp_path: Path) -> None:
    slab = fcc111("Pd", (2, 2, 3), vacuum=8.0)
    slab.set_constraint(FixAtoms(indices=range(4)))
    write(tmp_path / "slab.vasp", slab)
    (recipe,) = recipes_from_file(tmp_path / "slab.vasp")
    assert isinstance(recipe, StructureRecipe)
    surface = build(recipe)[0]
    assert len(surface.atoms) % 12 == 0
    assert len(surface.fixed) == len(surface.atoms) // 3
    low = surface.atoms.positions[list(surface.fixed), 2]
    assert np.ptp(low) < 0.01
    assert shortest_translation_angstrom(surface.atoms.cell) >= 8.0


def test_vacuum_along_another_axis_is_turned(tmp_path: Path) -> None:
    slab = fcc111("Cu", (3, 3, 3), vacuum=8.0)
    turned = Atoms(
        slab.numbers,
        scaled_positions=slab.get_scaled_positions()[:, [2, 0, 1]],
        cell=slab.cell.array[[2, 0, 1]],
        pbc=True,
    )
    write(tmp_path / "turned.cif", turned)
    (recipe,) = recipes_from_file(tmp_path / "turned.cif")
    assert isinstance(recipe, StructureRecipe)
    surface = build(recipe)[0]
    assert np.ptp(surface.atoms.positions[:, 2]) == pytest.approx(
        np.ptp(slab.positions[:, 2]), abs=1e-3
    )


def test_a_molecule(tmp_path: Path) -> None:
    write(tmp_path / "water.xyz", molecule("H2O"))
    (recipe,) = recipes_from_file(tmp_path / "water.xyz")
    assert build(recipe)[0].kind == "molecule"


def test_what_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no structure file"):
        recipes_from_file(tmp_path / "absent.cif")
    (tmp_path / "bad.cif").write_text("data_\nnothing here\n")
    with pytest.raises(InputError, match=r"bad\.cif"):
        recipes_from_file(tmp_path / "bad.cif")
    overlapping = Atoms("Cu2", positions=[[0, 0, 0], [0.9, 0, 0]], cell=[6, 6, 6], pbc=True)
    write(tmp_path / "close.extxyz", overlapping)
    with pytest.raises(InputError, match="overlap"):
        recipes_from_file(tmp_path / "close.extxyz")
    wire = Atoms("Cu", positions=[[0, 0, 0]], cell=[2.5, 15, 15], pbc=True)
    write(tmp_path / "wire.extxyz", wire)
    with pytest.raises(InputError, match="two cell vectors"):
        recipes_from_file(tmp_path / "wire.extxyz")
