"""Recipes from anyone's structure: ASE atoms, CIF, POSCAR, extended XYZ and what else ASE reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms
from pymatgen.core.surface import get_symmetrically_distinct_miller_indices
from pymatgen.io.ase import AseAtomsAdaptor
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from potash.errors import InputError
from potash.structures.checks import (
    MIN_VACUUM_ANGSTROM,
    check_structure,
    vacuum_gap_angstrom,
)
from potash.structures.crystals import ExplicitCrystal
from potash.structures.recipes import SlabRecipe, StructureRecipe
from potash.structures.structure_files import read_structure
from potash.structures.supercells import best_supercell, repeats_for_distance, supercell
from potash.structures.surface import lower_half

THIN_ANGSTROM = 3.5


def recipes_from_file(
    path: str | Path,
    *,
    miller: tuple[int, int, int] | None = None,
    min_k_k_distance_angstrom: float = 8.0,
) -> list[StructureRecipe | SlabRecipe]:
    """Return recipes for a structure file; its content is copied into them.

    See :func:`recipes_from_atoms`.

    Raises
    ------
    InputError
        For a missing or unreadable file, partially occupied sites, overlapping
        atoms, or gaps along more than one cell vector but not all.
    """
    return recipes_from_atoms(
        _read(Path(path)),
        miller=miller,
        min_k_k_distance_angstrom=min_k_k_distance_angstrom,
        source=str(path),
    )


def recipes_from_atoms(
    atoms: Atoms,
    *,
    miller: tuple[int, int, int] | None = None,
    min_k_k_distance_angstrom: float = 8.0,
    source: str = "",
) -> list[StructureRecipe | SlabRecipe]:
    """Return recipes for a structure; its content is copied into them.

    A structure without a cell becomes a cluster. One with a gap of at least 7
    angstrom along exactly one cell vector is taken as the slab or sheet it is
    (turned so that the gap is along c, repeated in the plane until images of
    one K are far enough apart, lower half fixed unless the structure fixes atoms).
    A crystal gives one slab recipe per plane: the one asked for, or all
    symmetrically distinct planes with indices up to 1.

    Raises
    ------
    InputError
        For no atoms, an unknown element, positions that are no numbers, overlapping
        atoms, or gaps along more than one cell vector but not all.
    """
    atoms = atoms.copy()
    if len(atoms) == 0 or (atoms.numbers < 1).any():
        raise InputError("the structure holds no atoms or an unknown element", source=source)
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise InputError("positions and cell have to be finite numbers", source=source)
    fixed = [int(i) for c in atoms.constraints if isinstance(c, FixAtoms) for i in c.get_indices()]
    atoms.set_constraint()
    if not atoms.cell.any():
        check_structure(atoms, source=source)
        return [StructureRecipe(elements=tuple(atoms.symbols), positions=_tuples(atoms.positions))]
    if atoms.cell.rank < 3:
        raise InputError("the cell has fewer than three vectors", source=source, field="cell")
    atoms.pbc = True
    check_structure(atoms, source=source)
    gaps = [vacuum_gap_angstrom(atoms, axis) for axis in range(3)]
    empty = [axis for axis in range(3) if gaps[axis] >= MIN_VACUUM_ANGSTROM]
    if len(empty) == 3:
        atoms.center()
        return [StructureRecipe(elements=tuple(atoms.symbols), positions=_tuples(atoms.positions))]
    if len(empty) == 2:
        raise InputError(
            "there is vacuum along two cell vectors (a wire or ribbon); give a slab, a sheet, "
            "a crystal or a molecule",
            source=source,
            field="cell",
        )
    if len(empty) == 1:
        return [_as_given(atoms, empty[0], fixed, min_k_k_distance_angstrom)]
    return _from_crystal(atoms, miller, min_k_k_distance_angstrom)


def _read(path: Path) -> Atoms:
    try:
        return read_structure(path)
    except ValueError as error:
        raise InputError(str(error), source=str(path)) from error


def _as_given(
    atoms: Atoms, axis: int, fixed: list[int], min_k_k_distance_angstrom: float
) -> StructureRecipe:
    order = [(axis + 1) % 3, (axis + 2) % 3, axis]
    turned = Atoms(
        atoms.numbers,
        scaled_positions=atoms.get_scaled_positions()[:, order],
        cell=atoms.cell.array[order],
        pbc=(True, True, False),
    )
    turned.set_tags([1 if i in fixed else 0 for i in range(len(turned))])
    standard, _ = turned.cell.standard_form()
    turned.set_cell(standard, scale_atoms=True)
    z = np.sort(turned.get_scaled_positions(wrap=True)[:, 2])
    gaps = np.diff(np.append(z, z[0] + 1))
    bottom = z[(int(np.argmax(gaps)) + 1) % len(z)]
    scaled = turned.get_scaled_positions(wrap=True)
    scaled[:, 2] = (scaled[:, 2] - bottom + 1e-6) % 1.0
    turned.set_scaled_positions(scaled)
    upright = turned.cell.array.copy()
    upright[2, :2] = 0.0
    turned.set_cell(upright, scale_atoms=False)
    turned.center(axis=2)
    repeats = repeats_for_distance(turned.cell, min_k_k_distance_angstrom)
    turned = supercell(turned, best_supercell(turned.cell, repeats)[0])
    held = tuple(int(i) for i in np.flatnonzero(turned.get_tags() == 1))
    thick = float(np.ptp(turned.positions[:, 2])) > THIN_ANGSTROM
    return StructureRecipe(
        elements=tuple(turned.symbols),
        positions=_tuples(turned.positions),
        lattice=_cell_tuple(turned),
        fixed=held or (lower_half(turned) if thick else ()),
    )


def _from_crystal(
    atoms: Atoms, miller: tuple[int, int, int] | None, min_k_k_distance_angstrom: float
) -> list[StructureRecipe | SlabRecipe]:
    analyzer = SpacegroupAnalyzer(AseAtomsAdaptor.get_structure(atoms), symprec=0.01)
    structure = analyzer.get_conventional_standard_structure()
    conventional = AseAtomsAdaptor.get_atoms(structure)
    crystal = ExplicitCrystal(
        lattice=_cell_tuple(conventional),
        elements=tuple(conventional.symbols),
        positions=_tuples(conventional.get_scaled_positions()),
        oxidation_states=_oxidation_states(conventional),
    )
    planes = (
        [miller]
        if miller is not None
        else [tuple(hkl) for hkl in get_symmetrically_distinct_miller_indices(structure, 1)]
    )
    return [
        SlabRecipe(
            crystal=crystal,
            miller=(int(h), int(k), int(m)),
            min_k_k_distance_angstrom=min_k_k_distance_angstrom,
        )
        for h, k, m in planes
    ]


def _oxidation_states(atoms: Atoms) -> dict[str, float] | None:
    """Return formal charges where pymatgen finds a neutral set; None for metals."""
    composition = AseAtomsAdaptor.get_structure(atoms).composition
    if all(element.is_metal or element.is_metalloid for element in composition.elements):
        return None
    guesses = composition.reduced_composition.oxi_state_guesses()
    return {str(e): float(q) for e, q in guesses[0].items()} if guesses else None


def _tuples(array: object) -> tuple[tuple[float, float, float], ...]:
    rows = np.round(np.asarray(array, dtype=float), 6)
    return tuple((float(x), float(y), float(z)) for x, y, z in rows)


def _cell_tuple(
    atoms: Atoms,
) -> tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]:
    first, second, third = _tuples(atoms.cell.array)
    return first, second, third
