"""Import checks every row, says where a bad one is, and takes the good ones."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from potash.store import Row, Store, export_rows
from potash.store.importing import Fault, checked_rows
from tests.cli.conftest import Potash, potash  # noqa: F401 - a fixture

Cells = dict[str, str]


@pytest.fixture(scope="module")
def some(reference_rows: list[Row]) -> list[Row]:
    return [r for r in reference_rows if r.kind == "species" and r.structures][:4]


def changed(values: dict[str, Any], **changes: Any) -> str:
    return json.dumps({**values, **changes})


FAULTS: dict[str, tuple[Callable[[Cells], Cells], str]] = {
    "status": (lambda c: {**c, "status": "done"}, "status: should be one of ok, failed, refused"),
    "kind": (lambda c: {**c, "kind": "specie"}, "kind: 'specie' is no kind of calculation; did"),
    "key": (lambda c: {**c, "key": "f" * 64}, "key: is not the hash of its kind, inputs and needs"),
    "short key": (lambda c: {**c, "key": "f" * 12}, "key: should be 64 hexadecimal digits"),
    "seed": (lambda c: {**c, "seed": "seven"}, "seed: should be a number, not 'seven'"),
    "seconds": (lambda c: {**c, "seconds": "-1"}, "seconds: should be a positive number"),
    "infinite seconds": (lambda c: {**c, "seconds": "inf"}, "seconds: should be a positive"),
    "no JSON": (lambda c: {**c, "values_json": "{"}, "values_json: is no JSON"),
    "a list": (lambda c: {**c, "values_json": "[1]"}, "values_json: should be a JSON object"),
    "NaN": (
        lambda c: {**c, "values_json": changed(json.loads(c["values_json"]), homo_ev=float("nan"))},
        "values.homo_ev: is nan, not a finite number",
    ),
    "text": (
        lambda c: {**c, "values_json": changed(json.loads(c["values_json"]), homo_ev="deep")},
        "values.homo_ev: Input should be a valid number",
    ),
    "unknown": (
        lambda c: {**c, "values_json": changed(json.loads(c["values_json"]), homo_mev=1)},
        "values.homo_mev: Extra inputs are not permitted",
    ),
    "values of a failed row": (
        lambda c: {**c, "status": "failed"},
        "values: a failed row has none",
    ),
    "inputs": (
        lambda c: {**c, "provenance_json": '{"inputs": {"smiles": 7}, "needs": {}}'},
        r"inputs.level: Field required \(and",
    ),
    "uncertainty": (
        lambda c: {**c, "uncertainty_json": '{"homo_ev": Infinity}'},
        "uncertainty.homo_ev: is inf, not a finite number",
    ),
}


def with_bad_row(folder: Path, rows: list[Row], spoil: Callable[[Cells], Cells]) -> Path:
    """Export rows to CSV and spoil the second of them."""
    (path, _) = export_rows(rows, folder, file_format="csv")
    with path.open(newline="", encoding="utf-8") as file:
        header, *table = list(csv.reader(file))
    table[1] = list(spoil(dict(zip(header, table[1], strict=True))).values())
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *table])
    return path


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_row_is_named_and_the_others_are_taken(
    tmp_path: Path, some: list[Row], name: str
) -> None:
    spoil, says = FAULTS[name]
    path = with_bad_row(tmp_path, some, spoil)
    faults: list[Fault] = []
    rows = list(checked_rows(tmp_path, faults))
    assert len(rows) == 3
    (fault,) = faults
    assert (fault.file, fault.line) == (path, 3)
    assert re.search(says, str(fault)), str(fault)


def test_lines_are_counted_where_cells_hold_line_breaks(tmp_path: Path, some: list[Row]) -> None:
    rows = [replace(row, reason="two\nlines") for row in some]
    with_bad_row(tmp_path, rows, FAULTS["status"][0])
    faults: list[Fault] = []
    list(checked_rows(tmp_path, faults))
    assert [f.line for f in faults] == [4]


def test_lines_that_are_cut_short_and_tables_that_are_none(tmp_path: Path, some: list[Row]) -> None:
    (path, _) = export_rows(some, tmp_path, file_format="csv")
    text = path.read_text()
    path.write_text(text[: len(text) - 200])
    (tmp_path / "x.parquet").write_bytes(b"PAR1 nonsense")
    faults: list[Fault] = []
    assert len(list(checked_rows(tmp_path, faults))) == 3
    assert sorted(f.file.name for f in faults) == ["species.csv", "x.parquet"]


def test_a_table_whose_names_are_no_text_is_one_fault(tmp_path: Path, some: list[Row]) -> None:
    export_rows(some, tmp_path)
    table = tmp_path / "species.parquet"
    damaged = table.read_bytes().replace(b"provenance", b"\xf7rovenance")
    table.write_bytes(damaged)
    faults: list[Fault] = []
    assert list(checked_rows(tmp_path, faults)) == []
    assert [f.file.name for f in faults] == ["species.parquet"]
    assert "not a readable table" in str(faults[0])


@pytest.mark.timeout(60)
@pytest.mark.parametrize("atoms", ["-1", "-2", "-9"])
def test_structures_of_less_than_no_atoms_are_a_fault(
    tmp_path: Path, some: list[Row], atoms: str
) -> None:
    export_rows(some, tmp_path, file_format="csv")
    text = f"{atoms}\nx potash_key=a potash_name=b\n" * 3
    (tmp_path / "species.extxyz").write_text(text)
    faults: list[Fault] = []
    assert len(list(checked_rows(tmp_path, faults))) == len(some)
    assert [(f.line, f.message) for f in faults][:1] == [
        (1, "not a structure file of exported rows")
    ]


def test_parquet_rows_are_counted(tmp_path: Path, some: list[Row]) -> None:
    bad = [some[0], replace(some[1], status="done"), *some[2:]]  # type: ignore[arg-type]
    export_rows(bad, tmp_path)
    names = pyarrow.parquet.ParquetFile(tmp_path / "species.parquet").read()["status"].to_pylist()
    faults: list[Fault] = []
    assert len(list(checked_rows(tmp_path, faults))) == 3
    assert "row" in str(faults[0])
    assert faults[0].line == names.index("done") + 1


def test_the_command_takes_the_good_names_the_bad_and_ends_with_2(
    tmp_path: Path,
    some: list[Row],
    potash: Potash,  # noqa: F811
) -> None:
    folder, url = tmp_path / "in", str(tmp_path / "store.sqlite")
    with_bad_row(folder, some, FAULTS["status"][0])
    done = potash("import", str(folder), "--store", url)
    assert done.code == 2
    assert done.out == "3 rows added, 0 known before, 1 not usable\n"
    assert done.err.startswith(f"error: {folder}/species.csv: line 3: status: should be one of ok")
    assert len(Store(url).rows()) == 3
    again = potash("import", str(folder), "--store", url, "--json")
    assert again.code == 2
    found = json.loads(again.out)
    assert (found["added"], found["known_before"]) == (0, 3)
    assert [r["field"] for r in found["refused"]] == ["status"]
