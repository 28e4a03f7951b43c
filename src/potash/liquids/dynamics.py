"""The stages of a liquid's simulation, and the gates that it has to pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from potash.engines.md import Stage, StageResult
from potash.engines.topology import Topology
from potash.errors import CalculationError
from potash.units import AVOGADRO_MOL, BOLTZMANN_J_K

MIXING_EXTRA_K = 100.0
# Undoes about the thermal expansion of 100 K, so that the box need not shrink again later.
MIXING_PRESSURE_BAR = 1700.0
SHORTEST_STAGE_PS = 1.0
DRIFT_PS = 1.0
TEMPERATURE_TOLERANCE = 0.02
SETTLING_TOLERANCE = 0.10
DENSITY_TOLERANCE = 0.05
DENSITY_TOLERANCE_LONG = 0.01
LONG_PS = 200.0
HEATING_TOLERANCE_K_PS = 3.0
BOLTZMANN_KJ_MOL_K = AVOGADRO_MOL * BOLTZMANN_J_K / 1000
THERMOSTAT_MEMORY_PS = 1.0
STRESS_SHARE = 0.2
STRESS_PS = 0.006
# Weak, because friction of the thermostat lowers the viscosity that is measured.
STRESS_FRICTION_PS = 0.1


def stages(
    temperature_k: float,
    equilibration_ps: float,
    production_ps: float,
    frame_ps: float,
    *,
    stress: bool = False,
) -> list[Stage]:
    """Return the stages of a simulation.

    ``heat``: 15 % of the equilibration at constant volume with strong friction.
    ``mix``: 35 % at 1700 bar and 100 K above the target, so that the packed ions forget
    where they were placed, at about the final density.
    ``settle``: 50 % at 1 atm and the target temperature; judged by the gates.
    ``drift``: 1 ps without thermostat, for the conservation of energy.
    ``stress``: where asked for and the production is 200 ps or longer, a fifth of it at
    constant volume and weak friction, for the viscosity from the pressure tensor.
    ``production``: at 1 atm, with frames.
    """

    def share(fraction: float) -> float:
        return max(SHORTEST_STAGE_PS, fraction * equilibration_ps)

    return [
        Stage("heat", "nvt", share(0.15), temperature_k, friction_ps=5.0),
        Stage(
            "mix",
            "npt",
            share(0.35),
            temperature_k + MIXING_EXTRA_K,
            pressure_bar=MIXING_PRESSURE_BAR,
        ),
        Stage("settle", "npt", share(0.50), temperature_k),
        Stage("drift", "nve", DRIFT_PS, temperature_k),
        *(
            [
                Stage(
                    "stress",
                    "nvt",
                    STRESS_SHARE * production_ps,
                    temperature_k,
                    friction_ps=STRESS_FRICTION_PS,
                    stress_ps=STRESS_PS,
                )
            ]
            if stress and production_ps >= LONG_PS
            else []
        ),
        Stage("production", "npt", production_ps, temperature_k, frame_ps=frame_ps),
    ]


def frame_interval_ps(production_ps: float) -> float:
    """Return the time between frames: about 1,000 frames, never closer than 0.15 ps."""
    return max(0.15, round(production_ps / 1000, 2))


@dataclass(frozen=True)
class Gates:
    """What the gates measured.

    Attributes
    ----------
    temperature_k
        Mean of the production.
    temperature_limit_k
        Largest allowed distance from the target.
    density_change
        Relative change of the density between the halves of ``settle``.
    production_density_change
        The same for the production.
    heating_k_ps
        Rate at which energy is not conserved without thermostat, as a temperature.
    """

    temperature_k: float
    temperature_limit_k: float
    density_change: float
    production_density_change: float
    heating_k_ps: float


def check(results: Sequence[StageResult], topology: Topology, n_constraints: int) -> Gates:
    """Judge a simulation, or raise.

    The mean temperature has to be within 2 % of the target, or within four
    standard errors where the run is too short for that. The density may change
    by 10 % between the halves of the last equilibration stage (which begins hot)
    and by 5 %, from 200 ps on 1 %, between those of the production. Without
    thermostat the energy may drift by 3 K/ps of kinetic temperature (at the
    friction of 1/ps a drift of ``a`` shifts the temperature by ``a/2`` ps).

    Raises
    ------
    CalculationError
        Naming the gate that failed, with the number.
    """
    by_name = {r.stage.name: r for r in results}
    production, settle, drift = by_name["production"], by_name["settle"], by_name["drift"]
    freedom = 3 * topology.n_atoms - n_constraints
    target = production.stage.temperature_k
    mean = float(production.temperature_k.mean())
    spread = target * (2 / freedom) ** 0.5
    independent = max(1.0, production.stage.duration_ps / (2 * THERMOSTAT_MEMORY_PS))
    limit = max(TEMPERATURE_TOLERANCE * target, 4 * spread / independent**0.5)
    gates = Gates(
        temperature_k=mean,
        temperature_limit_k=limit,
        density_change=_change(settle),
        production_density_change=_change(production),
        heating_k_ps=_heating(drift, freedom),
    )
    if abs(mean - target) > limit:
        raise CalculationError(
            f"temperature gate: {mean:.1f} K instead of {target:.1f} K (allowed +-{limit:.1f} K)"
        )
    long = production.stage.duration_ps >= LONG_PS
    for name, change, allowed in (
        ("the last equilibration stage", gates.density_change, SETTLING_TOLERANCE),
        (
            "the production",
            gates.production_density_change,
            DENSITY_TOLERANCE_LONG if long else DENSITY_TOLERANCE,
        ),
    ):
        if abs(change) > allowed:
            raise CalculationError(
                f"density gate: changes by {change:+.1%} between the halves of {name}"
                f" (allowed {allowed:.0%}); equilibrate longer"
            )
    if abs(gates.heating_k_ps) > HEATING_TOLERANCE_K_PS:
        raise CalculationError(
            f"energy gate: {gates.heating_k_ps:+.2f} K/ps without thermostat"
            f" (allowed {HEATING_TOLERANCE_K_PS:g}); take a shorter time step"
        )
    return gates


def _change(result: StageResult) -> float:
    density = 1 / result.volume_angstrom3
    half = len(density) // 2
    if half == 0:
        return 0.0
    return float(density[half:].mean() / density[:half].mean() - 1)


def _heating(result: StageResult, freedom: int) -> float:
    """Return the slope of the total energy as K/ps of ``freedom`` kinetic degrees."""
    if len(result.time_ps) < 2:
        return 0.0
    slope = float(np.polyfit(result.time_ps, result.total_kj_mol, 1)[0])
    return 2 * slope / (freedom * BOLTZMANN_KJ_MOL_K)
