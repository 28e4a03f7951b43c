"""A row by the former way of computing answers the question that is planned now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from potash.hosts.adsorption import former
from potash.results.adsorption import AdsorptionInputs, HeightSearch
from potash.results.calculation import Calculation
from potash.running.former import as_known
from potash.running.local import compute_here
from potash.store import Row, Store


@pytest.fixture
def committed(reference_rows: list[Row]) -> Row:
    rows = (r for r in reference_rows if r.level == "standard" and r.model == "al_111")
    return next(r for r in rows if r.kind == "adsorption")


@pytest.fixture
def asked(committed: Row) -> Calculation:
    now = {"heights_angstrom": None, "height_search": HeightSearch()}
    inputs = committed.read(AdsorptionInputs).model_copy(update=now)
    needs = committed.provenance["needs"]
    return Calculation(committed.item, committed.model, committed.level, inputs, needs)


def store_with(folder: Path, *rows: Row) -> Store:
    store = Store(folder / "rows.sqlite")
    store.add_missing(rows)
    return store


def test_an_empty_store_computes_the_new_way(asked: Calculation, tmp_path: Path) -> None:
    assert as_known([asked], store_with(tmp_path)) == [asked]


def test_a_row_of_before_is_not_computed_again(
    asked: Calculation, committed: Row, tmp_path: Path
) -> None:
    store = store_with(tmp_path, committed)
    (found,) = as_known([asked], store)
    assert found.key == committed.key
    (row,) = compute_here([asked], store, tmp_path / "work", lambda *_: None)
    assert (row.key, row.values) == (committed.key, committed.values)


def test_a_row_of_now_comes_first(asked: Calculation, committed: Row, tmp_path: Path) -> None:
    new = replace(committed, key=asked.key)
    assert as_known([asked], store_with(tmp_path, committed, new)) == [asked]


def test_a_failed_row_of_before_is_no_answer(
    asked: Calculation, committed: Row, tmp_path: Path
) -> None:
    failed = replace(committed, status="failed", values={}, reason="no")
    assert as_known([asked], store_with(tmp_path, failed)) == [asked]


def test_other_calculations_pass_in_their_order(
    asked: Calculation, committed: Row, tmp_path: Path
) -> None:
    before = former(asked)
    assert before is not None
    other = replace(asked, inputs=asked.inputs.model_copy(update={"termination": "Au"}))
    found = as_known([other, asked, before], store_with(tmp_path, committed))
    assert [c.key for c in found] == [other.key, committed.key, committed.key]
