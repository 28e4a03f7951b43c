"""Evidence is gathered once: a function of rows that is asked again returns what it found.

A report ranks, judges claims and draws from the same rows, and each part asks for the evidence
that it needs. Rows and catalogue entries never change, so the same objects mean the same answer:
arguments are compared by the identity of what they hold, which no other object can have as long
as it is kept here.
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_KEPT = 3
"""Answers of a function that are kept: a long run asks again and again about new rows."""
_PLAIN = (str, int, float, bool, type(None))


def once(function: Callable[P, R]) -> Callable[P, R]:
    """Remember the last answers of a function of rows, catalogue entries and plain values.

    Nobody may change what it returns. Of the argument ``calibration_rows`` those rows are
    compared that the first argument does not hold too: rows given twice count once.
    """
    kept: OrderedDict[Hashable, tuple[Any, R]] = OrderedDict()

    @functools.wraps(function)
    def remembering(*args: P.args, **kwargs: P.kwargs) -> R:
        asked: list[tuple[str, Any]] = [("", a) for a in args]
        for name, value in sorted(kwargs.items()):
            asked.append((name, _further(value, args[0]) if name == "calibration_rows" else value))
        parts = [_identity(value) for _, value in asked]
        key = (tuple(name for name, _ in asked), tuple(compared for compared, _ in parts))
        if key in kept:
            kept.move_to_end(key)
            return kept[key][1]
        found = function(*args, **kwargs)
        kept[key] = ([held for _, held in parts], found)
        if len(kept) > _KEPT:
            kept.popitem(last=False)
        return found

    return remembering


def _further(calibration_rows: Any, rows: Any) -> list[Any]:
    known = {row.key for row in rows}
    return [row for row in calibration_rows if row.key not in known]


def _identity(value: Any) -> tuple[Hashable, Any]:
    """Return what an argument is compared by, and what has to be kept for that."""
    if isinstance(value, _PLAIN):
        return value, None
    if isinstance(value, Mapping):
        held: list[Any] = list(value.values())
        return (*value, *map(id, held)), held
    if isinstance(value, Sequence):
        held = list(value)
        return tuple(map(id, held)), held
    return id(value), value
