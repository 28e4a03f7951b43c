"""Structures that are given atom by atom: what they are, their recipe, their surface."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms
from numpy.typing import ArrayLike, NDArray

from potash.errors import InputError
from potash.structures.checks import check_numbers, check_overlap, check_vacuum
from potash.structures.crystals import ExplicitCrystal, Vector, is_hexagonal
from potash.structures.files import read_atoms
from potash.structures.indexing import indexing_cell
from potash.structures.isolated import boxed
from potash.structures.miller import Facet, miller_index
from potash.structures.recipes import BulkRecipe, SlabRecipe, StructureRecipe
from potash.structures.supercells import best_supercell, repeats_for_distance, supercell
from potash.structures.surface import Surface, lower_half, standard_cell, top_layer
from potash.structures.vacuum import open_axes

K_K_ANGSTROM = 8.0
"""Images of one K are at least this far apart."""

SHEET_ANGSTROM = 3.5
"""Up to this thickness a layer is a sheet, and none of its atoms is held."""

LARGEST_FORMULA = 150
"""Formal charges of larger reduced formulas take minutes; their slabs are beyond any level."""


def recipes_from_file(
    path: str | Path,
    *,
    facet: Facet | None = None,
    min_k_k_distance_angstrom: float = K_K_ANGSTROM,
    field: str = "",
) -> list[StructureRecipe] | list[SlabRecipe]:
    """Return the recipes of the structure in a file; see :func:`recipes_from_atoms`.

    Parameters
    ----------
    path
        As :func:`potash.structures.files.read_atoms` takes it, ``FILE#BLOCK`` included.
    facet, min_k_k_distance_angstrom, field
        As :func:`recipes_from_atoms`.

    Raises
    ------
    InputError
        As :func:`potash.structures.files.read_atoms` and :func:`recipes_from_atoms`.

    Examples
    --------
    >>> (recipe,) = recipes_from_file("cu.cif", facet="(110)")  # doctest: +SKIP
    """
    return recipes_from_atoms(
        read_atoms(path),
        facet=facet,
        min_k_k_distance_angstrom=min_k_k_distance_angstrom,
        source=str(path),
        field=field,
    )


def recipes_from_atoms(
    atoms: Atoms,
    *,
    facet: Facet | None = None,
    min_k_k_distance_angstrom: float = K_K_ANGSTROM,
    source: str = "",
    field: str = "",
) -> list[StructureRecipe] | list[SlabRecipe]:
    """Return recipes for a structure; its content is copied into them.

    What it is follows from :mod:`potash.structures.vacuum`. A molecule or cluster gets a
    box of its own. A slab or sheet is taken as it is: turned so that its vacuum is along
    c, repeated in the plane until images of one K are far enough apart, lower half held
    unless it holds atoms itself (``FixAtoms``) or is thinner than 3.5 angstrom. A crystal
    gives one slab recipe per plane, with indices that count as
    :mod:`potash.structures.indexing` says.

    Parameters
    ----------
    atoms
        The structure. ``pbc`` counts where it says that a direction is not periodic.
    facet
        Miller index of the plane to cut a crystal along; None for every symmetrically
        distinct plane with indices up to 1.
    min_k_k_distance_angstrom
        Least distance between images of one K.
    source, field
        Where structure and facet come from, for error messages.

    Raises
    ------
    InputError
        For overlapping atoms, a wire, too little vacuum, a facet that is no Miller index,
        or a facet of what is no crystal.

    Examples
    --------
    >>> from ase.build import bulk
    >>> [recipe] = recipes_from_atoms(bulk("Cu"), facet="(110)")
    >>> recipe.miller, recipe.crystal.axes
    ((1, 1, 0), 'conventional')
    """
    if facet is not None:
        miller_index(facet, source=source, field=field)  # told before the structure's own faults
    check_numbers(atoms, source=source)
    check_overlap(atoms, source=source)
    held = [int(i) for c in atoms.constraints if isinstance(c, FixAtoms) for i in c.get_indices()]
    ends = open_axes(atoms)
    for axis in range(3):
        if ends[axis] and atoms.pbc[axis]:
            check_vacuum(atoms, axis, source=source, field="cell")
    if ends.all():
        _refuse_facet(facet, "a molecule or cluster", source, field)
        return [_cluster(atoms, ends)]
    if ends.sum() == 2:
        raise InputError(
            "there is vacuum along two cell vectors (a wire or ribbon); give a slab, a sheet, "
            "a crystal or a molecule",
            source=source,
            field="cell",
        )
    if ends.any():
        axis = int(np.flatnonzero(ends)[0])
        check_vacuum(atoms, axis, source=source, field="cell")
        _refuse_facet(facet, "a slab or sheet already", source, field)
        return [_as_given(atoms, axis, held, min_k_k_distance_angstrom)]
    return _from_crystal(atoms, facet, min_k_k_distance_angstrom, source, field)


def crystal_from_atoms(atoms: Atoms, *, source: str = "") -> BulkRecipe:
    """Return the recipe of a whole crystal; its content is copied into it.

    Parameters
    ----------
    atoms
        Periodic in three directions, with positions and cell in angstrom.
    source
        Where it is from, for errors.

    Raises
    ------
    InputError
        For overlapping atoms, or a structure with empty space along a cell vector.

    Examples
    --------
    >>> from ase.build import bulk
    >>> crystal_from_atoms(bulk("KF", "rocksalt", a=5.35)).crystal.elements
    ('K', 'F')
    """
    check_numbers(atoms, source=source)
    check_overlap(atoms, source=source)
    if open_axes(atoms).any():
        raise InputError(
            "there is empty space along a cell vector; give a crystal", source=source, field="cell"
        )
    return BulkRecipe(
        crystal=ExplicitCrystal(
            lattice=_lattice(atoms),
            elements=tuple(atoms.symbols),
            positions=_vectors(atoms.get_scaled_positions()),
            oxidation_states=_oxidation_states(atoms),
        )
    )


def structure_surface(recipe: StructureRecipe) -> Surface:
    """Return a structure given atom by atom: a cluster, or a slab with its cell."""
    atoms = Atoms(recipe.elements, positions=recipe.positions)
    formula = atoms.get_chemical_formula()
    if recipe.lattice is None:
        return boxed(atoms, recipe.vacuum_angstrom, f"cluster {formula}")
    atoms.set_cell(recipe.lattice)
    atoms = standard_cell(atoms, (True, True, False))
    top = atoms[top_layer(atoms)]
    thin = float(np.ptp(atoms.positions[:, 2])) < 1.0
    return Surface(
        atoms=atoms,
        bulk=None,
        kind="sheet" if thin else "slab",
        facet=recipe.facet,
        termination=f"{Atoms(numbers=top.numbers).symbols.formula.reduce()[0]:hill}",
        polar=False,
        symmetric=False,
        stoichiometric=True,
        layered=thin,
        fixed=recipe.fixed,
        label=f"{formula} {recipe.facet}",
    )


def _refuse_facet(facet: Facet | None, what: str, source: str, field: str) -> None:
    if facet is not None:
        raise InputError(
            f"is {what}; a facet ({facet}) can be cut from a crystal only",
            source=source,
            field=field,
        )


def _cluster(atoms: Atoms, ends: NDArray[np.bool_]) -> StructureRecipe:
    """Return the recipe of a cluster, put together where a periodic border cuts it."""
    whole = Atoms(atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
    for axis in np.flatnonzero(atoms.pbc & ends):
        whole.set_scaled_positions(_in_one_piece(whole, int(axis)))
    return StructureRecipe(elements=tuple(whole.symbols), positions=_vectors(whole.positions))


def _in_one_piece(atoms: Atoms, axis: int) -> NDArray[np.float64]:
    """Return fractional positions with the widest gap along an axis at the cell's border."""
    scaled = np.array(atoms.get_scaled_positions(wrap=False))
    heights = scaled[:, axis] % 1.0
    edges = np.sort(heights)
    gaps = np.diff(np.append(edges, edges[0] + 1))
    bottom = edges[(int(np.argmax(gaps)) + 1) % len(edges)]
    scaled[:, axis] = (heights - bottom + 1e-6) % 1.0
    return scaled


