"""From any recipe to its bulk and to its surfaces."""

from __future__ import annotations

from ase import Atoms

from potash.structures.carbon import graphene_cell, graphene_surface
from potash.structures.checks import check_structure
from potash.structures.composites import (
    decorated_surfaces,
    overlayer_surfaces,
    stack_surfaces,
)
from potash.structures.edges import ribbon_surface, tube_surface
from potash.structures.given import structure_surface
from potash.structures.isolated import molecule_surface
from potash.structures.recipes import (
    BulkRecipe,
    DecoratedRecipe,
    GraphdiyneRecipe,
    GrapheneRecipe,
    MoleculeRecipe,
    MxeneRecipe,
    NanotubeRecipe,
    OverlayerRecipe,
    Recipe,
    RibbonRecipe,
    SlabRecipe,
    StackRecipe,
    StructureRecipe,
)
from potash.structures.sheets import graphdiyne_cell, mxene_cell, sheet_surface
from potash.structures.slabs import doped, slab_surfaces
from potash.structures.surface import Surface, formula_text
from potash.structures.unit_cells import crystal_atoms


def bulk_of(recipe: Recipe) -> Atoms | None:
    """Return the cell that a level relaxes before the surface is built.

    Parameters
    ----------
    recipe
        Any recipe.

    Returns
    -------
    Atoms or None
        A crystal (periodic in three directions) for slabs; one cell of the
        sheet (periodic in two) for graphene, ribbons and tubes (pristine
        graphene), MXenes and graphdiyne; None for molecules and structures
        given atom by atom. Relax the cell along its periodic directions only.

    Examples
    --------
    >>> cell = bulk_of(GrapheneRecipe())
    >>> len(cell), cell.pbc.tolist()
    (2, [True, True, False])
    """
    if isinstance(recipe, SlabRecipe | BulkRecipe):
        return crystal_atoms(recipe.crystal)
    if isinstance(recipe, DecoratedRecipe | OverlayerRecipe):
        return bulk_of(recipe.base)
    if isinstance(recipe, StackRecipe):
        return bulk_of(recipe.substrate)
    if isinstance(recipe, GrapheneRecipe | RibbonRecipe | NanotubeRecipe):
        return graphene_cell(recipe.a, recipe.vacuum_angstrom)
    if isinstance(recipe, MxeneRecipe):
        return mxene_cell(recipe)
    if isinstance(recipe, GraphdiyneRecipe):
        return graphdiyne_cell(recipe)
    return None


def build(recipe: Recipe, bulk: Atoms | None = None) -> list[Surface]:
    """Return the surfaces that a recipe stands for, the most credible first.

    Parameters
    ----------
    recipe
        Any recipe. A bulk recipe gives the crystal itself, with kind ``bulk``.
    bulk
        What :func:`bulk_of` gave, after relaxation: same atoms in the same
        order. None builds on the recipe's own lattice.

    Raises
    ------
    InputError
        For a recipe that cannot be built, with overlapping atoms or too
        little vacuum.
    CalculationError
        Where ``bulk`` is no longer the structure of the recipe.

    Examples
    --------
    >>> from potash.structures.crystals import PrototypeCrystal
    >>> copper = PrototypeCrystal(prototype="fcc", elements=("Cu",), a=3.61)
    >>> [surface] = build(SlabRecipe(crystal=copper, miller=(1, 1, 1)))
    >>> surface.label, surface.atoms.pbc.tolist()
    ('Cu(111) Cu', [True, True, False])
    """
    surfaces = _surfaces(recipe, bulk)
    for surface in surfaces:
        check_structure(surface.atoms, field=surface.label)
    return surfaces


def _surfaces(recipe: Recipe, bulk: Atoms | None) -> list[Surface]:
    if isinstance(recipe, SlabRecipe):
        return slab_surfaces(recipe, bulk)
    if isinstance(recipe, DecoratedRecipe):
        return decorated_surfaces(recipe, bulk, _surfaces)
    if isinstance(recipe, OverlayerRecipe):
        return overlayer_surfaces(recipe, bulk)
    if isinstance(recipe, StackRecipe):
        return stack_surfaces(recipe, bulk)
    if isinstance(recipe, MoleculeRecipe):
        return [molecule_surface(recipe)]
    if isinstance(recipe, StructureRecipe):
        return [structure_surface(recipe)]
    cell = bulk_of(recipe) if bulk is None else bulk
    assert cell is not None  # every recipe that is left has a bulk
    if isinstance(recipe, BulkRecipe):
        return [_bulk_surface(recipe, cell)]
    if isinstance(recipe, GrapheneRecipe):
        return [graphene_surface(recipe, cell)]
    if isinstance(recipe, RibbonRecipe):
        return [ribbon_surface(recipe, cell)]
    if isinstance(recipe, NanotubeRecipe):
        return [tube_surface(recipe, cell)]
    return [sheet_surface(recipe, cell)]


def _bulk_surface(recipe: BulkRecipe, cell: Atoms) -> Surface:
    big = cell.repeat(recipe.supercell)
    for change in recipe.replace:
        big, _ = doped(big, change)
    return Surface(
        atoms=big,
        bulk=cell,
        kind="bulk",
        facet="bulk",
        termination="bulk",
        polar=False,
        symmetric=True,
        stoichiometric=not recipe.replace,
        layered=False,
        fixed=(),
        label=f"{formula_text(big)} bulk",
    )
