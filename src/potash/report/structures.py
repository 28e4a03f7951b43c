"""Structures for the report's viewer: atoms, bonds and cell as compact plain data."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from ase.data.colors import jmol_colors
from scipy.spatial import cKDTree

from potash.structures.plain_atoms import atoms_of

BOND_FACTOR = 1.2
"""Atoms closer than this times the sum of their covalent radii are drawn as bonded."""
MAX_BOND_ANGSTROM = 3.4

_NOT_METALS = frozenset({1, 2, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 32, 33, 34, 35, 36, 52, 53})

# Carbon and hydrogen of the usual palette vanish or dominate on a light page.
_OWN_COLOURS = {"C": "#5a6270", "H": "#e8ebf0", "K": "#7d3fe0"}


def element_colour(symbol: str, number: int) -> str:
    """Return the colour of an element as ``#rrggbb``."""
    if symbol in _OWN_COLOURS:
        return _OWN_COLOURS[symbol]
    return "#" + "".join(f"{round(float(c) * 255):02x}" for c in jmol_colors[number])


def viewer_data(text: str) -> dict[str, Any]:
    """Return what the viewer draws.

    Parameters
    ----------
    text
        Extended XYZ of one structure.

    Returns
    -------
    dict
        ``elements`` (symbol to colour and drawn radius in angstrom), ``symbols``,
        ``xyz`` (flat, centred, rounded to 0.01 angstrom), ``bonds`` (flat index
        pairs), ``cell`` (eight corners, flat; absent without a cell), ``formula``.
    """
    atoms = atoms_of(text)
    symbols = atoms.get_chemical_symbols()
    numbers = atoms.get_atomic_numbers()
    positions = _joined(atoms)
    all_metal = not any(int(z) in _NOT_METALS for z in numbers)
    centre = (positions.max(axis=0) + positions.min(axis=0)) / 2
    data: dict[str, Any] = {
        "formula": atoms.get_chemical_formula(empirical=False),
        "elements": {
            s: [element_colour(s, int(z)), _drawn_radius(int(z), all_metal)]
            for s, z in sorted(set(zip(symbols, numbers, strict=True)))
        },
        "symbols": symbols,
        "xyz": [round(float(x), 2) for x in (positions - centre).ravel()],
        "bonds": _bonds(positions, numbers),
    }
    if atoms.pbc.any():
        cell = np.array(atoms.cell)
        span = positions.max(axis=0) - positions.min(axis=0)
        # The vacuum along a non-periodic or padded axis tells the reader nothing: the
        # outline follows the atoms there.
        for axis in range(3):
            length = np.linalg.norm(cell[axis])
            if length < 1e-6 or length - span[axis] > 8:
                cell[axis] = np.eye(3)[axis] * (span[axis] + 0.01)
        corners = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)]) @ cell
        middle = (corners.max(axis=0) + corners.min(axis=0)) / 2
        data["cell"] = [round(float(x), 2) for x in (corners - middle).ravel()]
    return data


def _drawn_radius(number: int, all_metal: bool) -> float:
    """Return the radius to draw: packed spheres in metals, ball and stick elsewhere."""
    if number == 19:
        return 1.15
    if number in _NOT_METALS:
        return round(0.24 + 0.24 * float(covalent_radii[number]), 2)
    return round((0.92 if all_metal else 0.6) * float(covalent_radii[number]), 2)


def _joined(atoms: Atoms) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return positions for drawing: no slab cut in two, K in the middle of its cell."""
    positions = np.array(atoms.get_positions())
    if not atoms.pbc.any() or abs(np.linalg.det(atoms.cell)) < 1e-6:
        return positions
    scaled = atoms.get_scaled_positions(wrap=False)
    for axis in range(3):
        if atoms.pbc[axis]:
            wrapped = scaled[:, axis] % 1.0
            ordered = np.sort(wrapped)
            gaps = np.diff(np.append(ordered, ordered[0] + 1))
            widest = int(np.argmax(gaps))
            # Cut in the widest empty stretch; without one, opposite to the adsorbate.
            length = float(np.linalg.norm(atoms.cell[axis]))
            potassium = np.flatnonzero(atoms.numbers == 19)
            if gaps[widest] * length > 5:
                start = ordered[(widest + 1) % len(ordered)]
            else:
                start = wrapped[potassium[-1]] - 0.5 if len(potassium) == 1 else 0.0
            scaled[:, axis] = (wrapped - start) % 1.0 + start
            scaled[:, axis][scaled[:, axis] > start + 1 - 1e-4] -= 1.0
    return np.asarray(scaled @ np.array(atoms.cell))


def _bonds(
    positions: np.ndarray[Any, np.dtype[np.float64]], numbers: np.ndarray[Any, np.dtype[np.int_]]
) -> list[int]:
    """Return bonded pairs as a flat list of indices; metals among themselves have none."""
    pairs = cKDTree(positions).query_pairs(MAX_BOND_ANGSTROM, output_type="ndarray")
    if not len(pairs):
        return []
    i, j = pairs.T
    not_metal = np.isin(numbers, list(_NOT_METALS))
    radii = covalent_radii[numbers]
    near = np.linalg.norm(positions[i] - positions[j], axis=1) <= BOND_FACTOR * (
        radii[i] + radii[j]
    )
    bonded = near & (not_metal[i] | not_metal[j]) & (numbers[i] != 19) & (numbers[j] != 19)
    return [int(x) for x in pairs[bonded].ravel()]
