"""Slabs: every distinct termination of a plane, on any lattice of the same crystal."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import spglib
from ase import Atoms
from pymatgen.core.surface import SlabGenerator
from pymatgen.io.ase import AseAtomsAdaptor

from potash.errors import CalculationError, InputError
from potash.structures.plain_atoms import area_angstrom2
from potash.structures.planes import PrimitivePlane, primitive_plane
from potash.structures.recipes import SlabRecipe, SurfaceDoping
from potash.structures.saturation import hydroxylated
from potash.structures.supercells import best_supercell, repeats_for_distance, supercell
from potash.structures.surface import (
    Surface,
    centred,
    formula_text,
    lower_half,
    standard_cell,
    top_layer,
)
from potash.structures.unit_cells import (
    crystal_atoms,
    primitive_atoms,
)

POLAR_DIPOLE_E_PER_ANGSTROM = 0.02
"""Dipole per area (formal charges) above which a slab counts as polar."""


def slab_surfaces(recipe: SlabRecipe, bulk: Atoms | None = None) -> list[Surface]:
    """Return the slabs of a recipe, the most credible termination first.

    Cuts and terminations are found on the recipe's own lattice (pymatgen's
    SlabGenerator); with a relaxed ``bulk`` the same cuts are made there, so that
    every level of theory sees the same terminations. Slabs that differ on both
    sides are returned both ways up, unless the same top is already there.

    Order: non-polar before polar, stoichiometric before not, symmetric before
    not, then fewer atoms, then the thinner one (its cut broke fewer bonds).

    Parameters
    ----------
    recipe
        Crystal, plane, thickness, vacuum and supercell.
    bulk
        The relaxed crystal: the recipe's atoms in the recipe's order; None for the
        recipe's own lattice.

    Raises
    ------
    InputError
        For a termination that does not exist, or a plane without a cut that
        keeps the bonds in ``keep_bonds``.
    CalculationError
        Where the relaxed bulk is no longer the crystal of the recipe.
    """
    start = crystal_atoms(recipe.crystal)
    plane = primitive_plane(recipe)
    cuts = _cuts(recipe, plane, start)
    on_start = [_cut(recipe, plane, start, shift) for shift in cuts]
    on_bulk = on_start
    if bulk is not None:
        _check_same_crystal(start, bulk)
        on_bulk = [_cut(recipe, plane, bulk, shift) for shift in cuts]
        for before, after in zip(on_start, on_bulk, strict=True):
            if before.get_chemical_formula() != after.get_chemical_formula():
                raise CalculationError(
                    f"the relaxed bulk gives {after.get_chemical_formula()} where the recipe "
                    f"gives {before.get_chemical_formula()}: it is no longer the same crystal"
                )
    charges = recipe.crystal.oxidation_states
    crystal = start if bulk is None else bulk
    found = []
    for reference, primitive in zip(on_start, on_bulk, strict=True):
        symmetric = _is_symmetric(reference)
        sides = [(reference, primitive)]
        if not symmetric:
            sides.append((_upside_down(reference), _upside_down(primitive)))
        for side, actual in sides:
            polar = _is_polar(side, charges)
            surface = _surface(recipe, plane, crystal, side, actual, polar, symmetric)
            found.append((_signature(side), surface))
    found.sort(key=lambda pair: _rank(pair[1]))
    distinct: dict[str, Surface] = {}
    for signature, surface in found:
        distinct.setdefault(signature, surface)
    named = _with_names(recipe, list(distinct.values()))
    if recipe.termination != "all":
        names = [s.termination for s in named]
        named = [s for s in named if s.termination == recipe.termination]
        if not named:
            raise InputError(
                f"no termination '{recipe.termination}' on {plane.facet}; "
                f"there are {', '.join(names)}",
                field="termination",
            )
    kept = named[: recipe.max_terminations]
    repeats = repeats_for_distance(on_start[0].cell, recipe.min_k_k_distance_angstrom)
    return [_enlarged(recipe, surface, repeats) for surface in kept]


def primitive_slab(recipe: SlabRecipe, bulk: Atoms | None = None) -> Surface:
    """Return the first slab of a recipe with its primitive surface cell.

    Parameters
    ----------
    recipe, bulk
        As :func:`slab_surfaces`.
    """
    return slab_surfaces(recipe.model_copy(update={"min_k_k_distance_angstrom": 0.1}), bulk)[0]


def thicker(recipe: SlabRecipe, extra_layers: int = 1) -> SlabRecipe:
    """Return the recipe with more repeat units, for convergence with thickness.

    The other facts stay, so that the two adsorption energies differ by the
    thickness alone.

    Parameters
    ----------
    recipe
        Whose number of units follows from its least thickness, or is given.
    extra_layers
        Repeat units to add.
    """
    return recipe.model_copy(update={"layers": primitive_plane(recipe).layers + extra_layers})


def _generator(recipe: SlabRecipe, plane: PrimitivePlane, crystal: Atoms) -> SlabGenerator:
    structure = AseAtomsAdaptor.get_structure(primitive_atoms(crystal, plane.matrix, plane.kept))
    generator = SlabGenerator(
        structure,
        plane.miller,
        min_slab_size=recipe.min_thickness_angstrom,
        min_vacuum_size=recipe.vacuum_angstrom,
        center_slab=True,
        lll_reduce=True,
        primitive=True,
    )
    generator.min_slab_size = (plane.layers - 0.5) * float(generator._proj_height)
    return generator


def _cuts(recipe: SlabRecipe, plane: PrimitivePlane, crystal: Atoms) -> list[float]:
    bonds = {(b.first, b.second): b.max_distance_angstrom for b in recipe.keep_bonds}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        slabs = _generator(recipe, plane, crystal).get_slabs(bonds=bonds or None)
    if not slabs:
        raise InputError(
            f"no cut along {plane.facet} keeps the bonds that may not break",
            field="keep_bonds",
        )
    return sorted(float(s.shift) for s in slabs)


def _cut(recipe: SlabRecipe, plane: PrimitivePlane, crystal: Atoms, shift: float) -> Atoms:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        slab = _generator(recipe, plane, crystal).get_slab(shift).get_orthogonal_c_slab()
    atoms = AseAtomsAdaptor.get_atoms(slab)
    if recipe.crystal.magnetic_moments:
        moments = recipe.crystal.magnetic_moments
        atoms.set_initial_magnetic_moments([moments.get(s, 0.0) for s in atoms.symbols])
    return _in_one_piece(standard_cell(atoms, (True, True, False)), recipe.vacuum_angstrom)


def _in_one_piece(atoms: Atoms, vacuum_angstrom: float) -> Atoms:
    """Return the slab with its widest gap at the cell boundary, vacuum as asked.

    The lightest of the lowest atoms becomes the in-plane origin, so that the
    result does not depend on where the cut was made or on the vacuum.
    """
    fractions = atoms.get_scaled_positions(wrap=False)[:, 2] % 1.0
    order = np.sort(fractions)
    gaps = np.diff(np.append(order, order[0] + 1.0))
    bottom = order[(int(np.argmax(gaps)) + 1) % len(order)]
    positions = atoms.get_scaled_positions(wrap=False)
    positions[:, 2] = (fractions - bottom + 1e-6) % 1.0
    heights = np.round(positions[:, 2] * atoms.cell[2, 2], 2)
    origin = np.lexsort((atoms.numbers, heights))[0]
    positions[:, :2] -= positions[origin, :2]
    atoms.set_scaled_positions(positions)
    return centred(atoms, vacuum_angstrom)


def _upside_down(atoms: Atoms) -> Atoms:
    """Return the slab turned by 180 degrees about x (never mirrored)."""
    turned = atoms.copy()
    flip = np.diag([1.0, -1.0, -1.0])
    cell = atoms.cell.array @ flip
    cell[1] *= -1
    cell[2] *= -1
    turned.set_cell(cell)
    turned.positions = atoms.positions @ flip
    vacuum = atoms.cell[2, 2] - np.ptp(atoms.positions[:, 2])
    return _in_one_piece(turned, float(vacuum))


def _is_symmetric(atoms: Atoms) -> bool:
    """Return whether an operation of the slab's space group exchanges its two sides."""
    cell = (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)
    operations = spglib.get_symmetry(cell, symprec=0.05)
    if operations is None:
        return False
    return bool(any(rotation[2, 2] == -1 for rotation in operations["rotations"]))


