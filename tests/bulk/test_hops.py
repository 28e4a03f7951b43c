"""Hops up to symmetry and their networks, beside counts made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.spacegroup import crystal

from potash.bulk.hops import SiteHop, distinct_hops, nearest_kinds, percolation, spanned
from potash.bulk.repeats import image_distance, repeats_for_images

SQUARE = Atoms("K2", scaled_positions=[(0, 0, 0), (0.5, 0, 0)], cell=[6, 4, 9], pbc=True)
ALONG_X = (SiteHop(0, 1, (0, 0, 0), 3.0), SiteHop(1, 0, (1, 0, 0), 3.0))
ALONG_Y = (SiteHop(0, 0, (0, 1, 0), 4.0), SiteHop(1, 1, (0, 1, 0), 4.0))
ALONG_Z = (SiteHop(0, 0, (0, 0, 1), 9.0),)


def test_coordination_of_simple_lattices_is_counted_once_for_both_directions() -> None:
    for structure, neighbours in (("sc", 6), ("bcc", 8), ("fcc", 12)):
        metal = bulk("K", structure, a=5.0)
        nearest = distinct_hops(metal, [0], 5.01)[0]
        assert len(nearest) == neighbours // 2


def test_symmetry_joins_hops_and_a_lower_symmetry_parts_them() -> None:
    cubic = bulk("K", "sc", a=4.0)
    stretched = cubic.copy()
    stretched.set_cell([4.0, 4.0, 4.5], scale_atoms=True)
    assert [len(kind) for kind in distinct_hops(cubic, [0], 4.6)] == [3]
    assert [len(kind) for kind in distinct_hops(stretched, [0], 4.6)] == [2, 1]


def test_antifluorite_has_one_nearest_hop_and_it_spans_three_directions() -> None:
    k2s = crystal(
        ["S", "K"], basis=[(0, 0, 0), (0.25, 0.25, 0.25)], spacegroup=225,
        cellpar=[7.4, 7.4, 7.4, 90, 90, 90], primitive_cell=True,
    )  # fmt: skip
    sites = [i for i, s in enumerate(k2s.symbols) if s == "K"]
    (kind,) = nearest_kinds(k2s, sites, 6.0)
    assert kind[0].distance_angstrom == pytest.approx(3.7)
    assert len(kind) == 6  # a simple cubic lattice with two sites in the cell
    assert spanned(k2s, sites, kind) == 3


def test_a_network_needs_a_closed_way_through_the_border() -> None:
    assert spanned(SQUARE, [0, 1], ()) == 0
    assert spanned(SQUARE, [0, 1], ALONG_X[:1]) == 0
    assert spanned(SQUARE, [0, 1], ALONG_X) == 1
    assert spanned(SQUARE, [0, 1], (*ALONG_X, *ALONG_Y)) == 2
    assert spanned(SQUARE, [0, 1], (*ALONG_X, *ALONG_Y, *ALONG_Z)) == 3


def test_percolating_barriers_of_a_small_graph() -> None:
    """By hand: x opens at its higher hop, y and z one after another."""
    kinds = [ALONG_X[:1], ALONG_X[1:], ALONG_Y, ALONG_Z]
    found = percolation(SQUARE, [0, 1], kinds, {0: 0.1, 1: 0.3, 2: 0.2, 3: 0.9})
    assert found == (0.2, 0.3, 0.9)
    assert percolation(SQUARE, [0, 1], kinds, {0: 0.1, 1: 0.3}) == (0.3, None, None)
    assert percolation(SQUARE, [0, 1], kinds, {0: 0.1}) == (None, None, None)


def test_layers_are_searched_up_to_the_longest_hop() -> None:
    layers = Atoms("K", cell=[4.0, 4.0, 9.0], pbc=True)
    kinds = nearest_kinds(layers, [0], 6.0)
    assert spanned(layers, [0], [h for kind in kinds for h in kind]) == 2
    assert max(kind[0].distance_angstrom for kind in kinds) == pytest.approx(4 * np.sqrt(2))


def test_a_supercell_keeps_images_apart_whatever_the_shape_of_the_cell() -> None:
    fcc = bulk("K", "fcc", a=7.4).cell.array
    assert image_distance(fcc) == pytest.approx(7.4 / np.sqrt(2))
    assert repeats_for_images(fcc, 10.0) == (2, 2, 2)
    skewed = [[4.0, 0, 0], [3.9, 4.0, 0], [0, 0, 11.0]]
    assert image_distance(skewed) == pytest.approx(4.0)
    assert image_distance(skewed, repeats_for_images(skewed, 10.0)) >= 10.0
