"""Levels of theory of adsorption: potentials, a user's ASE calculator, and DFT."""

from __future__ import annotations

from potash.engines import gpaw, potentials
from potash.engines.levels import Level
from potash.errors import InputError
from potash.results.model import Fingerprint

NAMES = (*potentials.LEVELS, *gpaw.DFT_LEVELS)
"""Names of the levels, without those of users' calculators."""


def adsorption_level(name: str, calculator: str | None = None) -> Level:
    """Return a level of theory for adsorption.

    Parameters
    ----------
    name
        One of :data:`NAMES`; with ``calculator``, any name.
    calculator
        ``mypkg.module:factory``: a function without arguments that returns an
        ASE calculator. Its source file and package version enter the
        fingerprint; parameters that it reads from elsewhere do not.

    Raises
    ------
    InputError
        For an unknown level name or a module that is not found.
    RefusedError
        For a DFT level without GPAW.
    """
    if calculator is not None:
        return potentials.user_level(name, calculator)
    if name in gpaw.DFT_LEVELS:
        return gpaw.dft_level(name)
    if name in potentials.LEVELS:
        return potentials.potential_level(name)
    raise InputError(
        f"adsorption level {name!r} is not known; it is one of {', '.join(NAMES)}", field="level"
    )


def level_of(fingerprint: Fingerprint) -> Level:
    """Return the level of theory that a fingerprint of adsorption stands for.

    Raises
    ------
    CalculationError
        If it is of no engine known here, or of another potential or calculator than
        is installed.
    """
    if fingerprint.get("engine") == "gpaw":
        return gpaw.level_of(fingerprint)
    return potentials.level_of(fingerprint)
