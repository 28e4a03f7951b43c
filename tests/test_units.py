"""Constants against SciPy's, and against one another."""

from __future__ import annotations

import pytest
from scipy import constants

from potash import units


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (units.AVOGADRO_MOL, constants.N_A),
        (units.BOLTZMANN_J_K, constants.k),
        (units.ELEMENTARY_CHARGE_C, constants.e),
        (units.VACUUM_PERMITTIVITY_F_M, constants.epsilon_0),
        (units.HARTREE_EV, constants.physical_constants["Hartree energy in eV"][0]),
        (units.BOHR_ANGSTROM, constants.physical_constants["Bohr radius"][0] * 1e10),
        (units.BOLTZMANN_EV_K, constants.physical_constants["Boltzmann constant in eV/K"][0]),
        (units.FARADAY_C_MOL, constants.physical_constants["Faraday constant"][0]),
        (units.KCAL_MOL_EV, constants.calorie * 1e3 / (constants.N_A * constants.e)),
    ],
)
def test_they_are_those_of_codata(ours: float, theirs: float) -> None:
    # Later adjustments move the measured ones in the tenth digit.
    assert ours == pytest.approx(theirs, rel=2e-9)


def test_they_agree_with_one_another() -> None:
    assert pytest.approx(units.FARADAY_C_MOL) == units.AVOGADRO_MOL * units.ELEMENTARY_CHARGE_C
    assert pytest.approx(units.BOLTZMANN_EV_K * units.ELEMENTARY_CHARGE_C) == units.BOLTZMANN_J_K
    assert pytest.approx(1.0) == units.KJ_MOL_EV * units.FARADAY_C_MOL / 1e3
