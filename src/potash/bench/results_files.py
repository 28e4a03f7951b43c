"""Read filled results files (CSV, XLSX): good lines become measurements, bad ones are told."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from potash.bench.sheet import RESULT_COLUMNS
from potash.catalog.catalog import Catalog
from potash.csv_cells import read_inert
from potash.errors import InputError
from potash.results.measurement import PROPERTIES, MeasurementInputs
from potash.results.model import first_of
from potash.spelling import nearest
from potash.units import ZERO_CELSIUS_K

_NEEDED = ("candidate", "property", "value", "unit", "protocol", "replicate")


@dataclass(frozen=True)
class Line:
    """One good line.

    Attributes
    ----------
    number
        Of the file, from 1.
    inputs
        What was measured.
    note
        As written.
    """

    number: int
    inputs: MeasurementInputs
    note: str


@dataclass(frozen=True)
class ResultsFile:
    """What a file holds.

    Attributes
    ----------
    lines
        Good ones.
    refused
        Number and reason of each bad one.
    empty
        How many lines of the template have no value yet.
    """

    lines: tuple[Line, ...]
    refused: tuple[tuple[int, str], ...]
    empty: int


def read_results(path: Path, catalog: Catalog, *, by: str = "") -> ResultsFile:
    """Read a results file.

    Parameters
    ----------
    path
        CSV (comma, semicolon or tab), or the first sheet of an XLSX workbook, with the columns
        of the template.
    catalog
        Hosts and electrolytes that results may be of.
    by
        Who measured, for lines whose ``source`` is empty.

    Raises
    ------
    InputError
        If the file cannot be read or lacks a column.
    """
    table = _xlsx(path) if path.suffix.lower() == ".xlsx" else _csv(path)
    heads = [h.strip() for h in table[0][1]] if table else []
    for name in _NEEDED:
        if name not in heads:
            raise InputError(
                f"has no column {name!r}{nearest(name, heads)}; it needs {', '.join(_NEEDED)}",
                source=str(path),
            )
    for head in heads:
        if head and head not in RESULT_COLUMNS:
            raise InputError(
                f"has an unknown column {head!r}{nearest(head, RESULT_COLUMNS)}", source=str(path)
            )
    lines, refused, empty = [], [], 0
    for number, cells in table[1:]:
        record = dict(zip(heads, (c.strip() for c in cells), strict=False))
        if not any(record.values()):
            continue
        if not record.get("value"):
            empty += 1
            continue
        try:
            lines.append(Line(number, _inputs(record, catalog, by), record.get("note", "")))
        except InputError as error:
            refused.append((number, str(error)))
    return ResultsFile(tuple(lines), tuple(refused), empty)


def _inputs(record: Mapping[str, str], catalog: Catalog, by: str) -> MeasurementInputs:
    candidate, column = record["candidate"], record["property"]
    known = [*catalog.electrolytes, *catalog.hosts]
    if candidate not in known:
        raise InputError(
            f"{candidate!r} is no host or electrolyte{nearest(candidate, known)}",
            field="candidate",
        )
    found = PROPERTIES.get(column)
    if found is None:
        raise InputError(
            f"{column!r} is not one of {', '.join(PROPERTIES)}{nearest(column, list(PROPERTIES))}",
            field="property",
        )
    factor = found.units.get(record.get("unit", ""))
    if factor is None:
        raise InputError(
            f"{record.get('unit', '')!r} is no unit of {column}; use {', '.join(found.units)}",
            field="unit",
        )
    for name in ("protocol", "replicate"):
        if not record.get(name):
            raise InputError("is empty", field=name)
    source = record.get("source") or by
    if not source:
        raise InputError("is empty; fill it or name who measured with --by", field="source")
    value = _number(record, "value")
    uncertainty = _number(record, "uncertainty")
    temperature = _number(record, "temperature_c")
    assert value is not None  # an empty value is an empty line
    try:
        return MeasurementInputs(
            candidate=candidate,
            quantity=column,
            value=_rounded(value * factor),
            uncertainty=None if uncertainty is None else _rounded(uncertainty * factor),
            protocol=record["protocol"],
            replicate=record["replicate"],
            source=source,
            temperature_k=None if temperature is None else _rounded(temperature + ZERO_CELSIUS_K),
            current_ma_cm2=_number(record, "current_ma_cm2"),
            capacity_mah_cm2=_number(record, "capacity_mah_cm2"),
        )
    except ValidationError as error:
        message = first_of(error)[1].removeprefix("Value error, ").split(", not {")[0]
        raise InputError(message, field="value") from None


def _rounded(value: float) -> float:
    """Return a number without what the change of unit added in its last digits."""
    return float(f"{value:.12g}")


def _number(record: Mapping[str, str], name: str) -> float | None:
    text = record.get(name, "").removesuffix(".")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{text!r} is not a number (write 0.98, not 0,98)", field=name) from None
    if not math.isfinite(value):
        raise InputError(f"{text!r} is not a finite number", field=name)
    return value


Table = list[tuple[int, Sequence[str]]]


def _csv(path: Path) -> Table:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", source=str(path)) from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter)
        return [(reader.line_num, [read_inert(c) for c in row]) for row in reader if row]
    except csv.Error as error:
        raise InputError(f"is not a table: {error}", source=str(path)) from None


def _xlsx(path: Path) -> Table:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        sheet = load_workbook(path, read_only=True, data_only=True).worksheets[0]
        return [
            (number, ["" if cell is None else str(cell) for cell in row])
            for number, row in enumerate(sheet.iter_rows(values_only=True), start=1)
        ]
    except (OSError, BadZipFile, InvalidFileException, KeyError) as error:
        raise InputError(f"is no workbook: {error}", source=str(path)) from None
