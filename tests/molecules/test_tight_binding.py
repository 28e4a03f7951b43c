from __future__ import annotations

import numpy as np
import pytest

from potash.engines.xtb import XtbEngine
from potash.molecules.tight_binding import gfn2_hessian, relax_gfn2
from potash.structures.molecule import Structure

WATER = Structure((8, 1, 1), np.array([[0.0, 0, 0.12], [0, 0.76, -0.47], [0, -0.76, -0.47]]))


def test_relaxed_positions_and_result_belong_together() -> None:
    positions, result = relax_gfn2(WATER)
    again = XtbEngine(WATER.numbers).evaluate(positions)
    assert result.energy_ev == pytest.approx(again.energy_ev, abs=1e-5)
    assert np.linalg.norm(result.gradient_ev_angstrom, axis=1).max() < 0.02


def test_hessian_is_the_curvature_of_the_energy() -> None:
    hessian = gfn2_hessian(WATER)
    np.testing.assert_allclose(hessian, hessian.T)
    engine = XtbEngine(WATER.numbers)
    generator = np.random.default_rng(1)
    for _ in range(5):
        d = 0.01 * generator.normal(size=WATER.positions.shape)
        energies = [engine.evaluate(WATER.positions + s * d).energy_ev for s in (1, 0, -1)]
        curvature = energies[0] - 2 * energies[1] + energies[2]
        assert d.ravel() @ hessian @ d.ravel() == pytest.approx(curvature, rel=0.03)


def test_a_shift_of_the_whole_molecule_costs_nothing() -> None:
    shift = np.tile([1.0, 0.0, 0.0], 3)
    np.testing.assert_allclose(gfn2_hessian(WATER) @ shift, 0.0, atol=2e-2)
