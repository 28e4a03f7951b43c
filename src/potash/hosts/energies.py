"""What an adsorption energy is measured from, and what must match before two are subtracted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from ase import Atoms

from potash.engines.levels import level_sha256
from potash.errors import RefusedError
from potash.structures.supercells import shortest_translation_angstrom
from potash.structures.surroundings import periodic_axes

REFERENCE_STATE = (
    "K metal (bcc bulk, same level and settings); binding energies from it by the experimental "
    "cohesive energy of 0.934 eV/atom"
)
RANKED_K_K_ANGSTROM = 8.0


def matched_k_energy(
    needs: Mapping[str, Mapping[str, Any]], fingerprint: Mapping[str, Any]
) -> float:
    """Return the energy per atom of bcc K, refusing a reference at other settings.

    Raises
    ------
    RefusedError
        If the reference row was not computed with this very fingerprint.
    """
    row = needs["k_metal"]
    if row.get("level_sha256") != level_sha256(fingerprint):
        raise RefusedError("the K reference was computed at other settings than this surface")
    return float(row["energy_ev_per_atom"])


def k_k_distance_angstrom(atoms: Atoms) -> float | None:
    """Return the shortest distance between periodic images, or None for a cluster."""
    periodic = periodic_axes(atoms)
    vectors = atoms.cell.array[periodic]
    if len(vectors) == 0:
        return None
    if len(vectors) == 1:
        return float(np.linalg.norm(vectors[0]))
    return shortest_translation_angstrom(vectors)
