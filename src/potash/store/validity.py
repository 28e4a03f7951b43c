"""Whether a row is what a calculation of its kind can have left."""

from __future__ import annotations

import math
import re
from typing import get_args

from potash.errors import InputError
from potash.results.calculation import Status, key_of
from potash.results.finite import first_not_finite, first_not_finite_line
from potash.results.kinds import MODELS
from potash.spelling import nearest
from potash.store.rows import Row

_KEY = re.compile(r"[0-9a-f]{64}")


def first_fault(row: Row) -> tuple[str, str] | None:
    """Return field and message of the first thing that is wrong with a row; None of a good one.

    Its kind and status are known, its key is the hash of its inputs, every number is
    finite, and inputs and values fit the models of the kind.
    """
    if row.kind not in MODELS:
        return "kind", f"{row.kind!r} is no kind of calculation{nearest(row.kind, list(MODELS))}"
    if row.status not in get_args(Status):
        known = ", ".join(get_args(Status))
        return "status", f"should be one of {known}, not {row.status!r}"
    if not _KEY.fullmatch(row.key):
        return "key", f"should be 64 hexadecimal digits, not {row.key[:80]!r}"
    for name in ("seconds", "cpu_seconds"):
        value = getattr(row, name)
        if value is not None and (not math.isfinite(value) or value < 0):
            return name, f"should be a positive number, not {value}"
    for name in ("values", "uncertainty", "provenance"):
        if bad := first_not_finite(dict(getattr(row, name)), name):
            return bad[0], f"is {bad[1]}, not a finite number"
    for name, text in row.structures.items():
        if line := first_not_finite_line(text):
            return f"structures.{name}", f"is not finite: {line[:60]!r}"
    return _of_its_kind(row)


def _of_its_kind(row: Row) -> tuple[str, str] | None:
    models = MODELS[row.kind]
    usable = row.status in ("ok", "anomalous")
    try:
        if usable:
            row.read(models.values)
        elif row.values:
            return "values", f"a {row.status} row has none"
    except InputError as error:
        return f"values.{error.field}", error.message
    try:
        row.read(models.inputs)
    except InputError as error:
        return f"inputs.{error.field}", error.message
    if key_of(row.kind, row.provenance["inputs"], row.needs) != row.key:
        return "key", "is not the hash of its kind, inputs and needs"
    return None
