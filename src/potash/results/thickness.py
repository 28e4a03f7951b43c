"""Whether an adsorption energy has converged with the slab's thickness (kind ``thickness``)."""

from __future__ import annotations

from typing import ClassVar

from potash.results.adsorption import AdsorptionNeeds, AdsorptionValues, SurfaceInputs
from potash.results.model import Models, Values


class ThicknessInputs(SurfaceInputs):
    """Inputs of the adsorption that is checked, with the thicker recipe."""

    KIND: ClassVar[str] = "thickness"


class ThicknessNeeds(AdsorptionNeeds):
    """What the check compares."""

    adsorption: AdsorptionValues
    """Adsorption on the slab that is checked."""


class ThicknessValues(Values):
    """Adsorption energy on a slab one repeat unit thicker."""

    KIND: ClassVar[str] = "thickness"

    facet: str
    """Surface plane."""
    termination: str
    """Composition of the top layer."""
    n_atoms: int
    """Atoms in the thicker cell, K included."""
    thickness_change_ev: float | None = None
    """Adsorption energy on the thicker slab minus that which is checked, eV; absent where one
    of them has no usable site."""
    adsorption_energy_thicker_ev: float | None = None
    """Adsorption energy on the thicker slab, eV."""
    force_calls: int | None = None
    """Force evaluations, all together."""


THICKNESS = Models(ThicknessInputs, ThicknessNeeds, ThicknessValues, main="thickness_change_ev")
