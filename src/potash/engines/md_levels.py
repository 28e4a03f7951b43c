"""Levels of theory of the liquids: how long and fine, with which engine.

A name says all that makes two runs one method or two, such as ``screen-gromacs``.
``screen``, ``standard`` and ``reference`` alone are short for those with OpenMM, which
every installation has; a row always carries the full name.
"""

from __future__ import annotations

import dataclasses

from potash.engines.levels import Level
from potash.engines.md import Settings
from potash.errors import InputError

SETTINGS = {
    "screen": (Settings(timestep_fs=3.0, hydrogen_mass_u=2.0), 0.0),
    "standard": (Settings(), 5_000.0),
    "reference": (Settings(cutoff_angstrom=12.0), 20_000.0),
}
"""Rung to settings and the least production (ps) that deserves the name."""
ENGINES = ("openmm", "gromacs")
DEFAULT_ENGINE = "openmm"
FULL_NAMES = tuple(f"{rung}-{engine}" for engine in ENGINES for rung in SETTINGS)
NAMES = (*SETTINGS, *FULL_NAMES)
"""Names that a user may give: the rungs alone, and the full names."""


def liquid_level(name: str = "screen") -> Level:
    """Return a level of theory for liquids; its ``name`` is the full one.

    ``screen`` takes 3 fs steps with hydrogens of 2 u, which is what makes short
    runs affordable on a CPU; ``standard`` and ``reference`` take 2 fs steps with
    true masses and ask for 5 and 20 ns of production.

    Raises
    ------
    InputError
        If there is no such level.
    RefusedError
        If its engine is not installed.

    Examples
    --------
    >>> liquid_level("screen").name
    'screen-openmm'
    """
    if name not in NAMES:
        raise InputError(f"{name!r} is not a level of liquids; use one of {', '.join(NAMES)}")
    rung, _, given = name.partition("-")
    engine = given or DEFAULT_ENGINE
    title, number = _program(engine)
    settings, production_ps = SETTINGS[rung]
    chosen = {k: v for k, v in dataclasses.asdict(settings).items() if k != "seed"}
    return Level(
        property="liquids",
        name=f"{rung}-{engine}",
        engine=engine,
        method=f"OPLS-AA + CL&P, ion charges x0.8, {settings.timestep_fs:g} fs ({title} {number})",
        fingerprint={
            "engine": engine,
            "engine_version": number,
            "force_field": "opls-clp",
            "ion_charge_scale": 0.8,
            "minimum_production_ps": production_ps,
            "settings": chosen,
        },
        charges=(-2, 2),
        max_atoms=1_000_000,
    )


def _program(engine: str) -> tuple[str, str]:
    """Return title and version of an engine."""
    # Imported here because the names of levels are read at every start.
    if engine == "gromacs":
        from potash.engines import gromacs

        return "GROMACS", gromacs.version()
    from potash.engines import openmm

    return "OpenMM", openmm.version()
