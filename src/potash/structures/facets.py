"""The other low-index planes of a crystal."""

from __future__ import annotations

from pymatgen.core.surface import (
    get_symmetrically_distinct_miller_indices,
    get_symmetrically_equivalent_miller_indices,
)
from pymatgen.io.ase import AseAtomsAdaptor

from potash.structures.building import bulk_of
from potash.structures.recipes import SlabRecipe


def all_facets(recipe: SlabRecipe, max_index: int = 1) -> list[SlabRecipe]:
    """Return a slab recipe for every plane of its crystal, its own first.

    Parameters
    ----------
    recipe
        Slab of one plane.
    max_index
        Largest Miller index of the others.

    Returns
    -------
    list of SlabRecipe
        Symmetrically distinct planes. Only the recipe itself where other planes
        make no sense: van der Waals crystals, whose layers are not cut, and
        surfaces that are doped or saturated atom by atom.
    """
    bulk = bulk_of(recipe)
    if bulk is None or recipe.layered or recipe.doping or recipe.hydroxylate:
        return [recipe]
    structure = AseAtomsAdaptor.get_structure(bulk)
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
