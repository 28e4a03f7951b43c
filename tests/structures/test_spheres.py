from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.structures.spheres import free_arcs, free_intervals, patch_poles


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-10, 10), st.floats(0.01, 3.0)), min_size=0, max_size=8),
)
def test_free_intervals_agree_with_a_dense_scan(blocked):
    centres = np.array([c for c, _ in blocked])
    halves = np.array([h for _, h in blocked])
    free = free_intervals(centres - halves, centres + halves)
    phi = (np.arange(2000) + 0.5) * 2 * np.pi / 2000
    covered = np.zeros(len(phi), dtype=bool)
    for centre, half in blocked:
        covered |= np.abs(np.mod(phi - centre + np.pi, 2 * np.pi) - np.pi) < half
    inside = np.zeros(len(phi), dtype=bool)
    for low, high in free:
        inside |= np.mod(phi - low, 2 * np.pi) < high - low
    assert np.mean(inside == ~covered) > 1 - 2 * (len(blocked) + 1) / len(phi)


def test_a_circle_that_nothing_covers_is_closed():
    arcs = free_arcs(2.0, np.array([[0.0, 0.0, 1.5]]), np.array([2.0]), 0)
    assert len(arcs) == 1
    assert arcs[0].closed


def test_pole_is_opposite_to_a_single_neighbour():
    arcs = free_arcs(2.0, np.array([[0.0, 1.5, 0.0]]), np.array([2.0]), 0)
    (pole,) = patch_poles(arcs, 2.0)
    assert pole == pytest.approx([0.0, -1.0, 0.0])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_pole_agrees_with_the_mean_of_accessible_points(seed):
    """Three neighbours below a plane leave one patch; its centre by dense sampling."""
    random = np.random.default_rng(seed)
    turns = np.array([0.0, 2.1, 4.2]) + random.uniform(-0.3, 0.3, 3)
    offsets = np.column_stack(
        (1.6 * np.cos(turns), 1.6 * np.sin(turns), random.uniform(-0.9, -0.3, 3))
    )
    radii = np.full(3, 2.0)
    arcs = [a for j in range(3) for a in free_arcs(2.0, offsets, radii, j)]
    points = random.normal(size=(60_000, 3))
    points *= 2.0 / np.linalg.norm(points, axis=1)[:, None]
    free = points[np.all(np.linalg.norm(points[:, None] - offsets, axis=2) > radii, axis=1)]
    upper = free[free[:, 2] > 0].sum(axis=0)
    whole = free.sum(axis=0)
    poles = patch_poles(arcs, 2.0)
    expected = [v / np.linalg.norm(v) for v in (upper, whole)]
    assert max(max(float(p @ e) for e in expected) for p in poles) > 0.99
