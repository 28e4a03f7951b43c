"""Starting magnetic moments for DFT: ferromagnetic metals, antiferromagnetic oxides.

An SCF cycle keeps the order that it starts from. Magnetic ions on both sides of one
oxygen or fluorine couple antiferromagnetically through a straight bridge
(superexchange; J. B. Goodenough, doi:10.1103/PhysRev.100.564), which makes rock salt
oxides such as NiO antiferromagnets of type II. Elsewhere all moments are parallel.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from numpy.typing import NDArray

METAL_MOMENTS = {"Fe": 2.5, "Co": 1.8, "Ni": 0.8, "Cr": 3.0, "Mn": 3.0}
"""Of a metal's atoms, Bohr magnetons; other elements start without."""
ION_MOMENTS = {"Fe": 4.0, "Co": 3.0, "Ni": 2.0, "Cr": 3.0, "Mn": 4.5}
"""Of their ions in oxides and fluorides: high spin."""
BRIDGES = frozenset({"O", "F"})
_BONDED = 1.25
_STRAIGHT_DEGREES = 150.0


def starting_moments(atoms: Atoms, ions: Collection[str]) -> NDArray[np.float64]:
    """Return the moments to start from, in Bohr magnetons, shape (n_atoms,).

    Parameters
    ----------
    atoms
        Structure.
    ions
        Elements that are ions in it; those that carry a moment are ordered
        antiferromagnetically along straight bridges, where the bridges allow that.
    """
    symbols = atoms.get_chemical_symbols()
    moments = np.array([(ION_MOMENTS if s in ions else METAL_MOMENTS).get(s, 0.0) for s in symbols])
    magnetic = [i for i, s in enumerate(symbols) if s in ions and s in ION_MOMENTS]
    return moments * _signs(len(atoms), _bridged(atoms, magnetic))


def _bridged(atoms: Atoms, magnetic: Collection[int]) -> set[tuple[int, int]]:
    """Return the pairs of magnetic ions on both sides of an anion."""
    radii = [_BONDED * covalent_radii[z] for z in atoms.numbers]
    from ase.neighborlist import neighbor_list  # loads SciPy, which naming a level does without

    first, second, vectors = neighbor_list("ijD", atoms, radii)
    least = np.cos(np.radians(_STRAIGHT_DEGREES))
    pairs = set()
    for anion in (i for i, s in enumerate(atoms.symbols) if s in BRIDGES):
        mine = np.flatnonzero((first == anion) & np.isin(second, list(magnetic)))
        units = vectors[mine] / np.linalg.norm(vectors[mine], axis=1, keepdims=True)
        for a, b in np.argwhere(np.triu(units @ units.T < least)):
            pairs.add((int(second[mine[a]]), int(second[mine[b]])))
    return pairs


def _signs(n_atoms: int, pairs: Collection[tuple[int, int]]) -> NDArray[np.float64]:
    """Return +1 or -1 for every atom, opposite in each pair; +1 where that is impossible."""
    partners: dict[int, set[int]] = {}
    for a, b in pairs:
        partners.setdefault(a, set()).add(b)
        partners.setdefault(b, set()).add(a)
    signs = np.ones(n_atoms)
    seen: set[int] = set()
    for start in sorted(partners):
        if start in seen:
            continue
        colour, queue = {start: 1.0}, [start]
        while queue:
            atom = queue.pop()
            for other in partners[atom] - colour.keys():
                colour[other] = -colour[atom]
                queue.append(other)
        seen |= colour.keys()
        if all(colour[a] != colour[b] for a in colour for b in partners[a]):
            signs[list(colour)] = list(colour.values())
    return signs
