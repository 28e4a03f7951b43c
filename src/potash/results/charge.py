"""Charge that potassium gives to a surface (kind ``charge``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from potash.results.adsorption import SurfaceInputs
from potash.results.model import Fingerprint, Models, NoNeeds, Values


class ChargeInputs(SurfaceInputs):
    """Inputs of a charge analysis by DFT."""

    KIND: ClassVar[str] = "charge"

    screen: Fingerprint
    """Potential that gives the geometry."""


class ChargeValues(Values):
    """Charges of potassium and of the surface under it."""

    KIND: ClassVar[str] = "charge"

    k_charge_e: float
    """Charge of K in elementary charges; positive: electrons go to the surface."""
    substrate_charge_by_element_e: Mapping[str, float]
    """Element of the substrate to the summed charge of its atoms, elementary charges."""
    charge_method: Literal["Hirshfeld"]
    """How the density is shared among atoms."""
    site: str
    """Name of the site."""
    facet: str
    """Surface plane."""
    termination: str
    """Composition of the top layer."""
    magnetic_moment_mu_b: float | None = None
    """Magnetic moment of the cell in Bohr magnetons; absent without spin polarisation."""


CHARGE = Models(ChargeInputs, NoNeeds, ChargeValues, main="k_charge_e")
