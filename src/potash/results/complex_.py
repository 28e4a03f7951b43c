"""Ion binding: [M(ligand)n]+ complexes and ion pairs (kind ``complex``)."""

from __future__ import annotations

from typing import ClassVar

from potash.results.model import Fingerprint, Inputs, Models, NoNeeds, Record
from potash.results.species import ConformerSearch, ElectronicValues, Geometry


class ComplexPart(Record):
    """One of the ions and molecules that a complex is made of."""

    smiles: str | None
    """Canonical SMILES; ``None`` where the part is given by its geometry, or not at all."""
    charge: int
    """Charge, elementary charges."""
    unpaired: int
    """Unpaired electrons."""
    label: str
    """Id of the species, or symbol of the metal."""
    geometry: Geometry | None = None
    """Starting geometry, where there is no SMILES."""


class ComplexInputs(Inputs):
    """Inputs of ion binding."""

    KIND: ClassVar[str] = "complex"

    level: Fingerprint
    """Level of theory."""
    parts: tuple[ComplexPart, ...]
    """The parts, bare metal ions first."""
    metals: tuple[str, ...]
    """Symbols of the bare metal ions."""
    seed: int
    """Of the placement."""
    search: ConformerSearch
    """How hard to look for conformers of the parts."""
    relaxed: int
    """Starting geometries that are relaxed."""


class ComplexValues(ElectronicValues):
    """Binding of an ion, in vacuum; positive: bound."""

    KIND: ClassVar[str] = "complex"

    metal: str
    """Symbol of the first bare metal ion; empty where there is none."""
    ligands: tuple[str, ...]
    """Labels of the other parts."""
    n_starts: int
    """Starting geometries that were tried."""
    binding_energy_ev: float
    """Energy of the separate relaxed parts minus that of the complex, eV."""
    counterpoise_ev: float | None = None
    """Basis-set superposition error, eV; DFT only."""
    binding_energy_counterpoise_ev: float | None = None
    """Binding energy less that error, eV; DFT only."""
    binding_enthalpy_298k_ev: float | None = None
    """The same as an enthalpy at 298 K with GFN2-xTB vibrations, eV; small complexes by DFT."""
    ion_distances_angstrom: tuple[float, ...] | None = None
    """Distances from the first ion to N, O, F and S within 3.4 angstrom, shortest first."""
    lumo_rankable: bool | None = None
    """False where the method orders LUMOs of complexes wrongly (tight binding)."""
    metal_share_of_lumo: float | None = None
    """Share of the LUMO on the metal ions, 0 to 1; DFT only."""
    metal_charge_change_e: float | None = None
    """Charge that the metal ions lose when the complex is reduced, elementary charges; DFT."""


COMPLEX = Models(ComplexInputs, NoNeeds, ComplexValues, main="binding_energy_ev")
