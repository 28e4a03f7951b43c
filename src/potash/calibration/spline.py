"""Cubic splines through evenly spaced points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def cubic_spline(x: Floats, y: Floats, at: Floats) -> Floats:
    """Return the cubic spline through points, "not a knot" at its ends.

    Parameters
    ----------
    x, y
        Shape (n,), at least four points; ``x`` evenly spaced and rising.
    at
        Where it is wanted; beyond the points the outermost piece goes on.

    Returns
    -------
    ndarray
        Shape of ``at``.

    Examples
    --------
    A cubic is its own spline:

    >>> x = np.linspace(0.0, 1.0, 5)
    >>> bool(np.isclose(cubic_spline(x, x**3, np.array([0.3]))[0], 0.027))
    True
    """
    n, step = len(x), float(x[-1] - x[0]) / (len(x) - 1)
    # Slopes from the continuity of the second derivative, and of the third next to the ends.
    matrix = np.diag(np.full(n, 4.0)) + np.eye(n, k=1) + np.eye(n, k=-1)
    matrix[0, :2], matrix[-1, -2:] = (1.0, 2.0), (2.0, 1.0)
    right = np.empty(n)
    right[1:-1] = 3.0 * (y[2:] - y[:-2])
    right[0] = 0.5 * (-5.0 * y[0] + 4.0 * y[1] + y[2])
    right[-1] = 0.5 * (5.0 * y[-1] - 4.0 * y[-2] - y[-3])
    slope = np.linalg.solve(matrix, right)
    piece = np.clip(((at - x[0]) / step).astype(int), 0, n - 2)
    t = (at - x[piece]) / step
    rise = y[piece + 1] - y[piece]
    a, b = slope[piece] - rise, rise - slope[piece + 1]
    return np.asarray((1 - t) * y[piece] + t * y[piece + 1] + t * (1 - t) * ((1 - t) * a + t * b))
