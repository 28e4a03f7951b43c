"""Whether an adsorption energy has converged with the thickness of its slab."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from potash.hosts import screening
from potash.hosts.energies import REFERENCE_STATE
from potash.results.calculation import Outcome

CONVERGED_EV = 0.05


def compute_thickness(
    inputs: Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Callable[[float, str], None],
) -> Outcome:
    """Return how much the adsorption energy changes on a slab one repeat unit thicker.

    Parameters
    ----------
    inputs
        As of an adsorption by a potential, with the thicker recipe.
    needs
        ``k_metal`` and ``adsorption``: the row of the slab that is checked.
    workdir, progress
        As for every calculation.

    Returns
    -------
    Outcome
        ``thickness_change_ev``; ``anomalous`` where it is larger than 0.05 eV,
        or where K ends at no usable site of the thicker slab.
    """
    thicker = screening.adsorption(inputs, needs, workdir=workdir, progress=progress)
    checked = needs["adsorption"].get("adsorption_energy_ev")
    found = thicker.values.get("adsorption_energy_ev")
    common: dict[str, Any] = {
        "reference_state": REFERENCE_STATE,
        "engine": thicker.engine,
        "engine_version": thicker.engine_version,
        "structures": thicker.structures,
    }
    values = {k: v for k, v in thicker.values.items() if k in ("facet", "termination", "n_atoms")}
    if checked is None or found is None:
        reason = thicker.reason or "the slab that is checked has no adsorption energy"
        return Outcome(status="anomalous", values=values, reason=reason, **common)
    change = float(found) - float(checked)
    values |= {
        "thickness_change_ev": change,
        "adsorption_energy_thicker_ev": found,
        "force_calls": thicker.values["force_calls"],
    }
    converged = abs(change) <= CONVERGED_EV
    return Outcome(
        status="ok" if converged else "anomalous",
        values=values,
        reason=""
        if converged
        else f"the adsorption energy changes by {change:+.2f} eV on a thicker slab",
        **common,
    )
