"""Crystal, slab, wire or molecule: one rule, and the vacuum that K needs."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, graphene, molecule, mx2
from pymatgen.analysis.prototypes import AFLOW_PROTOTYPE_LIBRARY
from pymatgen.io.ase import AseAtomsAdaptor

from potash.errors import InputError
from potash.structures.checks import check_structure
from potash.structures.vacuum import VACUUM_ANGSTROM, open_axes, widest_gap_angstrom
from tests.structures.crystals import graphite, mos2, v2o5


def periodic(atoms: Atoms) -> Atoms:
    atoms.pbc = True
    return atoms


def al_slab(vacuum: float) -> Atoms:
    slab = fcc111("Al", (2, 2, 4), periodic=True)
    slab.center(vacuum=vacuum / 2, axis=2)
    return slab


@pytest.mark.parametrize(
    ("crystal", "gap"),
    [(graphite(), 3.36), (graphite(4.3), 4.3), (mos2(), 2.97), (v2o5(), 1.58)],
)
def test_layered_crystals_are_crystals(crystal: Atoms, gap: float) -> None:
    assert widest_gap_angstrom(crystal, 2) == pytest.approx(gap, abs=0.1)
    assert open_axes(crystal).tolist() == [False, False, False]


@pytest.mark.parametrize("vacuum", [4.0, 6.0, 6.6, 7.0, 12.0])
def test_a_metal_slab_is_a_slab_however_little_vacuum_it_has(vacuum: float) -> None:
    slab = al_slab(vacuum)
    assert widest_gap_angstrom(slab, 2) == pytest.approx(vacuum)
    assert open_axes(slab).tolist() == [False, False, True]


@pytest.mark.parametrize("vacuum", [6.0, 6.6, 20.0])
def test_a_sheet_is_a_sheet_and_not_blown_up_graphite(vacuum: float) -> None:
    for sheet in (graphene(vacuum=vacuum / 2), mx2("MoS2", vacuum=vacuum / 2)):
        assert open_axes(periodic(sheet)).tolist() == [False, False, True]


def test_declared_directions_count() -> None:
    slab = fcc111("Al", (1, 1, 4), vacuum=1.0)
    assert open_axes(slab).tolist() == [False, False, True]
    assert open_axes(periodic(slab)).tolist() == [False, False, False]


def test_molecules_and_wires() -> None:
    water = molecule("H2O", vacuum=6.0)
    assert open_axes(periodic(water)).all()
    assert open_axes(molecule("H2O")).all()
    wire = Atoms("Cu", cell=[2.5, 15, 15], pbc=True)
    assert open_axes(wire).tolist() == [False, True, True]


def test_the_border_may_cut_through_the_layer() -> None:
    slab = al_slab(12.0)
    slab.positions[:, 2] += slab.cell[2, 2] / 2
    slab.wrap()
    assert widest_gap_angstrom(slab, 2) == pytest.approx(12.0)
    assert open_axes(slab).tolist() == [False, False, True]


def test_a_tilted_slab() -> None:
    slab = al_slab(6.0)
    slab.set_cell(slab.cell.array + np.array([[0, 0, 0], [0, 0, 0], [1.4, 0.8, 0]]))
    assert open_axes(slab).tolist() == [False, False, True]


def test_no_known_structure_type_is_taken_apart() -> None:
    """All 288 prototypes, among them molecular, layered and open ones."""
    taken_apart = []
    for entry in AFLOW_PROTOTYPE_LIBRARY:
        atoms = AseAtomsAdaptor.get_atoms(entry["snl"].structure)
        if open_axes(atoms).any():
            taken_apart.append(entry["tags"]["mineral"])
    # The file of indium has a lattice of 1.3 times its real lengths.
    assert taken_apart == ["Indium"]


def test_what_is_built_has_the_vacuum_that_is_asked_of_files() -> None:
    assert VACUUM_ANGSTROM == 10.0
    atoms = bulk("Cu", cubic=True)
    atoms.pbc = (True, True, False)
    atoms.cell[2, 2] = 1.805 + VACUUM_ANGSTROM
    check_structure(atoms)
    atoms.cell[2, 2] -= 0.1
    with pytest.raises(InputError, match=r"only 9\.9 angstrom of vacuum along cell vector c"):
        check_structure(atoms)
