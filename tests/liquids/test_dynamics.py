"""Stages and gates."""

from __future__ import annotations

import numpy as np
import pytest

from potash.engines.md import Stage, StageResult
from potash.engines.topology import Topology
from potash.errors import CalculationError
from potash.liquids.dynamics import BOLTZMANN_KJ_MOL_K, check, frame_interval_ps, stages
from potash.liquids.forcefield import load_force_field
from potash.liquids.simulate import n_constraints
from potash.liquids.typing import parameterise

TOPOLOGY = Topology(((parameterise("dme", load_force_field()), 50),))
FREEDOM = 3 * TOPOLOGY.n_atoms - n_constraints(TOPOLOGY)


def result(
    stage: Stage, *, temperature: float = 298.15, squeeze: float = 0.0, heating: float = 0.0
) -> StageResult:
    n = 400
    t = np.linspace(0.2, stage.duration_ps, n)
    total = heating * t * FREEDOM * BOLTZMANN_KJ_MOL_K / 2
    # The density of the second half is (1 + squeeze) times that of the first.
    volume = np.where(np.arange(n) < n // 2, 1e4, 1e4 / (1 + squeeze))
    zero, box = np.zeros((TOPOLOGY.n_atoms, 3)), np.eye(3) * 20
    return StageResult(stage, t, np.full(n, temperature), -total, total, volume, None, zero, box)


def good(**changes: dict[str, float]) -> list[StageResult]:
    plan = stages(298.15, 20.0, 1000.0, 1.0)
    return [result(s, **changes.get(s.name, {})) for s in plan]


def test_stages_add_up_and_end_with_the_production() -> None:
    plan = stages(300.0, 40.0, 100.0, 0.5)
    assert sum(s.duration_ps for s in plan[:3]) == pytest.approx(40.0)
    assert [s.name for s in plan] == ["heat", "mix", "settle", "drift", "production"]
    assert plan[-1].frame_ps == 0.5
    assert [s.temperature_k for s in plan if s.name != "mix"] == [300.0] * 4
    assert all(s.frame_ps == 0 for s in plan[:-1])


def test_the_pressure_tensor_has_a_stage_of_its_own_where_the_run_is_long() -> None:
    plan = stages(300.0, 40.0, 1000.0, 1.0, stress=True)
    assert [s.name for s in plan] == ["heat", "mix", "settle", "drift", "stress", "production"]
    stress = plan[-2]
    assert (stress.ensemble, stress.duration_ps, stress.stress_ps) == ("nvt", 200.0, 0.006)
    assert all(s.stress_ps == 0 for s in plan if s is not stress)
    assert "stress" not in [s.name for s in stages(300.0, 40.0, 100.0, 0.5, stress=True)]


@pytest.mark.parametrize(("ps", "frame"), [(30.0, 0.15), (1000.0, 1.0), (5000.0, 5.0)])
def test_about_a_thousand_frames(ps: float, frame: float) -> None:
    assert frame_interval_ps(ps) == frame


def test_a_good_run_passes_with_its_numbers() -> None:
    gates = check(good(drift={"heating": 1.5}), TOPOLOGY, n_constraints(TOPOLOGY))
    assert gates.temperature_k == pytest.approx(298.15)
    assert gates.heating_k_ps == pytest.approx(1.5)
    assert gates.production_density_change == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"production": {"temperature": 330.0}}, "temperature gate: 330"),
        ({"production": {"squeeze": 0.02}}, r"density gate: changes by \+2.0% .* the production"),
        ({"settle": {"squeeze": -0.12}}, r"density gate: changes by -12.0% .* last equilibration"),
        ({"drift": {"heating": 5.0}}, r"energy gate: \+5.00 K/ps"),
    ],
)
def test_gates_raise_with_the_number(changes: dict[str, dict[str, float]], message: str) -> None:
    with pytest.raises(CalculationError, match=message):
        check(good(**changes), TOPOLOGY, n_constraints(TOPOLOGY))


def test_constraints_are_bonds_to_hydrogen() -> None:
    assert n_constraints(TOPOLOGY) == 10 * 50
