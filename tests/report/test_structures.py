from __future__ import annotations

import io

import numpy as np
import pytest
from ase.build import molecule
from ase.io import read

from potash.report.structures import element_colour, viewer_data
from tests.synthetic_rows import extxyz, graphene_with_k, metal_with_k


def test_molecule_has_its_bonds_and_no_cell():
    data = viewer_data(extxyz(molecule("CH3OH")))
    assert len(data["bonds"]) == 2 * 5
    assert "cell" not in data
    assert data["formula"] == "CH4O"


def test_potassium_is_in_the_middle_and_unbound():
    data = viewer_data(graphene_with_k()[1])
    k = data["symbols"].index("K")
    xyz = np.array(data["xyz"]).reshape(-1, 3)
    assert np.abs(xyz[k, :2]).max() < 1.6
    assert k not in data["bonds"]
    assert len(data["bonds"]) > 2 * 32  # 48 bonds less those cut at the cell's edge


def test_moving_atoms_by_lattice_vectors_changes_nothing():
    text = graphene_with_k()[1]
    atoms = read(io.StringIO(text), format="extxyz")
    atoms.positions += atoms.cell[0] * 2 - atoms.cell[1]
    assert viewer_data(extxyz(atoms))["xyz"] == pytest.approx(viewer_data(text)["xyz"], abs=0.011)


def test_a_slab_cut_by_the_cell_is_joined():
    atoms = read(io.StringIO(metal_with_k("Cu")[1]), format="extxyz")
    atoms.pbc = True
    atoms.positions[:, 2] -= atoms.positions[:, 2].mean()
    z = np.array(viewer_data(extxyz(atoms))["xyz"]).reshape(-1, 3)[:, 2]
    assert np.ptp(z) < 10


def test_metals_have_no_bonds_and_colours_are_hex():
    assert viewer_data(metal_with_k("Cu")[1])["bonds"] == []
    assert element_colour("C", 6).startswith("#")
    assert len(element_colour("Fe", 26)) == 7
