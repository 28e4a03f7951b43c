"""Films of bcc potassium: their surface energy, and the angle at which K stands on a host."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms
from ase.build import bcc110

from potash.engines.relaxation import relax
from potash.structures.plain_atoms import area_angstrom2
from potash.units import EV_ANGSTROM2_IN_J_M2

VACUUM_ANGSTROM = 8.0
"""On either side of a film."""
_LAYERS_OF_A_SURFACE = 9
PBE_SURFACE_ENERGY_J_M2 = 0.10
"""Of K(110) with PBE, slabs of three and five layers; ``benchmarks/k_surface_energy.py``."""
_TRUSTED = 0.3


def k_film(lattice_angstrom: float, layers: int) -> Atoms:
    """Return one cell of a K(110) film.

    Parameters
    ----------
    lattice_angstrom
        Cubic lattice constant of K.
    layers
        One atom each.

    Examples
    --------
    >>> film = k_film(5.33, 2)
    >>> len(film), round(area_angstrom2(film.cell), 2)
    (2, 20.09)
    """
    film = bcc110("K", (1, 1, layers), a=lattice_angstrom, vacuum=VACUUM_ANGSTROM)
    film.pbc = (True, True, False)
    return film


def k_surface_energy_j_m2(lattice_angstrom: float, e_k_ev: float, engine: Any) -> float:
    """Return the surface energy of K(110), relaxed on both sides of nine layers.

    (E(slab) - n E(bulk)) / 2A.

    Parameters
    ----------
    lattice_angstrom
        Of bulk K with this engine.
    e_k_ev
        Its energy per atom.
    engine
        ASE calculator.
    """
    slab = relax(k_film(lattice_angstrom, _LAYERS_OF_A_SURFACE), engine, max_force=0.01)
    excess = slab.energy_ev - len(slab.atoms) * e_k_ev
    return excess / (2 * area_angstrom2(slab.atoms.cell.array)) * EV_ANGSTROM2_IN_J_M2


def knows_k_surfaces(gamma_j_m2: float) -> bool:
    """Return whether a level's surface energy of K(110) is within 30 % of that of PBE.

    Elsewhere "wets", and an angle, would say more about that surface energy than about the host.
    """
    return abs(gamma_j_m2 / PBE_SURFACE_ENERGY_J_M2 - 1.0) <= _TRUSTED


def contact_angle_deg(work_j_m2: float, gamma_j_m2: float) -> float:
    """Return the contact angle by Young and Dupre, degrees: W = gamma (1 + cos(theta)).

    Parameters
    ----------
    work_j_m2
        Work of adhesion.
    gamma_j_m2
        Surface energy of the metal.

    Examples
    --------
    >>> round(contact_angle_deg(0.1, 0.1), 6), contact_angle_deg(0.3, 0.1)
    (90.0, 0.0)
    """
    return float(np.degrees(np.arccos(np.clip(work_j_m2 / gamma_j_m2 - 1.0, -1.0, 1.0))))
