"""Where matter ends: crystal, slab, wire or molecule, and the vacuum that a slab needs.

This is the one place that decides it, for every structure that comes from outside. Below
it ``pbc`` says which directions are periodic, and nothing measures gaps again.

The rule
--------
A direction of a cell is *open* where it is declared not periodic, or where a layer of
empty space crosses it over which no two atoms touch. Atoms touch up to the sum of their
reach: 1.4 covalent radii for a metal, the van der Waals radius (Alvarez 2013,
doi:10.1039/c3dt50599e) and 0.5 angstrom for a non-metal. So the layers of graphite (3.4
angstrom, reach 4.5), MoS2 (S-S 3.5, reach 4.8), of K-intercalated and of hydrated crystals
touch, up to 1 angstrom beyond van der Waals contact, which is as far as functionals
without dispersion push them apart; two faces of Al(111) touch up to 3.4 angstrom.

None open: a crystal. One: a slab or sheet, which needs at least ``VACUUM_ANGSTROM`` of
vacuum. Two: a wire. Three: a molecule or cluster.

Limits
------
A slab whose faces are within that reach of each other (metals 3 to 4, oxides and carbon 4
to 4.5 angstrom) looks like a layered crystal. Sheets that stand further apart than they
touch, with nothing in between (graphite blown up to 6 angstrom, say), are no crystal here
but sheets with too little vacuum. Only empty layers along cell vectors are seen.
"""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from ase.data.vdw_alvarez import vdw_radii
from numpy.typing import NDArray

VACUUM_ANGSTROM = 10.0
"""Least vacuum over a slab that K is put on: K stands up to 4 angstrom above it, and the
potentials (cutoff 5 to 6 angstrom) must not see the image of the slab from there."""

_NARROWEST_ANGSTROM = 2.5
"""Thinner empty layers are within a bond length and hold nothing."""
_METAL_REACH = 1.4
_NON_METAL_REACH_ANGSTROM = 0.5
_NON_METALS = frozenset(
    (1, 2, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 32, 33, 34, 35, 36, 51, 52, 53, 54, 85, 86)
)
"""H to Ne but Li and Be, Si to Ar, Ge to Kr, Sb to Xe, At, Rn."""
_UNKNOWN_RADIUS_ANGSTROM = 2.0


def widest_gap_angstrom(atoms: Atoms, axis: int) -> float:
    """Return the widest empty layer along a cell vector, measured along its plane normal.

    Parameters
    ----------
    atoms
        With three cell vectors; positions are wrapped along ``axis``.
    axis
        0, 1 or 2.
    """
    edges = _layer_edges(atoms, axis)
    return float(np.diff(edges).max() * cell_heights(atoms)[axis])


def cell_heights(atoms: Atoms) -> NDArray[np.float64]:
    """Return the distances between opposite faces of the cell, angstrom, shape (3,).

    Infinite without a cell.
    """
    volume = atoms.cell.volume
    if volume < 1e-9:
        return np.full(3, np.inf)
    a, b, c = atoms.cell.array
    areas = [np.linalg.norm(np.cross(*pair)) for pair in ((b, c), (c, a), (a, b))]
    return np.array([volume / area for area in areas])


def open_axes(atoms: Atoms) -> NDArray[np.bool_]:
    """Return for each cell vector whether matter ends along it; see the rule above.

    Parameters
    ----------
    atoms
        ``pbc`` as the file declares it (most formats declare all directions
        periodic). Without three cell vectors nothing is periodic.

    Returns
    -------
    NDArray of bool, shape (3,)

    Examples
    --------
    >>> from ase.build import graphene
    >>> sheet = graphene(vacuum=10.0)
    >>> sheet.pbc = True
    >>> open_axes(sheet).tolist()
    [False, False, True]
    """
    if atoms.cell.rank < 3:
        return np.ones(3, dtype=bool)
    from ase.neighborlist import neighbor_list  # loads SciPy, which the catalogue does without

    periodic = Atoms(atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=True)
    heights = cell_heights(periodic)
    first, vectors = neighbor_list("iD", periodic, _reach(atoms.numbers))
    steps = vectors @ np.linalg.inv(periodic.cell.array)
    scaled = periodic.get_scaled_positions(wrap=False)
    found = ~np.asarray(atoms.pbc, dtype=bool)
    for axis in np.flatnonzero(~found):
        edges = _layer_edges(periodic, int(axis))
        wide = np.flatnonzero(np.diff(edges) * heights[axis] >= _NARROWEST_ANGSTROM)
        start = scaled[first, axis]
        end = start + steps[:, axis]
        for gap in wide:
            middle = 0.5 * (edges[gap] + edges[gap + 1])
            crossing = np.floor(start - middle) != np.floor(end - middle)
            if not crossing.any():
                found[axis] = True
    return found


def _layer_edges(atoms: Atoms, axis: int) -> NDArray[np.float64]:
    """Return sorted fractional heights in one cell, the lowest repeated one cell further."""
    heights = np.sort(atoms.get_scaled_positions(wrap=False)[:, axis] % 1.0)
    return np.append(heights, heights[0] + 1.0)


def _reach(numbers: NDArray[np.int_]) -> list[float]:
    """Return how far each atom reaches, angstrom."""
    reach = []
    for number in numbers:
        if int(number) in _NON_METALS:
            radius = float(vdw_radii[number])
            known = radius if np.isfinite(radius) else _UNKNOWN_RADIUS_ANGSTROM
            reach.append(known + _NON_METAL_REACH_ANGSTROM)
        else:
            reach.append(_METAL_REACH * float(covalent_radii[number]))
    return reach
