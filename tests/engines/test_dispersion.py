from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, graphene

from potash.engines.dispersion import dispersion_energy_ev


def test_two_distant_atoms_attract_as_r_to_the_minus_six():
    """Far beyond the damping radius the energy is -C6 / r^6 - C8 / r^8."""

    def pair(r: float) -> float:
        return dispersion_energy_ev(Atoms("Ar2", [[0, 0, 0], [0, 0, r]]))

    assert pair(12.0) < 0
    assert pair(12.0) / pair(24.0) == pytest.approx(2**6, rel=0.2)


def test_a_supercell_has_the_energy_of_its_cells():
    cell = bulk("K", "bcc", a=5.3)
    twice = cell * (2, 1, 1)
    assert dispersion_energy_ev(twice) == pytest.approx(2 * dispersion_energy_ev(cell), rel=1e-4)


@pytest.mark.parametrize("height", [20.0, 40.0, 90.0])
def test_what_is_far_apart_adds_up_wherever_the_cell_ends(height):
    """A slab without a period along its normal may lie across the border of its cell."""
    slab = fcc111("Al", (2, 2, 2), a=4.05, vacuum=8.0)
    slab.pbc = (True, True, False)
    alone = Atoms("K", cell=slab.cell, pbc=slab.pbc)
    both = slab + Atoms("K", [slab.positions[-1] + [0, 0, height + 20]])
    parts = dispersion_energy_ev(slab) + dispersion_energy_ev(alone)
    assert dispersion_energy_ev(both) == pytest.approx(parts, abs=2e-3)


def test_a_sheet_far_from_its_images_needs_no_third_period():
    sheet = graphene("C2", vacuum=40.0)
    sheet.pbc = (True, True, True)
    periodic = dispersion_energy_ev(sheet)
    sheet.pbc = (True, True, False)
    assert np.isclose(dispersion_energy_ev(sheet), periodic, atol=1e-5)
