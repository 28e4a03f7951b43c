"""Finding the number that is none: NaN or infinity, however deep in plain data."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

_NOT_A_NUMBER = re.compile(r"(?<![\w.])[+-]?(nan|inf(inity)?)(?![\w.])", re.IGNORECASE)
_VALUES = re.compile(r'Lattice="[^"]*"|=[^\s"]+')


def first_not_finite(value: Any, path: str = "") -> tuple[str, Any] | None:
    """Return where the first NaN or infinity is, and what it is; None where all is finite.

    Parameters
    ----------
    value
        Numbers (of Python or NumPy, single or in arrays) in any nesting of models, mappings
        and sequences; text and everything else is passed over.
    path
        Where ``value`` is, for the answer.

    Examples
    --------
    >>> first_not_finite({"sites": [{"energy_ev": 1.0}, {"energy_ev": float("inf")}]})
    ('sites.1.energy_ev', inf)
    >>> first_not_finite({"rdf": [1.0, 2]}) is None
    True
    """
    if value is None or isinstance(value, str | bytes | bool | int):
        return None
    if isinstance(value, float):
        return None if math.isfinite(value) else (path, value)
    parts: Iterable[tuple[Any, Any]]
    if isinstance(value, Mapping):
        parts = value.items()
    elif isinstance(value, BaseModel):
        parts = value
    elif isinstance(value, list | tuple):
        parts = enumerate(value)
    elif hasattr(value, "tolist"):  # NumPy's arrays and scalars
        return first_not_finite(value.tolist(), path)
    else:
        return None
    for name, part in parts:
        if found := first_not_finite(part, f"{path}.{name}" if path else str(name)):
            return found
    return None


def first_not_finite_line(text: str) -> str | None:
    r"""Return the first line of a structure's text in which a number is NaN or infinite.

    >>> first_not_finite_line("1\nPbc='F F F'\nIn 0.0 nan 0.0\n")
    'In 0.0 nan 0.0'
    """
    if not _NOT_A_NUMBER.search(text):
        return None
    for number, line in enumerate(text.splitlines()):
        # A comment may hold words; its numbers are those of the cell and single values.
        parts = _VALUES.findall(line) if "=" in line else [line]
        if number > 0 and any(_NOT_A_NUMBER.search(part) for part in parts):
            return line.strip()
    return None
