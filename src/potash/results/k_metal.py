"""Bulk potassium (kind ``k_metal``): what every adsorption energy is measured from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from potash.results.model import Fingerprint, Inputs, Models, NoNeeds, Values


class KMetalInputs(Inputs):
    """Which potassium, at which level."""

    KIND: ClassVar[str] = "k_metal"

    level: Fingerprint
    """Level of theory."""
    structure: Literal["bcc"] = "bcc"
    """Crystal structure."""


class KMetalValues(Values):
    """Energy and lattice of bulk potassium."""

    KIND: ClassVar[str] = "k_metal"

    energy_ev_per_atom: float
    """Total energy in eV per atom, relative to the level's own zero."""
    lattice_constant_angstrom: float
    """Cubic lattice constant at the minimum, angstrom."""
    level_sha256: str
    """Hash of the level's fingerprint, by which energies are matched before they are subtracted."""
    functional_shift_ev: Mapping[str, float] | None = None
    """Functional to its energy minus that of PBE on the PBE density, eV per atom; DFT only."""


K_METAL = Models(KMetalInputs, NoNeeds, KMetalValues, main="energy_ev_per_atom")
