"""Numbers for people: in units that show them, with as many digits as they are known to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from potash.columns import interval_names, unit_of


def number(
    value: float | None, *, half_width: float | None = None, decimals: int | None = None
) -> str:
    """Return a number with the digits that its interval leaves it, or three or four without.

    Parameters
    ----------
    value
        None or not finite: a dash.
    half_width
        Of its interval.
    decimals
        At least so many, where the number is not small.

    >>> number(-0.8231, half_width=0.31), number(2.0712e-3), number(None)
    ('-0.82', '2.07e-3', '-')
    """
    if value is None or not math.isfinite(value):
        return "-"
    if half_width is not None and half_width > 0 and math.isfinite(half_width):
        known = max(1 - math.floor(math.log10(half_width)), decimals or 0, 0)
        if known <= 6:
            return f"{value:.{known}f}"
    if value == 0:
        return "0"
    size = abs(value)
    if 0.01 <= size < 1e5:
        shown = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 3
        if decimals and size >= 0.1:
            shown = decimals
        return f"{value:.{shown}f}"
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def measured(
    value: float | None,
    low: float | None,
    high: float | None,
    *,
    scale: float = 1.0,
    decimals: int | None = None,
) -> str:
    """Return ``value [low, high]``; an interval that is not known is said to be so.

    >>> measured(2.31e-10, 1.9e-10, 2.7e-10, scale=1e10)
    '2.31 [1.90, 2.70]'
    """
    if value is None:
        return "-"
    if low is None or high is None:
        return f"{number(value * scale, decimals=decimals)} [unknown]"
    half = scale * (high - low) / 2
    shown = [number(x * scale, half_width=half, decimals=decimals) for x in (value, low, high)]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def with_unit(column: str, value: float, low: float | None, high: float | None) -> str:
    """Return a value of a column with its unit, and its interval where there is one.

    >>> with_unit("density_g_ml", 1.0312, 1.021, 1.041)
    '1.031 [1.021, 1.041] g/mL'
    """
    _, unit = unit_of(column)
    if low is None or high is None:
        text = number(value * unit.scale, decimals=unit.decimals)
    else:
        text = measured(value, low, high, scale=unit.scale, decimals=unit.decimals)
    return f"{text} {unit.text}".rstrip()


_WORDS = {
    "ip": "IP",
    "ea": "EA",
    "homo": "HOMO",
    "lumo": "LUMO",
    "ssip": "SSIP",
    "cip": "CIP",
    "agg": "AGG",
    "k": "K",
    "smiles": "SMILES",
}


def name_of(column: str) -> str:
    """Return what a column is, in words, without its unit.

    >>> name_of("oxidation_limit_v"), name_of("lumo_ev")
    ('oxidation limit', 'LUMO')
    """
    return _in_words(unit_of(column)[0])


def _in_words(name: str) -> str:
    return " ".join(_WORDS.get(word, word) for word in name.replace("_", " ").split())


def described(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the scalar values of a record as names and texts: units shown, intervals joined.

    Empty values and what is no scalar are left out.
    """
    pairs: list[tuple[str, str]] = []
    intervals = {end for column in record for end in interval_names(column) if end in record}
    for column, value in record.items():
        if value is None or value == "" or column in intervals:
            continue
        name = column.replace("_", " ")
        if isinstance(value, bool):
            text = "yes" if value else "no"
        elif isinstance(value, int):
            text = str(value)
        elif isinstance(value, float):
            name, _ = unit_of(column)
            low, high = (record.get(end) for end in interval_names(column))
            text = with_unit(column, value, low, high)
        elif isinstance(value, str):
            text = value
        else:
            continue
        pairs.append((_in_words(name), text))
    return pairs
