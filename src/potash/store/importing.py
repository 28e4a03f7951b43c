"""Rows out of the files that :mod:`potash.store.exchange` wrote, checked one by one."""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from potash.csv_cells import read_inert
from potash.errors import InputError
from potash.store.rows import Row
from potash.store.table_columns import JSON, LABELS, LATER, ORIGIN
from potash.store.validity import first_fault

NEEDED = frozenset((*LABELS, *ORIGIN, *(f"{name}_json" for name in JSON)))
_BATCH = 500


@dataclass(frozen=True)
class Fault:
    """A row of a file that is not usable.

    Attributes
    ----------
    file
        Where it is.
    line
        Of a CSV file the line on which the row begins, of a Parquet file its number.
    field, message
        What is wrong.
    """

    file: Path
    line: int
    field: str
    message: str

    @property
    def place(self) -> str:
        """File, row or line, and field."""
        what = "row" if self.file.suffix == ".parquet" else "line"
        return f"{self.file}: {what} {self.line}" + (f": {self.field}" if self.field else "")

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def import_rows(folder: Path) -> list[Row]:
    """Read every row that was exported to a folder (and its sub-folders), as it is there.

    Raises
    ------
    InputError
        If the folder does not exist, or a row cannot be read.
    """
    faults: list[Fault] = []
    rows = list(read_rows(folder, faults))
    if faults:
        raise InputError(faults[0].message, source=faults[0].place)
    return rows


def checked_rows(folder: Path, faults: list[Fault]) -> Iterator[Row]:
    """Yield the rows of a folder that are valid by the models of their kinds.

    Parameters
    ----------
    folder
        That was exported; its sub-folders are read, too.
    faults
        Gets one entry for each row that is not usable.

    Raises
    ------
    InputError
        If the folder does not exist.
    """
    return _read(folder, faults, check=True)


def read_rows(folder: Path, faults: list[Fault]) -> Iterator[Row]:
    """Yield the rows of a folder as they are; arguments as for :func:`checked_rows`."""
    return _read(folder, faults, check=False)


def _read(folder: Path, faults: list[Fault], *, check: bool) -> Iterator[Row]:
    if not folder.is_dir():
        raise InputError("there is no such folder", source=str(folder))
    for path in sorted([*folder.rglob("*.parquet"), *folder.rglob("*.csv")]):
        if path.suffix == ".csv" and path.with_suffix(".parquet").exists():
            continue
        structures: Mapping[str, Mapping[str, str]] | None = None
        records = _parquet(path, faults) if path.suffix == ".parquet" else _csv(path, faults)
        for line, record in records:
            if structures is None:
                structures = _structures(path.with_suffix(".extxyz"), faults)
            try:
                row = _row(record, structures.get(str(record["key"]), {}))
            except (ValueError, TypeError) as error:
                faults.append(Fault(path, line, *_where(record, error)))
                continue
            fault = first_fault(row) if check else None
            if fault is None:
                yield row
            else:
                faults.append(Fault(path, line, *fault))


def _row(record: Mapping[str, Any], structures: Mapping[str, str]) -> Row:
    fields = {name: record[name] for name in (*LABELS, *ORIGIN)}
    fields["seed"] = None if fields["seed"] in (None, "") else int(fields["seed"])
    fields["seconds"], fields["attempt"] = float(fields["seconds"]), int(fields["attempt"])
    for name in LATER:
        fields[name] = None if record.get(name) in (None, "") else float(record[name])
    for name in JSON:
        fields[name] = json.loads(record[f"{name}_json"])
        if not isinstance(fields[name], dict):
            raise TypeError("is no JSON object")
    return Row(**fields, structures=structures)


def _where(record: Mapping[str, Any], error: Exception) -> tuple[str, str]:
    """Return the field that cannot be read, and why."""
    numbers = (("seed", int), ("seconds", float), ("attempt", int), ("cpu_seconds", float))
    for name, kind in numbers:
        try:
            if record.get(name) not in (None, "") or name in ("seconds", "attempt"):
                kind(record[name])
        except (ValueError, TypeError):
            return name, f"should be a number, not {str(record[name])[:60]!r}"
    for name in JSON:
        text = record[f"{name}_json"]
        try:
            if not isinstance(json.loads(text), dict):
                return f"{name}_json", f"should be a JSON object, not {str(text)[:60]!r}"
        except (ValueError, TypeError) as bad:
            return f"{name}_json", f"is no JSON ({bad}): {str(text)[:60]!r}"
    return "", str(error)


@contextmanager
def _any_width() -> Iterator[None]:
    """Let cells be as long as structures are, for as long as a table of ours is read."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _csv(path: Path, faults: list[Fault]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the line and cells of every row of a table of ours; nothing of other tables."""
    with _any_width(), path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        if not set(header) >= NEEDED:
            return
        # Numbers are not text, and JSON is never taken for a formula.
        texts = {n: header.index(n) for n in (*LABELS, *ORIGIN) if n not in ("seconds", "seed")}
        begun = lines.line_num + 1
        while True:
            try:
                cells = next(lines)
            except StopIteration:
                return
            except csv.Error as error:
                faults.append(Fault(path, begun, "", f"cannot be read: {error}"))
                return
            line, begun = begun, lines.line_num + 1
            if not cells:
                continue
            if len(cells) != len(header):
                message = f"has {len(cells)} cells, not {len(header)}"
                faults.append(Fault(path, line, "", message))
                continue
            for at in texts.values():
                cells[at] = read_inert(cells[at])
            yield line, dict(zip(header, cells, strict=True))


def _parquet(path: Path, faults: list[Fault]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    import pyarrow as pa
    import pyarrow.parquet as pa_parquet

    try:
        # 'read_table' would load pandas.
        with pa_parquet.ParquetFile(path) as table:
            if not set(table.schema_arrow.names) >= NEEDED:
                return
            columns = sorted({*NEEDED, *LATER}.intersection(table.schema_arrow.names))
            batches = table.iter_batches(batch_size=_BATCH, columns=columns)
            number = 0
            for batch in batches:
                for record in batch.to_pylist():
                    number += 1
                    yield number, record
    except (pa.ArrowException, OSError, ValueError) as error:  # ValueError: names not UTF-8
        first, *_ = str(error).splitlines() or [type(error).__name__]
        message = f"not a readable table: {first}"
        faults.append(Fault(path, 0, "", message))


def _structures(path: Path, faults: list[Fault]) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    if path.is_file():
        for key, name, text in _frames(path, faults):
            found[key][name] = text
    return found


def _frames(path: Path, faults: list[Fault]) -> Iterator[tuple[str, str, str]]:
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    at = 0
    while at < len(lines) and lines[at].strip():
        try:
            size = int(lines[at]) + 2
            if size < 2:
                raise ValueError
            comment, key_text, name_text = lines[at + 1].rsplit(" ", 2)
        except (ValueError, IndexError):
            faults.append(Fault(path, at + 1, "", "not a structure file of exported rows"))
            return
        frame = [lines[at], comment, *lines[at + 2 : at + size]]
        key, name = key_text.removeprefix("potash_key="), name_text.removeprefix("potash_name=")
        yield key, name, "\n".join(frame) + "\n"
        at += size
