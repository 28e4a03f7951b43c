"""Levels of theory of the liquids: how long and fine, with which engine.

A name says all that makes two runs one method or two: rung, engine and, unless it is the
plain OPLS-AA/CL&P, the force field, such as ``screen-gromacs-pair``. ``screen``,
``standard`` and ``reference`` alone are short for those with OpenMM, which every
installation has, and the plain force field; a row always carries the full name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from potash.engines.levels import Level, require_installed
from potash.engines.md import Engine, Settings
from potash.errors import InputError
from potash.results.model import Fingerprint


def _openmm() -> Engine:
    # Imported here because the names of levels are read at every start.
    from potash.engines import openmm, openmm_run

    # Measured on one core, 1,000 atoms and 3 fs: 4.3 s/ps.
    return Engine("OpenMM", openmm.version, 1.3e-5, openmm_run.run)


def _gromacs() -> Engine:
    from potash.engines import gromacs

    # Measured on one core, 1,000 atoms and 2 fs: 1.0 s/ps.
    return Engine("GROMACS", gromacs.version, 2.0e-6, gromacs.run, gives_stress=True)


SETTINGS = {
    "screen": (Settings(timestep_fs=3.0, hydrogen_mass_u=2.0), 0.0),
    "standard": (Settings(), 5_000.0),
    "reference": (Settings(cutoff_angstrom=12.0), 20_000.0),
}
"""Rung to settings and the least production (ps) that deserves the name."""
ENGINES: Mapping[str, Callable[[], Engine]] = {"openmm": _openmm, "gromacs": _gromacs}
"""Name to engine, loaded when it is asked for."""
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
    program = ENGINES[engine]()
    version = program.version()
    settings, production_ps = SETTINGS[rung]
    chosen = {k: v for k, v in dataclasses.asdict(settings).items() if k != "seed"}
    return Level(
        property="liquids",
        name=full,
        theory="force_field",
        engine=engine,
        engine_version=version,
        method=(
            f"{title}, ion charges x{charge_scale:g}, {settings.timestep_fs:g} fs"
            f" ({program.title} {version})"
        ),
        fingerprint={
            "engine": engine,
            "engine_version": version,
            "force_field": force_field,
            "ion_charge_scale": charge_scale,
            "minimum_production_ps": production_ps,
            "settings": chosen,
        },
        charges=(-2, 2),
        max_atoms=1_000_000,
    )


def engine_name(fingerprint: Fingerprint) -> str:
    """Return the name of the engine of a level of this module."""
    return str(fingerprint["engine"])


def engine_of(fingerprint: Fingerprint) -> Engine:
    """Return the engine of a level of this module.

    Raises
    ------
    InputError
        If there is no such engine.
    RefusedError
        If it is not installed.
    CalculationError
        If another version is installed than it was planned for.
    """
    name = engine_name(fingerprint)
    if name not in ENGINES:
        raise InputError(f"{name!r} is not an engine for liquids; use {' or '.join(ENGINES)}")
    engine = ENGINES[name]()
    require_installed(
        {"engine_version": fingerprint["engine_version"]}, {"engine_version": engine.version()}
    )
    return engine


def settings_of(fingerprint: Fingerprint, seed: int) -> Settings:
    """Return the settings of a level of this module, with the seed of a run."""
    return Settings(**fingerprint["settings"], seed=seed)


def force_field_of(fingerprint: Fingerprint) -> str:
    """Return the name of the force field of a level of this module."""
    return str(fingerprint["force_field"])


def ion_charge_scale(level: Level) -> float:
    """Return the factor on the charges of ions of a level of liquids."""
    return float(level.fingerprint["ion_charge_scale"])


def least_production_ps(level: Level) -> float:
    """Return the shortest production that deserves the name of a level of liquids."""
    return float(level.fingerprint["minimum_production_ps"])


def core_seconds(level: Level, n_atoms: int, duration_ps: float) -> float:
    """Return about how many core-seconds a simulation at a level of liquids takes."""
    steps = 1000.0 * duration_ps / settings_of(level.fingerprint, 0).timestep_fs
    return ENGINES[level.engine]().seconds_per_atom_step * n_atoms * steps