def _is_polar(atoms: Atoms, charges: Mapping[str, float] | None) -> bool:
    if not charges:
        return False
    q = np.array([charges.get(symbol, 0.0) for symbol in atoms.symbols])
    z = atoms.positions[:, 2]
    area = area_angstrom2(atoms.cell.array)
    dipole = abs(float(np.dot(q, z - z.mean()))) / area
    return bool(abs(q.sum()) > 1e-3 or dipole > POLAR_DIPOLE_E_PER_ANGSTROM)


def _signature(atoms: Atoms, depth_angstrom: float = 6.0) -> str:
    """Return what a slab looks like from above: its layers' depth and composition."""
    z = atoms.positions[:, 2]
    depth = z.max() - z
    layers: list[tuple[float, list[str]]] = []
    for i in np.argsort(depth, kind="stable"):
        if depth[i] > depth_angstrom:
            break
        if layers and depth[i] - layers[-1][0] < 0.15:
            layers[-1][1].append(str(atoms.symbols[i]))
        else:
            layers.append((float(depth[i]), [str(atoms.symbols[i])]))
    return " ".join(f"{d:.1f}:{''.join(sorted(symbols))}" for d, symbols in layers)


def _rank(surface: Surface) -> tuple[bool, bool, bool, int, float]:
    """Return the order of credibility; of equal slabs the denser one broke fewer bonds."""
    return (
        surface.polar,
        not surface.stoichiometric,
        not surface.symmetric,
        len(surface.atoms),
        round(float(np.ptp(surface.atoms.positions[:, 2])), 2),
    )


