"""Evidence that is gathered once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from potash.catalog.catalog import load_catalog
from potash.evidence import adsorption, liquids, species
from potash.evidence.known import known_rows
from potash.evidence.once import once
from potash.report.written import write_results
from potash.store.rows import Row
from tests.synthetic_rows import adsorption as row_of

ROWS = [row_of("cu_111", -1.0), row_of("graphene", -0.5)]


@pytest.fixture
def asked() -> list[tuple[int, int, float]]:
    return []


def test_the_same_rows_are_looked_at_once(asked: list[object]) -> None:
    @once
    def evidence(
        rows: Sequence[Row], *, calibration_rows: Sequence[Row] = (), seed: int = 0
    ) -> int:
        asked.append((rows, calibration_rows, seed))
        return len(rows)

    assert evidence(ROWS) == evidence(list(ROWS)) == evidence(tuple(ROWS)) == 2
    assert len(asked) == 1
    assert evidence(ROWS[:1]) == 1
    evidence(ROWS, seed=1)
    assert len(asked) == 3
    evidence(ROWS, calibration_rows=ROWS)
    evidence(ROWS, calibration_rows=[])
    evidence(ROWS, calibration_rows=[replace(ROWS[0])])
    assert len(asked) == 4, "rows given twice count once"
    evidence(ROWS, calibration_rows=[row_of("al_111", 0.0)])
    assert len(asked) == 5


def test_a_list_or_mapping_that_has_changed_is_another(asked: list[object]) -> None:
    @once
    def evidence(rows: Sequence[Row], measured: Mapping[str, float]) -> int:
        asked.append(rows)
        return len(rows) + len(measured)

    rows, measured = ROWS[:1], {"CO": 10.5}
    assert evidence(rows, measured) == 2
    rows.append(ROWS[1])
    assert evidence(rows, measured) == 3
    measured["CCO"] = 10.0
    assert evidence(rows, measured) == 4
    rows[0] = replace(rows[0], item="al_111")
    evidence(rows, measured)
    assert len(asked) == 4


def test_few_answers_are_kept(asked: list[object]) -> None:
    @once
    def evidence(rows: Sequence[Row], n: int) -> int:
        asked.append(n)
        return n

    for n in (0, 1, 2, 3, 0):
        evidence(ROWS, n)
    assert asked == [0, 1, 2, 3, 0]


def test_a_report_looks_at_each_kind_of_rows_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: dict[str, int] = {}

    def counting(module: object, name: str) -> None:
        wrapped = getattr(module, name)

        def counted_call(*args: object, **kwargs: object) -> object:
            counted[name] = counted.get(name, 0) + 1
            return wrapped(*args, **kwargs)

        monkeypatch.setattr(module, name, counted_call)

    counting(adsorption, "adsorption_errors")
    counting(species, "_error_models")
    counting(liquids, "_one_method")
    catalog = load_catalog()
    rows = known_rows(None, catalog)
    n_liquids = len({r.item for r in rows if r.kind == "liquid" and r.status == "ok"})
    write_results(rows, catalog, tmp_path)
    assert counted == {"adsorption_errors": 1, "_error_models": 1, "_one_method": n_liquids}
