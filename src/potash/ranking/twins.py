"""Models of one recipe: computed once, and one row stands for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from potash.calculation import canonical_json
from potash.catalog.hosts import AtomisticModel
from potash.catalog.recipes import recipe_data
from potash.store.rows import Row


def same_surfaces(models: Mapping[str, AtomisticModel]) -> dict[str, str]:
    """Return model id to the id that stands for all models of one recipe.

    Hosts that the catalogue describes with models of their own may share a
    surface; it is computed once, and they tie. The shortest id stands for it.
    """
    groups: dict[str, list[str]] = {}
    for name, model in models.items():
        if model.recipe is not None:
            groups.setdefault(canonical_json(recipe_data(model.recipe)), []).append(name)
    return {
        name: min(members, key=lambda m: (len(m), m))
        for members in groups.values()
        for name in members
    }


def relabelled(rows: Sequence[Row], alias: Mapping[str, str]) -> list[Row]:
    """Return rows under the model that stands for theirs (:func:`same_surfaces`)."""
    return [replace(r, item=alias.get(r.item, r.item)) for r in rows]
