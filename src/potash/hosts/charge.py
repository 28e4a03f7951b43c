"""Charge that potassium gives to a surface (kind ``charge``): planned and computed.

By Hirshfeld partitioning of the PBE density.

Hirshfeld charges share the density by the weights of free atoms; they are
small (K in solid KF: about +0.3 e) and meant for comparing surfaces with one
another, not with formal, Bader or Mulliken charges.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from potash.engines.adsorption_levels import adsorption_level
from potash.engines.gpaw import Point, level_of, run_points
from potash.engines.levels import Level
from potash.errors import CalculationError, InputError
from potash.hosts.adsorption import surface_inputs, surfaces
from potash.hosts.energies import cost_s
from potash.hosts.screened_site import screened
from potash.results.calculation import Calculation, Outcome, Progress
from potash.results.charge import ChargeInputs, ChargeValues
from potash.results.model import NoNeeds
from potash.structures.plain_atoms import extxyz
from potash.structures.recipes import Recipe
from potash.structures.symmetry import symmetric_about_last

_TIME_LIMIT_S = 3 * 3600.0
_NEUTRAL_E = 0.05


def charge_calculation(recipe: Recipe, level: Level, *, item: str, model: str) -> Calculation:
    """Return the calculation of K's Hirshfeld charge on the most credible termination.

    Raises
    ------
    InputError
        For a bulk recipe, or a level that is not DFT.
    """
    if level.theory != "dft":
        raise InputError(
            f"charges need a DFT level such as standard, not {level.name}", field="level"
        )
    label, surface = surfaces(recipe, model)[0]
    return Calculation(
        item=item,
        model=label,
        level=level.name,
        inputs=surface_inputs(
            ChargeInputs,
            recipe,
            surface,
            level,
            screen=adsorption_level("screen").fingerprint,
        ),
        cost_s=cost_s(len(surface.atoms), level.theory) / 2,
    )


def compute_charge(
    inputs: ChargeInputs, _needs: NoNeeds, *, workdir: Path, progress: Progress
) -> Outcome[ChargeValues]:
    """Return the Hirshfeld charge of K on its best screened site.

    Parameters
    ----------
    inputs
        As of an adsorption by DFT.
    workdir, progress
        As for every calculation.

    Raises
    ------
    RefusedError
        Without GPAW, or outside the level's validity.
    CalculationError
        If the SCF cycle does not converge, or the charges do not add up to zero.
    """
    level = level_of(inputs.level)
    start = screened(inputs, inputs.screen, workdir, lambda f, t: progress(0.3 * f, t))
    atoms = symmetric_about_last(start.best_atoms)
    level.check(atoms.get_chemical_symbols(), charge=inputs.charge, n_atoms=len(atoms))
    progress(0.4, "DFT density")
    point = Point("charges", atoms, charges=True)
    found = run_points([point], inputs.level, workdir / "charges", time_limit_s=_TIME_LIMIT_S)[
        "charges"
    ]
    charges = np.asarray(found["hirshfeld_charges_e"])
    if abs(charges.sum()) > _NEUTRAL_E:
        raise CalculationError(f"the charges add up to {charges.sum():+.2f} e, not to zero")
    by_element = {
        symbol: float(charges[:-1][np.array(atoms[:-1].symbols) == symbol].sum())
        for symbol in sorted(set(atoms[:-1].get_chemical_symbols()))
    }
    return Outcome(
        status="ok",
        values=ChargeValues(
            k_charge_e=float(charges[-1]),
            substrate_charge_by_element_e=by_element,
            charge_method="Hirshfeld",
            site=start.site,
            facet=start.facet,
            termination=start.termination,
            magnetic_moment_mu_b=found.get("magnetic_moment"),
        ),
        reference_state="neutral free atoms",
        engine=level.engine,
        engine_version=level.engine_version,
        structures={"best": extxyz(atoms)},
    )
