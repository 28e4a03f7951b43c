"""Charge that potassium gives to a surface: Hirshfeld partitioning of the PBE density.

Hirshfeld charges share the density by the weights of free atoms; they are
small (K in solid KF: about +0.3 e) and meant for comparing surfaces with one
another, not with formal, Bader or Mulliken charges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from potash.engines.gpaw import Point, level_of, run_points
from potash.errors import CalculationError
from potash.hosts.dft import screened
from potash.results.calculation import Outcome
from potash.structures.plain_atoms import extxyz
from potash.structures.symmetry import symmetric_about_last

_TIME_LIMIT_S = 3 * 3600.0
_NEUTRAL_E = 0.05


def compute_charge(
    inputs: Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Callable[[float, str], None],
) -> Outcome:
    """Return the Hirshfeld charge of K on its best screened site.

    Parameters
    ----------
    inputs
        As of an adsorption by DFT (``level``, ``screen``, ``recipe``,
        ``termination``, ``charge``, ``search``).
    needs
        Nothing.
    workdir, progress
        As for every calculation.

    Raises
    ------
    RefusedError
        Without GPAW, or outside the level's validity.
    CalculationError
        If the SCF cycle does not converge, or the charges do not add up to zero.
    """
    del needs
    fingerprint = inputs["level"]
    level = level_of(fingerprint)
    start = screened(inputs, workdir, lambda f, t: progress(0.3 * f, t))
    atoms = symmetric_about_last(start["best"])
    level.check(
        atoms.get_chemical_symbols(), charge=int(inputs.get("charge", 0)), n_atoms=len(atoms)
    )
    progress(0.4, "DFT density")
    point = Point("charges", atoms, charges=True)
    found = run_points([point], fingerprint, workdir / "charges", time_limit_s=_TIME_LIMIT_S)[
        "charges"
    ]
    charges = np.asarray(found["hirshfeld_charges_e"])
    if abs(charges.sum()) > _NEUTRAL_E:
        raise CalculationError(f"the charges add up to {charges.sum():+.2f} e, not to zero")
    by_element = {
        symbol: float(charges[:-1][np.array(atoms[:-1].symbols) == symbol].sum())
        for symbol in sorted(set(atoms[:-1].get_chemical_symbols()))
    }
    magnetic = {}
    if "magnetic_moment" in found:
        magnetic["magnetic_moment_mu_b"] = float(found["magnetic_moment"])
    return Outcome(
        status="ok",
        values={
            "k_charge_e": float(charges[-1]),
            "substrate_charge_by_element_e": by_element,
            "charge_method": "Hirshfeld",
            "site": start["values"]["site"],
            "facet": start["values"]["facet"],
            "termination": start["values"]["termination"],
            **magnetic,
        },
        reference_state="neutral free atoms",
        engine=level.engine,
        engine_version=str(fingerprint["versions"]["gpaw"]),
        structures={"best": extxyz(atoms)},
    )
