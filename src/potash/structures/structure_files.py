"""A structure file (CIF, POSCAR, extended XYZ, ...) as a recipe."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase.data import chemical_symbols

from potash.structures.crystals import ExplicitCrystal, Vector
from potash.structures.recipes import Recipe, SlabRecipe, StructureRecipe

GAP_ANGSTROM = 8.0
"""Empty space along an axis from which a cell counts as not periodic in it."""

K_K_ANGSTROM = 8.0
"""Images of one K are at least this far apart."""

SHEET_ANGSTROM = 3.5
"""Up to this thickness a layer is a sheet, and no atom is held."""


def miller_index(facet: str) -> tuple[int, int, int]:
    """Return the Miller index in a facet such as ``(111)``, ``(1 0 -1)`` or ``(10-10)``.

    Raises
    ------
    ValueError
        If it is no index.
    """
    text = facet.strip().strip("()")
    numbers = [int(n) for n in re.findall(r"-?\d", text)]
    if re.sub(r"-?\d", "", text).strip(" ,") or len(numbers) not in (3, 4) or not any(numbers):
        raise ValueError(f"{facet!r} is not a Miller index such as (111) or (10-10)")
    if len(numbers) == 4:
        if sum(numbers[:3]) != 0:
            raise ValueError(f"{facet!r}: the third of four indices has to be -(h + k)")
        del numbers[2]
    return (numbers[0], numbers[1], numbers[2])


def _largest_gaps(atoms: Any) -> list[float]:
    """Return the widest empty stretch along each cell vector's plane normal, in angstrom."""
    volume = abs(np.linalg.det(atoms.cell))
    gaps = []
    for axis in range(3):
        others = np.cross(atoms.cell[(axis + 1) % 3], atoms.cell[(axis + 2) % 3])
        height = volume / np.linalg.norm(others)
        s = np.sort(atoms.get_scaled_positions()[:, axis] % 1.0)
        gaps.append(float(np.max(np.diff(np.append(s, s[0] + 1.0))) * height))
    return gaps


def read_structure(path: Path) -> Any:
    """Return the (last) structure of a file as ASE atoms.

    Raises
    ------
    ValueError
        If the file cannot be read, holds no atoms, an unknown element, partially
        occupied sites or overlapping atoms.
    """
    from ase.io import read  # half a second to import, and few catalogues need it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            atoms = read(path)
    except FileNotFoundError:
        raise ValueError(f"there is no structure file {str(path)!r}") from None
    except Exception as error:  # ASE's readers raise anything on bad files
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise ValueError(f"the structure file {path.name!r} cannot be read ({reason})") from None
    if isinstance(atoms, list) or len(atoms) == 0:
        raise ValueError(f"the structure file {path.name!r} holds no atoms")
    if any(number < 1 or number >= len(chemical_symbols) for number in atoms.numbers):
        raise ValueError(f"the structure file {path.name!r} holds an unknown element")
    occupancy = atoms.info.get("occupancy")
    if occupancy and any(
        sum(kinds.values()) < 0.999 or len(kinds) > 1 for kinds in occupancy.values()
    ):
        raise ValueError(
            f"the structure file {path.name!r} has partially occupied sites; give an ordered cell"
        )
    if len(atoms) > 1:
        distances = atoms.get_all_distances(mic=bool(atoms.pbc.any()))
        np.fill_diagonal(distances, np.inf)
        if distances.min() < 0.5:
            raise ValueError(
                f"the structure file {path.name!r} has atoms only {distances.min():.2f} A apart"
            )
    return atoms


