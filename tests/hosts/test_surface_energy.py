"""The surface energy of a row against the work of cutting the slab out of its crystal."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111

import potash
from tests.hosts.pair_potential import make

EV_PER_ANGSTROM2_IN_J_M2 = 1.602176634e-19 / 1e-20
REACH_ANGSTROM = 18.0
"""Pairs farther apart than this have 1e-6 of the energy of the closest."""


def pair_energy_ev(distance: float) -> float:
    """Return the energy of two atoms alone."""
    return float(make().get_potential_energy(Atoms("Rb2", [[0, 0, 0], [distance, 0, 0]])))


def work_of_cutting_j_m2(lattice_constant: float, layers: int) -> float:
    """Return the energy of all pairs that break as (111) layers leave an fcc crystal, per area.

    Pair by pair, without an energy of slab or crystal.
    """
    around = int(REACH_ANGSTROM / (lattice_constant / 3**0.5)) + 1
    crystal = fcc111("Rb", (1, 1, layers + 2 * around), a=lattice_constant)
    cell = crystal.cell.array[:2]
    atoms = crystal.positions[np.argsort(crystal.positions[:, 2])]
    slab = atoms[around : around + layers]
    rest = np.vstack([atoms[:around], atoms[around + layers :]])
    shifts = np.array([i * cell[0] + j * cell[1] for i in range(-6, 7) for j in range(-6, 7)])
    distances = np.linalg.norm(
        rest[:, None, None, :] + shifts[None, :, None, :] - slab[None, None, :, :], axis=-1
    )
    values, counts = np.unique(distances.round(6), return_counts=True)
    near = values < REACH_ANGSTROM
    broken = -sum(pair_energy_ev(d) * n for d, n in zip(values[near], counts[near], strict=True))
    area = float(np.linalg.norm(np.cross(*cell)))
    return broken / area * EV_PER_ANGSTROM2_IN_J_M2


@pytest.mark.physics
def test_a_quarter_of_the_work_of_cutting_the_slab_out(tmp_path):
    """Four surfaces are made: two of the slab, and two of what is left of the crystal."""
    found = potash.adsorb(
        bulk("Rb", "fcc", a=6.5, cubic=True),
        facet=(1, 1, 1),
        level="pairs",
        calculator="tests.hosts.pair_potential:make",
        store=tmp_path / "rows.sqlite",
    )
    heights = np.unique(found.surface.positions[:, 2].round(2))
    # Across the surface the slab keeps the distances of the relaxed crystal.
    repeats = round((len(found.surface) / len(heights)) ** 0.5)
    lattice_constant = found.surface.cell.lengths()[0] / repeats * 2**0.5
    expected = work_of_cutting_j_m2(lattice_constant, len(heights)) / 4
    assert found.values.surface_energy_j_m2 == pytest.approx(expected, rel=0.02)
