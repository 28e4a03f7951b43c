"""Checks of a structure before any engine sees it."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols, covalent_radii
from ase.neighborlist import neighbor_list

from potash.errors import InputError
from potash.structures.vacuum import VACUUM_ANGSTROM, cell_heights, widest_gap_angstrom

OVERLAP_FRACTION = 0.6
"""Two atoms closer than this fraction of their covalent radii's sum overlap."""

LEAST_VOLUME_ANGSTROM3 = 1.0
"""Per atom; solid hydrogen at 150 GPa has 2."""
LEAST_HEIGHT_ANGSTROM = 0.5
"""Between opposite faces of a cell; no bond is shorter."""


def check_structure(atoms: Atoms, *, source: str = "", field: str = "") -> None:
    """Refuse overlapping atoms and missing vacuum.

    Parameters
    ----------
    atoms
        ``pbc`` says along which cell vectors vacuum is needed.
    source, field
        File or label, and what of it, for the error message.

    Raises
    ------
    InputError
        As :func:`check_overlap`; or where a direction that is not periodic has less
        vacuum than :data:`potash.structures.vacuum.VACUUM_ANGSTROM`.
    """
    check_overlap(atoms, source=source, field=field)
    for axis in range(3):
        if not atoms.pbc[axis] and atoms.cell[axis].any():
            check_vacuum(atoms, axis, source=source, field=field)


def check_vacuum(atoms: Atoms, axis: int, *, source: str = "", field: str = "") -> None:
    """Refuse too little vacuum along a cell vector over which matter does not continue.

    Parameters
    ----------
    atoms
        With three cell vectors.
    axis
        0, 1 or 2.
    source, field
        As :func:`check_structure`.

    Raises
    ------
    InputError
        It says how much vacuum there is and how much is needed.
    """
    gap = widest_gap_angstrom(atoms, axis)
    if gap < VACUUM_ANGSTROM - 1e-3:
        raise InputError(
            f"only {gap:.1f} angstrom of vacuum along cell vector {'abc'[axis]}, over which no "
            f"atoms touch; a surface for K needs at least {VACUUM_ANGSTROM:g} angstrom",
            source=source,
            field=field,
        )


def check_overlap(atoms: Atoms, *, source: str = "", field: str = "") -> None:
    """Refuse atoms that overlap, over periodic borders too.

    Parameters
    ----------
    atoms
        Any structure.
    source, field
        As :func:`check_structure`.

    Raises
    ------
    InputError
        Where two atoms are closer than 0.6 times the sum of their covalent
        radii (Cordero 2008, as in ASE).
    """
    cutoffs = [0.75 * float(covalent_radii[z]) for z in atoms.numbers]
    first, second, distance = neighbor_list("ijd", atoms, cutoffs)
    limit = OVERLAP_FRACTION * (
        covalent_radii[atoms.numbers[first]] + covalent_radii[atoms.numbers[second]]
    )
    close = np.flatnonzero(distance < limit)
    if close.size:
        k = close[np.argmin(distance[close])]
        i, j = int(first[k]), int(second[k])
        raise InputError(
            f"atoms {i} ({atoms.symbols[i]}) and {j} ({atoms.symbols[j]}) overlap: "
            f"{distance[k]:.2f} angstrom apart, expected at least {limit[k]:.2f}",
            source=source,
            field=field,
        )


def check_numbers(atoms: Atoms, *, source: str = "") -> None:
    """Refuse positions and cells that no structure has.

    Parameters
    ----------
    atoms
        As somebody gave them.
    source
        File, for the error message.

    Raises
    ------
    InputError
        For no atoms, numbers that are not finite or beyond 1e5 angstrom, an unknown element, less
        than 1 angstrom^3 per atom, or a periodic direction without a cell vector.
    """
    if len(atoms) == 0:
        raise InputError("holds no atoms", source=source)
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise InputError("holds a position or cell that is no finite number", source=source)
    if max(np.abs(atoms.positions).max(), np.abs(atoms.cell.array).max()) > 1e5:
        raise InputError("holds a length of more than 1e5 angstrom", source=source)
    unknown = [int(z) for z in atoms.numbers if not 1 <= z < len(chemical_symbols)]
    if unknown:
        raise InputError(f"holds an unknown element (atomic number {unknown[0]})", source=source)
    if atoms.cell.rank == 3:
        volume = atoms.cell.volume / len(atoms)
        if volume < 1e-6:
            raise InputError("the cell vectors lie in a plane", source=source, field="cell")
        height = cell_heights(atoms).min()
        if volume < LEAST_VOLUME_ANGSTROM3 or height < LEAST_HEIGHT_ANGSTROM:
            raise InputError(
                f"the cell is too small for its {len(atoms)} atoms: {volume:.3g} angstrom^3 per "
                f"atom, {height:.3g} angstrom between its closest faces",
                source=source,
                field="cell",
            )
    elif atoms.pbc.any():
        raise InputError(
            "is periodic, but has fewer than three cell vectors", source=source, field="cell"
        )
