"""What a campaign would cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from potash.results.liquid import LiquidInputs
from potash.running.estimate import expected
from potash.running.schedule import Stage
from potash.store import Row
from tests.store.test_store import a_row
from tests.synthetic_calculations import calculation


def test_a_measured_mean_is_that_of_the_same_kind_and_level_and_of_what_succeeded() -> None:
    work = [calculation(n) for n in range(5)]
    rows = [
        a_row(10, seconds=10.0, level="screen"),
        a_row(11, seconds=30.0, level="screen", status="anomalous"),
        a_row(12, seconds=1000.0, level="screen", status="failed"),
        a_row(13, seconds=5000.0, level="standard"),
    ]
    [found] = expected([Stage("molecules", tuple(work))], {work[0].key}, rows)
    assert (found.asked, found.known, found.basis) == (5, 1, "measured")
    assert found.core_hours == pytest.approx(4 * 20.0 / 3600)


def test_core_seconds_count_where_they_are_known() -> None:
    rows = [
        a_row(10, seconds=500.0, cpu_seconds=10.0, level="screen"),
        a_row(11, seconds=30.0, level="screen"),
    ]
    [found] = expected([Stage("molecules", (calculation(1),))], (), rows)
    assert found.core_hours == pytest.approx(20.0 / 3600)


def test_without_a_row_the_plan_s_figure_stands() -> None:
    work = [replace(calculation(n), cost_s=90.0) for n in range(4)]
    [found] = expected([Stage("molecules", tuple(work))], (), [])
    assert found.basis == "planned"
    assert found.core_hours == pytest.approx(0.1)


def test_liquids_cost_by_atoms_and_time(reference_rows: list[Row]) -> None:
    row = next(r for r in reference_rows if r.kind == "liquid" and r.status == "ok")
    inputs = row.read(LiquidInputs)
    longer = inputs.model_copy(
        update={
            "production_ps": 3 * inputs.production_ps,
            "equilibration_ps": 3 * inputs.equilibration_ps,
        }
    )
    twice = replace(calculation(0), inputs=longer, level=row.level)
    [found] = expected([Stage("liquids", (twice,))], (), [row])
    assert found.core_hours == pytest.approx(3 * row.seconds / 3600)
