"""The resolution stated for migration barriers is what the committed rows give."""

from __future__ import annotations

import pytest

from potash.calibration.resolution import resolution
from potash.resources import data_dir
from tests.benchmark_modules import benchmark

BENCHMARK = benchmark("migration_barriers")


def test_the_stated_resolution_is_the_measured_one(reference_rows):
    found = BENCHMARK.compare(reference_rows, data_dir("structures") / "migration_barriers.csv")
    errors = [c.error for c in found if c.verified]
    stated = resolution("migration_barrier", "screen")
    assert f"over {len(errors)} measured" in stated.basis
    assert stated.half_width == pytest.approx(BENCHMARK.half_width(errors), abs=0.005)
