from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.calculators.emt import EMT
from ase.calculators.lj import LennardJones

from potash.engines.relaxation import bcc_minimum, relax, relax_cell
from potash.errors import CalculationError


def test_relaxed_dimer_is_at_the_minimum():
    """Lennard-Jones: r = 2^(1/6) sigma."""
    atoms = Atoms("Ar2", [[0, 0, 0], [0, 0, 1.3]])
    end = relax(atoms, LennardJones(sigma=1.0, epsilon=1.0, rc=8.0), max_force=1e-4)
    assert end.converged
    assert end.atoms.get_distance(0, 1) == pytest.approx(2 ** (1 / 6), abs=1e-3)
    assert atoms.get_distance(0, 1) == pytest.approx(1.3)


def test_fixed_atoms_stay_and_the_start_is_not_touched():
    atoms = fcc111("Cu", (2, 2, 3), vacuum=8)
    atoms.rattle(0.1, seed=1)
    before = atoms.positions.copy()
    end = relax(atoms, EMT(), fixed=range(4))
    assert np.array_equal(atoms.positions, before)
    assert np.array_equal(end.atoms.positions[:4], before[:4])
    assert end.max_force_ev_angstrom < 0.05


def test_a_step_limit_is_reported():
    atoms = fcc111("Cu", (2, 2, 3), vacuum=8)
    atoms.rattle(0.2, seed=1)
    end = relax(atoms, EMT(), max_steps=1)
    assert not end.converged
    assert end.force_calls == 2


@pytest.mark.parametrize("start", [3.5, 3.75])
def test_bulk_relaxes_to_one_lattice_constant(start):
    end = relax_cell(bulk("Cu", a=start), EMT(), max_force=1e-3)
    assert end.converged
    assert end.atoms.cell.volume == pytest.approx(3.59**3 / 4, rel=0.01)


def test_a_sheet_keeps_its_vacuum():
    atoms = fcc111("Cu", (1, 1, 2), vacuum=9)
    atoms.pbc = (True, True, False)
    end = relax_cell(atoms, EMT())
    assert end.atoms.cell[2, 2] == pytest.approx(atoms.cell[2, 2])
    assert end.atoms.cell[0, 0] != pytest.approx(atoms.cell[0, 0], abs=1e-4)


def test_bcc_minimum_against_a_scan():
    a, energy = bcc_minimum("Cu", EMT(), low=2.6, high=3.1)
    scan = []
    for x in np.linspace(2.6, 3.1, 101):
        cell = bulk("Cu", "bcc", a=x)
        cell.calc = EMT()
        scan.append((cell.get_potential_energy(), x))
    assert a == pytest.approx(min(scan)[1], abs=0.006)
    assert energy <= min(scan)[0] + 1e-5


def test_no_minimum_in_range_is_an_error():
    with pytest.raises(CalculationError, match="no minimum"):
        bcc_minimum("Cu", EMT(), low=3.2, high=3.6)
