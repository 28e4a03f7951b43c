"""Which atoms form a molecule, and the tree of bonds along which it is made whole."""

from __future__ import annotations

from collections import deque
from typing import Final

import MDAnalysis as mda  # noqa: N813  (its documented short name)
import numpy as np
from ase.data import atomic_numbers, covalent_radii
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from potash.trajectories.elements import Elements, hill_formula
from potash.trajectories.ions import METAL_IONS, NEVER_BONDED, known_charge
from potash.trajectories.near import Pairs

Ints = NDArray[np.int64]

BOND_STRETCH: Final = 1.25
"""Atoms closer than this times the sum of their covalent radii are bonded."""
_MOST_BONDS: Final = {"H": 1, "F": 1, "O": 2, "N": 4, "C": 4, "P": 6, "S": 6, "Cl": 1, "Br": 1}
NEVER_ALONE: Final = frozenset({"H", "B", "C", "N", "P", "S", "Si", "As", "Sb", "Se"})
"""Elements of which a single atom is no molecule and no ion of a liquid."""


def molecules_of(universe: mda.Universe, elements: Elements, near: Pairs) -> tuple[Ints, Ints]:
    """Return the molecule of every atom and the bonds that were used.

    Molecules are the fragments of the topology's bonds; atoms that have none are joined by
    distance, within their residue (LAMMPS: molecule number). Without any bonds molecules are the
    residues, split by distance where one holds several molecules (all ions of a kind, or all
    molecules of a kind, in one). Metal ions are molecules of their own. Virtual sites belong to the
    molecule of the atom before them.

    Parameters
    ----------
    universe
        The trajectory.
    elements
        Of its atoms.
    near
        Pairs of near atoms (:func:`potash.trajectories.near.near_pairs`).

    Returns
    -------
    molecule, bonds
        Shapes (n_atoms,), numbered by first atom, and (n_bonds, 2).
    """
    n = len(universe.atoms)
    residue = np.asarray(universe.atoms.resindices, np.int64)
    symbols = elements.symbols
    bare = np.isin(symbols, NEVER_BONDED)
    stated = _stated_bonds(universe)
    stated = stated[~bare[stated].any(axis=1)]
    found = _bonds_by_distance(symbols, bare, near)
    within = residue[found[:, 0]] == residue[found[:, 1]]
    found = found[within]
    has_bond = np.zeros(n, bool)
    has_bond[stated.ravel()] = True
    if len(stated):
        found = found[~has_bond[found].all(axis=1)]
    virtual = np.flatnonzero(symbols == "X")
    virtual = virtual[(virtual > 0) & ~has_bond[virtual]]
    virtual = virtual[residue[virtual] == residue[virtual - 1]]
    virtual = virtual[~bare[virtual - 1]]
    sites = np.stack([virtual - 1, virtual], axis=1)
    bonds = np.concatenate([stated, found, sites])
    pieces = _components(n, bonds)
    if not len(stated) and len(universe.residues) > 1:
        pieces = _residues_or_pieces(residue, pieces, elements, bare)
    _, first, inverse = np.unique(pieces, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64), bonds


def _stated_bonds(universe: mda.Universe) -> Ints:
    if not hasattr(universe.atoms, "bonds"):
        return np.empty((0, 2), np.int64)
    return np.asarray(universe.atoms.bonds.indices, np.int64).reshape(-1, 2)


