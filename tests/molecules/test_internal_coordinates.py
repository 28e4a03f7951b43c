from __future__ import annotations

import numpy as np
import pytest
from ase.build import molecule
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from potash.molecules.internal_coordinates import InternalCoordinates, internal_coordinates

Array = NDArray[np.float64]
NAMES = ("CH3CH2OH", "isobutane", "H2O2", "CH3CN", "SO2", "C6H6", "CH3CONH2")


def _made(name: str, seed: int) -> tuple[InternalCoordinates, Array]:
    atoms = molecule(name)
    q = internal_coordinates(list(atoms.numbers), atoms.positions)
    moved = np.random.default_rng(seed).normal(scale=0.05, size=atoms.positions.shape)
    return q, atoms.positions + moved


@given(st.sampled_from(NAMES), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_derivatives_match_finite_differences(name: str, seed: int) -> None:
    q, x = _made(name, seed)
    b = q.derivatives(x)
    step = 1e-5
    for column in range(x.size):
        shift = np.zeros(x.size)
        shift[column] = step
        ahead = q.values(x + shift.reshape(x.shape))
        behind = q.values(x - shift.reshape(x.shape))
        found = q.difference(ahead, behind) / (2 * step)
        np.testing.assert_allclose(b[:, column], found, atol=1e-5, rtol=1e-5)


@given(st.sampled_from(NAMES), st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_stretches_bends_and_torsions_do_not_see_a_rigid_motion(name: str, seed: int) -> None:
    q, x = _made(name, seed)
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    rotation *= np.linalg.det(rotation)
    change = q.difference(q.values(x @ rotation + [1.0, -2.0, 3.0]), q.values(x))
    np.testing.assert_allclose(change[: -x.size], 0.0, atol=1e-6)


def test_values_of_a_known_geometry() -> None:
    x = np.array([[1.5, 0, 0], [0, 0, 0], [0, 1.5, 0], [0, 1.5, 1.5]])
    q = internal_coordinates([6, 6, 6, 6], x)
    assert q.bends.tolist() == [[0, 1, 2], [1, 2, 3]]
    assert q.torsions.tolist() == [[0, 1, 2, 3]]
    values = q.values(x)
    n = len(q.stretches)
    expected = 1.5 * np.sqrt([1, 2, 3, 1, 2, 1])
    np.testing.assert_allclose(values[:n], expected)
    np.testing.assert_allclose(np.abs(values[n:-12]), np.pi / 2)
    np.testing.assert_allclose(values[-12:], x.ravel())


def test_a_torsion_that_crosses_half_a_turn_changes_little() -> None:
    def bent(angle: float) -> Array:
        end = [1.5 * np.cos(angle), 1.5, 1.5 * np.sin(angle)]
        return np.array([[1.5, 0, 0], [0, 0, 0], [0, 1.5, 0], end])

    q = internal_coordinates([6, 6, 6, 6], bent(3.1))
    change = q.difference(q.values(bent(-3.1)), q.values(bent(3.1)))
    torsion = len(q.stretches) + len(q.bends)
    assert abs(change[torsion]) == pytest.approx(2 * np.pi - 6.2, abs=1e-9)


def test_a_straight_chain_has_no_bend_along_it_and_no_torsion() -> None:
    atoms = molecule("C2H2")
    q = internal_coordinates(list(atoms.numbers), atoms.positions)
    assert (len(q.bends), len(q.torsions)) == (0, 0)


@pytest.mark.parametrize(("angle", "straight"), [(2.0, False), (2.95, False), (3.0, True)])
def test_a_bend_that_has_become_straight_is_noticed(angle: float, straight: bool) -> None:
    def bent(radians: float) -> Array:
        return np.array([[1.2, 0, 0], [0, 0, 0], [1.2 * np.cos(radians), 1.2 * np.sin(radians), 0]])

    q = internal_coordinates([8, 6, 8], bent(2.0))
    assert len(q.bends) == 1
    assert q.has_straight_bend(bent(angle)) is straight


def test_fragments_far_apart_have_a_positive_model_hessian() -> None:
    water = molecule("H2O")
    far = water.copy()
    far.translate([8.0, 0, 0])
    both = water + far
    q = internal_coordinates(list(both.numbers), both.positions)
    b = q.derivatives(both.positions)
    assert np.linalg.eigvalsh((b.T * q.force_constants) @ b).min() > 0.01


def test_the_model_is_stiffest_along_the_bond() -> None:
    x = np.array([[0.0, 0, 0], [0, 0, 1.1]])
    q = internal_coordinates([6, 8], x)
    b = q.derivatives(x)
    _, modes = np.linalg.eigh((b.T * q.force_constants) @ b)
    np.testing.assert_allclose(
        np.abs(modes[:, -1]), np.sqrt(0.5) * np.array([0, 0, 1, 0, 0, 1]), atol=1e-6
    )
