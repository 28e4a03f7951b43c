"""Radial distributions and density against ideal gases, crystals, naive histograms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from MDAnalysis.analysis.rdf import InterRDF

from potash.errors import InputError
from potash.trajectories.structure import Density, RadialDistribution, first_minimum
from tests.trajectories.synthetic import (
    ORTHORHOMBIC,
    TRICLINIC,
    atoms,
    ions_and_solvent,
    naive_distance,
    universe,
    wrap,
)


@pytest.mark.parametrize("box", [ORTHORHOMBIC, TRICLINIC], ids=["orthorhombic", "triclinic"])
def test_ideal_gas_gives_one(box):
    rng = np.random.default_rng(0)
    vectors = atoms(np.zeros((1, 1, 3)), box).trajectory.ts.triclinic_dimensions
    frames = rng.uniform(0, 1, (200, 60, 3)) @ vectors
    made = atoms(frames, box)
    results = RadialDistribution({"K-K": (made.atoms, made.atoms)}, r_max=5.5, bin_width=0.5).run()
    g = results.results.rdf["K-K"]["g"]
    counts = results.results.histograms[0]
    # Every unordered pair is counted twice, so the error is sqrt(2 / n).
    z = (g - 1) / np.sqrt(2 / np.maximum(counts, 1))
    assert np.mean(z**2) < 2.5
    assert g[2:] == pytest.approx(np.ones(9), abs=0.05)


def test_constant_pressure_is_weighted_with_the_inverse_volume():
    """Ideal gas whose box doubles: with the mean volume g would be off by 20 %."""
    rng = np.random.default_rng(1)
    lengths = np.where(np.arange(400) % 2, 14.0, 14.0 * 2 ** (1 / 3))
    frames = rng.uniform(0, 1, (400, 40, 3)) * lengths[:, None, None]
    boxes = np.stack([lengths] * 3 + [np.full(400, 90.0)] * 3, axis=1)
    made = atoms(frames, boxes)
    results = RadialDistribution({"x": (made.atoms, made.atoms)}, r_max=6.0, bin_width=3.0).run()
    assert results.results.rdf["x"]["g"][1] == pytest.approx(1.0, abs=0.02)


def test_coordination_in_a_simple_cubic_crystal():
    grid = np.stack(np.meshgrid(*[np.arange(5) * 3.0] * 3), axis=-1).reshape(1, -1, 3)
    made = atoms(grid, np.array([15, 15, 15, 90, 90, 90.0]))
    results = RadialDistribution({"x": (made.atoms, made.atoms)}, r_max=7.0, bin_width=0.1).run()
    running = results.results.rdf["x"]["coordination_number"]
    edges = results.results.edges_angstrom[1:]
    for r, expected in ((2.8, 0), (3.5, 6), (4.5, 18), (5.5, 26), (6.3, 32)):
        assert running[np.searchsorted(edges, r)] == pytest.approx(expected)


@pytest.mark.parametrize("box", [ORTHORHOMBIC, TRICLINIC], ids=["orthorhombic", "triclinic"])
def test_histogram_equals_a_naive_one(box):
    rng = np.random.default_rng(2)
    frames = rng.uniform(-20, 40, (2, 30, 3))
    made = ions_and_solvent(frames, box, 6, 5)
    results = RadialDistribution(
        {"K-O": (made.select_atoms("name K"), made.select_atoms("name O1 O"))},
        r_max=5.0,
        bin_width=0.25,
    ).run()
    distances = [
        naive_distance(f[i], f[j], box)
        for f in np.float32(frames).astype(float)
        for i in range(6)
        for j in [6, 8, 10, 12, 14, *range(16, 30)]
    ]
    expected = np.histogram(distances, bins=20, range=(0, 5))[0]
    assert results.results.histograms[0].tolist() == expected.tolist()
    running = results.results.rdf["K-O"]["coordination_number"]
    assert running[-1] == pytest.approx(expected.sum() / 12)


def test_agrees_with_mdanalysis_at_constant_volume():
    rng = np.random.default_rng(3)
    made = ions_and_solvent(rng.uniform(0, 14, (20, 80, 3)), ORTHORHOMBIC, 10, 5)
    a, b = made.select_atoms("name K"), made.select_atoms("name O")
    ours = RadialDistribution({"K-O": (a, b)}, r_max=6.0, bin_width=0.2).run().results
    theirs = InterRDF(a, b, nbins=30, range=(0, 6.0)).run().results
    assert ours.rdf["K-O"]["g"] == pytest.approx(theirs.rdf, rel=1e-5)


def test_pairs_within_a_molecule_are_left_out_on_demand():
    positions = np.array([[[1, 1, 1], [2, 1, 1], [5, 1, 1], [6, 1, 1]]], float)
    made = universe(["O", "O", "O", "O"], [0, 0, 1, 1], ["A", "A"], positions, ORTHORHOMBIC)
    pairs = {"O-O": (made.atoms, made.atoms)}
    without = RadialDistribution(pairs, r_max=6.0, bin_width=0.5).run().results
    with_them = RadialDistribution(
        pairs, r_max=6.0, bin_width=0.5, exclude_same_molecule=False
    ).run()
    assert without.histograms[0][2] == 0
    assert with_them.results.histograms[0][2] == 4
    assert without.histograms.sum() == 8


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_wrapping_and_translation_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    frame = rng.uniform(0, 14, (40, 3))
    moved = wrap(frame + rng.uniform(-30, 30, 3), TRICLINIC)
    curves = []
    for positions in (frame, moved):
        made = atoms(positions[None], TRICLINIC)
        result = RadialDistribution({"x": (made.atoms, made.atoms)}, r_max=5.0, bin_width=1.0)
        curves.append(result.run().results.histograms[0])
    # A distance within rounding of an edge may change its bin, pairs count twice.
    assert np.abs(curves[0] - curves[1]).sum() <= 4


def test_first_minimum_of_a_known_curve():
    r = np.arange(0.025, 10, 0.05)
    g = 8 * np.exp(-(((r - 2.8) / 0.25) ** 2)) + 1.5 / (1 + np.exp(-(r - 5.0) / 0.2))
    assert first_minimum(r, g) == pytest.approx(3.5, abs=0.2)
    deep = np.where(r < 2.4, 0.0, 1 + 4 * np.cos(2 * np.pi * (r - 2.8) / 2.4))
    assert first_minimum(r, np.where(r < 6, deep, 1.0)) == pytest.approx(4.0, abs=0.2)


def test_a_deeper_minimum_behind_the_second_shell_is_not_the_first():
    """Peaks at 2.5 and 3.7 angstrom; g falls to 0.5 between them and to 0.1 behind."""
    r = np.arange(0.025, 10, 0.05)
    first = 8 * np.exp(-(((r - 2.5) / 0.2) ** 2)) + 0.5 * ((r > 2.5) & (r < 3.7))
    g = first + 4 * np.exp(-(((r - 3.7) / 0.2) ** 2)) + np.where(r > 4.2, 0.1, 0.0)
    assert first_minimum(r, g) == pytest.approx(3.1, abs=0.2)


def test_no_contact_peak_gives_no_minimum():
    r = np.arange(0.025, 10, 0.05)
    assert first_minimum(r, np.ones_like(r)) is None
    assert first_minimum(r, np.where(r > 3, 1.0, 0.0)) is None
    far = 3 * np.exp(-(((r - 5.0) / 0.3) ** 2))
    assert first_minimum(r, far) is None


def test_density_of_one_water_molecule_in_a_box_of_its_own_volume():
    names = ["O", "H1", "H2"]
    made = universe(names, [0, 0, 0], ["HOH"], np.zeros((2, 3, 3)), None)
    made.atoms.masses = [15.999, 1.008, 1.008]
    side = (18.015 / 6.02214076e23 / 0.997 * 1e24) ** (1 / 3)
    made.load_new(np.zeros((2, 3, 3), np.float32), dimensions=np.array([side] * 3 + [90] * 3))
    assert Density(made).run().results.density_g_ml == pytest.approx(0.997, rel=1e-5)


def test_boxes_that_do_not_fit_are_refused():
    made = atoms(np.zeros((1, 4, 3)), ORTHORHOMBIC)
    with pytest.raises(InputError, match="smaller than twice the range"):
        RadialDistribution({"x": (made.atoms, made.atoms)}, r_max=9.0).run()
    with pytest.raises(InputError, match="bin_width"):
        RadialDistribution({"x": (made.atoms, made.atoms)}, bin_width=0.0)
    with pytest.raises(InputError, match="two groups"):
        RadialDistribution({"x": (made.atoms[:0], made.atoms)})
    bare = atoms(np.zeros((1, 4, 3)), None)
    with pytest.raises(InputError, match="no periodic box"):
        Density(bare).run()
    with pytest.raises(InputError, match="no periodic box"):
        RadialDistribution({"x": (bare.atoms, bare.atoms)})
