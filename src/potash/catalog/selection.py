"""What a campaign's items stand for: entries of the catalogue, each with its levels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from potash.catalog.campaign_parts import ALL, HostsPart, LiquidsPart, MoleculesPart
from potash.catalog.catalog import Catalog
from potash.catalog.formulations import Formulation
from potash.catalog.hosts import AtomisticModel
from potash.catalog.species import Salt, Species


def _levels(
    part: HostsPart | MoleculesPart, expand: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Return entry id to levels, each once, in the order of the file."""
    found: dict[str, dict[str, None]] = {}
    for levels, items in (
        (part.levels, part.items),
        *(((lv,), it) for lv, it in part.extra.items()),
    ):
        for item in items:
            for entry in expand[item]:
                found.setdefault(entry, {}).update(dict.fromkeys(levels))
    return {entry: tuple(levels) for entry, levels in found.items()}


def selected_models(
    part: HostsPart, catalog: Catalog
) -> tuple[tuple[AtomisticModel, tuple[str, ...]], ...]:
    """Return each atomistic model to compute once, with its levels.

    Models without a surface are left out; the catalogue says why they have none.
    """
    expand: dict[str, Sequence[str]] = {name: (name,) for name in catalog.models}
    expand.update({host.id: host.models for host in catalog.hosts.values()})
    expand[ALL] = tuple(catalog.models)
    return tuple(
        (catalog.models[name], levels)
        for name, levels in _levels(part, expand).items()
        if catalog.models[name].has_surface
    )


def selected_species(
    part: MoleculesPart, catalog: Catalog
) -> tuple[tuple[Species, tuple[str, ...]], ...]:
    """Return each species to compute once, with its levels; a salt means its ions."""
    expand: dict[str, Sequence[str]] = {name: (name,) for name in catalog.species}
    expand.update({salt.id: (salt.cation, salt.anion) for salt in catalog.salts.values()})
    expand[ALL] = tuple(catalog.species)
    return tuple((catalog.species[name], levels) for name, levels in _levels(part, expand).items())


def selected_salts(
    part: MoleculesPart, catalog: Catalog
) -> tuple[tuple[Salt, tuple[str, ...]], ...]:
    """Return each salt among the items once, with its levels; ``all`` means every salt."""
    expand: dict[str, Sequence[str]] = dict.fromkeys(catalog.species, ())
    expand.update({name: (name,) for name in catalog.salts})
    expand[ALL] = tuple(catalog.salts)
    return tuple((catalog.salts[name], levels) for name, levels in _levels(part, expand).items())


def selected_electrolytes(part: LiquidsPart, catalog: Catalog) -> tuple[Formulation, ...]:
    """Return the formulations to simulate; ``all`` means liquids of known composition."""
    names: Iterable[str] = part.items
    if part.items == (ALL,):
        names = (
            f.id
            for f in catalog.electrolytes.values()
            if f.kind in ("liquid", "ionic_liquid") and not f.open_amounts
        )
    return tuple(catalog.electrolytes[name] for name in names)
