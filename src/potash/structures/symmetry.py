"""Exact symmetry for a relaxed surface that has it nearly, which DFT then profits from."""

from __future__ import annotations

import numpy as np
import spglib
from ase import Atoms

TOLERANCE_ANGSTROM = 0.1


def symmetric_about_last(atoms: Atoms, tolerance_angstrom: float = TOLERANCE_ANGSTROM) -> Atoms:
    """Return a structure with its last atom on the origin of the periodic plane, symmetrised.

    A relaxation that ends at forces of 0.05 eV/angstrom stops up to 0.1 angstrom away
    from the symmetry of its site: some 5 meV, force times distance. Positions are averaged
    over the operations that hold within the tolerance; with the adsorbate on the origin
    these are free of translations, which is what plane-wave codes reduce k-points by.

    Parameters
    ----------
    atoms
        Surface with one adsorbate, last; at least one periodic axis, else the
        structure is returned as it is.
    tolerance_angstrom
        Of the search for operations; one that would move an atom by more than twice as
        much is left out.

    Returns
    -------
    Atoms
        Same order of atoms and same cell.

    Examples
    --------
    >>> from ase.build import add_adsorbate, fcc111
    >>> slab = fcc111("Cu", (2, 2, 2), vacuum=8.0)
    >>> add_adsorbate(slab, "K", 2.7, "ontop")
    >>> slab.rattle(0.01)
    >>> symmetric_about_last(slab).positions[-1, :2].round(6).tolist()
    [0.0, 0.0]
    """
    found = atoms.copy()
    axes = np.asarray(found.pbc, dtype=bool)
    if not np.any(axes):
        return found
    scaled = found.get_scaled_positions(wrap=False)
    scaled -= np.where(axes, scaled[-1], 0.0)
    operations = spglib.get_symmetry(
        (found.cell.array, scaled, found.numbers), symprec=tolerance_angstrom
    )
    if operations is None:  # spglib gives up on cells that it cannot reduce
        return found
    total, n = np.zeros_like(scaled), 0
    for rotation, translation in zip(
        operations["rotations"], operations["translations"], strict=True
    ):
        image = scaled @ rotation.T + translation
        step = image[:, None, :] - scaled[None, :, :]
        step -= np.round(step)
        distance = np.linalg.norm(step @ found.cell.array, axis=-1)
        partner = distance.argmin(axis=0)
        # Image `partner[j]` lies on atom j; both as close to atom j as the lattice allows.
        moved = step[partner, np.arange(len(scaled))]
        if np.linalg.norm(moved @ found.cell.array, axis=1).max() > 2 * tolerance_angstrom:
            continue
        total += scaled + moved
        n += 1
    scaled = total / n
    scaled -= np.where(axes, scaled[-1], 0.0)
    found.set_scaled_positions(scaled)
    return found
