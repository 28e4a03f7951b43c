"""The benchmark of simulated campaigns: it resumes, and a clear case comes out right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmark_modules import benchmark

BENCHMARK = benchmark("campaigns_simulated")


def test_a_stopped_run_goes_on_and_repeats_nothing(tmp_path: Path) -> None:
    file = tmp_path / "runs.csv"
    designs = [BENCHMARK.Design("hosts, two levels", policy, 1.0) for policy in ("best", "random")]
    BENCHMARK.run(designs, 2, file)
    whole = file.read_text()
    lines = whole.splitlines(keepends=True)
    file.write_text("".join(lines[:3]))
    BENCHMARK.run(designs, 2, file)
    assert file.read_text() == whole
    head, *table = BENCHMARK.table(BENCHMARK.read(file))
    assert [line[head.index("campaigns")] for line in table] == ["2", "2"]


@pytest.mark.parametrize("policy", BENCHMARK.POLICIES)
def test_exact_values_need_nothing_dear(policy: str) -> None:
    exact = replace(
        BENCHMARK.TWO_LEVELS, levels=(("screen", 1e-3, 60.0), ("standard", 1e-4, 3600.0))
    )
    run = BENCHMARK.campaign(exact, policy, 0)
    assert (run.right, run.answered, run.steps) == (1.0, True, 0)
    assert run.hours == pytest.approx(63 / 60)


def test_pessimistic_errors_cost_more_than_optimistic_ones() -> None:
    hours = [BENCHMARK.campaign(BENCHMARK.HOSTS, "gain", 1, believed=b).hours for b in (0.667, 1.5)]
    assert hours[0] < hours[1]
