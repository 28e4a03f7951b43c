from __future__ import annotations

import numpy as np
import pytest
import spglib
from ase import Atoms
from ase.build import add_adsorbate, fcc111, molecule
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.structures.symmetry import TOLERANCE_ANGSTROM, symmetric_about_last


def with_k(site: str = "fcc") -> Atoms:
    atoms = fcc111("Al", (2, 2, 3), a=4.05, vacuum=6.5)
    add_adsorbate(atoms, "K", 2.9, site)
    atoms.pbc = (True, True, False)
    return atoms


def n_operations(atoms: Atoms, symprec: float) -> int:
    found = spglib.get_symmetry(
        (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers), symprec=symprec
    )
    return len(found["rotations"])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["fcc", "hcp", "ontop"]))
def test_noise_is_averaged_away(seed, site):
    clean = with_k(site)
    noisy = clean.copy()
    noisy.positions += np.random.default_rng(seed).uniform(-0.004, 0.004, noisy.positions.shape)
    found = symmetric_about_last(noisy)
    assert n_operations(noisy, 1e-5) == 1
    assert n_operations(found, 1e-5) == n_operations(clean, 1e-5) == 6
    assert np.allclose(found.get_scaled_positions()[-1, :2] % 1, 0, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 0.5))
def test_distances_change_by_no_more_than_the_tolerance(seed, amplitude):
    atoms = with_k()
    atoms.positions += np.random.default_rng(seed).normal(0, amplitude, atoms.positions.shape)
    found = symmetric_about_last(atoms)
    assert np.array_equal(found.numbers, atoms.numbers)
    before = atoms.get_all_distances(mic=True)
    after = found.get_all_distances(mic=True)
    assert np.abs(after - before).max() < 4 * TOLERANCE_ANGSTROM


def test_heights_are_kept():
    atoms = with_k()
    found = symmetric_about_last(atoms)
    assert found.positions[-1, 2] - found.positions[:-1, 2].max() == pytest.approx(2.9)
    assert np.allclose(found.positions[:, 2], atoms.positions[:, 2])


def test_a_cluster_is_returned_as_it_is():
    atoms = molecule("C6H6")
    assert np.allclose(symmetric_about_last(atoms).positions, atoms.positions)
