"""What an adsorption energy is measured from, and what must match before two are subtracted."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from potash.engines.levels import Theory, level_sha256
from potash.errors import RefusedError
from potash.results.k_metal import KMetalValues
from potash.results.model import Fingerprint
from potash.structures.supercells import shortest_translation_angstrom

REFERENCE_STATE = (
    "K metal (bcc bulk, same level and settings); binding energies from it by the experimental "
    "cohesive energy of 0.934 eV/atom"
)
RANKED_K_K_ANGSTROM = 8.0
# Measured with 7net-0 on one core: 0.01 s per atom and force call, about 100 calls.
_SECONDS_PER_ATOM = 1.0


def cost_s(n_atoms: int, theory: Theory) -> float:
    """Return about how many core-seconds an adsorption energy takes.

    Parameters
    ----------
    n_atoms
        Of the surface, without K.
    theory
        Of the level.
    """
    n = n_atoms + 1
    return 400.0 * (n / 19) ** 2 if theory == "dft" else _SECONDS_PER_ATOM * n + 5.0


def matched_k_energy(k_metal: KMetalValues, fingerprint: Fingerprint) -> float:
    """Return the energy per atom of bcc K, refusing a reference at other settings.

    Raises
    ------
    RefusedError
        If the reference was not computed with this very fingerprint.
    """
    if k_metal.level_sha256 != level_sha256(fingerprint):
        raise RefusedError("the K reference was computed at other settings than this surface")
    return k_metal.energy_ev_per_atom


def k_k_distance_angstrom(atoms: Atoms) -> float | None:
    """Return the shortest distance between periodic images, or None for a cluster."""
    vectors = atoms.cell.array[atoms.pbc]
    if len(vectors) == 0:
        return None
    if len(vectors) == 1:
        return float(np.linalg.norm(vectors[0]))
    return shortest_translation_angstrom(vectors)
