"""Viscosity of a simulation and its part in the interval of D."""

from __future__ import annotations

import numpy as np
import pytest

from potash.engines.md import Stage, StageResult
from potash.liquids.viscosity import viscosity_of, widen
from potash.trajectories.viscosity import green_kubo_viscosity


def test_the_uncertainty_of_the_correction_adds_in_quadrature() -> None:
    """D = 3.0 of which 2.0 are the correction, known to 20 %: 0.3 and 0.4 make 0.5."""
    diffusion = {
        "K": {"value": 3.0, "low": 2.7, "high": 3.3, "finite_size": 2.0},
        "FSI": {"value": 3.0, "low": 2.7, "high": 3.3},
        "DME": {"status": "not diffusive yet", "apparent": 1.0, "finite_size": 2.0},
    }
    widen(diffusion, 0.2)
    assert diffusion["K"]["low"] == pytest.approx(2.5)
    assert diffusion["K"]["high"] == pytest.approx(3.5)
    assert diffusion["FSI"]["low"] == 2.7
    assert diffusion["DME"]["apparent"] == 1.0


def test_viscosity_is_that_of_the_stage_with_the_pressure_tensor() -> None:
    rng = np.random.default_rng(1)
    stress = rng.normal(0, 300, (4000, 3, 3))
    volume, still = np.full(20, 3.0e4), np.zeros((1, 3))
    series = np.linspace(0.2, 24.0, 20)

    def result(stage: Stage, tensor: np.ndarray | None) -> StageResult:
        return StageResult(stage, *[series] * 4, volume, None, still, np.eye(3) * 31, tensor)

    plain = result(Stage("settle", "npt", 24.0, 298.15), None)
    with_stress = result(Stage("stress", "nvt", 24.0, 298.15, stress_ps=0.006), stress)
    found = viscosity_of([plain, with_stress, plain], 298.15)
    assert found == green_kubo_viscosity(stress, 0.006, 3.0e-26, 298.15)
    assert viscosity_of([plain], 298.15) is None
