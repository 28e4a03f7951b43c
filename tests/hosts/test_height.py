"""The height of least energy, against potentials whose minimum is known in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicHermiteSpline
from scipy.optimize import minimize_scalar

from potash.errors import CalculationError
from potash.hosts.height import (
    LARGEST_STEP_ANGSTROM,
    HeightPoint,
    find_height,
    hermite_minimum,
)
from potash.results.adsorption import HeightSearch

Curve = Callable[[float], tuple[float, float]]


class Counted:
    """A curve that counts what it is asked."""

    def __init__(self, curve: Curve) -> None:
        self.curve = curve
        self.heights: list[float] = []

    def __call__(self, height: float) -> tuple[float, float]:
        self.heights.append(height)
        return self.curve(height)


def parabola(stiffness: float, at: float, lowest: float) -> Curve:
    return lambda h: (lowest + 0.5 * stiffness * (h - at) ** 2, -stiffness * (h - at))


def morse(depth: float, decay: float, at: float) -> Curve:
    """D (1 - exp(-a (h - at)))^2 - D: curvature 2 D a^2 at its minimum of -D."""

    def energy_and_force(h: float) -> tuple[float, float]:
        x = math.exp(-decay * (h - at))
        return depth * (1 - x) ** 2 - depth, -2 * depth * decay * x * (1 - x)

    return energy_and_force


def search(
    curve: Curve, stiffness: float, max_force: float = HeightSearch().max_force, max_gain=0.01
):
    return find_height(curve, stiffness, max_force=max_force, max_gain=max_gain, max_points=6)


@given(st.floats(0.6, 8), st.floats(-0.3, 0.3), st.floats(-50, 50))
def test_a_parabola_of_known_curvature_needs_one_force(stiffness, at, lowest):
    curve = Counted(parabola(stiffness, at, lowest))
    found = search(curve, stiffness, max_force=100.0, max_gain=100.0)
    assert found.height_angstrom == pytest.approx(at, abs=1e-9)
    assert found.energy_ev == pytest.approx(lowest, abs=1e-9)
    assert curve.heights == [0.0]


@given(st.floats(0.6, 8), st.floats(-0.2, 0.2), st.floats(0.5, 2.0))
def test_a_parabola_of_another_curvature_is_exact_from_two_points(stiffness, at, wrong):
    curve = Counted(parabola(stiffness, at, -1.0))
    found = search(curve, wrong * stiffness, max_force=1e-9)
    assert found.height_angstrom == pytest.approx(at, abs=1e-6)
    assert found.energy_ev == pytest.approx(-1.0, abs=1e-9)
    assert len(curve.heights) <= 4


@pytest.mark.parametrize("depth", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("decay", [0.8, 1.1])
@pytest.mark.parametrize("at", [-0.35, -0.15, 0.1, 0.3])
@pytest.mark.parametrize("factor", [0.5, 1.0, 1.5])
def test_a_bond_is_found_within_the_stated_error(depth, decay, at, factor):
    """The potential's curvature is off by a factor, its height by up to 0.35 angstrom."""
    curve = Counted(morse(depth, decay, at))
    found = search(curve, factor * 2 * depth * decay**2)
    assert abs(found.energy_ev + depth) < 0.02
    assert len(curve.heights) <= 4
    assert len(curve.heights) == 1 or abs(curve.curve(0.0)[1]) > HeightSearch().max_force


def test_one_point_alone_where_its_force_is_small():
    curve = Counted(morse(1.0, 1.0, 0.07))
    assert 0.13 < curve.curve(0.0)[1] < 0.17
    found = search(curve, 2.0, max_force=0.17)
    assert len(curve.heights) == 1
    energy, force = curve.curve(0.0)
    assert found.energy_ev == pytest.approx(energy - force**2 / 4.0, abs=1e-12)
    assert found.height_angstrom == pytest.approx(force / 2.0, abs=1e-12)


def test_a_small_force_on_a_long_slope_is_no_minimum():
    """A slope of 0.12 eV/angstrom down to a well 0.9 angstrom away, as over K3OCl."""
    well = morse(0.3, 2.0, -0.9)

    def curve(h: float) -> tuple[float, float]:
        energy, force = well(h)
        return energy + 0.12 * h, force - 0.12

    found = search(curve, 1.3)
    lowest = minimize_scalar(lambda h: curve(h)[0], bounds=(-1.5, 0.5), method="bounded").fun
    assert abs(curve(0.0)[1]) < 0.3
    assert found.energy_ev == pytest.approx(lowest, abs=0.02)


def test_k_far_from_its_height_is_walked_to_it_in_steps():
    curve = Counted(morse(1.0, 1.0, 0.8))
    found = search(curve, 1.0)
    assert found.height_angstrom == pytest.approx(0.8, abs=0.05)
    assert found.energy_ev == pytest.approx(-1.0, abs=0.01)
    steps = np.diff([0.0, *curve.heights])
    assert np.abs(steps).max() <= LARGEST_STEP_ANGSTROM + 1e-12


def test_k_that_is_pushed_away_for_ever_is_an_error():
    curve = Counted(lambda h: (-h, 1.0))
    with pytest.raises(CalculationError, match="no height of K"):
        search(curve, 1.0)
    assert len(curve.heights) == 6


@given(st.floats(0.05, 1.0), st.floats(0.01, 5.0), st.floats(-5.0, -0.01), st.floats(-0.5, 0.5))
def test_the_cubic_between_two_points_is_that_of_scipy(width, low_force, high_force, rise):
    low, high = HeightPoint(0.2, -3.0, low_force), HeightPoint(0.2 + width, -3.0 + rise, high_force)
    spline = CubicHermiteSpline([0.2, 0.2 + width], [-3.0, -3.0 + rise], [-low_force, -high_force])
    height, energy = hermite_minimum(low, high)
    assert 0.2 <= height <= 0.2 + width + 1e-12
    assert energy == pytest.approx(float(spline(height)), abs=1e-9)
    assert float(spline(height, 1)) == pytest.approx(0.0, abs=1e-6)
    best = minimize_scalar(spline, bounds=(0.2, 0.2 + width), method="bounded")
    assert energy <= best.fun + 1e-7
