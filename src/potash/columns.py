"""Names of columns: each ends in its unit, with its interval's ends named alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Unit:
    """A unit in which a column is shown.

    Attributes
    ----------
    text
        As printed.
    scale
        The shown number is the stored one times this.
    decimals
        Shown at least, where the number is not small.
    """

    text: str
    scale: float = 1.0
    decimals: int = 0


_UNITS: Mapping[str, Unit] = {
    "_v_vs_k": Unit("V vs K/K+", decimals=2),
    "_ev_per_formula": Unit("eV per formula unit"),
    "_ev_per_atom": Unit("eV/atom"),
    "_ev_per_k": Unit("eV per K", decimals=2),
    "_ev": Unit("eV", decimals=2),
    "_kj_mol": Unit("kJ/mol"),
    "_m2_s": Unit("1e-10 m2/s", 1e10),
    "_mol2_j_m_s": Unit("mol2/(J m s)"),
    "_s_m": Unit("S/m"),
    "_pa_s": Unit("mPa s", 1e3),
    "_g_ml": Unit("g/mL"),
    "_mol_l": Unit("mol/L"),
    "_j_m2": Unit("J/m2"),
    "_angstrom3_per_formula": Unit("A^3 per formula unit"),
    "_square_angstrom": Unit("A^2"),
    "_angstrom2": Unit("A^2"),
    "_angstrom": Unit("A"),
    "_debye": Unit("D"),
    "_mu_b": Unit("mu_B"),
    "_g_mol": Unit("g/mol"),
    "_usd_kg": Unit("USD/kg"),
    "_ma_cm2": Unit("mA/cm2"),
    "_mah_cm2": Unit("mA h/cm2"),
    "_ma_g": Unit("mA/g"),
    "_mv": Unit("mV"),
    "_k_ps": Unit("K/ps"),
    "_ps": Unit("ps"),
    "_fs": Unit("fs"),
    "_h": Unit("h"),
    "_e": Unit("e"),
    "_v": Unit("V", decimals=2),
    "_k": Unit("K"),
}
"""End of a column's name to its unit; the first that fits counts."""

NO_UNIT = Unit("")


def unit_of(column: str) -> tuple[str, Unit]:
    """Return a column's name without its unit, in words, and the unit.

    >>> name, unit = unit_of("adsorption_energy_ev")
    >>> name, unit.text
    ('adsorption energy', 'eV')
    """
    for end, unit in _UNITS.items():
        if column.endswith(end) and len(column) > len(end):
            return column.removesuffix(end).replace("_", " "), unit
    return column.replace("_", " "), NO_UNIT


@cache
def interval_names(column: str) -> tuple[str, str]:
    """Return the column names of an interval: ``density_low_g_ml``, ``density_high_g_ml``."""
    for end in _UNITS:
        if column.endswith(end) and len(column) > len(end):
            stem = column.removesuffix(end)
            return f"{stem}_low{end}", f"{stem}_high{end}"
    return f"{column}_low", f"{column}_high"


def simulated_name(column: str) -> str:
    """Return the column of the simulated value that a measured one replaces.

    >>> simulated_name("density_g_ml")
    'density_simulated_g_ml'
    """
    return interval_names(column)[0].replace("_low", "_simulated")