def _bonds_by_distance(symbols: NDArray[np.str_], bare: NDArray[np.bool_], near: Pairs) -> Ints:
    """Pairs that are bonded by their distance, no atom with more bonds than it can have."""
    pairs, distances = near
    radii = np.array([covalent_radii[atomic_numbers.get(str(e), 0)] for e in symbols])
    ratio = distances / (radii[pairs[:, 0]] + radii[pairs[:, 1]])
    excluded = (bare | (symbols == "X"))[pairs].any(axis=1)
    hydrogens = (symbols[pairs] == "H").all(axis=1)
    bonded = (ratio < BOND_STRETCH) & ~excluded & ~hydrogens
    pairs, ratio = pairs[bonded], ratio[bonded]
    limit = _most_bonds(symbols, pairs)
    if np.all(np.bincount(pairs.ravel(), minlength=len(symbols)) <= limit):
        return np.asarray(pairs, np.int64)
    # Molecules lie on each other here: bonds of usual length between neighbours in the file
    # come first.
    order = np.lexsort((np.abs(pairs[:, 0] - pairs[:, 1]), np.abs(ratio - 0.98) // 0.1))
    kept: list[tuple[int, int]] = []
    later: list[tuple[int, int]] = []
    for i, j in pairs[order].tolist():
        if limit[i] > 0 and limit[j] > 0:
            limit[i] -= 1
            limit[j] -= 1
            kept.append((i, j))
        else:
            later.append((i, j))
    joined = np.zeros(len(symbols), bool)
    joined[np.array(kept, np.int64).ravel()] = True
    for i, j in later:  # a third hydrogen of H3O+ has nowhere else to go
        if not (joined[i] and joined[j]):
            joined[[i, j]] = True
            kept.append((i, j))
    return np.array(kept, np.int64).reshape(-1, 2)


def _most_bonds(symbols: NDArray[np.str_], pairs: Ints) -> Ints:
    """Most bonds that every atom can have; clusters of boron are left alone."""
    limit = np.array([_MOST_BONDS.get(str(e), 12) for e in symbols], np.int64)
    for element, freed in (("B", ("C", "H")), ("O", ("Cl", "Br", "I"))):
        beside = np.zeros(len(symbols), bool)
        beside[pairs[(symbols[pairs] == element).any(axis=1)].ravel()] = True
        limit[beside & np.isin(symbols, freed)] = 12
    return limit


def _components(n: int, bonds: Ints) -> Ints:
    graph = coo_matrix((np.ones(len(bonds)), (bonds[:, 0], bonds[:, 1])), (n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _residues_or_pieces(
    residue: Ints, pieces: Ints, elements: Elements, bare: NDArray[np.bool_]
) -> Ints:
    """Residues as molecules, but the pieces of a residue that plainly holds several molecules."""
    labels = residue.copy()
    labels[bare] = labels.max() + 1 + np.arange(int(bare.sum()))
    following = int(labels.max()) + 1
    order = np.argsort(residue, kind="stable")
    ends = np.flatnonzero(np.diff(residue[order])) + 1
    for own in np.split(order, ends):
        own = own[~bare[own]]
        parts = np.unique(pieces[own])
        if len(parts) > 1 and _are_molecules(own, pieces, parts, elements):
            for part in parts:
                labels[own[pieces[own] == part]] = following
                following += 1
    return labels


def _are_molecules(own: Ints, pieces: Ints, parts: Ints, elements: Elements) -> bool:
    """Whether the pieces of a residue are molecules: all alike, or none a lone atom but an ion."""
    formulas = []
    for part in parts:
        atoms = own[pieces[own] == part]
        formulas.append(
            hill_formula(
                [str(e) for e in elements.symbols[atoms]], elements.hydrogens[atoms].tolist()
            )
        )
    if len(set(formulas)) == 1:
        return formulas[0] not in NEVER_ALONE
    single = [f for f, part in zip(formulas, parts, strict=True) if (pieces[own] == part).sum() < 2]
    return all(f in METAL_IONS or (f != "F" and known_charge(f) is not None) for f in single)


def bond_tree(molecule: Ints, bonds: Ints, near: Pairs) -> tuple[Ints, Ints, Ints]:
    """Return the atoms of every molecule in an order in which each follows a bonded one.

    Parameters
    ----------
    molecule
        Molecule of every atom, numbered from 0.
    bonds
        Bonded pairs, shape (n, 2).
    near
        Near pairs, which stand in where bonds do not reach.

    Returns
    -------
    atoms, start, parent
        Molecule ``m`` owns ``atoms[start[m]:start[m + 1]]``; ``parent[slot]`` is the atom to
        which ``atoms[slot]`` is bonded, or -1 for the first. An atom that nothing reaches hangs
        on the atom before it.
    """
    n = len(molecule)
    order = np.argsort(molecule, kind="stable").astype(np.int64)
    n_molecules = int(molecule.max()) + 1 if n else 0
    start = np.searchsorted(molecule[order], np.arange(n_molecules + 1)).astype(np.int64)
    bonded, close = _neighbours(molecule, bonds), _neighbours(molecule, near[0])
    atoms: list[int] = []
    parent: list[int] = []
    seen = np.zeros(n, bool)
    for first in order.tolist():
        if seen[first]:
            continue
        new = not atoms or molecule[atoms[-1]] != molecule[first]
        hook = -1 if new else next((a for a in close.get(first, ()) if seen[a]), atoms[-1])
        seen[first] = True
        queue = deque([(first, hook)])
        while queue:
            atom, before = queue.popleft()
            atoms.append(atom)
            parent.append(before)
            for other in bonded.get(atom, ()):
                if not seen[other]:
                    seen[other] = True
                    queue.append((other, atom))
    return np.array(atoms, np.int64), start, np.array(parent, np.int64)


def _neighbours(molecule: Ints, pairs: Ints) -> dict[int, list[int]]:
    """Neighbours of every atom in its own molecule."""
    found: dict[int, list[int]] = {}
    for i, j in pairs[molecule[pairs[:, 0]] == molecule[pairs[:, 1]]].tolist():
        found.setdefault(i, []).append(j)
        found.setdefault(j, []).append(i)
    return found