def _as_given(
    atoms: Atoms, axis: int, held: list[int], min_k_k_distance_angstrom: float
) -> StructureRecipe:
    order = [(axis + 1) % 3, (axis + 2) % 3, axis]
    turned = Atoms(
        atoms.numbers,
        scaled_positions=atoms.get_scaled_positions(wrap=False)[:, order],
        cell=atoms.cell.array[order],
        pbc=(True, True, False),
    )
    turned.set_tags([1 if i in held else 0 for i in range(len(turned))])
    standard, _ = turned.cell.standard_form()
    turned.set_cell(standard, scale_atoms=True)
    turned.set_scaled_positions(_in_one_piece(turned, 2))
    turned.wrap(eps=1e-6)
    upright = turned.cell.array.copy()
    upright[2, :2] = 0.0
    turned.set_cell(upright, scale_atoms=False)
    turned.center(axis=2)
    repeats = repeats_for_distance(turned.cell, min_k_k_distance_angstrom)
    turned = supercell(turned, best_supercell(turned.cell, repeats)[0])
    own = tuple(int(i) for i in np.flatnonzero(turned.get_tags() == 1))
    thick = float(np.ptp(turned.positions[:, 2])) > SHEET_ANGSTROM
    return StructureRecipe(
        elements=tuple(turned.symbols),
        positions=_vectors(turned.positions),
        lattice=_lattice(turned),
        fixed=own or (lower_half(turned) if thick else ()),
    )


