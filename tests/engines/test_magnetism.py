from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, surface
from ase.neighborlist import neighbor_list
from ase.spacegroup import crystal

from potash.engines.magnetism import ION_MOMENTS, METAL_MOMENTS, starting_moments


def rock_salt(metal: str, a: float) -> Atoms:
    return bulk(f"{metal}O", "rocksalt", a=a, cubic=True)


def test_rock_salt_oxides_are_antiferromagnets_of_type_ii() -> None:
    """Neighbours through oxygen are antiparallel."""
    atoms = rock_salt("Ni", 4.18) * (2, 2, 2)
    moments = starting_moments(atoms, {"Ni"})
    nickel = [i for i, s in enumerate(atoms.symbols) if s == "Ni"]
    assert np.abs(moments[nickel]) == pytest.approx(ION_MOMENTS["Ni"])
    assert moments.sum() == pytest.approx(0.0)
    first, second, distance = neighbor_list("ijd", atoms, 4.3)
    through = (np.isin(first, nickel)) & (np.isin(second, nickel)) & (distance > 4.0)
    assert through.sum() == 6 * len(nickel)
    assert np.all(moments[first[through]] == -moments[second[through]])


def test_a_rumpled_slab_keeps_the_order_and_oxygen_has_no_moment() -> None:
    slab = surface(rock_salt("Ni", 4.18), (1, 0, 0), 2, vacuum=8.0) * (2, 2, 1)
    slab.rattle(0.1, seed=3)
    moments = starting_moments(slab, {"Ni"})
    assert moments.sum() == pytest.approx(0.0)
    assert not moments[slab.symbols == "O"].any()


def test_a_cell_too_small_for_the_order_stays_parallel() -> None:
    atoms = bulk("NiO", "rocksalt", a=4.18)
    assert starting_moments(atoms, {"Ni"}).tolist() == [ION_MOMENTS["Ni"], 0.0]


def test_metals_are_parallel_and_nonmagnetic_elements_have_none() -> None:
    assert starting_moments(bulk("Ni") * (2, 2, 2), ()) == pytest.approx(METAL_MOMENTS["Ni"])
    assert not starting_moments(bulk("Cu"), ()).any()
    spinel = crystal(
        ("Co", "Al", "O"),
        [(1 / 8, 1 / 8, 1 / 8), (1 / 2, 1 / 2, 1 / 2), (0.263, 0.263, 0.263)],
        spacegroup=227,
        setting=2,
        cellpar=[8.1, 8.1, 8.1, 90, 90, 90],
    )
    moments = starting_moments(spinel, {"Co"})
    assert set(moments[spinel.symbols == "Co"]) == {ION_MOMENTS["Co"]}
