"""What K is put on: the surfaces of a catalogue model, a structure file, or ASE atoms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ase import Atoms

from potash.catalog.hosts import AtomisticModel
from potash.errors import InputError
from potash.structures.facets import all_facets, cut_of, on_facet
from potash.structures.given import recipes_from_atoms, recipes_from_file
from potash.structures.miller import Facet
from potash.structures.planes import facet_text
from potash.structures.recipes import Recipe


@dataclass(frozen=True)
class Target:
    """One surface that K is put on: its recipe and what its rows are called.

    Attributes
    ----------
    recipe
        Of the surface.
    item
        Catalogue id, name of the file, or formula.
    model
        The same with the plane, where it is not the item's own.
    max_terminations
        Terminations to compute; None for all that the recipe asks for.
    electron_acceptor
        Whether it can take potassium's electron; None = not known.
    """

    recipe: Recipe
    item: str
    model: str
    max_terminations: int | None = None
    electron_acceptor: bool | None = None


def model_targets(
    model: AtomisticModel, facets: Literal["first", "all"] | Sequence[Facet] = "first"
) -> list[Target]:
    """Return the surfaces of a catalogue model.

    Parameters
    ----------
    model
        With a recipe.
    facets
        ``first``: the model's own plane; ``all``: also the other distinct planes of its
        crystal with indices up to 1; or the planes that are wanted.

    Raises
    ------
    InputError
        If the model has no recipe, or a plane cannot be cut from it.
    """
    if model.recipe is None:
        raise InputError(f"{model.id} is not modelled: {model.why_no_surface}")
    if facets == "first":
        recipes = [model.recipe]
    elif facets == "all":
        recipes = all_facets(model.recipe)
    else:
        recipes = [on_facet(model.recipe, f, source=model.id, field="facet") for f in facets]
    known = model.electron_acceptor
    accepts = None if known is None else known.accepts
    return [
        Target(r, model.id, _named(model.id, r, model.recipe), electron_acceptor=accepts)
        for r in recipes
    ]


def structure_targets(structure: str | Path | Atoms, facet: Facet | None = None) -> list[Target]:
    """Return the surfaces of a structure file or of ASE atoms.

    A slab, sheet or molecule gives one; a crystal gives the plane asked for, or all
    distinct planes with indices up to 1, with their two most credible terminations.
    Equal structures have equal keys, whether they come as atoms or as a file.

    Raises
    ------
    InputError
        If the file cannot be read, or its structure or the facet is not usable.
    """
    recipes: Sequence[Recipe]
    if isinstance(structure, Atoms):
        name = structure.get_chemical_formula()
        recipes = recipes_from_atoms(structure, facet=facet, field="facet")
    else:
        name = Path(structure).name
        recipes = recipes_from_file(structure, facet=facet, field="facet")
    return [Target(r, name, _named(name, r), max_terminations=2) for r in recipes]


def _named(item: str, recipe: Recipe, own: Recipe | None = None) -> str:
    """Return the label of a surface: the item, with the plane where it is not its own."""
    slab = cut_of(recipe)
    if recipe == own or slab is None:
        return item
    return f"{item} {facet_text(slab)}"
