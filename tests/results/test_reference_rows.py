"""The committed rows: every key is the hash of its inputs, every row fits its model."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from potash.results.calculation import canonical_json, key_of
from potash.results.kinds import MODELS
from potash.store.rows import Row

LEAST_ROWS = 859


def rehashed(row: Row, inputs) -> str:
    return key_of(row.kind, inputs, row.provenance["needs"])


def test_every_row_hashes_to_its_key(reference_rows: list[Row]) -> None:
    wrong = [
        f"{row.kind} {row.item} {row.level} {row.key}"
        for row in reference_rows
        if rehashed(row, row.provenance["inputs"]) != row.key
    ]
    assert not wrong
    assert len({row.key for row in reference_rows}) == len(reference_rows) >= LEAST_ROWS


def test_every_kind_has_rows(reference_rows: list[Row]) -> None:
    assert {row.kind for row in reference_rows} == set(MODELS) - {"measurement"}


@pytest.mark.parametrize("kind", MODELS)
def test_inputs_round_trip_and_keep_the_key(reference_rows: list[Row], kind: str) -> None:
    for row in (r for r in reference_rows if r.kind == kind):
        plain = row.read(MODELS[kind].inputs).plain()
        assert plain == row.provenance["inputs"], row.item
        assert rehashed(row, plain) == row.key


@pytest.mark.parametrize("kind", MODELS)
def test_values_round_trip(reference_rows: list[Row], kind: str) -> None:
    for row in (r for r in reference_rows if r.kind == kind):
        if row.status in ("ok", "anomalous"):
            assert row.read(MODELS[kind].values).plain() == row.values, row.item
        else:
            assert row.values == {}
            assert row.reason


def test_a_level_of_a_kind_is_one_method(reference_rows: list[Row]) -> None:
    """Rows of a former method of the same name would be read as rows of today's."""
    methods: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in reference_rows:
        level = row.read(MODELS[row.kind].inputs).level
        methods[row.kind, row.level].add(canonical_json(dict(level)))
    assert {name: len(found) for name, found in methods.items() if len(found) > 1} == {}


def test_what_each_row_needs_is_there_at_the_same_level(reference_rows: list[Row]) -> None:
    by_key = {row.key: row for row in reference_rows}
    needed = Counter()
    for row in reference_rows:
        for role, key in row.provenance["needs"].items():
            assert by_key[key].kind == role
            assert by_key[key].level == row.level
            needed[row.kind, role] += 1
    assert set(needed) == {
        ("adsorption", "k_metal"), ("thickness", "k_metal"), ("thickness", "adsorption"),
        ("adhesion", "k_metal"),
    }  # fmt: skip


def test_uncertainties_belong_to_a_value(reference_rows: list[Row]) -> None:
    for row in reference_rows:
        for name, half_width in row.uncertainty.items():
            assert half_width >= 0.0
            if row.kind == "liquid" and name in row.values.get("coordination", {}):
                continue
            assert isinstance(row.values[name], float), (row.item, name)
