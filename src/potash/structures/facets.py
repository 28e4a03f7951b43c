"""Other planes of the crystal that a recipe was cut from."""

from __future__ import annotations

from itertools import product

from pymatgen.core.surface import (
    get_symmetrically_distinct_miller_indices,
    get_symmetrically_equivalent_miller_indices,
)
from pymatgen.io.ase import AseAtomsAdaptor

from potash.errors import InputError
from potash.structures.crystals import is_hexagonal
from potash.structures.miller import Facet, miller_index
from potash.structures.planes import crystal_plane
from potash.structures.recipes import (
    BulkRecipe,
    DecoratedRecipe,
    OverlayerRecipe,
    Recipe,
    SlabRecipe,
    StackRecipe,
)
from potash.structures.slabs import slab_surfaces
from potash.structures.unit_cells import crystal_atoms


def all_facets(recipe: Recipe, max_index: int = 1) -> list[Recipe]:
    """Return a recipe for every plane of its crystal, its own first.

    Parameters
    ----------
    recipe
        Of any kind.
    max_index
        Largest Miller index of the others.

    Returns
    -------
    list of Recipe
        Symmetrically distinct planes. Only the recipe itself where other planes
        make no sense unasked: what is not cut from a crystal, van der Waals crystals,
        whose layers are not cut, and surfaces that are covered, doped or saturated.

    Examples
    --------
    >>> from potash.structures.crystals import PrototypeCrystal
    >>> copper = PrototypeCrystal(prototype="fcc", elements=("Cu",), a=3.61)
    >>> [r.miller for r in all_facets(SlabRecipe(crystal=copper, miller=(1, 1, 1)))]
    [(1, 1, 1), (1, 1, 0), (1, 0, 0)]
    """
    if not isinstance(recipe, SlabRecipe):
        return [recipe]
    if recipe.layered or recipe.doping or recipe.hydroxylate:
        return [recipe]
    structure = AseAtomsAdaptor.get_structure(crystal_atoms(recipe.crystal))
    own = set(get_symmetrically_equivalent_miller_indices(structure, recipe.miller))
    planes = [
        plane
        for plane in get_symmetrically_distinct_miller_indices(structure, max_index)
        if tuple(plane) not in own
    ]
    return [
        recipe,
        *(recipe.model_copy(update={"miller": tuple(int(i) for i in p)}) for p in planes),
    ]


def cut_of(recipe: Recipe) -> SlabRecipe | None:
    """Return the slab that a recipe cuts from a crystal, or None where it cuts none."""
    if isinstance(recipe, OverlayerRecipe | DecoratedRecipe):
        return recipe.base if isinstance(recipe.base, SlabRecipe) else None
    if isinstance(recipe, StackRecipe):
        return recipe.substrate
    return recipe if isinstance(recipe, SlabRecipe) else None


def has_facets(recipe: Recipe) -> bool:
    """Return whether :func:`on_facet` can cut another plane of its crystal.

    Not of a stack: its film fits the one plane that it lies on.
    """
    if isinstance(recipe, StackRecipe):
        return False
    return isinstance(recipe, BulkRecipe) or cut_of(recipe) is not None


def on_facet(recipe: Recipe, facet: Facet, *, source: str = "", field: str = "") -> Recipe:
    """Return the recipe of another plane of the same crystal.

    Every termination of that plane is built. A van der Waals crystal is cut through its
    layers; doping, hydroxyl groups, overlayers and clusters are put on the new plane.

    Parameters
    ----------
    recipe
        A slab, a slab that carries something, or a crystal.
    facet
        Miller index in the axes of the recipe's crystal.
    source, field
        Where the facet comes from, for the error message.

    Returns
    -------
    Recipe
        The recipe itself, and with it the same result, where the plane is its own or one
        that symmetry maps onto it.

    Raises
    ------
    InputError
        If the facet is no Miller index in these axes, or the recipe is not cut from a
        crystal.

    Examples
    --------
    >>> from potash.structures.crystals import PrototypeCrystal
    >>> copper = PrototypeCrystal(prototype="fcc", elements=("Cu",), a=3.61)
    >>> on_facet(SlabRecipe(crystal=copper, miller=(1, 1, 1)), "(110)").miller
    (1, 1, 0)
    """
    if isinstance(recipe, OverlayerRecipe | DecoratedRecipe) and has_facets(recipe):
        base = on_facet(recipe.base, facet, source=source, field=field)
        return recipe if base == recipe.base else recipe.model_copy(update={"base": base})
    if not isinstance(recipe, SlabRecipe | BulkRecipe):
        raise InputError(
            f"{facet!r} asks for a plane of a crystal, but this is a {recipe.builder} model",
            source=source,
            field=field,
        )
    hexagonal = is_hexagonal(recipe.crystal)
    miller = miller_index(facet, hexagonal=hexagonal, source=source, field=field)
    if isinstance(recipe, BulkRecipe):
        return SlabRecipe(crystal=recipe.crystal, miller=miller)
    structure = AseAtomsAdaptor.get_structure(crystal_atoms(recipe.crystal))
    if miller in set(get_symmetrically_equivalent_miller_indices(structure, recipe.miller)):
        return recipe
    return recipe.model_copy(update={"miller": miller, "termination": "all", "layered": False})


def natural_plane(recipe: SlabRecipe) -> SlabRecipe:
    """Return the plane with indices up to 1 that a crystal most likely shows.

    The planes that lie furthest apart come first (Bravais, Friedel, Donnay and Harker: the
    wider the spacing, the fewer bonds are cut), and of a crystal with formal charges the first
    that has a non-polar termination. It is a rule, not a surface energy.

    Parameters
    ----------
    recipe
        Of any plane of the crystal.

    Examples
    --------
    >>> from potash.structures.crystals import PrototypeCrystal
    >>> copper = PrototypeCrystal(prototype="fcc", elements=("Cu",), a=3.61)
    >>> natural_plane(SlabRecipe(crystal=copper, miller=(1, 0, 0))).miller
    (1, 1, 1)
    """
    indices = [m for m in product((1, 0, -1), repeat=3) if m > (0, 0, 0)]
    planes = [recipe.model_copy(update={"miller": m}) for m in indices]
    spacing = {p.miller: crystal_plane(p).spacing_angstrom for p in planes}
    planes.sort(key=lambda p: (-round(spacing[p.miller], 3), sum(map(abs, p.miller))))
    if getattr(recipe.crystal, "oxidation_states", None):
        # Building is slow: one plane after another, and only of crystals that can be polar.
        return next((p for p in planes if not slab_surfaces(p)[0].polar), planes[0])
    return planes[0]
