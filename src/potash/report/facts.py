"""What a reader may filter candidates by: role, class and elements, from the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from potash.catalog.catalog import Catalog
from potash.ranking.table import RankedTable


@dataclass(frozen=True)
class Fact:
    """Roles, class and elements of one candidate."""

    roles: tuple[str, ...]
    group: str
    elements: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Facts of all candidates of a table.

    Attributes
    ----------
    of
        Candidate's id to its facts.
    roles, groups
        All that occur, for the filters.
    """

    of: Mapping[str, Fact]
    roles: tuple[str, ...]
    groups: tuple[str, ...]


def host_facts(table: RankedTable, catalog: Catalog) -> Facts:
    """Return the facts of hosts and of the models that are ranked beside them."""
    found = {}
    for entry in table.entries:
        host = catalog.hosts.get(entry.id)
        names = (entry.id,) if host is None else host.models
        formulas = [catalog.models[m].formula for m in names if m in catalog.models]
        elements = sorted({e for f in formulas for e in re.findall(r"[A-Z][a-z]?", f)})
        roles = ("model",) if host is None else tuple(r.replace(" ", "_") for r in host.roles)
        found[entry.id] = Fact(roles, entry.group, tuple(elements))
    return _facts(found)


def electrolyte_facts(table: RankedTable, catalog: Catalog) -> Facts:
    """Return the facts of formulations; they have no role, and their kind is their class."""
    return _facts(
        {
            e.id: Fact((), e.group, _elements(catalog.species_in(e.id), catalog))
            for e in table.entries
        }
    )


def molecule_facts(listed: Iterable[str], catalog: Catalog) -> Facts:
    """Return the facts of those species of the catalogue that a table lists."""
    species = (catalog.species[s] for s in listed if s in catalog.species)
    return _facts({s.id: Fact(s.roles, "", tuple(sorted(s.composition))) for s in species})


def _elements(species: Iterable[str], catalog: Catalog) -> tuple[str, ...]:
    known = (catalog.species[s] for s in species if s in catalog.species)
    return tuple(sorted({e for s in known for e in s.composition}))


def _facts(found: Mapping[str, Fact]) -> Facts:
    return Facts(
        of=found,
        roles=tuple(sorted({r for f in found.values() for r in f.roles})),
        groups=tuple(sorted({f.group for f in found.values() if f.group})),
    )
