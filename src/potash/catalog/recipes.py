"""How to build the geometry of an atomistic model."""

from __future__ import annotations

from potash.catalog.common import Entry


class Recipe(Entry):
    """Instructions that give one geometry."""
