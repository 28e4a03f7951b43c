"""Physical constants and unit conversions (CODATA values through SciPy).

Everything inside Potash is in eV, angstrom, kelvin, volt, g/mL, m^2/s, S/m and
mol/L; a name ends in its unit wherever a number leaves a function.
"""

from __future__ import annotations

from typing import Final

from scipy import constants as _c

HARTREE_EV: Final[float] = _c.physical_constants["Hartree energy in eV"][0]
BOHR_ANGSTROM: Final[float] = _c.physical_constants["Bohr radius"][0] * 1e10
BOLTZMANN_EV_K: Final[float] = _c.physical_constants["Boltzmann constant in eV/K"][0]
BOLTZMANN_J_K: Final[float] = _c.k
ELEMENTARY_CHARGE_C: Final[float] = _c.e
AVOGADRO_MOL: Final[float] = _c.N_A
FARADAY_C_MOL: Final[float] = _c.physical_constants["Faraday constant"][0]
VACUUM_PERMITTIVITY_F_M: Final[float] = _c.epsilon_0
KJ_MOL_EV: Final[float] = 1e3 / (_c.N_A * _c.e)
KCAL_MOL_EV: Final[float] = 4.184 * KJ_MOL_EV
COHESIVE_ENERGY_K_EV: Final[float] = 0.934
"""Experimental cohesive energy of K metal per atom (Kittel, Solid State Physics)."""