def _from_crystal(
    atoms: Atoms,
    facet: Facet | None,
    min_k_k_distance_angstrom: float,
    source: str,
    field: str,
) -> list[SlabRecipe]:
    # Half a second to import, and only crystals need it.
    from pymatgen.core.surface import get_symmetrically_distinct_miller_indices
    from pymatgen.io.ase import AseAtomsAdaptor

    cell, axes = indexing_cell(atoms)
    crystal = ExplicitCrystal(
        lattice=_lattice(cell),
        elements=tuple(cell.symbols),
        positions=_vectors(cell.get_scaled_positions()),
        oxidation_states=_oxidation_states(cell),
        axes=axes,
    )
    if facet is not None:
        hexagonal = is_hexagonal(crystal)
        planes = [miller_index(facet, hexagonal=hexagonal, source=source, field=field)]
    else:
        structure = AseAtomsAdaptor.get_structure(cell)
        distinct = get_symmetrically_distinct_miller_indices(structure, 1)
        planes = [(int(h), int(k), int(i)) for h, k, i in distinct]
    return [
        SlabRecipe(
            crystal=crystal,
            miller=plane,
            min_k_k_distance_angstrom=min_k_k_distance_angstrom,
        )
        for plane in planes
    ]


def _oxidation_states(atoms: Atoms) -> dict[str, float] | None:
    """Return formal charges where there is a neutral set of usual ones; None for metals."""
    from pymatgen.core import Composition

    composition = Composition(atoms.get_chemical_formula()).reduced_composition
    if all(element.is_metal or element.is_metalloid for element in composition.elements):
        return None
    if composition.num_atoms > LARGEST_FORMULA:
        return None
    guesses = composition.oxi_state_guesses()
    return {str(e): float(q) for e, q in guesses[0].items()} if guesses else None


def _vectors(array: ArrayLike) -> tuple[Vector, ...]:
    rows = np.round(np.asarray(array, dtype=float), 6) + 0.0
    return tuple((float(x), float(y), float(z)) for x, y, z in rows)


def _lattice(atoms: Atoms) -> tuple[Vector, Vector, Vector]:
    first, second, third = _vectors(atoms.cell.array)
    return first, second, third
