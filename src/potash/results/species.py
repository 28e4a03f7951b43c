"""One molecule or ion: orbitals, ionisation energy, electron affinity (kind ``species``)."""

from __future__ import annotations

from typing import ClassVar

from potash.results.model import Fingerprint, Inputs, Models, NoNeeds, Record, Values


class ConformerSearch(Record):
    """How hard to look for conformers."""

    per_rotor: int = 4
    """Embedded conformers: 4 and so many for each rotatable bond."""
    most: int = 50
    """Embedded conformers at most."""
    relaxed: int = 2
    """Lowest conformers (GFN2-xTB at the force-field geometry) that are relaxed."""


class Geometry(Record):
    """A molecule or ion at one geometry, as plain data."""

    numbers: tuple[int, ...]
    """Atomic numbers."""
    positions_angstrom: tuple[tuple[float, float, float], ...]
    """Cartesian coordinates, angstrom."""
    charge: int
    """Total charge, elementary charges."""
    unpaired: int
    """Unpaired electrons."""


class MoleculeInputs(Inputs):
    """A molecule, how its conformers are searched, and the level; shared by several kinds."""

    KIND: ClassVar[str]

    level: Fingerprint
    """Level of theory."""
    smiles: str | None
    """Canonical SMILES; ``None`` where the molecule is given by its geometry, or not at all."""
    charge: int
    """Total charge, elementary charges."""
    unpaired: int
    """Unpaired electrons."""
    formula: str | None = None
    """Formula, where there is no SMILES."""
    geometry: Geometry | None = None
    """Starting geometry, where there is no SMILES."""
    seed: int
    """Of the embedding of conformers."""
    search: ConformerSearch
    """How hard to look for conformers."""


class SpeciesInputs(MoleculeInputs):
    """Inputs of orbitals, ionisation energy and electron affinity."""

    KIND: ClassVar[str] = "species"


class ElectronicValues(Values):
    """Frontier orbitals and vertical ion energies; shared by molecules and complexes."""

    KIND: ClassVar[str]

    charge: int
    """Total charge, elementary charges."""
    n_atoms: int
    """Atoms."""
    energy_ev: float
    """Total electronic energy, eV."""
    orbital_method: str
    """Method of the orbitals."""
    homo_ev: float | None = None
    """Highest occupied orbital, eV."""
    lumo_ev: float | None = None
    """Lowest unoccupied orbital, eV."""
    gap_ev: float | None = None
    """Their difference, eV."""
    ip_ea_method: str
    """Method of ionisation energy and electron affinity."""
    ip_vertical_ev: float | None = None
    """Vertical ionisation energy in vacuum, eV; absent where no electron can be taken."""
    ea_bound: bool
    """Whether an extra electron is bound in vacuum."""
    ea_vertical_ev: float | None = None
    """Vertical electron affinity in vacuum, eV; absent where it is unbound."""
    spin_contamination: float | None = None
    """Largest <S^2> - S(S+1) of the ions; DFT only."""


class SpeciesValues(ElectronicValues):
    """What one molecule or ion gives."""

    KIND: ClassVar[str] = "species"

    smiles: str | None = None
    """Canonical SMILES; absent where the molecule was given by its geometry."""
    n_conformers_embedded: int
    """Conformers that were embedded."""
    n_conformers_relaxed: int
    """Conformers that were relaxed."""
    lowest_conformer_weight: float
    """Boltzmann weight (298 K) of the conformer that the values belong to."""
    dipole_debye: float | None = None
    """Dipole moment, debye; neutral molecules only."""
    ip_boltzmann_ev: float | None = None
    """Vertical ionisation energy weighted over conformers (298 K), eV; where several count."""
    ip_conformer_spread_ev: float | None = None
    """Its spread over these conformers, eV."""
    ea_method: str | None = None
    """Method that decided on the electron affinity; DFT only."""
    lumo_bound: bool | None = None
    """False where the LUMO lies above vacuum, so that it depends on the basis; DFT only."""


SPECIES = Models(SpeciesInputs, NoNeeds, SpeciesValues, main="ip_vertical_ev")
