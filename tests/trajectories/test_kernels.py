"""Compiled kernels against naive loops over periodic images."""

from __future__ import annotations

import MDAnalysis as mda  # noqa: N813
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.trajectories import kernels
from tests.trajectories.synthetic import ORTHORHOMBIC, TRICLINIC, naive_distance, wrap

boxes = pytest.mark.parametrize("box", [ORTHORHOMBIC, TRICLINIC], ids=["orthorhombic", "triclinic"])


def found_pairs(positions, a, b, box, cutoff):
    vectors = kernels.box_vectors(box.astype(np.float32))
    n_cells, start, order, points = kernels.build_cells(positions, b, vectors, cutoff)
    found, distance = np.empty(len(b), np.int64), np.empty(len(b))
    pairs = {}
    for i in a:
        n = kernels.neighbours(
            positions[i].astype(float),
            vectors,
            cutoff,
            n_cells,
            start,
            order,
            points,
            found,
            distance,
        )
        assert len(set(found[:n])) == n  # nothing is visited twice
        pairs.update({(int(i), int(b[found[k]])): distance[k] for k in range(n)})
    return pairs


@boxes
def test_box_agrees_with_mdanalysis(box):
    ours = kernels.box_vectors(box)
    assert ours == pytest.approx(mda.lib.mdamath.triclinic_vectors(box), abs=1e-5)
    assert kernels.volume(box) == pytest.approx(mda.lib.mdamath.box_volume(box), rel=1e-6)


@boxes
def test_minimum_height_is_the_distance_of_the_closest_faces(box):
    vectors = mda.lib.mdamath.triclinic_vectors(box).astype(float)
    heights = [
        abs(np.linalg.det(vectors)) / np.linalg.norm(np.cross(vectors[i], vectors[j]))
        for i, j in ((0, 1), (1, 2), (2, 0))
    ]
    assert kernels.minimum_height(box) == pytest.approx(min(heights), rel=1e-5)


@boxes
@pytest.mark.parametrize("cutoff", [2.5, 4.0, 5.9])
def test_neighbours_equal_a_search_of_all_images(box, cutoff):
    rng = np.random.default_rng(3)
    positions = rng.uniform(-30, 30, (60, 3)).astype(np.float32)
    a, b = np.arange(10), np.arange(10, 60)
    expected = {
        (int(i), int(j)): d
        for i in a
        for j in b
        if (d := naive_distance(positions[i].astype(float), positions[j].astype(float), box))
        <= cutoff
    }
    pairs = found_pairs(positions, a, b, box, cutoff)
    assert pairs.keys() == expected.keys()
    assert list(pairs.values()) == pytest.approx([expected[k] for k in pairs], abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 5.0))
def test_wrapping_and_translation_change_no_neighbour(seed, cutoff):
    rng = np.random.default_rng(seed)
    positions = rng.uniform(0, 14, (40, 3))
    a, b = np.arange(5), np.arange(5, 40)
    moved = wrap(positions + rng.uniform(-50, 50, 3), TRICLINIC)
    one = found_pairs(positions.astype(np.float32), a, b, TRICLINIC, cutoff)
    two = found_pairs(moved.astype(np.float32), a, b, TRICLINIC, cutoff)
    for pair in one.keys() ^ two.keys():  # only rounding at the very cutoff
        assert {**one, **two}[pair] == pytest.approx(cutoff, abs=1e-4)


@boxes
def test_centres_of_broken_molecules_are_those_of_whole_ones(box):
    rng = np.random.default_rng(5)
    first = rng.uniform(0, 14, (6, 1, 3))
    whole = np.cumsum(np.concatenate([first, rng.normal(0, 1.0, (6, 7, 3))], axis=1), axis=1)
    broken = wrap(whole.reshape(-1, 3), box).astype(np.float32)
    masses = rng.uniform(1, 30, 48)
    centres, made_whole = np.empty((6, 3)), np.empty((48, 3))
    parent = np.where(np.arange(48) % 8 == 0, -1, np.arange(48) - 1)
    kernels.molecule_centres(
        broken, box, np.arange(48), np.arange(0, 49, 8), parent, masses, made_whole, centres
    )
    expected = np.einsum("ma,mak->mk", masses.reshape(6, 8), whole)
    expected /= masses.reshape(6, 8).sum(axis=1)[:, None]
    assert [naive_distance(c, e, box) for c, e in zip(centres, expected, strict=True)] == (
        pytest.approx([0.0] * 6, abs=1e-4)
    )


@boxes
def test_unwrapping_gives_back_the_walk(box):
    rng = np.random.default_rng(6)
    walk = np.cumsum(rng.normal(0, 0.8, (200, 5, 3)), axis=0)
    wrapped, unwrapped = np.zeros((5, 3)), np.zeros((5, 3))
    for i, frame in enumerate(walk):
        kernels.unwrap_step(wrap(frame, box), box, wrapped, unwrapped, i == 0)
        if i == 0:
            start = unwrapped.copy()
    assert unwrapped - start == pytest.approx(walk[-1] - walk[0], abs=1e-4)


def test_a_fluctuating_box_does_not_move_a_resting_particle():
    """The lattice scheme would shift a particle by its image number times the fluctuation."""
    rng = np.random.default_rng(7)
    wrapped, unwrapped = np.zeros((1, 3)), np.zeros((1, 3))
    trace = []
    for i in range(300):
        length = 20.0 + rng.normal(0, 0.2)
        box = np.array([length] * 3 + [90.0] * 3)
        # Five boxes away, and fixed relative to its own image of the cell.
        position = np.array([[5 * length + 3.0, 4.0, -2 * length + 5.0]])
        kernels.unwrap_step(position, box, wrapped, unwrapped, i == 0)
        trace.append(unwrapped.copy())
    assert np.ptp(trace, axis=0) == pytest.approx(np.zeros((1, 3)), abs=1e-9)


def test_not_a_number_stays_inside_the_arrays():
    positions = np.full((30, 3), np.nan, np.float32)
    assert found_pairs(positions, np.arange(3), np.arange(3, 30), ORTHORHOMBIC, 3.0) == {}
