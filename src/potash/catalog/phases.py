"""Bulk phases that potassium and hosts turn into, for hulls and reactions."""

from __future__ import annotations

from functools import lru_cache

from potash.catalog.common import Entry, Id, Source, Text
from potash.catalog.loading import load_entries
from potash.errors import InputError
from potash.resources import data_dir
from potash.structures.recipes import BulkRecipe


class Phase(Entry):
    """A crystalline phase.

    Attributes
    ----------
    id
        Unique; several structures of one composition have ids of their own.
    formula
        Formula unit that its energy is given for.
    recipe
        The crystal.
    hypothetical
        Not a known compound: a prototype that shows whether any compound of
        these elements could be stable.
    note
        What to watch out for.
    sources
        Where cell and sites are from.
    """

    id: Id
    formula: Text
    recipe: BulkRecipe
    hypothetical: bool = False
    note: str = ""
    sources: tuple[Source, ...] = ()


@lru_cache(maxsize=1)
def load_phases() -> dict[str, Phase]:
    """Return the shipped phases by id, in the order of the file.

    Raises
    ------
    InputError
        For a bad file or an id that occurs twice.
    """
    path = data_dir("structures") / "phases.yaml"
    phases: dict[str, Phase] = {}
    for phase in load_entries(path, "phases", Phase, shipped=True):
        if phase.id in phases:
            raise InputError(f"the phase {phase.id!r} is there twice", source=str(path))
        phases[phase.id] = phase
    return phases
