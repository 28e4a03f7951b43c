"""Checks of a structure before any engine sees it."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from ase.neighborlist import neighbor_list

from potash.errors import InputError

OVERLAP_FRACTION = 0.6
"""Two atoms closer than this fraction of their covalent radii's sum overlap."""

MIN_VACUUM_ANGSTROM = 7.0
"""Least empty space along a direction that is not periodic."""


def vacuum_gap_angstrom(atoms: Atoms, axis: int) -> float:
    """Return the widest empty gap along a cell vector, measured along its plane normal.

    Parameters
    ----------
    atoms
        With a cell; positions are wrapped along ``axis``.
    axis
        0, 1 or 2.
    """
    others = [i for i in range(3) if i != axis]
    normal = np.cross(atoms.cell[others[0]], atoms.cell[others[1]])
    height = float(abs(atoms.cell.volume) / np.linalg.norm(normal))
    fractions = np.sort(atoms.get_scaled_positions(wrap=False)[:, axis] % 1.0)
    gaps = np.diff(np.append(fractions, fractions[0] + 1.0))
    return float(gaps.max() * height)


def check_structure(atoms: Atoms, *, source: str = "", field: str = "") -> None:
    """Refuse overlapping atoms and missing vacuum.

    Raises
    ------
    InputError
        Where two atoms are closer than 0.6 times the sum of their covalent
        radii (Cordero 2008, as in ASE), or where a direction that is not
        periodic has less than 7 angstrom of vacuum.
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
    for axis in range(3):
        if not atoms.pbc[axis] and atoms.cell[axis].any():
            gap = vacuum_gap_angstrom(atoms, axis)
            if gap < MIN_VACUUM_ANGSTROM:
                raise InputError(
                    f"only {gap:.1f} angstrom of vacuum along cell vector {'abc'[axis]}, which is "
                    f"not periodic; at least {MIN_VACUUM_ANGSTROM:.0f} angstrom are needed",
                    source=source,
                    field=field,
                )
