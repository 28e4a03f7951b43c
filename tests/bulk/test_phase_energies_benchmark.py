"""The resolution stated for energies of phases is what the committed rows give."""

from __future__ import annotations

import numpy as np
import pytest

from potash.bulk.thermodynamics import PhaseEnergy
from potash.calibration.resolution import resolution
from potash.evidence.phases import phase_sets
from potash.resources import data_dir
from tests.benchmark_modules import benchmark

BENCHMARK = benchmark("phase_energies")
MEASURED = BENCHMARK.measured_energies(data_dir("structures") / "formation_energies.csv")


def test_measured_reaction_energies_by_hand():
    """AlF3 + 3 K -> 3 KF + Al: (3 x -538.8 + 1430.6) kJ/mol over seven atoms."""
    none = [PhaseEnergy(f, 0.0, "screen") for f in ("AlF3", "K", "KF", "Al")]
    (found,) = BENCHMARK.compare([(("AlF3", "K"), ("KF", "Al"))], none, MEASURED)
    assert found.computed == 0
    assert found.measured == pytest.approx((3 * -538.8 + 1430.6) / 96.485 / 7, abs=1e-4)


def test_half_width_is_that_of_students_t():
    """Two errors of 0.1: rms 0.1, t(0.975, 2) = 4.303."""
    assert BENCHMARK.half_width([0.1, -0.1]) == pytest.approx(0.4303, abs=1e-4)


def test_the_stated_resolution_is_the_measured_one(reference_rows):
    (screen,) = [s for s in phase_sets(reference_rows) if s.level == "screen"]
    found = BENCHMARK.compare(BENCHMARK.BOUND, screen.phases, MEASURED)
    errors = [c.error for c in found]
    stated = resolution("phase_energy", "screen")
    assert len(errors) == 17
    assert "17 measured reactions" in stated.basis
    assert stated.half_width == pytest.approx(BENCHMARK.half_width(errors), abs=0.005)
    assert np.mean(np.abs(errors) < stated.half_width) >= 0.85
