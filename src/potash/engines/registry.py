"""Levels of theory by property and name, and which of them can be used here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from potash.engines import md_levels
from potash.engines.levels import Level, Property
from potash.errors import InputError, PotashError
from potash.spelling import nearest


def _molecules(name: str) -> Level:
    # Imported here because the names of levels are read at every start.
    from potash.engines.molecule_levels import molecule_level

    return molecule_level(name)


def _adsorption(name: str) -> Level:
    from potash.engines.adsorption_levels import adsorption_level

    return adsorption_level(name)


_FACTORIES: Mapping[Property, Callable[[str], Level]] = {
    "adsorption": _adsorption,
    "molecules": _molecules,
    "liquids": md_levels.liquid_level,
}

NAMES: Mapping[Property, tuple[str, ...]] = {
    "adsorption": ("screen", "screen-chgnet", "standard-lcao", "standard", "reference"),
    "molecules": ("screen", "screen-xtb-python", "standard", "reference"),
    "liquids": md_levels.NAMES,
}
"""Names of the levels of each property; a suffix names another engine for the same level."""


def level(property_name: Property, name: str) -> Level:
    """Return a level of theory.

    Raises
    ------
    InputError
        If there is no such level.
    RefusedError
        If its engine is not installed; the message says how to get it.
    """
    check_name(property_name, name)
    return _FACTORIES[property_name](name)


def adsorption_theory(name: str, calculator: str | None = None) -> Level:
    """Return a level of theory for adsorption, or of a user's calculator under that name.

    Parameters
    ----------
    name
        Of the level.
    calculator
        ``mypkg.module:factory`` of an ASE calculator, instead of the level's own.

    Raises
    ------
    InputError, RefusedError
        As :func:`level` and :func:`potash.engines.adsorption_levels.adsorption_level`.
    """
    if calculator is None:
        return level("adsorption", name)
    from potash.engines.adsorption_levels import adsorption_level

    return adsorption_level(name, calculator)


def check_name(property_name: Property, name: str) -> None:
    """Raise :class:`InputError` with the nearest name if there is no such level."""
    names = NAMES[property_name]
    if name not in names:
        raise InputError(
            f"{name!r} is not a level of {property_name}{nearest(name, names)} "
            f"(levels: {', '.join(names)})",
            field="level",
        )


def available_levels() -> list[dict[str, Any]]:
    """Return every level with whether it can be used here, and why not."""
    found = []
    for property_name, names in NAMES.items():
        for name in names:
            entry = {"property": property_name, "name": name}
            try:
                one = level(property_name, name)
            except PotashError as error:
                found.append({**entry, "available": False, "method": None, "note": str(error)})
            else:
                found.append({**entry, "available": True, "method": one.method, "note": ""})
    return found
