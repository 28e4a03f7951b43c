"""The minimum of a curve that is known at a few points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from potash.errors import CalculationError


def parabola_minimum(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Return the minimum of the parabola through the lowest point and its two neighbours.

    Parameters
    ----------
    x, y
        At least three points, in any order.

    Returns
    -------
    tuple of float
        Its place and its value.

    Raises
    ------
    CalculationError
        If these three points are not convex.

    Examples
    --------
    >>> place, least = parabola_minimum([0.0, 1.0, 3.0], [1.0, 0.0, 4.0])
    >>> round(place, 6), abs(round(least, 6))
    (1.0, 0.0)
    """
    order = np.argsort(x)
    xs, ys = np.asarray(x, dtype=float)[order], np.asarray(y, dtype=float)[order]
    middle = int(np.clip(np.argmin(ys), 1, len(xs) - 2))
    part = slice(middle - 1, middle + 2)
    a, b, c = np.polyfit(xs[part] - xs[middle], ys[part], 2)
    if a <= 0:
        raise CalculationError("no minimum among the computed points")
    at = -b / (2 * a)
    return float(xs[middle] + at), float(c - b**2 / (4 * a))
