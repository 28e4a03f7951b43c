"""Rows out of and into files: Parquet or CSV tables and one extended-XYZ file a kind.

A folder of exported rows holds, for each kind of calculation,

- ``KIND.parquet`` or ``KIND.csv``: the fields of the row, every scalar value in
  a typed column of its own, and the complete values, uncertainties and
  provenance as JSON text;
- ``KIND.extxyz``: the structures, each frame labelled with the key of its row.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from potash.errors import InputError
from potash.store.rows import Row

Format = Literal["parquet", "csv"]

_LABELS = ("key", "kind", "item", "model", "level", "status", "reason")
_ORIGIN = (
    "reference_state", "engine", "engine_version", "seed", "started", "seconds", "host", "attempt",
)  # fmt: skip
_JSON = ("values", "uncertainty", "provenance")


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
        ``parquet`` or ``csv``.

    Returns
    -------
    list of Path
        The files written.
    """
    by_kind: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, members in sorted(by_kind.items()):
        members.sort(key=lambda r: (r.item, r.model, r.level, r.key))
        table = _table(members)
        path = folder / f"{kind}.{file_format}"
        if file_format == "parquet":
            pa_parquet.write_table(table, path, compression="zstd")
        else:
            pa_csv.write_csv(table, path)
        written.append(path)
        frames = [
            _label_frame(text, row.key, name)
            for row in members
            for name, text in sorted(row.structures.items())
        ]
        if frames:
            structures = folder / f"{kind}.extxyz"
            structures.write_text("".join(frames), encoding="utf-8")
            written.append(structures)
    return written


def import_rows(folder: Path) -> list[Row]:
    """Read every row that :func:`export_rows` wrote to a folder (and its sub-folders).

    Raises
    ------
    InputError
        If the folder does not exist or holds a table that is not one of Potash's.
    """
    if not folder.is_dir():
        raise InputError("there is no such folder", source=str(folder))
    rows: list[Row] = []
    for path in sorted([*folder.rglob("*.parquet"), *folder.rglob("*.csv")]):
        if path.suffix == ".csv" and path.with_suffix(".parquet").exists():
            continue
        table = _read(path)
        if table is None:
            continue
        structures = _read_structures(path.with_suffix(".extxyz"))
        for record in table.to_pylist():
            fields = {name: record[name] for name in (*_LABELS, *_ORIGIN)}
            fields.update({n: json.loads(record[f"{n}_json"]) for n in _JSON})
            rows.append(Row(**fields, structures=structures.get(record["key"], {})))
    return rows


def _table(rows: list[Row]) -> pa.Table:
    columns: dict[str, Any] = {}
    for name in (*_LABELS, *_ORIGIN):
        column_type = {"seed": pa.int64(), "attempt": pa.int64(), "seconds": pa.float64()}.get(name)
        columns[name] = pa.array([getattr(r, name) for r in rows], type=column_type or pa.string())
    for name in sorted({n for r in rows for n, v in r.values.items() if _is_scalar(v)}):
        if name in columns:
            continue
        cells = [r.values.get(name) if _is_scalar(r.values.get(name)) else None for r in rows]
        columns[name] = _typed(cells)
    for name in _JSON:
        texts = [json.dumps(getattr(r, name), sort_keys=True) for r in rows]
        columns[f"{name}_json"] = pa.array(texts, type=pa.string())
    return pa.table(columns)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, bool | int | float | str)


def _typed(cells: list[Any]) -> pa.Array:
    kinds = {type(c) for c in cells if c is not None}
    if kinds == {bool}:
        return pa.array(cells, type=pa.bool_())
    if kinds == {int}:
        return pa.array(cells, type=pa.int64())
    if kinds <= {int, float}:
        return pa.array([None if c is None else float(c) for c in cells], type=pa.float64())
    return pa.array([None if c is None else str(c) for c in cells], type=pa.string())


def _read(path: Path) -> pa.Table | None:
    """Return the table, or ``None`` if it is some other table of people's own."""
    needed = {*_LABELS, *_ORIGIN, *(f"{n}_json" for n in _JSON)}
    try:
        if path.suffix == ".parquet":
            # 'read_table' would load pandas.
            table = pa_parquet.ParquetFile(path).read()
        else:
            text = dict.fromkeys((*_LABELS, *_ORIGIN, *(f"{n}_json" for n in _JSON)), pa.string())
            text |= {"seed": pa.int64(), "attempt": pa.int64(), "seconds": pa.float64()}
            convert = pa_csv.ConvertOptions(column_types=text, strings_can_be_null=False)
            parse = pa_csv.ParseOptions(newlines_in_values=True)
            table = pa_csv.read_csv(path, convert_options=convert, parse_options=parse)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(
            f"not a readable table: {str(error).splitlines()[0]}", source=str(path)
        ) from error
    return table if needed <= set(table.column_names) else None


def _label_frame(text: str, key: str, name: str) -> str:
    lines = text.rstrip("\n").split("\n")
    lines[1] = f"{lines[1]} potash_key={key} potash_name={name}"
    return "\n".join(lines) + "\n"


def _read_structures(path: Path) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    if path.is_file():
        for key, name, text in _frames(path):
            found[key][name] = text
    return found


def _frames(path: Path) -> Iterator[tuple[str, str, str]]:
    lines = path.read_text(encoding="utf-8").split("\n")
    at = 0
    while at < len(lines) and lines[at].strip():
        try:
            size = int(lines[at]) + 2
            comment, key_text, name_text = lines[at + 1].rsplit(" ", 2)
        except (ValueError, IndexError) as error:
            raise InputError(
                "not a structure file of exported rows", source=str(path), field=f"line {at + 1}"
            ) from error
        frame = [lines[at], comment, *lines[at + 2 : at + size]]
        key, name = key_text.removeprefix("potash_key="), name_text.removeprefix("potash_name=")
        yield key, name, "\n".join(frame) + "\n"
        at += size
