"""Bulk potassium, from which adsorption energies are measured (kind ``k_metal``)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ase.build import bulk

from potash.engines.adsorption_levels import level_of
from potash.engines.gpaw import Point, run_points
from potash.engines.levels import Level, level_sha256
from potash.engines.potentials import calculator
from potash.engines.relaxation import bcc_minimum
from potash.errors import CalculationError
from potash.hosts.parabola import parabola_minimum
from potash.results.calculation import Calculation, Outcome, Progress
from potash.results.k_metal import KMetalInputs, KMetalValues
from potash.results.model import NoNeeds

_BCC_K_ANGSTROM = (4.9, 5.8)
_DFT_LATTICES_ANGSTROM = (5.16, 5.28, 5.40)
_TIME_LIMIT_S = 3 * 3600.0


def k_metal_calculation(level: Level) -> Calculation:
    """Return the calculation of bcc potassium, the reference of every adsorption energy."""
    return Calculation(
        item="k_metal",
        model="bcc",
        level=level.name,
        inputs=KMetalInputs(level=level.fingerprint),
        cost_s=200.0 if level.theory == "dft" else 15.0,
    )


def compute_k_metal(
    inputs: KMetalInputs, _needs: NoNeeds, *, workdir: Path, progress: Progress
) -> Outcome[KMetalValues]:
    """Return energy per atom and lattice constant of bcc potassium.

    Parameters
    ----------
    inputs
        Level of theory.
    workdir
        Finished DFT points are kept there, for a restart.
    progress
        Called with a fraction and a text.

    Raises
    ------
    RefusedError
        If the engine is not installed.
    CalculationError
        If the level has no bcc minimum near the experimental lattice constant, 5.33 angstrom.
    """
    level = level_of(inputs.level)
    level.check({"K"})
    progress(0.05, "bcc K")
    if level.theory == "dft":
        return _by_dft(level, workdir)
    low, high = _BCC_K_ANGSTROM
    a, energy = bcc_minimum("K", calculator(level.fingerprint), low=low, high=high)
    return Outcome(
        status="ok",
        values=KMetalValues(
            energy_ev_per_atom=energy,
            lattice_constant_angstrom=a,
            level_sha256=level_sha256(level.fingerprint),
        ),
        reference_state="total energy of the level",
        engine=level.engine,
        engine_version=level.engine_version,
    )


def _by_dft(level: Level, workdir: Path) -> Outcome[KMetalValues]:
    """Return the minimum of a parabola through three energies.

    What other functionals give on the density is that at the lattice constant
    nearest to the minimum.
    """
    found = []
    for a in _DFT_LATTICES_ANGSTROM:
        point = Point(f"K {a:.4f}", bulk("K", "bcc", a=a))
        folder = workdir / point.name
        run = run_points([point], level.fingerprint, folder, time_limit_s=_TIME_LIMIT_S)
        found.append(run[point.name])
    energies = [float(record["energy_ev"]) for record in found]
    a, lowest = parabola_minimum(_DFT_LATTICES_ANGSTROM, energies)
    if not 5.0 < a < 5.6:
        raise CalculationError(f"bcc K has no minimum near 5.3 angstrom (found {a:.2f})")
    nearest = int(np.argmin(np.abs(np.asarray(_DFT_LATTICES_ANGSTROM) - a)))
    return Outcome(
        status="ok",
        values=KMetalValues(
            energy_ev_per_atom=lowest,
            lattice_constant_angstrom=a,
            level_sha256=level_sha256(level.fingerprint),
            functional_shift_ev=found[nearest]["functional_shift_ev"],
        ),
        reference_state="GPAW total energy (relative to its atomic reference configurations)",
        engine=level.engine,
        engine_version=level.engine_version,
    )
