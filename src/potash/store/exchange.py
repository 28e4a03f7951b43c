"""Rows into files: Parquet or CSV tables and one extended-XYZ file a kind.

A folder of exported rows holds, for each kind of calculation,

- ``KIND.parquet`` or ``KIND.csv``: the fields of the row, every scalar value in
  a typed column of its own, and the complete values, uncertainties and
  provenance as JSON text;
- ``KIND.extxyz``: the structures, each frame labelled with the key of its row.

:mod:`potash.store.importing` reads them.
"""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.json as pa_json
import pyarrow.parquet as pa_parquet

from potash.csv_cells import inert
from potash.store.rows import Row
from potash.store.table_columns import JSON, LABELS, LATER, ORIGIN

if TYPE_CHECKING:
    from potash.store.store import Store

Format = Literal["parquet", "csv"]

_TYPES = {
    "seed": pa.int64(),
    "attempt": pa.int64(),
    "seconds": pa.float64(),
    "cpu_seconds": pa.float64(),
}
_BATCH = 2_000


def export_rows(
    rows: Iterable[Row], folder: Path, *, file_format: Format = "parquet"
) -> list[Path]:
    """Write rows to a folder, one table and one structure file a kind.

    Parameters
    ----------
    rows
        Rows of any kinds.
    folder
        Created if missing; files of the same kinds are replaced.
    file_format
        ``parquet`` or ``csv``. In CSV, text that a spreadsheet would take for a formula
        has an apostrophe in front (:mod:`potash.csv_cells`).

    Returns
    -------
    list of Path
        The files written.
    """
    by_kind: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    written = []
    for kind, members in sorted(by_kind.items()):
        members.sort(key=lambda r: (r.item, r.model, r.level, r.key))
        written += _write_kind(kind, members.__iter__, folder, file_format)
    return written


def export_store(
    store: Store, folder: Path, *, kind: str | None = None, file_format: Format = "parquet"
) -> list[Path]:
    """Write a store's rows to a folder, as :func:`export_rows`, without holding them in memory.

    Parameters
    ----------
    store
        What is written.
    folder, file_format
        As for :func:`export_rows`.
    kind
        Only rows of this kind.
    """
    written = []
    for name in store.kinds():
        if kind in (None, name):
            keys = store.keys(kind=name)

            def read(keys: list[str] = keys) -> Iterator[Row]:
                return (row for page in store.pages(keys) for row in page)

            written += _write_kind(name, read, folder, file_format)
    return written


def _write_kind(
    kind: str, read: Callable[[], Iterator[Row]], folder: Path, file_format: Format
) -> list[Path]:
    """Write the rows of a kind, which are read twice: first for the columns that there are."""
    columns: dict[str, set[type]] = defaultdict(set)
    count = frames = 0
    for row in read():
        count += 1
        frames += len(row.structures)
        for name, value in row.values.items():
            if _is_scalar(value):
                columns[name].add(type(value))
    if not count:
        return []
    types = {name: _TYPES.get(name, pa.string()) for name in (*LABELS, *ORIGIN, *LATER)}
    types |= {n: arrow_type(columns[n]) for n in sorted(columns.keys() - types.keys())}
    types |= {f"{name}_json": pa.string() for name in JSON}
    schema = pa.schema(types)
    folder.mkdir(parents=True, exist_ok=True)
    path, structures = folder / f"{kind}.{file_format}", folder / f"{kind}.extxyz"
    written = [path, structures] if frames else [path]
    with ExitStack() as opened:
        table = opened.enter_context(
            _writer(opened.enter_context(_replaced(path)), schema, file_format)
        )
        if frames:
            part = opened.enter_context(_replaced(structures))
            framed = opened.enter_context(part.open("w", encoding="utf-8"))
        rows = read()
        while batch := list(islice(rows, _BATCH)):
            table.write_table(_table(batch, schema, safe=file_format == "csv"))
            if frames:
                framed.writelines(
                    _label_frame(text, row.key, name)
                    for row in batch
                    for name, text in sorted(row.structures.items())
                )
    return written


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """Yield a path that becomes this one at the end: nobody ever reads half a file."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(b"")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _writer(path: Path, schema: pa.Schema, file_format: Format) -> Any:
    if file_format == "parquet":
        return pa_parquet.ParquetWriter(path, schema, compression="zstd")
    return pa_csv.CSVWriter(path, schema)


def _table(rows: list[Row], schema: pa.Schema, *, safe: bool) -> pa.Table:
    values = [dict(row.values) for row in rows]
    columns = {}
    for field in schema:
        name = field.name
        cells: list[Any]
        if name.endswith("_json") and name.removesuffix("_json") in JSON:
            column = name.removesuffix("_json")
            cells = [json.dumps(dict(getattr(row, column)), sort_keys=True) for row in rows]
        elif name in LABELS or name in ORIGIN or name in LATER:
            cells = [getattr(row, name) for row in rows]
        else:
            cells = [v.get(name) if _is_scalar(v.get(name)) else None for v in values]
            if field.type == pa.string():
                cells = [None if c is None else str(c) for c in cells]
        if safe and field.type == pa.string():
            cells = [None if c is None else inert(c) for c in cells]
        columns[name] = cells
    return table_of(columns, schema)


def table_of(columns: Mapping[str, Sequence[Any]], schema: pa.Schema) -> pa.Table:
    """Return columns of numbers and texts as a table; None is a missing cell.

    By way of JSON, because ``pa.array`` loads pandas (0.3 s) to ask whether cells are its own.
    """
    lines = [
        json.dumps(dict(zip(columns, cells, strict=True)), allow_nan=False)
        for cells in zip(*columns.values(), strict=True)
    ]
    if not lines:
        return schema.empty_table()
    text = "\n".join(lines).encode()
    return pa_json.read_json(
        io.BytesIO(text),
        read_options=pa_json.ReadOptions(use_threads=False, block_size=len(text) + 1),
        parse_options=pa_json.ParseOptions(explicit_schema=schema),
    )


def _is_scalar(value: Any) -> bool:
    return isinstance(value, bool | int | float | str)


def arrow_type(kinds: set[type]) -> pa.DataType:
    """Return the type of a column that holds values of these types."""
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {int}:
        return pa.int64()
    if kinds <= {int, float}:
        return pa.float64()
    return pa.string()


def _label_frame(text: str, key: str, name: str) -> str:
    lines = text.rstrip("\n").split("\n")
    lines[1] = f"{lines[1]} potash_key={key} potash_name={name}"
    return "\n".join(lines) + "\n"
