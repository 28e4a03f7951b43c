"""Coincidence cells: one in-plane cell for a surface and a film, the film carrying the strain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import ArrayLike, NDArray

from potash.errors import RefusedError
from potash.structures.plain_atoms import area_angstrom2
from potash.structures.recipes import (
    GraphdiyneRecipe,
    GrapheneRecipe,
    MxeneRecipe,
    OverlayerRecipe,
    Recipe,
    SlabRecipe,
)
from potash.structures.supercells import supercell

Whole = NDArray[np.int_]


@dataclass(frozen=True, eq=False)
class Coincidence:
    """A surface and a film with one in-plane cell, that of the surface.

    Attributes
    ----------
    substrate
        Supercell of the surface, as it was.
    film
        Supercell of the film, strained to the same in-plane vectors.
    substrate_cells, film_cells
        Cells of either in the common one.
    mismatch_a, mismatch_b
        Length of the common cell's vectors over those of the unstrained film, less one.
    mismatch_angle_deg
        Angle between them, less that of the unstrained film, degrees.
    principal_strains
        Of the film, the smaller first: its stretches along the two perpendicular directions
        in which it is not sheared, less one.
    """

    substrate: Atoms
    film: Atoms
    substrate_cells: int
    film_cells: int
    mismatch_a: float
    mismatch_b: float
    mismatch_angle_deg: float
    principal_strains: tuple[float, float]


def smallest_cell(recipe: Recipe) -> Recipe:
    """Return the recipe of the same surface in the smallest cell that it has.

    What carries one dopant or group in each cell stays as it is.

    Parameters
    ----------
    recipe
        Of a surface; its supercell keeps single atoms of K apart.
    """
    change: dict[str, object] = {}
    if isinstance(recipe, OverlayerRecipe):
        change = {"base": smallest_cell(recipe.base)}
    elif isinstance(recipe, SlabRecipe) and not recipe.doping:
        change = {"min_k_k_distance_angstrom": 0.1}
    elif isinstance(recipe, MxeneRecipe | GraphdiyneRecipe) or (
        isinstance(recipe, GrapheneRecipe) and recipe.motif == "pristine" and not recipe.groups
    ):
        change = {"supercell": (1, 1)}
    return recipe.model_copy(update=change)


def coincidence(
    substrate: Atoms, film: Atoms, *, max_mismatch: float = 0.05, max_atoms: int = 200
) -> Coincidence:
    """Return the smallest common cell of a surface and a film.

    Candidates are those of Zur and McGill (J. Appl. Phys. 1984, 55, 378,
    doi:10.1063/1.333084), as pymatgen finds them; both principal strains of the film have to
    stay within ``max_mismatch``. Of those the one of fewest atoms, then of least strain.

    Parameters
    ----------
    substrate, film
        One cell of each, with c along the normal.
    max_mismatch
        Largest strain of the film in any direction of the plane.
    max_atoms
        Of both together.

    Raises
    ------
    RefusedError
        If there is none; it says how large the cells were that were looked at.

    Examples
    --------
    >>> from ase.build import bcc110
    >>> layer = bcc110("K", (1, 1, 2), a=5.33, vacuum=8.0)
    >>> same = coincidence(layer, layer)
    >>> len(same.substrate), len(same.film), same.mismatch_a
    (2, 2, 0.0)
    """
    areas = area_angstrom2(substrate.cell.array), area_angstrom2(film.cell.array)
    largest = max_atoms / (len(substrate) / areas[0] + len(film) / areas[1])
    area = min(4 * max(areas), largest)
    while True:
        found = _smallest(substrate, film, area, max_mismatch, max_atoms)
        if found is not None:
            return _built(substrate, film, *found)
        if area >= largest:
            raise RefusedError(
                f"no common cell of up to {max_atoms} atoms ({largest:.0f} square angstrom) "
                f"strains the film by at most {100 * max_mismatch:g} %"
            )
        area = min(2 * area, largest)


def _smallest(
    substrate: Atoms, film: Atoms, max_area: float, max_mismatch: float, max_atoms: int
) -> tuple[Whole, Whole] | None:
    """Return the matrices (2, 2) of substrate and film of the best cell up to an area, if any."""
    # Reading commands plan campaigns and do without it.
    from pymatgen.analysis.interfaces.zsl import ZSLGenerator

    below, above = substrate.cell.array[:2], film.cell.array[:2]
    smaller, larger = sorted((area_angstrom2(below), area_angstrom2(above)))
    generator = ZSLGenerator(  # a little wider than asked for, as strains are checked below
        max_area_ratio_tol=2.2 * max_mismatch * smaller / larger,
        max_area=max_area * (1 + max_mismatch) ** 2 + larger,  # which it leaves out
        max_length_tol=max_mismatch,
        max_angle_tol=2.2 * max_mismatch,
    )
    best: tuple[tuple[float, float], Whole, Whole] | None = None
    for match in generator(above, below):
        ours = _whole(match.substrate_sl_vectors, below)
        theirs = _whole(match.film_sl_vectors, above)
        n_atoms = _cells(ours) * len(substrate) + _cells(theirs) * len(film)
        worst = max(map(abs, _strains(theirs @ above, ours @ below)))
        rank = (n_atoms, round(worst, 6))
        if n_atoms > max_atoms or worst > max_mismatch + 1e-9:
            continue
        if best is None or rank < best[0]:
            best = (rank, ours, theirs)
    return None if best is None else best[1:]


def _built(substrate: Atoms, film: Atoms, ours: Whole, theirs: Whole) -> Coincidence:
    if np.linalg.det(ours) < 0:  # right-handed, in the same order for both
        ours, theirs = ours[::-1], theirs[::-1]
    below = supercell(substrate, ours)
    if np.linalg.det(theirs) < 0:  # the film's mirror image
        above = supercell(film, theirs[::-1])
        above.set_cell(above.cell.array[[1, 0, 2]], scale_atoms=False)
    else:
        above = supercell(film, theirs)
    free, common = above.cell.array[:2].copy(), below.cell.array[:2]
    above.set_cell([*common, above.cell.array[2]], scale_atoms=True)
    stretch = np.linalg.norm(common, axis=1) / np.linalg.norm(free, axis=1) - 1.0
    return Coincidence(
        substrate=below,
        film=above,
        substrate_cells=_cells(ours),
        film_cells=_cells(theirs),
        mismatch_a=float(stretch[0]),
        mismatch_b=float(stretch[1]),
        mismatch_angle_deg=_angle_deg(common) - _angle_deg(free),
        principal_strains=_strains(free, common),
    )


def _whole(vectors: ArrayLike, cell: NDArray[np.float64]) -> Whole:
    """Return the integer matrix (2, 2) that makes vectors (rows) of a cell's."""
    return np.asarray(np.rint(np.asarray(vectors) @ np.linalg.pinv(cell)), dtype=int)


def _cells(matrix: Whole) -> int:
    return abs(round(float(np.linalg.det(matrix))))


def _strains(free: NDArray[np.float64], strained: NDArray[np.float64]) -> tuple[float, float]:
    """Return the principal strains of a plane lattice (rows), the smaller first."""
    stretches = np.linalg.svd(np.linalg.solve(free[:, :2], strained[:, :2]), compute_uv=False)
    return float(stretches[1]) - 1.0, float(stretches[0]) - 1.0


def _angle_deg(vectors: NDArray[np.float64]) -> float:
    a, b = vectors
    return float(np.degrees(np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b))))
