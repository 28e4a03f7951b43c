"""The viscosity of a simulation, and what its uncertainty means for D."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from potash.engines.md import StageResult

if TYPE_CHECKING:
    from potash.trajectories.viscosity import Viscosity


def viscosity_of(results: Sequence[StageResult], temperature_k: float) -> Viscosity | None:
    """Return the viscosity from the stage with the pressure tensor, if there is one."""
    from potash.trajectories.viscosity import green_kubo_viscosity

    for result in results:
        if result.stress_bar is not None:
            spacing_ps = result.stage.duration_ps / len(result.stress_bar)
            volume_m3 = float(result.volume_angstrom3.mean()) * 1e-30
            return green_kubo_viscosity(result.stress_bar, spacing_ps, volume_m3, temperature_k)
    return None


def widen(diffusion: Mapping[str, dict[str, Any]], relative: float) -> None:
    """Add the uncertainty of the finite-size correction to the intervals of D, in place.

    Parameters
    ----------
    diffusion
        Species to ``value``, ``low``, ``high`` and ``finite_size``, the correction in ``value``.
    relative
        Half-width of the viscosity's interval over its value; the correction goes as its inverse.
    """
    for entry in diffusion.values():
        if entry.get("value") is None or entry.get("finite_size") is None:
            continue
        value, extra = float(entry["value"]), float(entry["finite_size"]) * relative
        for end, sign in (("low", -1), ("high", 1)):
            if entry.get(end) is not None:
                entry[end] = value + sign * math.hypot(float(entry[end]) - value, extra)
