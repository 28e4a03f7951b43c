"""Energy of a bulk phase (kind ``phase``)."""

from __future__ import annotations

from typing import ClassVar

from potash.results.model import Fingerprint, Inputs, Models, NoNeeds, Values
from potash.structures.recipes import BulkRecipe


class PhaseInputs(Inputs):
    """Inputs of a phase energy."""

    KIND: ClassVar[str] = "phase"

    level: Fingerprint
    """Level of theory."""
    recipe: BulkRecipe
    """The crystal."""
    formula: str
    """Formula that the energy is counted per."""
    rattle_angstrom: float
    """Spread of the random displacements before the relaxation, angstrom."""


class PhaseValues(Values):
    """Energy and volume of a relaxed crystal."""

    KIND: ClassVar[str] = "phase"

    formula: str
    """Formula that the energy is counted per."""
    energy_ev_per_formula: float
    """Total energy per formula unit, eV."""
    energy_ev_per_atom: float
    """Total energy per atom, eV."""
    volume_angstrom3_per_formula: float
    """Volume per formula unit, cubic angstrom."""
    volume_change: float
    """Relative change of the volume in the relaxation."""
    n_atoms: int
    """Atoms in the primitive cell."""
    force_calls: int
    """Force evaluations of the relaxation."""
    hubbard_elements: tuple[str, ...] = ()
    """Elements that the potential learnt with a Hubbard U in this composition."""


PHASE = Models(PhaseInputs, NoNeeds, PhaseValues, main="energy_ev_per_atom")
