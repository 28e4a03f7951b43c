"""Structures from outside: what they are taken for, and the planes that are cut from crystals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, graphene, molecule
from ase.constraints import FixAtoms
from ase.io import write

from potash.errors import InputError
from potash.structures.building import build
from potash.structures.given import recipes_from_atoms, recipes_from_file
from potash.structures.recipes import SlabRecipe, StructureRecipe
from potash.structures.slabs import primitive_slab
from potash.structures.supercells import shortest_translation_angstrom
from tests.structures.crystals import ago, fepo4, graphite, mos2, v2o5


def area_per_top_atom(recipe: SlabRecipe) -> float:
    """Return the area of the surface cell per atom of the top layer, angstrom^2."""
    atoms = primitive_slab(recipe).atoms
    top = (atoms.positions[:, 2] > atoms.positions[:, 2].max() - 0.3).sum()
    return float(np.linalg.norm(np.cross(*atoms.cell.array[:2])) / top)


@pytest.mark.parametrize(
    ("make", "facet", "spacing"),
    [
        (v2o5, "(001)", 4.368),
        (v2o5, "(100)", 11.512),
        (v2o5, "0,1,0", 3.564),
        (fepo4, "(010)", 5.7893),
        (fepo4, "(100)", 9.8142),
        (fepo4, "(001)", 4.7820),
        (ago, "(001)", 5.4995 * np.sin(np.radians(107.51))),
        (ago, "(100)", 5.8592 * np.sin(np.radians(107.51))),
        (mos2, "(0001)", 12.294),
        (mos2, "(10-10)", 3.16 * np.sqrt(3) / 2),
    ],
)
def test_a_plane_counts_in_the_axes_of_the_file(
    tmp_path: Path, make, facet: str, spacing: float
) -> None:
    write(tmp_path / "x.cif", make())
    (recipe,) = recipes_from_file(tmp_path / "x.cif", facet=facet)
    assert isinstance(recipe, SlabRecipe)
    plane = primitive_slab(recipe).plane
    assert plane is not None
    assert plane.axes == "file"
    assert plane.spacing_angstrom == pytest.approx(spacing, rel=1e-4)
    np.testing.assert_allclose(plane.lengths_angstrom, make().cell.lengths(), atol=1e-3)
    np.testing.assert_allclose(plane.angles_degree, make().cell.angles(), atol=1e-3)
    # The repeat along the normal of what is built is that spacing (screw axes aside, a slab
    # of whole units is as thick as its planes are apart).
    volume = make().cell.volume
    slab = primitive_slab(recipe).atoms
    area = np.linalg.norm(np.cross(*slab.cell.array[:2]))
    assert volume / area == pytest.approx(spacing, rel=1e-4)


@pytest.mark.parametrize("cubic", [True, False])
@pytest.mark.parametrize(
    ("facet", "area"), [("(110)", 9.22), ("(100)", 6.52), ("(111)", 5.64), ("1,-1,0", 9.22)]
)
def test_copper_has_one_plane_of_each_name(cubic: bool, facet: str, area: float) -> None:
    copper = bulk("Cu", a=3.61, cubic=cubic)
    (recipe,) = recipes_from_atoms(copper, facet=facet)
    assert isinstance(recipe, SlabRecipe)
    assert area_per_top_atom(recipe) == pytest.approx(area, abs=0.01)
    plane = primitive_slab(recipe).plane
    assert plane is not None
    assert plane.axes == ("file" if cubic else "conventional cell of the file's crystal")
    assert plane.lengths_angstrom == pytest.approx((3.61, 3.61, 3.61))
    assert plane.angles_degree == pytest.approx((90, 90, 90))
    assert copper.cell.volume / len(copper) / plane.spacing_angstrom == pytest.approx(
        area, abs=0.01
    )


def test_a_crystal_becomes_slabs(tmp_path: Path) -> None:
    write(tmp_path / "mgo.cif", bulk("MgO", "rocksalt", a=4.21))
    recipes = recipes_from_file(tmp_path / "mgo.cif")
    planes = [tuple(sorted(map(abs, r.miller))) for r in recipes if isinstance(r, SlabRecipe)]
    assert sorted(planes) == [(0, 0, 1), (0, 1, 1), (1, 1, 1)]
    (wanted,) = recipes_from_file(tmp_path / "mgo.cif", facet="(100)")
    assert isinstance(wanted, SlabRecipe)
    assert wanted.crystal.oxidation_states == {"Mg": 2.0, "O": -2.0}
    surface = build(wanted)[0]
    assert not surface.polar
    assert shortest_translation_angstrom(surface.atoms.cell) >= 8.0


def test_metals_have_no_oxidation_states() -> None:
    recipe = recipes_from_atoms(bulk("Cu"), facet="(111)")[0]
    assert isinstance(recipe, SlabRecipe)
    assert recipe.crystal.oxidation_states is None


def test_layered_crystals_are_cut_and_not_taken_for_slabs() -> None:
    for crystal in (graphite(), mos2()):
        (recipe,) = recipes_from_atoms(crystal, facet="(0001)")
        assert isinstance(recipe, SlabRecipe)


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


def test_the_lower_half_of_a_slab_is_held_and_nothing_of_a_sheet() -> None:
    (slab,) = recipes_from_atoms(fcc111("Cu", (1, 1, 4), vacuum=8.0))
    assert isinstance(slab, StructureRecipe)
    heights = np.array(slab.positions)[:, 2]
    assert len(slab.fixed) == len(slab.elements) // 2
    assert heights[list(slab.fixed)].max() < np.delete(heights, slab.fixed).min()
    (sheet,) = recipes_from_atoms(graphene(size=(4, 4, 1), vacuum=8.0))
    assert isinstance(sheet, StructureRecipe)
    assert sheet.fixed == ()
    assert build(sheet)[0].kind == "sheet"


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
def test_vacuum_along_another_axis_is_turned(order: list[int]) -> None:
    slab = fcc111("Cu", (3, 3, 3), vacuum=8.0)
    turned = Atoms(
        slab.numbers,
        scaled_positions=slab.get_scaled_positions()[:, order],
        cell=slab.cell.array[order],
        pbc=True,
    )
    (recipe,) = recipes_from_atoms(turned)
    surface = build(recipe)[0]
    assert np.ptp(surface.atoms.positions[:, 2]) == pytest.approx(np.ptp(slab.positions[:, 2]))


def test_a_slab_cut_by_the_border_is_put_together() -> None:
    whole = fcc111("Cu", (2, 2, 4), vacuum=8.0, periodic=True)
    cut = whole.copy()
    cut.positions[:, 2] += cut.cell[2, 2] / 2
    cut.wrap()
    heights = [
        np.sort(np.array(recipes_from_atoms(a)[0].positions)[:, 2])  # type: ignore[union-attr]
        for a in (whole, cut)
    ]
    np.testing.assert_allclose(heights[0], heights[1], atol=1e-3)


@pytest.mark.parametrize("vacuum", [6.0, 6.6, 8.0])
def test_too_little_vacuum_is_refused_with_how_much_is_needed(
    tmp_path: Path, vacuum: float
) -> None:
    for name, atoms in {
        "al": fcc111("Al", (2, 2, 4), vacuum=vacuum / 2, periodic=True),
        "sheet": graphene(size=(2, 2, 1), vacuum=vacuum / 2),
    }.items():
        atoms.pbc = True
        write(tmp_path / f"{name}.cif", atoms)
        for facet in (None, "(111)"):
            with pytest.raises(
                InputError, match=rf"only {vacuum} angstrom of vacuum .* at least 10 angstrom"
            ):
                recipes_from_file(tmp_path / f"{name}.cif", facet=facet)


def test_declared_vacuum_is_measured_too() -> None:
    with pytest.raises(InputError, match=r"only 4\.0 angstrom of vacuum"):
        recipes_from_atoms(fcc111("Al", (2, 2, 4), vacuum=2.0))


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: fcc111("Cu", (2, 2, 3), vacuum=8.0), "a slab or sheet already"),
        (lambda: graphene(vacuum=8.0), "a slab or sheet already"),
        (lambda: molecule("H2O"), "a molecule or cluster"),
    ],
)
def test_a_facet_of_what_is_no_crystal_is_refused(make, what: str) -> None:
    with pytest.raises(InputError, match=rf"is {what}; a facet \(111\)"):
        recipes_from_atoms(make(), facet="111")


@pytest.mark.parametrize(
    "make", [lambda: bulk("Cu"), lambda: fcc111("Cu", (2, 2, 3), vacuum=8.0), graphite]
)
def test_garbage_is_no_facet_of_anything(make) -> None:
    with pytest.raises(InputError, match="'garbage' is not a Miller index"):
        recipes_from_atoms(make(), facet="garbage")


def test_four_indices_of_a_cubic_crystal() -> None:
    with pytest.raises(InputError, match="axes are not hexagonal"):
        recipes_from_atoms(bulk("Cu"), facet="(10-10)")


def test_a_molecule_in_a_box_is_put_together() -> None:
    water = molecule("H2O", vacuum=6.0)
    water.pbc = True
    water.positions -= water.cell.sum(axis=0) / 2
    water.wrap()
    (recipe,) = recipes_from_atoms(water)
    surface = build(recipe)[0]
    assert surface.kind == "molecule"
    np.testing.assert_allclose(
        np.sort(surface.atoms.get_all_distances().ravel()),
        np.sort(molecule("H2O").get_all_distances().ravel()),
        atol=1e-4,
    )


def test_what_cannot_be_used() -> None:
    with pytest.raises(InputError, match="overlap"):
        recipes_from_atoms(Atoms("Cu2", [[0, 0, 0], [0.9, 0, 0]], cell=[6, 6, 6], pbc=True))
    with pytest.raises(InputError, match="two cell vectors"):
        recipes_from_atoms(Atoms("Cu", cell=[2.5, 15, 15], pbc=True))
    with pytest.raises(InputError, match="fewer than three cell vectors"):
        recipes_from_atoms(Atoms("Cu", cell=[2.5, 2.5, 0], pbc=(True, True, False)))
    with pytest.raises(InputError, match="no atoms"):
        recipes_from_atoms(Atoms())


def test_equal_structures_have_equal_recipes(tmp_path: Path) -> None:
    slab = fcc111("Cu", (2, 2, 3), vacuum=8.0)
    write(tmp_path / "a.vasp", slab, direct=True)
    write(tmp_path / "b.extxyz", slab)
    assert recipes_from_file(tmp_path / "a.vasp") == recipes_from_file(tmp_path / "b.extxyz")
    crystal = bulk("Cu", a=3.61, cubic=True)
    (one,) = recipes_from_atoms(crystal, facet="(110)")
    (same,) = recipes_from_atoms(crystal, facet=[1, 1, 0])
    assert one == same
