"""The first shells of one frame, counted in compiled code: pairs, donors, clusters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from potash.compiled import compiled
from potash.trajectories.kernels import (
    Floats,
    Ints,
    Positions,
    box_vectors,
    build_cells,
    minimum_height,
    neighbours,
)

Counts = NDArray[np.int32]


@compiled
def _root(parent: Ints, i: int) -> int:
    """Return the root of ``i``, halving the path on the way."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@compiled
def count_shells(
    positions: Positions,
    dimensions: Floats,
    cation_atoms: Ints,
    cation_of_atom: Ints,
    class_of_atom: Ints,
    donors: Ints,
    ligand_of_donor: Ints,
    group_of_donor: Ints,
    cutoffs: Floats,
    anion_of_ligand: Ints,
    species_of_ligand: Ints,
    kind_of_cation: Ints,
    kind_of_anion: Ints,
    shifts: Floats,
    per_anion: Counts,
    per_cation: Counts,
    donor_contacts: Counts,
    cluster_ions: Ints,
    shell: Ints,
    bound: Ints,
) -> int:
    """Count the first shells of one frame.

    Cation ``c`` and a ligand (anion or solvent molecule) are bound when any of
    their atom pairs is within its cutoff, ``cutoffs[class, group]``; counts
    are repeated with every cutoff changed by each of ``shifts`` (the first
    must be 0). ``cation_atoms`` are ordered by cation.

    Written, all zeroed first: ``per_anion`` (shift, kind, 4), anions of each kind with
    0, 1, 2 and 3 or more distinct cations; ``per_cation``, the converse;
    ``donor_contacts`` (shift, class, group), bound atom pairs;
    ``cluster_ions`` (n_ions + 1), ions in clusters of each size;
    ``shell`` (cation,), the numbers of distinct ligands of each species, as
    the digits of a number of base 32 (31 stands for 31 and more); ``bound``
    (capacity, 2), the bound (cation, ligand) pairs. Returns the number of
    bound pairs, which may exceed the capacity (then the rest is not written);
    -1 without a box; -2 for a box smaller than twice the largest cutoff.
    """
    widest = float(np.max(shifts))
    cutoff = float(np.max(cutoffs)) + widest
    height = minimum_height(dimensions)
    if height < 2.0 * cutoff:
        return -2 if height > 0.0 else -1
    per_anion[:] = 0
    per_cation[:] = 0
    donor_contacts[:] = 0
    cluster_ions[:] = 0
    shell[:] = 0
    box = box_vectors(dimensions)
    n_cations, n_ligands = shell.shape[0], anion_of_ligand.shape[0]
    n_anions = 0
    for ligand in range(n_ligands):
        n_anions += anion_of_ligand[ligand] >= 0
    n_cells, start, order, points = build_cells(positions, donors, box, cutoff)
    found = np.empty(donors.shape[0], np.int64)
    distance = np.empty(donors.shape[0])
    margin = np.full(n_ligands, np.inf)
    touched = np.empty(n_ligands, np.int64)
    cations_of_anion = np.zeros((shifts.shape[0], n_anions), np.int64)
    parent = np.arange(n_cations + n_anions)
    point = np.empty(3)
    n_bound = 0
    atom = 0
    for cation in range(n_cations):
        n_touched = 0
        while atom < cation_atoms.shape[0] and cation_of_atom[atom] == cation:
            for k in range(3):
                point[k] = positions[cation_atoms[atom], k]
            n = neighbours(point, box, cutoff, n_cells, start, order, points, found, distance)
            kind = class_of_atom[atom]
            for m in range(n):
                group = group_of_donor[found[m]]
                excess = distance[m] - cutoffs[kind, group]
                if excess > widest:
                    continue
                for s in range(shifts.shape[0]):
                    if excess <= shifts[s]:
                        donor_contacts[s, kind, group] += 1
                ligand = ligand_of_donor[found[m]]
                if margin[ligand] == np.inf:
                    touched[n_touched] = ligand
                    n_touched += 1
                margin[ligand] = min(margin[ligand], excess)
            atom += 1
        for s in range(shifts.shape[0]):
            n_anions_here = 0
            for t in range(n_touched):
                anion = anion_of_ligand[touched[t]]
                if anion >= 0 and margin[touched[t]] <= shifts[s]:
                    n_anions_here += 1
                    cations_of_anion[s, anion] += 1
            per_cation[s, kind_of_cation[cation], min(n_anions_here, 3)] += 1
        for t in range(n_touched):
            ligand = touched[t]
            if margin[ligand] <= 0.0:
                digit = np.int64(1) << (5 * species_of_ligand[ligand])
                if (shell[cation] // digit) % 32 < 31:
                    shell[cation] += digit
                if n_bound < bound.shape[0]:
                    bound[n_bound, 0], bound[n_bound, 1] = cation, ligand
                n_bound += 1
                anion = anion_of_ligand[ligand]
                if anion >= 0:
                    parent[_root(parent, cation)] = _root(parent, n_cations + anion)
            margin[ligand] = np.inf
    for s in range(shifts.shape[0]):
        for anion in range(n_anions):
            per_anion[s, kind_of_anion[anion], min(cations_of_anion[s, anion], 3)] += 1
    size = np.zeros(n_cations + n_anions, np.int64)
    for ion in range(n_cations + n_anions):
        size[_root(parent, ion)] += 1
    for ion in range(n_cations + n_anions):
        cluster_ions[size[ion]] += size[ion]  # 0 unless the ion is a root
    return n_bound
