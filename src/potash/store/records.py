"""Between rows and records of the database: JSON as text, and digests that show damage."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from potash.errors import InputError
from potash.results.finite import first_not_finite
from potash.store.json_text import FetchedText, JsonText, Page
from potash.store.rows import ROW_FIELDS, Row
from potash.store.table_columns import LATER

BULK = ("structures", "provenance")
"""Columns that are fetched only when they are looked at."""
LIGHT = tuple(name for name in ROW_FIELDS if name not in BULK)
"""The other columns of a row."""
JSON_FIELDS = ("values", "uncertainty", *BULK)


class DamagedRowError(Exception):
    """A record that is not as it was written."""


def digest(cells: Iterable[object]) -> str:
    """Return 32 hexadecimal digits that change with any of the cells.

    >>> digest(["a", None, 1.5]) == digest(["a", None, 1.5]), digest(["ab"]) == digest(["ac"])
    (True, False)
    """
    text = "\x1f".join("" if cell is None else str(cell) for cell in cells)
    raw = text.encode("utf-8", "surrogateescape")
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


def _light_digest(record: Mapping[str, Any]) -> str:
    """Return the digest of all but the bulk; that of rows of before a column was added stays."""
    added = {name: record[name] for name in LIGHT if name in LATER}
    cells = [record[name] for name in LIGHT if name not in LATER]
    return digest([*cells, *(f"{k}={v!r}" for k, v in added.items() if v is not None)])


def record_of(row: Row) -> dict[str, Any]:
    """Return the record of a row.

    Raises
    ------
    InputError
        If a number of the row is NaN or infinite, or something in it is no plain data.
    """
    record: dict[str, Any] = {}
    for name in ROW_FIELDS:
        value = getattr(row, name)
        if name in JSON_FIELDS:
            value = value.text if isinstance(value, JsonText) else _json(row, name, value)
        elif isinstance(value, str):
            value = _clean(value)
        elif name in ("seconds", "cpu_seconds") and value is not None:
            value = float(value)
            if not math.isfinite(value):
                raise _refused(row, name, value)
        record[name] = value
    record["digest"] = _light_digest(record)
    record["bulk_digest"] = digest(record[name] for name in BULK)
    return record


def row_from(record: Mapping[Any, Any], page: Page | None = None) -> Row:
    """Return the row of a record.

    Parameters
    ----------
    record
        Column to cell.
    page
        Where structures and provenance are fetched when they are not in the record; then
        the values stay text, too.

    Raises
    ------
    DamagedRowError
        If the record is not as it was written.
    """
    fields = {name: record[name] for name in LIGHT}
    try:
        intact = _light_digest(fields) == record["digest"]
        if page is None:
            intact = intact and bulk_is_intact(record)
            fields |= {name: json.loads(record[name]) for name in JSON_FIELDS}
        else:
            fields |= {name: JsonText(fields[name]) for name in ("values", "uncertainty")}
            fields |= {name: FetchedText(page, fields["key"], name) for name in BULK}
    except (ValueError, TypeError, RecursionError) as error:
        raise DamagedRowError(f"cannot be read: {error}") from None
    if not intact:
        raise DamagedRowError("is not as it was written (its digest differs)")
    return Row(**fields)


def bulk_is_intact(record: Mapping[Any, Any]) -> bool:
    """Tell whether structures and provenance of a record are as they were written."""
    return digest(record[name] for name in BULK) == str(record["bulk_digest"])


def _json(row: Row, name: str, value: Mapping[str, Any]) -> str:
    plain = dict(value)
    try:
        return json.dumps(plain, allow_nan=False)
    except (TypeError, ValueError) as error:
        if bad := first_not_finite(plain):
            raise _refused(row, f"{name}.{bad[0]}", bad[1]) from None
        raise InputError(str(error), source=_source(row), field=name) from None


def _refused(row: Row, field: str, value: object) -> InputError:
    return InputError(f"is {value}, not a finite number", source=_source(row), field=field)


def _source(row: Row) -> str:
    return f"row {row.key[:12]} ({row.kind} of {row.item})"


def _clean(text: str) -> str:
    """Return text that every database takes: no NUL, no half of a character."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
