"""Numbers for people: in units that show them, with as many digits as they are known to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from potash.columns import interval_names, unit_of


def number(value: float | None, *, half_width: float | None = None) -> str:
    """Return a number with the digits that its interval leaves it, or three or four without.

    >>> number(-0.8231, half_width=0.31), number(2.0712e-3), number(None)
    ('-0.82', '2.07e-3', '-')
    """
    if value is None or not math.isfinite(value):
        return "-"
    if half_width is not None and half_width > 0 and math.isfinite(half_width):
        decimals = min(max(1 - math.floor(math.log10(half_width)), 0), 6)
        if decimals < 6:
            return f"{value:.{decimals}f}"
    if value == 0:
        return "0"
    size = abs(value)
    if 0.01 <= size < 1e5:
        decimals = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 3
        return f"{value:.{decimals}f}"
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def measured(
    value: float | None, low: float | None, high: float | None, *, scale: float = 1.0
) -> str:
    """Return ``value [low, high]``; an interval that is not known is said to be so.

    >>> measured(2.31e-10, 1.9e-10, 2.7e-10, scale=1e10)
    '2.31 [1.90, 2.70]'
    """
    if value is None:
        return "-"
    if low is None or high is None:
        return f"{number(value * scale)} [unknown]"
    half = scale * (high - low) / 2
    inside = ", ".join(number(x * scale, half_width=half) for x in (low, high))
    return f"{number(value * scale, half_width=half)} [{inside}]"


def with_unit(column: str, value: float, low: float | None, high: float | None) -> str:
    """Return a value of a column with its unit, and its interval where there is one.

    >>> with_unit("density_g_ml", 1.0312, 1.021, 1.041)
    '1.031 [1.021, 1.041] g/mL'
    """
    _, unit = unit_of(column)
    if low is None or high is None:
        text = number(value * unit.scale)
    else:
        text = measured(value, low, high, scale=unit.scale)
    return f"{text} {unit.text}".rstrip()


def described(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the scalar values of a record as names and texts: units shown, intervals joined.

    Empty values and what is no scalar are left out.
    """
    names: list[tuple[str, str]] = []
    intervals = {end for column in record for end in interval_names(column) if end in record}
    for column, value in record.items():
        if value is None or value == "" or column in intervals:
            continue
        if isinstance(value, bool):
            names.append((column.replace("_", " "), "yes" if value else "no"))
        elif isinstance(value, int | float):
            name, _ = unit_of(column)
            low, high = (record.get(end) for end in interval_names(column))
            names.append((name, with_unit(column, value, low, high)))
        elif isinstance(value, str):
            names.append((column.replace("_", " "), value))
    return names
