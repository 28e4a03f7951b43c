"""Physical constants (CODATA 2022) and unit conversions.

Everything inside Potash is in eV, angstrom, kelvin, volt, g/mL, m^2/s, S/m and
mol/L; a name ends in its unit wherever a number leaves a function. The numbers are
written out, because importing ``scipy.constants`` takes longer than most commands; a
test compares them with it.
"""

from __future__ import annotations

from typing import Final

AVOGADRO_MOL: Final[float] = 6.02214076e23
BOLTZMANN_J_K: Final[float] = 1.380649e-23
ELEMENTARY_CHARGE_C: Final[float] = 1.602176634e-19
HARTREE_EV: Final[float] = 27.211386245981
BOHR_ANGSTROM: Final[float] = 0.529177210544
VACUUM_PERMITTIVITY_F_M: Final[float] = 8.8541878188e-12
FARADAY_C_MOL: Final[float] = 96485.33212331001
BOLTZMANN_EV_K: Final[float] = 8.617333262145179e-05
EV_ANGSTROM2_IN_J_M2: Final[float] = ELEMENTARY_CHARGE_C * 1e20
KJ_MOL_EV: Final[float] = 1e3 / (AVOGADRO_MOL * ELEMENTARY_CHARGE_C)
KCAL_MOL_EV: Final[float] = 4.184 * KJ_MOL_EV
COHESIVE_ENERGY_K_EV: Final[float] = 0.934
"""Experimental cohesive energy of K metal per atom (Kittel, Solid State Physics)."""

ZERO_CELSIUS_K: Final[float] = 273.15
"""0 degrees Celsius in kelvin."""
