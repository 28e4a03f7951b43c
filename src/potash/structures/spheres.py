"""Contact spheres: the free arcs where two meet, and the poles of what stays accessible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Arc:
    """Part of the circle where two contact spheres meet that no third one covers.

    ``vector_area`` is its share of the vector area of the accessible patch.
    """

    partner: int
    start: Vectors
    middle: Vectors
    end: Vectors
    length: float
    closed: bool
    vector_area: Vectors


def is_exposed(radius: float, offsets: Vectors, radii: Vectors, upward: bool) -> bool:
    """Return whether any of 300 evenly spread points of a sphere is accessible.

    Parameters
    ----------
    radius
        Of the sphere at the origin, angstrom.
    offsets, radii
        Centres, shape (n, 3), and radii, shape (n,), of the spheres around it.
    upward
        Look at the upper side only (z above -0.2 of the radius).
    """
    n = np.arange(300) + 0.5
    z = 1 - 2 * n / 300
    turn = np.pi * (1 + 5**0.5) * n
    ring = np.sqrt(1 - z**2)
    points = radius * np.column_stack((ring * np.cos(turn), ring * np.sin(turn), z))
    if upward:
        points = points[z > -0.2]
    if not len(radii):
        return True
    inside = np.linalg.norm(points[:, None] - offsets[None], axis=2) < radii
    return bool(np.any(~inside.any(axis=1)))


def free_arcs(radius: float, offsets: Vectors, radii: Vectors, j: int) -> list[Arc]:
    """Return the free arcs between the sphere at the origin and its neighbour ``j``.

    Parameters
    ----------
    radius, offsets, radii
        As :func:`is_exposed`.
    j
        Index of the neighbour.
    """
    separation = float(np.linalg.norm(offsets[j]))
    if not abs(radius - radii[j]) < separation < radius + radii[j]:
        return []
    axis = offsets[j] / separation
    height = (separation**2 + radius**2 - radii[j] ** 2) / (2 * separation)
    rho = float(np.sqrt(radius**2 - height**2))
    u = np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))])
    u /= np.linalg.norm(u)
    v = np.cross(axis, u)
    others = np.delete(offsets, j, axis=0)
    # A point of the circle is inside sphere k where amplitude*cos(phi - centre) > level.
    level = (
        radius**2
        + np.sum(others**2, axis=1)
        - 2 * height * (others @ axis)
        - np.delete(radii, j) ** 2
    ) / (2 * rho)
    along_u, along_v = others @ u, others @ v
    amplitude = np.hypot(along_u, along_v)
    if np.any(level <= -amplitude):
        return []
    cuts = level < amplitude
    half = np.arccos(np.clip(level[cuts] / amplitude[cuts], -1, 1))
    centre = np.arctan2(along_v[cuts], along_u[cuts])

    def point(phi: float) -> Vectors:
        return np.asarray(height * axis + rho * (u * np.cos(phi) + v * np.sin(phi)))

    found = []
    for low, high in free_intervals(centre - half, centre + half):
        chord = u * (np.sin(high) - np.sin(low)) - v * (np.cos(high) - np.cos(low))
        area = 0.5 * (height * rho * chord - rho**2 * axis * (high - low))
        found.append(
            Arc(
                partner=j,
                start=point(low),
                middle=point(0.5 * (low + high)),
                end=point(high),
                length=rho * (high - low),
                closed=high - low > 2 * np.pi - 1e-9,
                vector_area=area,
            )
        )
    return found


def free_intervals(lows: Vectors, highs: Vectors) -> list[tuple[float, float]]:
    """Return the angles in [0, 2 pi) that no blocked interval covers, joined across zero.

    Parameters
    ----------
    lows, highs
        Ends of the blocked intervals, radian, shape (n,).

    Examples
    --------
    >>> free_intervals(np.array([1.0]), np.array([3.0]))
    [(3.0, 7.283185307179586)]
    """
    full = 2 * np.pi
    if not len(lows):
        return [(0.0, full)]
    start = np.mod(lows, full)
    order = np.argsort(start)
    start, end = start[order], (start + (highs - lows))[order]
    # Walk once around from the first blocked interval, so that no gap is split.
    origin, reach = start[0], end[0]
    gaps = []
    for low, high in zip(start[1:], end[1:], strict=True):
        if low > reach:
            gaps.append((reach, low))
        reach = max(reach, high)
    # Intervals that run past a full turn cover the beginning of the walk again.
    if reach < origin + full:
        gaps.append((reach, origin + full))
    wrapped = max(0.0, float(end.max()) - full)
    free = [(max(a, wrapped), b) for a, b in gaps if b > max(a, wrapped)]
    return [(float(a), float(b)) for a, b in free]


def patch_poles(arcs: list[Arc], radius: float) -> list[Vectors]:
    """Return the centre of each accessible patch of a sphere as a unit vector.

    The vector area of a patch is half the integral of r x dr along its border
    (Stokes), so it follows exactly from the arcs. Arcs that share an end belong
    to one patch.

    Parameters
    ----------
    arcs
        All free arcs of the sphere.
    radius
        Of the sphere, angstrom.
    """
    if not arcs:
        return [np.array([0.0, 0.0, 1.0])]
    ends = np.array([[arc.start, arc.end] for arc in arcs])
    group = np.arange(len(arcs))
    for a in range(len(arcs)):
        for b in range(a):
            gap = np.linalg.norm(ends[a][:, None] - ends[b][None], axis=2).min()
            if gap < 1e-3:
                group[group == group[a]] = group[b]
    found = []
    for g in np.unique(group):
        area = np.sum([arcs[k].vector_area for k in np.flatnonzero(group == g)], axis=0)
        size = float(np.linalg.norm(area))
        if size > 1e-3 * radius**2:
            found.append(area / size)
    return found
