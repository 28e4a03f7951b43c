"""Levels of theory of the liquids: how long and fine, with which engine.

A name says all that makes two runs one method or two: rung, engine and, unless it is the
plain OPLS-AA/CL&P, the force field, such as ``screen-gromacs-pair``. ``screen``,
``standard`` and ``reference`` alone are short for those with OpenMM, which every
installation has, and the plain force field; a row always carries the full name.
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
FORCE_FIELDS = {
    "": ("opls-clp", 0.8, "OPLS-AA + CL&P"),
    "-pair": ("opls-clp-pair", 0.85, "OPLS-AA + CL&P, cation pairs"),
}
"""End of a level's name to force field, charge scale of its ions and title; newest last."""
NEWEST = tuple(FORCE_FIELDS)[-1]
"""Its end of a level's name."""
DEFAULT = "-openmm"
FULL_NAMES = tuple(
    f"{rung}-{engine}{model}" for model in FORCE_FIELDS for engine in ENGINES for rung in SETTINGS
)
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
    full = name + DEFAULT if name in SETTINGS else name
    rung, engine, model = f"{full}-".split("-")[:3]
    force_field, charge_scale, title = FORCE_FIELDS[f"-{model}" if model else ""]
    program, number = _program(engine)
    settings, production_ps = SETTINGS[rung]
    chosen = {k: v for k, v in dataclasses.asdict(settings).items() if k != "seed"}
    return Level(
        property="liquids",
        name=full,
        engine=engine,
        method=(
            f"{title}, ion charges x{charge_scale:g}, {settings.timestep_fs:g} fs"
            f" ({program} {number})"
        ),
        fingerprint={
            "engine": engine,
            "engine_version": number,
            "force_field": force_field,
            "ion_charge_scale": charge_scale,
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
