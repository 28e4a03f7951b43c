"""Export and import: nothing is lost in Parquet, CSV or extended XYZ."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import ase.io
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.errors import InputError
from potash.store import Row, Store, export_rows, import_rows
from potash.store.exchange import export_store
from tests.store.test_store import a_row


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_round_trip(tmp_path: Path, file_format: Any) -> None:
    rows = [
        a_row(1, values={"homo_ev": -1.5, "n_atoms": 3, "ea_bound": True, "rdf": {"r": [1, 2]}}),
        a_row(2, values={}, status="refused", reason='element "Xe", outside\nvalidity', seed=None),
        a_row(3, kind="liquid", uncertainty={"d": [0.1, 0.2]}),
    ]
    export_rows(rows, tmp_path, file_format=file_format)
    assert sorted(import_rows(tmp_path), key=lambda r: r.item) == rows


def test_structures_are_readable_by_ase(tmp_path: Path) -> None:
    atoms = ase.Atoms("K2", positions=[[0, 0, 0], [0, 0, 4.6]], cell=[9, 9, 9], pbc=True)
    buffer = io.StringIO()
    ase.io.write(buffer, atoms, format="extxyz")
    row = a_row(1, structures={"best": buffer.getvalue(), "clean": "1\n\nK 0 0 0\n"})
    export_rows([row], tmp_path)
    frames = ase.io.read(tmp_path / "species.extxyz", index=":")
    assert [f.info["potash_name"] for f in frames] == ["best", "clean"]
    assert frames[0].info["potash_key"] == row.key
    assert frames[0].cell[0, 0] == 9
    assert import_rows(tmp_path)[0].structures == row.structures


def test_scalars_have_typed_columns(tmp_path: Path) -> None:
    export_rows([a_row(1, values={"n_atoms": 3}), a_row(2, values={"homo_ev": -1})], tmp_path)
    schema = pyarrow.parquet.read_schema(tmp_path / "species.parquet")
    assert str(schema.field("n_atoms").type) == "int64"


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(values=st.dictionaries(st.from_regex(r"[a-z]{1,6}_ev", fullmatch=True), _json, max_size=4))
def test_any_values_survive(tmp_path_factory: pytest.TempPathFactory, values: Any) -> None:
    folder = tmp_path_factory.mktemp("rows")
    row: Row = a_row(1, values=values)
    export_rows([row], folder)
    assert import_rows(folder) == [row]


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_core_seconds_survive_and_tables_of_before_have_none(
    tmp_path: Path, file_format: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [a_row(1, cpu_seconds=12.125), a_row(2)]
    export_rows(rows, tmp_path, file_format=file_format)
    assert sorted(import_rows(tmp_path), key=lambda r: r.key) == sorted(rows, key=lambda r: r.key)
    monkeypatch.setattr("potash.store.exchange.LATER", ())
    export_rows(rows, tmp_path / "before", file_format=file_format)
    assert {r.cpu_seconds for r in import_rows(tmp_path / "before")} == {None}


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_a_store_is_exported_page_by_page(tmp_path: Path, file_format: Any) -> None:
    store = Store(tmp_path / "store.sqlite")
    rows = [
        a_row(n, kind=("species", "redox")[n % 2], values={"homo_ev": n / 7, "n_atoms": n})
        for n in range(1100)
    ]
    store.put_many(rows)
    files = export_store(store, tmp_path / "out", file_format=file_format)
    assert [file.name for file in files] == [
        f"redox.{file_format}", "redox.extxyz", f"species.{file_format}", "species.extxyz",
    ]  # fmt: skip
    assert {r.key: r for r in import_rows(tmp_path / "out")} == {r.key: r for r in rows}
    assert [f.name for f in export_store(store, tmp_path / "one", kind="redox")] == [
        "redox.parquet", "redox.extxyz",
    ]  # fmt: skip
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(f.name for f in files)


FORMULAS = ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "'=1", "'", "''-x", "plain"]


def test_no_cell_is_a_formula_and_all_come_back(tmp_path: Path) -> None:
    rows = [
        a_row(n, item=text, model=text, reason=text, values={"site": text, "shift_ev": -1.0})
        for n, text in enumerate(FORMULAS)
    ]
    export_rows(rows, tmp_path, file_format="csv")
    with (tmp_path / "species.csv").open(newline="") as file:
        header, *table = list(csv.reader(file))
    for record in table:
        for name, cell in zip(header, record, strict=True):
            if name not in ("shift_ev", "seconds"):
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), (name, cell)
    assert {r.key: r for r in import_rows(tmp_path)} == {r.key: r for r in rows}
    export_rows(rows, tmp_path / "parquet")
    assert {r.item for r in import_rows(tmp_path / "parquet")} == set(FORMULAS)


def test_foreign_tables_are_left_alone_and_broken_ones_named(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    assert import_rows(tmp_path) == []
    (tmp_path / "broken.parquet").write_bytes(b"nonsense")
    with pytest.raises(InputError, match=r"broken\.parquet: row 0: not a readable table"):
        import_rows(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        import_rows(tmp_path / "nowhere")
