"""Adsorption of potassium on a surface, against bcc potassium at the same level.

``adsorption_energy_ev`` = E(surface + K) - E(surface) - E(K, bcc bulk, per
atom): negative where K binds more strongly than in its metal.
``binding_energy_ev`` counts from a free K atom: the cohesive energy of K metal
(0.934 eV per atom, experiment) minus the adsorption energy. A potential's own
free atom is never used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from potash.hosts import dft, screening
from potash.results.calculation import Outcome

Progress = Callable[[float, str], None]


def compute_k_metal(
    inputs: Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Progress,
) -> Outcome:
    """Return energy per atom and lattice constant of bcc potassium.

    Parameters
    ----------
    inputs
        ``level`` (fingerprint) and ``structure`` (``bcc``).
    needs
        Nothing.
    workdir, progress
        As for every calculation.

    Raises
    ------
    CalculationError
        If the level has no bcc minimum near the experimental lattice constant.
    """
    del needs
    progress(0.05, "bcc K")
    if inputs["level"]["engine"] == "gpaw":
        return dft.k_metal(inputs, workdir=workdir)
    return screening.k_metal(inputs)


def compute_adsorption(
    inputs: Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Progress,
) -> Outcome:
    """Return the adsorption energy of one K on one surface.

    Parameters
    ----------
    inputs
        ``level`` (fingerprint), ``recipe``, ``termination``, ``charge`` of the
        cell, and ``search``, the fields of :class:`~potash.hosts.placement.Plan`;
        for DFT also ``screen`` (fingerprint of the potential that gives the
        geometry) and ``heights_angstrom``.
    needs
        ``k_metal``: the row of bcc K at the same level.
    workdir
        Relaxed geometries and finished DFT points are kept there, for a restart.
    progress
        Called with a fraction and a text.

    Raises
    ------
    RefusedError
        Outside the validity of the level, no surface, overlapping atoms,
        missing vacuum, charged cell, a K reference at other settings, or an
        engine that is not installed.
    CalculationError
        If a relaxation or an SCF cycle does not converge.
    """
    if inputs["level"]["engine"] == "gpaw":
        return dft.adsorption(inputs, needs, workdir=workdir, progress=progress)
    return screening.adsorption(inputs, needs, workdir=workdir, progress=progress)
