"""The height of an adsorbate over a frozen surface, from as few energies and forces as will do.

A Newton search: the first point is computed at the height that a potential gives. The force
there and the curvature of the potential give the minimum by one Newton step; where force
and gain are small the energy at its end, E - F^2 / 2k, is the answer, and else the next point is
computed there. As soon as two forces point towards each other, the minimum is that of
the cubic through both energies and slopes (Hermite interpolation); until then the
curvature is that of the two forces (a secant step).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from potash.errors import CalculationError

SOFTEST_EV_ANGSTROM2 = 0.5
"""A smaller curvature is taken for this one, lest a step leave the surface."""
LARGEST_STEP_ANGSTROM = 0.5
WIDEST_BRACKET_ANGSTROM = 0.4
"""Two points that far apart give the minimum between them: the cubic is off by at most d^4 / 384
times the fourth derivative, some 4 meV where K is bound by 2 eV."""


@dataclass(frozen=True)
class HeightPoint:
    """What was computed at one height.

    Attributes
    ----------
    height_angstrom
        Above where the search began.
    energy_ev
        Total energy.
    force_ev_angstrom
        On the adsorbate along the normal; positive: away from the surface.
    """

    height_angstrom: float
    energy_ev: float
    force_ev_angstrom: float


@dataclass(frozen=True)
class HeightFound:
    """The minimum, and the points that it is from.

    Attributes
    ----------
    height_angstrom
        Above where the search began.
    energy_ev
        At that height.
    points
        In the order in which they were computed.
    """

    height_angstrom: float
    energy_ev: float
    points: tuple[HeightPoint, ...]


def find_height(
    compute: Callable[[float], tuple[float, float]],
    stiffness_ev_angstrom2: float,
    *,
    max_force: float,
    max_gain: float,
    max_points: int,
) -> HeightFound:
    """Return the minimum of the energy in the height of an adsorbate.

    Parameters
    ----------
    compute
        Returns energy (eV) and force (eV/angstrom, positive: away from the surface) at a height
        (angstrom) above where the search begins.
    stiffness_ev_angstrom2
        Second derivative of the energy, as a cheaper method gives it.
    max_force, max_gain
        No further point is computed at a force below this (eV/angstrom) where the Newton step from
        there gains less than this (eV): far from a soft minimum the force is small, too.
    max_points
        Points at most.

    Raises
    ------
    CalculationError
        If so many points do not find the minimum.

    Examples
    --------
    A parabola with its minimum of -1 eV at 0.1 angstrom needs one point where the curvature is
    right and the force is small.

    >>> def parabola(h):
    ...     return -1.0 + (h - 0.1) ** 2, -2.0 * (h - 0.1)
    >>> found = find_height(parabola, 2.0, max_force=0.25, max_gain=0.02, max_points=6)
    >>> round(found.height_angstrom, 6), round(found.energy_ev, 6), len(found.points)
    (0.1, -1.0, 1)
    """
    points: list[HeightPoint] = []
    at = 0.0
    while True:
        points.append(HeightPoint(at, *compute(at)))
        bracket = _bracket(points)
        if bracket is not None:
            height, energy = hermite_minimum(*bracket)
            sure = bracket[1].height_angstrom - bracket[0].height_angstrom
            settled = sure <= WIDEST_BRACKET_ANGSTROM
        else:
            height, energy = _newton(points, stiffness_ev_angstrom2)
            settled = False
        last = points[-1]
        small = abs(last.force_ev_angstrom) <= max_force and last.energy_ev - energy <= max_gain
        if settled or small:
            return HeightFound(height, energy, tuple(points))
        if len(points) >= max_points:
            raise CalculationError(
                f"no height of K was found with a force below {max_force:g} eV/angstrom "
                f"in {max_points} points"
            )
        at = height


def hermite_minimum(low: HeightPoint, high: HeightPoint) -> tuple[float, float]:
    """Return height (angstrom) and energy (eV) of the minimum between two points.

    Of the cubic with the energies and slopes of both.

    Parameters
    ----------
    low, high
        The lower point, pushed up, and the higher one, pulled down.
    """
    d = high.height_angstrom - low.height_angstrom
    a, b = -low.force_ev_angstrom * d, -high.force_ev_angstrom * d
    rise = high.energy_ev - low.energy_ev
    # E(t) = E(low) + a t + c2 t^2 + c3 t^3, t from 0 to 1.
    c2, c3 = 3 * rise - 2 * a - b, a + b - 2 * rise
    # Its slope is negative at 0 and positive at 1: of the two roots that with rising slope,
    # in the form that also holds for a parabola.
    t = -a / (c2 + math.sqrt(max(c2 * c2 - 3 * a * c3, 0.0)))
    return low.height_angstrom + t * d, low.energy_ev + t * (a + t * (c2 + t * c3))


def _bracket(points: Sequence[HeightPoint]) -> tuple[HeightPoint, HeightPoint] | None:
    """Return the two neighbours that pull towards each other, those of lowest energy."""
    ordered = sorted(points, key=lambda p: p.height_angstrom)
    found = [
        (low, high)
        for low, high in itertools.pairwise(ordered)
        if low.force_ev_angstrom > 0 >= high.force_ev_angstrom
    ]
    return min(found, key=lambda pair: min(p.energy_ev for p in pair), default=None)


def _newton(points: Sequence[HeightPoint], stiffness: float) -> tuple[float, float]:
    """Return the end of a Newton step from the last point, and the energy there."""
    last = points[-1]
    if len(points) > 1:
        before = points[-2]
        stiffness = (before.force_ev_angstrom - last.force_ev_angstrom) / (
            last.height_angstrom - before.height_angstrom
        )
    stiffness = max(stiffness, SOFTEST_EV_ANGSTROM2)
    limit = LARGEST_STEP_ANGSTROM
    step = float(np.clip(last.force_ev_angstrom / stiffness, -limit, limit))
    force = last.force_ev_angstrom
    return last.height_angstrom + step, last.energy_ev - force * step + 0.5 * stiffness * step**2
