"""The plane of a slab recipe: in the primitive setting for building, in its own axes for people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.surface import SlabGenerator
from pymatgen.io.ase import AseAtomsAdaptor

from potash.structures.crystals import Crystal, ExplicitCrystal, is_hexagonal
from potash.structures.miller import CrystalPlane, miller_text, plane_spacing_angstrom
from potash.structures.recipes import SlabRecipe
from potash.structures.unit_cells import crystal_atoms, primitive_atoms, primitive_setting


@dataclass(frozen=True)
class PrimitivePlane:
    """A crystal plane in the primitive setting of the recipe's own crystal.

    Attributes
    ----------
    matrix, kept
        How the primitive cell lies in the conventional one; see
        :func:`potash.structures.unit_cells.primitive_setting`.
    miller
        Index in the primitive cell, without a common factor.
    layers
        Repeat units along the normal that the recipe asks for.
    facet, crystal
        The same plane for people: as text, and with its axes.
    """

    matrix: NDArray[np.float64]
    kept: list[int]
    miller: tuple[int, int, int]
    layers: int
    facet: str
    crystal: CrystalPlane


def primitive_plane(recipe: SlabRecipe) -> PrimitivePlane:
    """Return the plane in the primitive setting, whose repeat along the normal is shortest."""
    start = crystal_atoms(recipe.crystal)
    matrix, kept = primitive_setting(start)
    index = matrix @ np.array(recipe.miller, dtype=float)
    index = index / np.abs(index[np.abs(index) > 1e-6]).min()
    for factor in range(1, 13):
        if np.abs(index * factor - np.rint(index * factor)).max() < 1e-4:
            index = np.rint(index * factor)
            break
    h, k, m = (int(i) for i in index // np.gcd.reduce(index.astype(int)))
    generator = SlabGenerator(
        AseAtomsAdaptor.get_structure(primitive_atoms(start, matrix, kept)), (h, k, m), 1.0, 1.0
    )
    height = float(generator._proj_height)
    needed = int(np.ceil(recipe.min_thickness_angstrom / height - 1e-6))
    a, b, c, alpha, beta, gamma = (round(float(x), 4) for x in start.cell.cellpar())
    spacing = plane_spacing_angstrom(matrix @ start.cell.array, (h, k, m))
    return PrimitivePlane(
        matrix=matrix,
        kept=kept,
        miller=(h, k, m),
        layers=recipe.layers or max(1, needed),
        facet=facet_text(recipe),
        crystal=CrystalPlane(
            miller=recipe.miller,
            axes=_axes(recipe.crystal),
            lengths_angstrom=(a, b, c),
            angles_degree=(alpha, beta, gamma),
            spacing_angstrom=round(spacing, 4),
        ),
    )


def crystal_plane(recipe: SlabRecipe) -> CrystalPlane:
    """Return the plane of a slab recipe: its axes, their cell, and the spacing of its planes."""
    return primitive_plane(recipe).crystal


def facet_text(recipe: SlabRecipe) -> str:
    """Return the plane of a slab recipe as text; four indices in hexagonal axes."""
    return miller_text(recipe.miller, hexagonal=is_hexagonal(recipe.crystal))


def _axes(crystal: Crystal) -> str:
    if isinstance(crystal, ExplicitCrystal) and crystal.axes is not None:
        return "file" if crystal.axes == "file" else "conventional cell of the file's crystal"
    return "catalogue"
