"""In which axes Miller indices count: the file's, or its conventional cell's."""

from __future__ import annotations

import numpy as np
import pytest
import spglib
from ase import Atoms
from ase.build import bulk, make_supercell
from pymatgen.analysis.prototypes import AFLOW_PROTOTYPE_LIBRARY
from pymatgen.io.ase import AseAtomsAdaptor

from potash.structures.indexing import indexing_cell
from tests.structures.crystals import ago, fepo4, graphite, mos2, v2o5


def with_axes(atoms: Atoms, order: list[int]) -> Atoms:
    """Return the crystal with its axes in another order."""
    return Atoms(
        atoms.numbers,
        scaled_positions=atoms.get_scaled_positions()[:, order],
        cell=atoms.cell.array[order],
        pbc=True,
    )


@pytest.mark.parametrize("make", [v2o5, fepo4, ago, mos2, graphite])
@pytest.mark.parametrize("order", [[0, 1, 2], [1, 2, 0], [2, 1, 0]])
def test_a_conventional_cell_keeps_its_axes(make, order) -> None:
    crystal = with_axes(make(), order)
    cell, axes = indexing_cell(crystal)
    assert axes == "file"
    assert cell == crystal


@pytest.mark.parametrize(
    ("primitive", "lengths", "angles"),
    [
        (bulk("Cu"), [3.61] * 3, [90] * 3),
        (bulk("Fe"), [2.87] * 3, [90] * 3),
        (bulk("MgO", "rocksalt", a=4.21), [4.21] * 3, [90] * 3),
        (bulk("In", "bct", a=3.25, c=4.95), [3.25, 3.25, 4.95], [90] * 3),
        (bulk("Bi"), [4.55, 4.55, 11.86], [90, 90, 120]),
    ],
)
def test_a_primitive_cell_becomes_the_conventional_one(primitive, lengths, angles) -> None:
    cell, axes = indexing_cell(primitive)
    assert axes == "conventional"
    np.testing.assert_allclose(cell.cell.lengths(), lengths, atol=0.03)
    np.testing.assert_allclose(cell.cell.angles(), angles, atol=0.01)
    assert cell.cell.volume / len(cell) == pytest.approx(primitive.cell.volume / len(primitive))
    assert np.linalg.det(cell.cell.array) > 0


@pytest.mark.parametrize("centring", ["A", "C", "I", "F"])
def test_the_order_of_the_axes_is_that_of_the_primitive_cell(centring: str) -> None:
    """a > b > c, which spglib's standard would turn round."""
    axes = np.diag([9.0, 7.0, 5.0])
    shifts = {
        "A": [[0, 0.5, 0.5]],
        "C": [[0.5, 0.5, 0]],
        "I": [[0.5, 0.5, 0.5]],
        "F": [[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]],
    }[centring]
    vectors = {
        "A": [[1, 0, 0], [0, 0.5, -0.5], [0, 0.5, 0.5]],
        "C": [[0.5, -0.5, 0], [0.5, 0.5, 0], [0, 0, 1]],
        "I": [[-0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.5, 0.5, -0.5]],
        "F": [[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]],
    }[centring]
    primitive = Atoms("Cu", cell=np.array(vectors) @ axes, pbc=True)
    cell, kind = indexing_cell(primitive)
    assert kind == "conventional"
    np.testing.assert_allclose(cell.cell.array, axes, atol=1e-8)
    assert len(cell) == 1 + len(shifts)
    conventional = Atoms(
        ["Cu"] * (1 + len(shifts)), scaled_positions=[[0, 0, 0], *shifts], cell=axes, pbc=True
    )
    assert indexing_cell(conventional) == (conventional, "file")


def test_cells_of_the_users_own_keep_their_axes() -> None:
    cubic = bulk("Cu", cubic=True)
    orthohexagonal = make_supercell(mos2(), [[1, 0, 0], [1, 2, 0], [0, 0, 1]])
    tetragonal_as_fluorite = make_supercell(
        bulk("In", "bct", a=3.25, c=4.95), [[1, 1, 2], [-1, 1, 0], [1, 1, 0]]
    )
    for crystal in (cubic.repeat((2, 1, 1)), orthohexagonal, tetragonal_as_fluorite):
        assert indexing_cell(crystal)[1] == "file"


def test_a_sheared_cell_becomes_the_conventional_one() -> None:
    cubic = bulk("Po", "sc", a=3.35)
    sheared = make_supercell(cubic, [[1, 0, 0], [1, 1, 0], [0, 0, 1]])
    cell, axes = indexing_cell(sheared)
    assert axes == "conventional"
    np.testing.assert_allclose(cell.cell.angles(), 90)
    sixty = make_supercell(bulk("Zn"), [[1, 0, 0], [1, 1, 0], [0, 0, 1]])
    assert sixty.cell.angles()[2] == pytest.approx(60)
    assert indexing_cell(sixty)[0].cell.angles()[2] == pytest.approx(120)


def test_every_known_structure_type_keeps_its_crystal() -> None:
    """Conventional cells are left alone; primitive ones keep group, density and axes."""
    for entry in AFLOW_PROTOTYPE_LIBRARY:
        given = AseAtomsAdaptor.get_atoms(entry["snl"].structure)
        described = (given.cell.array, given.get_scaled_positions(), given.numbers)
        lattice, scaled, numbers = spglib.standardize_cell(
            described, no_idealize=True, symprec=0.01
        )
        conventional = Atoms(numbers, scaled_positions=scaled, cell=lattice, pbc=True)
        assert indexing_cell(conventional)[1] == "file"
        assert indexing_cell(with_axes(conventional, [1, 2, 0]))[1] == "file"
        cell, _ = indexing_cell(given)
        assert len(cell) == len(conventional)
        assert cell.cell.volume == pytest.approx(conventional.cell.volume, rel=1e-6)
        groups = {
            spglib.get_symmetry_dataset(
                (a.cell.array, a.get_scaled_positions(), a.numbers), symprec=0.01
            ).number
            for a in (given, cell)
        }
        assert len(groups) == 1