def _surface(
    recipe: SlabRecipe,
    plane: PrimitivePlane,
    crystal: Atoms,
    reference: Atoms,
    slab: Atoms,
    polar: bool,
    symmetric: bool,
) -> Surface:
    """Return the slab as a surface; it is named after its unrelaxed ``reference``."""
    top = reference[top_layer(reference)]
    composition = Atoms(numbers=top.numbers).symbols.formula.reduce()[0]
    ratio = slab.symbols.formula.reduce()[0].count()
    return Surface(
        atoms=slab,
        bulk=crystal,
        kind="slab",
        facet=plane.facet,
        termination=f"{composition:hill}",
        polar=polar,
        symmetric=symmetric,
        stoichiometric=ratio == crystal.symbols.formula.reduce()[0].count(),
        layered=recipe.layered,
        fixed=(),
        label="",
        plane=plane.crystal,
    )


def _with_names(recipe: SlabRecipe, surfaces: Sequence[Surface]) -> list[Surface]:
    seen: dict[str, int] = {}
    named = []
    for surface in surfaces:
        count = seen[surface.termination] = seen.get(surface.termination, 0) + 1
        name = surface.termination if count == 1 else f"{surface.termination}-{count}"
        formula = "" if surface.bulk is None else formula_text(surface.bulk)
        label = f"{formula}{surface.facet} {name}"
        named.append(replace(surface, termination=name, label=label))
    return named


def _enlarged(recipe: SlabRecipe, surface: Surface, repeats: int) -> Surface:
    matrix, _ = best_supercell(surface.atoms.cell, repeats)
    if recipe.hydroxylate:
        closed = hydroxylated(surface.atoms)
        label = f"{surface.label}, hydroxylated"
        surface = replace(surface, atoms=closed, polar=False, stoichiometric=False, label=label)
    big = standard_cell(supercell(surface.atoms, matrix), (True, True, False))
    big = centred(big, recipe.vacuum_angstrom)
    anchor = None
    for doping in recipe.doping:
        big, anchor = doped(big, doping)
    return replace(surface, atoms=big, fixed=lower_half(big), anchor=anchor)


def doped(atoms: Atoms, doping: SurfaceDoping) -> tuple[Atoms, tuple[float, float]]:
    """Return atoms with the topmost atoms of an element replaced, and where the first is.

    Parameters
    ----------
    atoms
        A slab or a bulk cell.
    doping
        Which element, by which, and how many.

    Returns
    -------
    atoms, anchor
        And the in-plane position (x, y) of the first replaced atom, angstrom.

    Raises
    ------
    InputError
        Where there are not enough atoms of that element.
    """
    candidates = [i for i, symbol in enumerate(atoms.symbols) if symbol == doping.element]
    if len(candidates) < doping.count:
        raise InputError(
            f"{doping.count} {doping.element} to replace, but the surface has {len(candidates)}",
            field="doping",
        )
    heights = np.round(atoms.positions[candidates, 2], 2)
    order = np.lexsort((candidates, -heights))
    copy = atoms.copy()
    chosen = [candidates[k] for k in order[: doping.count]]
    for i in chosen:
        copy.symbols[i] = doping.by
    x, y, _ = copy.positions[chosen[0]]
    return copy, (float(x), float(y))


def _check_same_crystal(start: Atoms, relaxed: Atoms) -> None:
    if len(start) != len(relaxed) or (start.numbers != relaxed.numbers).any():
        raise CalculationError(
            f"the relaxed bulk ({relaxed.get_chemical_formula()}) does not have the atoms of the "
            f"recipe ({start.get_chemical_formula()})"
        )
