"""Quantiles of sums of normal and Student-t variables by routes of their own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from potash.calibration.distribution import Part, Sum, mixture_interval


@pytest.mark.parametrize("dof", [2, 3, 5, 8, 30, 104, 150, 199])
@pytest.mark.parametrize("coverage", [0.5, 0.68, 0.95, 0.99])
def test_one_part_is_students_t(dof, coverage):
    expected = 0.3 * stats.t.ppf(0.5 + coverage / 2, dof)
    assert Sum(2.0, (Part(0.3, dof),)).half_width(coverage) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("dof", [200, 5000, math.inf])
def test_many_degrees_of_freedom_are_normal(dof):
    expected = stats.t.ppf(0.975, dof) if math.isfinite(dof) else stats.norm.ppf(0.975)
    assert Sum(0.0, (Part(1.0, dof),)).half_width(0.95) == pytest.approx(expected, rel=1.1e-3)


def test_normal_parts_add_in_quadrature():
    found = Sum(0.0, (Part(3.0), Part(4.0))).half_width(0.95)
    assert found == pytest.approx(5 * stats.norm.ppf(0.975), rel=1e-6)


@pytest.mark.parametrize(
    ("one", "two"), [((0.32, 8), (0.076, 2)), ((1.0, 2), (1.0, 2)), ((0.1, 3), (0.5, 12))]
)
def test_two_parts_against_the_convolution_integral(one, two):
    half = Sum(0.0, (Part(*one), Part(*two))).half_width(0.95)
    a, b = (stats.t(dof, scale=scale) for scale, dof in (one, two))
    inside, _ = integrate.quad(
        lambda x: a.pdf(x) * (b.cdf(half - x) - b.cdf(-half - x)), -np.inf, np.inf, epsabs=1e-10
    )
    assert inside == pytest.approx(0.95, abs=2e-6)


def test_a_mixture_against_the_mean_of_its_distribution_functions():
    low, high = mixture_interval([Sum(-1.0, (Part(0.2, 5),)), Sum(0.5, (Part(0.4),))], 0.9)
    one, two = stats.t(5, loc=-1.0, scale=0.2), stats.norm(0.5, 0.4)
    assert 0.5 * (one.cdf(low) + two.cdf(low)) == pytest.approx(0.05, abs=1e-6)
    assert 0.5 * (one.cdf(high) + two.cdf(high)) == pytest.approx(0.95, abs=1e-6)


def test_what_is_certain_has_no_width():
    assert mixture_interval([Sum(0.7, ())], 0.95) == (0.7, 0.7)
    low, high = mixture_interval([Sum(1.0, ()), Sum(3.0, ())], 0.95)
    assert (low, high) == pytest.approx((1.0, 3.0))


@given(
    scales=st.lists(st.floats(1e-3, 10.0), min_size=1, max_size=4),
    centre=st.floats(-1e3, 1e3),
    factor=st.floats(1e-3, 1e3),
)
def test_intervals_move_and_grow_with_the_unit(scales, centre, factor):
    dofs = (2, 8, 15, math.inf)
    parts = tuple(Part(s, d) for s, d in zip(scales, dofs, strict=False))
    scaled = tuple(Part(p.scale * factor, p.degrees_of_freedom) for p in parts)
    low, high = mixture_interval([Sum(centre, parts)], 0.95)
    half = Sum(0.0, parts).half_width(0.95)
    assert (low, high) == pytest.approx((centre - half, centre + half), rel=1e-6, abs=1e-6)
    assert Sum(0.0, scaled).half_width(0.95) == pytest.approx(half * factor, rel=1e-6)


def test_scales_that_a_float_cannot_tell_from_none_end_too():
    assert mixture_interval([Sum(1.0, (Part(1e-18, 5.0),))], 0.95) == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize("coverage", [0.0, 1.0, 95.0])
def test_coverage_is_a_probability(coverage):
    with pytest.raises(ValueError, match="between 0 and 1"):
        mixture_interval([Sum(0.0, (Part(1.0),))], coverage)


def test_nothing_has_no_interval():
    with pytest.raises(ValueError, match="mixture of nothing"):
        mixture_interval([], 0.95)
    with pytest.raises(ValueError, match="too few"):
        Sum(0.0, (Part(1.0, 1.0),)).half_width(0.95)
