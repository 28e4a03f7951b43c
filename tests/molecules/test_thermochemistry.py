from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.molecules.thermochemistry import (
    enthalpy_correction_ev,
    enthalpy_of,
    is_linear,
    vibrational_energies,
)
from potash.structures.molecule import Structure

WATER = Structure(
    (8, 1, 1), np.array([[0.0, 0.0, 0.117], [0.0, 0.757, -0.469], [0.0, -0.757, -0.469]])
)
CO2 = Structure((6, 8, 8), np.array([[0.0, 0, 0], [0, 0, 1.16], [0, 0, -1.16]]))
CM1_EV = 1.239842e-4


def test_water_has_three_vibrations_near_experiment() -> None:
    quanta = vibrational_energies(WATER) / CM1_EV
    # Fundamentals 1595, 3657, 3756 cm-1; GFN2 harmonic values lie within 10 %.
    np.testing.assert_allclose(quanta, [1595, 3657, 3756], rtol=0.1)


def test_linear_molecule_keeps_one_more_vibration() -> None:
    quanta = vibrational_energies(CO2)
    assert len(quanta) == 4
    assert quanta[0] == pytest.approx(quanta[1], rel=1e-3)
    assert is_linear(CO2.positions)
    assert not is_linear(WATER.positions)


def test_atom_has_translation_only() -> None:
    ion = Structure((19,), np.zeros((1, 3)), 1)
    assert enthalpy_of(ion) == pytest.approx(2.5 * 8.617333e-5 * 298.15)


@given(st.lists(st.floats(0.01, 0.5), min_size=1, max_size=10), st.floats(50, 1000))
def test_enthalpy_lies_between_the_quantum_and_classical_limits(
    quanta: list[float], temperature: float
) -> None:
    q = np.array(quanta)
    kt = 8.617333262e-5 * temperature
    value = enthalpy_correction_ev(q, n_atoms=3, linear=False, temperature_k=temperature) - 4 * kt
    assert value >= 0.5 * q.sum() - 1e-12
    assert value >= len(q) * kt - 1e-9
    assert value <= (0.5 * q + kt).sum() + 1e-9
