"""Whether an adsorption energy has converged with the thickness of its slab (``thickness``)."""

from __future__ import annotations

from pathlib import Path

from potash.engines.adsorption_levels import level_of
from potash.hosts import screening
from potash.hosts.energies import REFERENCE_STATE
from potash.results.adsorption import AdsorptionInputs
from potash.results.calculation import Calculation, Outcome, Progress
from potash.results.thickness import ThicknessInputs, ThicknessNeeds, ThicknessValues
from potash.structures.recipes import SlabRecipe
from potash.structures.slabs import thicker

CONVERGED_EV = 0.05


def thickness_calculation(checked: Calculation) -> Calculation | None:
    """Return the check of one adsorption calculation on a thicker slab.

    None where there is nothing to check: sheets, layered crystals, molecules,
    structures as given, and levels that are not potentials.
    """
    inputs = checked.inputs
    if not isinstance(inputs, AdsorptionInputs) or not isinstance(inputs.recipe, SlabRecipe):
        return None
    if inputs.recipe.layered or level_of(inputs.level).theory != "potential":
        return None
    return Calculation(
        item=checked.item,
        model=checked.model,
        level=checked.level,
        inputs=ThicknessInputs(
            level=inputs.level,
            recipe=thicker(inputs.recipe),
            termination=inputs.termination,
            charge=inputs.charge,
            search=inputs.search,
        ),
        needs={**checked.needs, "adsorption": checked.key},
        cost_s=1.5 * checked.cost_s,
    )


def compute_thickness(
    inputs: ThicknessInputs, needs: ThicknessNeeds, *, workdir: Path, progress: Progress
) -> Outcome[ThicknessValues]:
    """Return how much the adsorption energy changes on a slab one repeat unit thicker.

    Parameters
    ----------
    inputs
        As of an adsorption by a potential, with the thicker recipe.
    needs
        Bulk potassium, and the adsorption that is checked.
    workdir, progress
        As for every calculation.

    Returns
    -------
    Outcome
        ``anomalous`` where the energy changes by more than 0.05 eV, or where K ends at
        no usable site of one of the slabs.

    Raises
    ------
    RefusedError, CalculationError
        As for the adsorption.
    """
    thick = screening.adsorption(inputs, needs.k_metal, workdir=workdir, progress=progress)
    assert thick.values is not None
    before, after = needs.adsorption.adsorption_energy_ev, thick.values.adsorption_energy_ev
    change = None if before is None or after is None else after - before
    if change is None:
        reason = thick.reason or "the slab that is checked has no adsorption energy"
    elif abs(change) > CONVERGED_EV:
        reason = f"the adsorption energy changes by {change:+.2f} eV on a thicker slab"
    else:
        reason = ""
    return Outcome(
        status="anomalous" if reason else "ok",
        values=ThicknessValues(
            facet=thick.values.facet,
            termination=thick.values.termination,
            n_atoms=thick.values.n_atoms,
            thickness_change_ev=change,
            adsorption_energy_thicker_ev=None if change is None else after,
            force_calls=None if change is None else thick.values.force_calls,
        ),
        reason=reason,
        reference_state=REFERENCE_STATE,
        engine=thick.engine,
        engine_version=thick.engine_version,
        structures=thick.structures,
    )
