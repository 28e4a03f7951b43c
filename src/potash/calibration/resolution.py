"""How far apart two numbers of one level have to be before their order counts.

For quantities that have no error model fitted from pairs of rows. The one place where
these margins stand: contact verdicts, claims and benchmarks take them from here, on both
sides of a threshold, and print them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Resolved = Literal[
    "phase_energy", "migration_barrier", "ion_binding", "electron_affinity", "fluoride_release"
]
"""What a resolution is stated for: energies of reactions between bulk phases (per atom that
takes part), barriers of ions that migrate in crystals, binding energies of ion complexes,
vertical electron affinities, and energies of X + K -> KF + R."""

POTASSIUM_SCALE_HALF_WIDTH_V: Final = 0.2
"""Half-width (about 95 %) of the absolute potential of K/K+, V: one shift, common to all."""


@dataclass(frozen=True)
class Resolution:
    """The half-width within which a value cannot be told from a threshold.

    Attributes
    ----------
    half_width
        In ``unit``; infinite where the level decides nothing.
    unit
        ``eV`` or ``eV/atom``.
    basis
        What the number rests on, in words.
    """

    half_width: float
    unit: str
    basis: str

    @property
    def decides(self) -> bool:
        """Whether any difference counts."""
        return math.isfinite(self.half_width)

    def __str__(self) -> str:
        return f"+-{self.half_width:g} {self.unit}" if self.decides else "no difference counts"


_BOND = "a choice, no fit: {} of a bond to fluorine that breaks in each reaction"

RESOLUTIONS: Final[Mapping[tuple[Resolved, str], Resolution]] = {
    ("phase_energy", "screen"): Resolution(
        0.17,
        "eV/atom",
        "95 % half-width of 7net-0 over 17 measured reactions of solids "
        "(benchmarks/phase_energies.py)",
    ),
    ("migration_barrier", "screen"): Resolution(
        0.85,
        "eV",
        "95 % half-width of 7net-0 over 2 measured migrations of cation vacancies, both 0.16 to "
        "0.23 eV too low; no barriers by DFT (benchmarks/migration_barriers.py)",
    ),
    ("ion_binding", "screen"): Resolution(
        0.5, "eV", "GFN2-xTB binds K+ to water 0.3 eV too strongly, and more to chelates"
    ),
    ("ion_binding", "standard"): Resolution(
        0.1,
        "eV",
        "B3LYP-D3 with diffuse functions, counterpoise-corrected: some hundredths of an eV",
    ),
    ("ion_binding", "reference"): Resolution(
        0.05, "eV", "a hybrid functional in a large basis: some hundredths of an eV"
    ),
    ("electron_affinity", "screen"): Resolution(
        math.inf, "eV", "tight binding orders the lowest empty levels of ion complexes wrongly"
    ),
    ("electron_affinity", "standard"): Resolution(
        0.3, "eV", "delta-SCF B3LYP: 0.2 eV for ionisation energies, less diffuse functions here"
    ),
    ("electron_affinity", "reference"): Resolution(
        0.2, "eV", "delta-SCF with a range-separated hybrid: 0.2 eV for ionisation energies"
    ),
    ("fluoride_release", "screen"): Resolution(0.5, "eV", _BOND.format("tight binding")),
    ("fluoride_release", "standard"): Resolution(0.2, "eV", _BOND.format("a hybrid functional")),
    ("fluoride_release", "reference"): Resolution(0.2, "eV", _BOND.format("a hybrid functional")),
}
"""Quantity and level to resolution."""

_UNITS: Final[Mapping[Resolved, str]] = {
    quantity: r.unit for (quantity, _), r in RESOLUTIONS.items()
}


def resolution(quantity: Resolved, level: str) -> Resolution:
    """Return the resolution of a quantity at a level; infinite where none is stated.

    Examples
    --------
    >>> str(resolution("ion_binding", "standard"))
    '+-0.1 eV'
    >>> resolution("ion_binding", "someone's own level").decides
    False
    """
    stated = RESOLUTIONS.get((quantity, level))
    if stated is not None:
        return stated
    return Resolution(math.inf, _UNITS[quantity], f"no error is known for the level {level!r}")
