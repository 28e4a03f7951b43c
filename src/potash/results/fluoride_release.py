"""Fluorine that potassium takes from a molecule (kind ``fluoride_release``)."""

from __future__ import annotations

from typing import ClassVar

from potash.results.model import Models, NoNeeds, Values
from potash.results.species import MoleculeInputs


class FluorideReleaseInputs(MoleculeInputs):
    """Inputs of X + K -> KF + R."""

    KIND: ClassVar[str] = "fluoride_release"


class FluorideReleaseValues(Values):
    """Energy of X + K -> KF + R for the fluorine atom that costs least, in vacuum."""

    KIND: ClassVar[str] = "fluoride_release"

    smiles: str
    """Canonical SMILES of X."""
    charge: int
    """Charge of X, elementary charges."""
    reaction_energy_ev: float
    """With potassium metal and the KF molecule, eV; negative where energy is gained."""
    reaction_energy_k_atom_ev: float
    """The same with a K atom, eV."""
    bond: str
    """Elements of the bond that breaks, such as ``C-F``."""
    n_fluorine_sites: int
    """Fluorine atoms that are different by symmetry."""
    radical_intact: bool
    """Whether what is left of X keeps all other bonds."""


FLUORIDE_RELEASE = Models(
    FluorideReleaseInputs, NoNeeds, FluorideReleaseValues, main="reaction_energy_ev"
)