def recipe_from_file(path: Path, facets: Sequence[str] = ()) -> Recipe:
    """Return the recipe of the structure in a file.

    A structure that is not periodic is a cluster. A cell with at least 8 angstrom
    of empty space along c is a slab or sheet: it is repeated in the plane until
    images of one K are at least 8 angstrom apart, and the lower half of a slab is
    held. Anything else is a crystal, of which the first facet is cut.

    Parameters
    ----------
    path
        Any file that ASE reads.
    facets
        Miller indices, such as ``(111)``; needed for a crystal.

    Raises
    ------
    ValueError
        If the file is bad, or is a crystal and no facet is given.
    """
    atoms = read_structure(path)
    elements = tuple(atoms.get_chemical_symbols())
    positions = tuple(_vector(row) for row in atoms.positions)
    note = f"read from {path.name}"
    if not atoms.pbc.any() or atoms.cell.rank < 3:
        return StructureRecipe(elements=elements, positions=positions, source=note)
    gaps = _largest_gaps(atoms)
    if max(gaps) >= GAP_ANGSTROM:
        if gaps[2] < GAP_ANGSTROM:
            raise ValueError(
                f"the structure file {path.name!r} has its empty space along the wrong axis; "
                f"turn the cell so that it is along c"
            )
        return _as_it_is(atoms, note)
    if not facets:
        raise ValueError(
            f"the structure file {path.name!r} is a crystal without empty space; "
            f"say which surface with 'facets: [\"(111)\"]'"
        )
    crystal = ExplicitCrystal(
        lattice=_lattice(atoms),
        elements=elements,
        positions=tuple(_vector(row) for row in atoms.get_scaled_positions()),
        oxidation_states=_oxidation_states(atoms),
        source=note,
    )
    return SlabRecipe(crystal=crystal, miller=miller_index(facets[0]))


def _as_it_is(atoms: Any, note: str) -> StructureRecipe:
    """Return the recipe of a slab or sheet whose empty space is along c."""
    normal = np.cross(atoms.cell[0], atoms.cell[1])
    area = np.linalg.norm(normal)
    widths = [area / np.linalg.norm(atoms.cell[1]), area / np.linalg.norm(atoms.cell[0])]
    # Rows of images of K are as far apart as the cell is wide, so its width decides.
    atoms = atoms.repeat((*(max(1, int(np.ceil((K_K_ANGSTROM - 1e-3) / w))) for w in widths), 1))
    # A layer that is cut by the cell's boundary is put together before it is measured.
    scaled = atoms.get_scaled_positions(wrap=True)
    z = np.sort(scaled[:, 2])
    bottom = z[(int(np.argmax(np.diff(np.append(z, z[0] + 1.0)))) + 1) % len(z)]
    scaled[:, 2] = (scaled[:, 2] - bottom + 1e-9) % 1.0
    atoms.set_scaled_positions(scaled)
    atoms.center(axis=2)
    heights = atoms.positions @ (normal / area)
    heights -= heights.min()
    thickness = float(heights.max())
    lower = heights < thickness / 2 - 1e-3
    held = np.flatnonzero(lower) if thickness > SHEET_ANGSTROM else np.array([], dtype=int)
    return StructureRecipe(
        elements=tuple(atoms.get_chemical_symbols()),
        positions=tuple(_vector(row) for row in atoms.positions),
        lattice=_lattice(atoms),
        fixed=tuple(int(i) for i in held),
        source=note,
    )


def _oxidation_states(atoms: Any) -> dict[str, float] | None:
    """Return formal charges that make the crystal neutral; None for metals."""
    from pymatgen.core import Composition  # slow to import, and few catalogues need it

    composition = Composition(atoms.get_chemical_formula()).reduced_composition
    if all(element.is_metal or element.is_metalloid for element in composition.elements):
        return None
    guesses = composition.oxi_state_guesses()
    return {str(e): float(q) for e, q in guesses[0].items()} if guesses else None


def _lattice(atoms: Any) -> tuple[Vector, Vector, Vector]:
    return (_vector(atoms.cell[0]), _vector(atoms.cell[1]), _vector(atoms.cell[2]))


def _vector(row: Sequence[float]) -> Vector:
    return (round(float(row[0]), 6), round(float(row[1]), 6), round(float(row[2]), 6))
