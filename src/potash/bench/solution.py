"""Density of a solution: measured, simulated, or estimated from its components."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from potash.catalog.species import Salt
from potash.catalog.substances import densities
from potash.liquids.box import Part
from potash.liquids.forcefield import load_force_field
from potash.quantities import with_unit

SALT_VOLUME_HALF_WIDTH_ML_MOL = 37.0
"""Half-width (95 %) of the volume of a mole of salt in solution about that of its ions with which
simulations start. From the six measured solutions of ``molecules/measured.csv`` (NaPF6 and KPF6,
0.5 and 1 mol/L, in ethers and PC): root mean square 15 mL/mol, times Student's t of six. A test
works it out again. None of them is more concentrated: beyond 1 mol/L it is an assumption."""
PURE_HALF_WIDTH = 0.005
"""Relative half-width of a pure liquid's density that was read in a source."""
RECALLED_HALF_WIDTH = 0.03
"""The same of one that was only recalled: our assumption."""


@dataclass(frozen=True)
class SolutionDensity:
    """Density of an electrolyte, with where it is from.

    Attributes
    ----------
    value_g_ml
        The density.
    low_g_ml, high_g_ml
        95 % interval; None where it is not known.
    basis
        In words.
    estimated
        Whether it is only added up from the components.
    """

    value_g_ml: float
    low_g_ml: float | None
    high_g_ml: float | None
    basis: str
    estimated: bool = False

    def words(self) -> str:
        """Return the density with its interval and basis."""
        text = with_unit("density_g_ml", self.value_g_ml, self.low_g_ml, self.high_g_ml)
        return f"{text}, {self.basis}"


def salt_volume_ml_mol(salt: Salt) -> float:
    """Return the volume that a formula unit takes up in a simulated liquid; 0 if not known.

    >>> from potash.catalog.catalog import load_catalog
    >>> salt_volume_ml_mol(load_catalog().salts["kfsi"])
    85.0
    """
    known = load_force_field().species
    ions = ((salt.cation, salt.n_cation), (salt.anion, salt.n_anion))
    volumes = [
        (n, entry.packing_volume_ml_mol) for ion, n in ions if (entry := known.get(ion)) is not None
    ]
    if len(volumes) < len(ions):
        return 0.0
    return sum(n * (volume or 0.0) for n, volume in volumes)


def additive_density(parts: Sequence[Part], moles: Mapping[str, float]) -> SolutionDensity | None:
    """Return the density if the volumes of the components add (ideal mixing).

    Independent errors: of each liquid's density, and of the volume of each salt. Excess volumes
    of the liquids are taken for zero. None where a component has no volume here.

    Parameters
    ----------
    parts, moles
        The components and how many moles of each.

    Examples
    --------
    1 mol/L of KFSI (85 mL) in DME of 0.861 g/mL: 219.2 g + 915 mL x 0.861 g/mL in a litre.

    >>> salt = Part("kfsi", {"kfsi": 1}, 1.0, "mol/L", 219.216, 85.0, ionic=True)
    >>> dme = Part("dme", {"dme": 1}, 0.0, "balance", 90.122, 90.122 / 0.861)
    >>> found = additive_density([salt, dme], {"kfsi": 1.0, "dme": 915 * 0.861 / 90.122})
    >>> found.words()
    '1.007 [0.971, 1.046] g/mL, estimated: volumes of the components added'
    """
    if any(p.molar_volume_ml_mol <= 0 for p in parts):
        return None
    mass = sum(moles[p.name] * p.molar_mass_g_mol for p in parts)
    volume = sum(moles[p.name] * p.molar_volume_ml_mol for p in parts)
    squares = 0.0
    for p in parts:
        own = densities().get(p.name)
        if own is None:
            half = moles[p.name] * SALT_VOLUME_HALF_WIDTH_ML_MOL
        else:
            share = PURE_HALF_WIDTH if own.verified else RECALLED_HALF_WIDTH
            half = moles[p.name] * p.molar_volume_ml_mol * share
        squares += half**2
    wide = min(math.sqrt(squares), 0.9 * volume)
    return SolutionDensity(
        mass / volume, mass / (volume + wide), mass / (volume - wide),
        "estimated: volumes of the components added", estimated=True,
    )  # fmt: skip
