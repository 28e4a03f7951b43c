"""Surfaces made of two parts: a cluster on a surface, an overlayer, a sheet on a slab."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from ase import Atoms
from ase.geometry import get_distances
from numpy.typing import NDArray

from potash.errors import InputError
from potash.structures.carbon import graphene_cell, graphene_surface
from potash.structures.isolated import molecule_atoms
from potash.structures.recipes import (
    DecoratedRecipe,
    GrapheneRecipe,
    OverlayerRecipe,
    Recipe,
    StackRecipe,
)
from potash.structures.sheets import mxene_cell, sheet_surface
from potash.structures.slabs import primitive_slab, slab_surfaces
from potash.structures.supercells import best_supercell, supercell
from potash.structures.surface import Surface, centred, lower_half, standard_cell, top_layer

_NEAR_ANGSTROM = 2.5


def decorated_surfaces(
    recipe: DecoratedRecipe,
    bulk: Atoms | None,
    build: Callable[[Recipe, Atoms | None], list[Surface]],
) -> list[Surface]:
    """Return the base's surfaces with the cluster or molecule on top.

    Parameters
    ----------
    recipe
        Base, what it carries, where and how high.
    bulk
        The base's relaxed bulk, or None.
    build
        Makes the surfaces of the base, whatever kind it is of.

    Raises
    ------
    InputError
        Where it is to stand over a motif that the base does not have.
    """
    return [_decorated(recipe, surface) for surface in build(recipe.base, bulk)]


def _decorated(recipe: DecoratedRecipe, surface: Surface) -> Surface:
    if recipe.smiles is not None:
        cluster = _flat(molecule_atoms(recipe.smiles, recipe.seed))
    else:
        cluster = Atoms(recipe.elements, positions=recipe.positions)
    base = surface.atoms
    centre = 0.5 * (base.cell[0] + base.cell[1])[:2]
    if recipe.over == "motif":
        if surface.anchor is None:
            raise InputError(f"{surface.label} has no motif to put a cluster on", field="over")
        centre = np.asarray(surface.anchor)
    cluster.positions[:, :2] += centre - cluster.positions[:, :2].mean(axis=0)
    _, lateral = get_distances(
        base.positions * (1, 1, 0), cluster.positions * (1, 1, 0), cell=base.cell, pbc=base.pbc
    )
    below = base.positions[lateral.min(axis=1) < _NEAR_ANGSTROM, 2]
    ground = float(below.max() if len(below) else base.positions[:, 2].max())
    cluster.positions[:, 2] += ground + recipe.height_angstrom - cluster.positions[:, 2].min()
    both = base.copy()
    both += cluster
    n_base = len(base)
    tags = np.array([1] * n_base + [0] * len(cluster))
    vacuum = float(base.cell[2, 2] - np.ptp(base.positions[:, 2]))
    keep = set(surface.fixed)
    both.set_tags([2 if i in keep else t for i, t in enumerate(tags)])
    cell = both.cell.array
    cell[2, 2] = 1.0
    both.set_cell(cell)
    axes = tuple(i for i in range(1, 3) if not base.pbc[i])
    both = centred(both, vacuum, axes=axes)
    fixed = tuple(int(i) for i in np.flatnonzero(both.get_tags() == 2))
    on_top = both.get_tags() == 0
    place = both.positions[on_top, :2].mean(axis=0)
    both.set_tags(0)
    formula = cluster.get_chemical_formula()
    return replace(
        surface,
        atoms=both,
        fixed=fixed,
        termination=f"{formula} on {surface.termination}",
        label=f"{formula} on {surface.label}",
        symmetric=False,
        stoichiometric=False,
        anchor=(float(place[0]), float(place[1])),
    )


def _flat(molecule: Atoms) -> Atoms:
    """Return a molecule with its longest axes in the plane."""
    copy = molecule.copy()
    copy.positions -= copy.positions.mean(axis=0)
    _, _, axes = np.linalg.svd(copy.positions, full_matrices=False)
    signs = [np.sign(axis[np.argmax(np.abs(axis))]) for axis in axes]
    axes = axes * np.array(signs)[:, None]
    axes[2] = np.cross(axes[0], axes[1])
    copy.positions = copy.positions @ axes.T
    return copy


def overlayer_surfaces(recipe: OverlayerRecipe, bulk: Atoms | None) -> list[Surface]:
    """Return a slab whose topmost layers are of another element, on the slab's lattice.

    Parameters
    ----------
    recipe
        Slab, element and number of layers.
    bulk
        The slab's relaxed bulk, or None.
    """
    surfaces = []
    for surface in slab_surfaces(recipe.base, bulk):
        atoms = surface.atoms.copy()
        remaining = np.arange(len(atoms))
        for _ in range(recipe.layers):
            top = remaining[top_layer(atoms[remaining])]
            atoms.symbols[top] = recipe.element
            remaining = np.setdiff1d(remaining, top)
        surfaces.append(
            replace(
                surface,
                atoms=atoms,
                termination=recipe.element,
                symmetric=False,
                stoichiometric=False,
                label=f"{recipe.layers} {recipe.element} layer(s) on {surface.label}",
            )
        )
    return surfaces


def stack_surfaces(recipe: StackRecipe, bulk: Atoms | None) -> list[Surface]:
    """Return a sheet on a slab, strained to the slab's supercell.

    Parameters
    ----------
    recipe
        Slab, sheet, common cell and gap.
    bulk
        The slab's relaxed bulk, or None.

    Raises
    ------
    InputError
        Where the sheet would have to be strained by more than ``max_strain``.
    """
    slab = primitive_slab(recipe.substrate, bulk)
    film = _film(recipe)
    matrix, _ = best_supercell(slab.atoms.cell, recipe.substrate_repeats)
    base = standard_cell(supercell(slab.atoms, matrix), (True, True, False))
    if abs(base.cell.angles()[2] + 60 - film.atoms.cell.angles()[2]) < 10:
        other = np.array([matrix[0], matrix[1] - matrix[0]])
        base = standard_cell(supercell(slab.atoms, other), (True, True, False))
    strain = max(
        float(np.max(np.abs(_lengths(base) / _lengths(film.atoms) - 1))),
        float(np.deg2rad(abs(base.cell.angles()[2] - film.atoms.cell.angles()[2]))),
    )
    if strain > recipe.max_strain:
        raise InputError(
            f"the sheet would be strained by {strain:.1%} to fit the slab, more than "
            f"{recipe.max_strain:.1%}; choose other supercells",
            field="substrate_repeats",
        )
    sheet = film.atoms.copy()
    scaled = sheet.get_scaled_positions(wrap=False)
    heights = sheet.positions[:, 2] - sheet.positions[:, 2].min()
    sheet.positions = scaled[:, :1] * base.cell[0] + scaled[:, 1:2] * base.cell[1]
    sheet.positions[:, 2] = heights + base.positions[:, 2].max() + recipe.gap_angstrom
    both = base.copy()
    both.set_tags(1)
    sheet.set_tags(0)
    for part in (both, sheet):
        part.set_initial_magnetic_moments(None)
    both += sheet
    cell = both.cell.array
    cell[2, 2] = 1.0
    both.set_cell(cell)
    both = centred(both, recipe.substrate.vacuum_angstrom)
    lower = set(lower_half(both[both.get_tags() == 1]))
    slab_atoms = np.flatnonzero(both.get_tags() == 1)
    fixed = tuple(int(slab_atoms[i]) for i in sorted(lower))
    both.set_tags(0)
    label = f"{film.label} on {slab.label}"
    return [
        replace(
            slab,
            atoms=both,
            fixed=fixed,
            termination=film.termination,
            symmetric=False,
            stoichiometric=False,
            label=label,
            anchor=None,
        )
    ]


def _film(recipe: StackRecipe) -> Surface:
    film = recipe.film
    if isinstance(film, GrapheneRecipe):
        return graphene_surface(film, graphene_cell(film.a, film.vacuum_angstrom))
    return sheet_surface(film, mxene_cell(film))


def _lengths(atoms: Atoms) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(atoms.cell.array[:2], axis=1))
