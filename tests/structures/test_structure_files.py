"""Structure files as recipes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, graphene, molecule
from ase.io import write
from hypothesis import given
from hypothesis import strategies as st

from potash.structures.recipes import SlabRecipe, StructureRecipe
from potash.structures.structure_files import miller_index, read_structure, recipe_from_file


@pytest.mark.parametrize(
    ("facet", "index"),
    [
        ("(111)", (1, 1, 1)),
        ("100", (1, 0, 0)),
        ("(1 0 -1)", (1, 0, -1)),
        ("(10-10)", (1, 0, 0)),
        ("(0001)", (0, 0, 1)),
        ("(11-20)", (1, 1, 0)),
    ],
)
def test_miller_index(facet: str, index: tuple[int, int, int]) -> None:
    assert miller_index(facet) == index


@pytest.mark.parametrize("facet", ["basal", "(000)", "(11)", "", "(1111)", "(12345)"])
def test_bad_miller_index(facet: str) -> None:
    with pytest.raises(ValueError, match=r"Miller index|third of four"):
        miller_index(facet)


@given(st.tuples(*[st.integers(-9, 9)] * 3).filter(any))
def test_miller_index_reads_back(index: tuple[int, int, int]) -> None:
    assert miller_index("({} {} {})".format(*index)) == index


def test_slab_is_widened_and_its_lower_half_held(tmp_path: Path) -> None:
    atoms = fcc111("Cu", (1, 1, 4), vacuum=8, periodic=True)
    write(tmp_path / "POSCAR", atoms, format="vasp")
    recipe = recipe_from_file(tmp_path / "POSCAR")
    assert isinstance(recipe, StructureRecipe)
    assert recipe.lattice is not None
    assert len(recipe.elements) == 4 * 4 * 4
    assert len(recipe.fixed) == 4 * 4 * 2
    a, b = np.array(recipe.lattice[0]), np.array(recipe.lattice[1])
    shifts = [i * a + j * b for i in range(-2, 3) for j in range(-2, 3) if i or j]
    assert min(np.linalg.norm(s) for s in shifts) >= 8.0
    heights = np.array(recipe.positions)[:, 2]
    assert heights[list(recipe.fixed)].max() < np.delete(heights, recipe.fixed).min()


def test_slab_across_the_boundary_is_put_together(tmp_path: Path) -> None:
    atoms = fcc111("Cu", (4, 4, 4), vacuum=8, periodic=True)
    write(tmp_path / "whole.cif", atoms)
    atoms.positions[:, 2] += atoms.cell[2, 2] / 2
    atoms.wrap()
    write(tmp_path / "cut.cif", atoms)
    whole = recipe_from_file(tmp_path / "whole.cif")
    cut = recipe_from_file(tmp_path / "cut.cif")
    assert isinstance(whole, StructureRecipe)
    assert isinstance(cut, StructureRecipe)
    heights = [np.sort(np.array(r.positions)[:, 2]) for r in (whole, cut)]
    np.testing.assert_allclose(heights[0], heights[1], atol=1e-3)
    assert len(cut.fixed) == len(whole.fixed) == 32


def test_sheet_is_not_held(tmp_path: Path) -> None:
    write(tmp_path / "sheet.xyz", graphene(size=(4, 4, 1), vacuum=8), format="extxyz")
    recipe = recipe_from_file(tmp_path / "sheet.xyz")
    assert isinstance(recipe, StructureRecipe)
    assert recipe.fixed == ()
    assert len(recipe.elements) == 32


def test_crystal_is_cut_along_its_first_facet(tmp_path: Path) -> None:
    write(tmp_path / "mgo.cif", bulk("MgO", "rocksalt", a=4.21, cubic=True))
    recipe = recipe_from_file(tmp_path / "mgo.cif", ["(100)", "(111)"])
    assert isinstance(recipe, SlabRecipe)
    assert recipe.miller == (1, 0, 0)
    assert recipe.crystal.oxidation_states == {"Mg": 2.0, "O": -2.0}
    with pytest.raises(ValueError, match="say which surface"):
        recipe_from_file(tmp_path / "mgo.cif")


def test_a_metal_has_no_oxidation_states(tmp_path: Path) -> None:
    write(tmp_path / "cu.cif", bulk("Cu", cubic=True))
    recipe = recipe_from_file(tmp_path / "cu.cif", ["(111)"])
    assert isinstance(recipe, SlabRecipe)
    assert recipe.crystal.oxidation_states is None


def test_molecule_is_a_cluster(tmp_path: Path) -> None:
    write(tmp_path / "water.xyz", molecule("H2O"))
    recipe = recipe_from_file(tmp_path / "water.xyz")
    assert isinstance(recipe, StructureRecipe)
    assert recipe.lattice is None


def test_empty_space_has_to_be_along_c(tmp_path: Path) -> None:
    sheet = graphene(size=(3, 3, 1), vacuum=8)
    sheet.pbc = True
    write(tmp_path / "ok.cif", sheet)
    assert recipe_from_file(tmp_path / "ok.cif").builder == "structure"
    turned = Atoms("Cu", cell=[20, 3, 3], pbc=True)
    write(tmp_path / "turned.cif", turned)
    with pytest.raises(ValueError, match="wrong axis"):
        recipe_from_file(tmp_path / "turned.cif")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("empty.cif", "", "cannot be read|holds no atoms"),
        ("text.cif", "hello\nworld\n", "cannot be read|holds no atoms"),
        ("odd.abc", "1 2 3", "cannot be read"),
        ("short.xyz", "3\n\nH 0 0 0\n", "cannot be read"),
        ("unknown.xyz", "1\n\nQq 0 0 0\n", "cannot be read"),
        ("close.xyz", "2\n\nH 0 0 0\nH 0 0 0.1\n", "only 0.10 A apart"),
    ],
)
def test_unreadable_files(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=words) as caught:
        read_structure(tmp_path / name)
    assert name in str(caught.value)


def test_partial_occupation_is_refused(tmp_path: Path) -> None:
    text = """data_x
_cell_length_a 4
_cell_length_b 4
_cell_length_c 4
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P 1'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Cu1 Cu 0 0 0 0.5
Zn1 Zn 0 0 0 0.5
"""
    (tmp_path / "mixed.cif").write_text(text)
    with pytest.raises(ValueError, match="partially occupied"):
        read_structure(tmp_path / "mixed.cif")
