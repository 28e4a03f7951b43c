"""The zero of a function between two points.

In plain Python, because reading commands need a few hundred zeros of cheap functions and
loading SciPy's optimisers takes longer than finding them.
"""

from __future__ import annotations

from collections.abc import Callable

_MOST_STEPS = 200
_RELATIVE = 4e-16


def root(
    function: Callable[[float], float], low: float, high: float, *, tolerance: float = 0.0
) -> float:
    """Return where a continuous function is zero.

    Inverse quadratic interpolation where it can be trusted, else bisection (Chandrupatla,
    Adv. Eng. Softw. 1997, 28, 145, doi:10.1016/S0965-9978(96)00051-8).

    Parameters
    ----------
    function
        Of opposite signs at the ends.
    low, high
        The ends.
    tolerance
        How far from the zero the result may be, beyond rounding.

    Raises
    ------
    ValueError
        If the function has the same sign at both ends.

    Examples
    --------
    >>> round(root(lambda x: x * x - 2.0, 0.0, 2.0), 12)
    1.414213562373
    """
    a, b = high, low
    fa, fb = function(a), function(b)
    if fa == 0.0 or fb == 0.0:
        return a if fa == 0.0 else b
    if (fa > 0) == (fb > 0):
        raise ValueError(f"the function has the same sign at {low} and {high}")
    t = 0.5
    for _ in range(_MOST_STEPS):
        x = a + t * (b - a)
        fx = function(x)
        if (fx > 0) == (fa > 0):
            c, fc = a, fa
        else:
            c, fc, b, fb = b, fb, a, fa
        a, fa = x, fx
        best = a if abs(fa) < abs(fb) else b
        allowed = (_RELATIVE * abs(best) + tolerance) / abs(b - a)
        if fa == 0.0 or allowed > 0.5:
            break
        place, height = (a - b) / (c - b), (fa - fb) / (fc - fb)
        if height**2 < place and (1 - height) ** 2 < 1 - place:
            t = fa / (fb - fa) * fc / (fb - fc)
            t += (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        else:
            t = 0.5
        t = min(1 - allowed, max(allowed, t))
    return best
