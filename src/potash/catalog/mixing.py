"""Whether the components of a formulation are known to mix, and the salt to dissolve."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from potash.catalog.catalog import Catalog
from potash.catalog.formulations import Component, Formulation


def doubt_of_mixing(
    formulation: Formulation, catalog: Catalog, miscible: Iterable[tuple[str, str]] = ()
) -> str:
    """Return what nobody knows of a formulation that a sweep made, or an empty text.

    A salt is known to dissolve in a solvent where the campaign says so, or where a formulation
    that somebody made (of the catalogue, or the user's own) holds both with as much salt per
    litre; two liquids are known to mix where one holds both. A diluent need not dissolve the salt.

    Parameters
    ----------
    formulation
        One that somebody made is never in doubt.
    catalog
        Formulations that were made, and which are only proposed.
    miscible
        Pairs of ids that the campaign states.
    """
    if formulation.id not in catalog.proposed:
        return ""
    stated = {frozenset(pair) for pair in miscible}
    made = [f for f in catalog.electrolytes.values() if f.id not in catalog.proposed]
    open_ = []
    for one, other in combinations(formulation.components, 2):
        salts = [c for c in (one, other) if c.role == "salt"]
        if salts and "diluent" in (one.role, other.role):
            continue
        if frozenset((one.species, other.species)) in stated:
            continue
        if not any(_shows(f, one, other, salts) for f in made):
            pair = f"{one.species} {'dissolves in' if salts else 'mixes with'} {other.species}"
            content = f" at {salts[0].used.value:g} {salts[0].used.unit}" if salts else ""
            open_.append(f"whether {pair}{content}".replace("molar_ratio", "by moles"))
    return ", ".join(open_)


def _shows(made: Formulation, one: Component, other: Component, salts: list[Component]) -> bool:
    held = {c.species: c.used for c in made.components}
    if one.species not in held or other.species not in held:
        return False
    if not salts:
        return True
    asked, there = salts[0].used, held[salts[0].species]
    return (
        asked.unit == there.unit == "mol/L"
        and asked.value is not None
        and there.value is not None
        and there.value >= asked.value
    )
