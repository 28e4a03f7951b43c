"""Molecules and ions, and the salts made of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from ase.data import atomic_numbers
from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from potash.catalog.common import Entry, Id, Named, Source, Text, as_value_error
from potash.errors import InputError
from potash.structures.files import read_molecule_xyz
from potash.structures.smiles import Written, parse_smiles, written

SpeciesRole = Literal[
    "cation",
    "salt_anion",
    "solvent",
    "diluent",
    "additive",
    "polymer_unit",
    "polymer_model",
    "neutral_ligand",
    "redox_species",
    "redox_mediator",
    "mof_linker",
    "decomposition_product",
    "functional_group_model",
    "filler_component",
    "processing_solvent",
    "processing_aid",
    "precursor",
    "proton_source",
    "cathode",
]

StructureBasis = Literal["given", "standard", "inferred", "user"]


def element_counts(formula: str) -> Counter[str]:
    """Return how many atoms of each element a plain formula such as ``C4H10O2`` holds.

    Raises
    ------
    ValueError
        If the text is not a formula or names an element that does not exist.
    """
    return Counter(_counts(formula))


@lru_cache(maxsize=64)
def _counts(formula: str) -> Mapping[str, int]:
    if not re.fullmatch(r"(?:[A-Z][a-z]?\d*)+", formula):
        raise ValueError(f"{formula!r} is not a chemical formula such as C4H10O2")
    counts: Counter[str] = Counter()
    for symbol, number in re.findall(r"([A-Z][a-z]?)(\d*)", formula):
        if symbol not in atomic_numbers or symbol == "X":
            raise ValueError(f"{formula!r} names an element {symbol!r} that does not exist")
        counts[symbol] += int(number or 1)
    return counts


class Permittivity(Entry):
    """Static relative permittivity of a liquid.

    Attributes
    ----------
    value
        1 is vacuum.
    temperature_k
        Of the measurement.
    source
        Where it was read.
    """

    value: float = Field(ge=1.0)
    temperature_k: float = Field(gt=0.0)
    source: Source


class Species(Named):
    """A molecule or ion.

    Attributes
    ----------
    smiles
        None where no valence-correct SMILES exists (electron-deficient cages).
    no_smiles_reason
        Why there is no SMILES.
    geometry
        XYZ file beside the catalogue file, taken instead of a conformer search: for
        species without a SMILES, or with one that cannot be embedded.
    charge
        In elementary charges; has to agree with the SMILES.
    multiplicity
        Spin multiplicity 2S + 1 of the ground state.
    formula
        Hill formula without charge; filled in from the SMILES where it is not given.
    roles
        What the review uses it for.
    structure_basis
        ``given``: the name fixes the structure; ``standard``: well-known compound
        behind an abbreviation; ``inferred``: chosen by the curator; ``user``.
    name_in_review
        As printed, where that differs or is wrong.
    repeat_unit_smiles
        Repeat unit of the polymer that this oligomer stands for.
    permittivity
        Measured, of the pure liquid.
    note
        What to watch out for.
    """

    smiles: str | None = None
    no_smiles_reason: str = ""
    geometry: Path | None = None
    charge: int = 0
    multiplicity: int = Field(default=1, ge=1, le=9)
    formula: str = ""
    roles: tuple[SpeciesRole, ...] = ()
    structure_basis: StructureBasis = "user"
    name_in_review: str = ""
    repeat_unit_smiles: str = ""
    permittivity: Permittivity | None = None
    note: str = ""
    _written: Written | None = PrivateAttr(default=None)

    @field_validator("smiles", "repeat_unit_smiles")
    @classmethod
    def _parses(cls, smiles: str | None, info: ValidationInfo) -> str | None:
        repeat_unit = info.field_name == "repeat_unit_smiles"
        if smiles is not None and not (repeat_unit and smiles == ""):
            with as_value_error():
                parse_smiles(smiles, allow_wildcard=repeat_unit)
        return smiles

    @field_validator("formula")
    @classmethod
    def _is_formula(cls, formula: str) -> str:
        if formula:
            element_counts(formula)
        return formula

    @field_validator("geometry")
    @classmethod
    def _beside_the_file(cls, geometry: Path | None, info: ValidationInfo) -> Path | None:
        folder = (info.context or {}).get("folder")
        return folder / geometry if geometry is not None and folder is not None else geometry

    @model_validator(mode="after")
    def _consistent(self) -> Species:
        if self.smiles is None:
            self._check_without_smiles()
        else:
            self._check_smiles(self.smiles)
        if self.geometry is not None:
            self._check_geometry(self.geometry)
        electrons = sum(atomic_numbers[s] * n for s, n in self.composition.items()) - self.charge
        if (electrons + self.multiplicity) % 2 == 0:
            raise ValueError(
                f"{electrons} electrons do not fit multiplicity {self.multiplicity}; "
                f"a radical needs an even multiplicity, a closed shell 1"
            )
        return self

    def _check_geometry(self, path: Path) -> None:
        try:
            symbols, _ = read_molecule_xyz(path)
        except InputError as error:
            raise ValueError(f"the geometry file {path.name!r}: {error.message}") from None
        if Counter(symbols) != self.composition:
            stated = self.formula or self.smiles
            raise ValueError(f"the geometry file {path.name!r} does not hold {stated}")

    def _check_without_smiles(self) -> None:
        if not self.formula:
            raise ValueError("a species needs a 'smiles', or a 'formula' and a 'no_smiles_reason'")
        if not self.no_smiles_reason:
            raise ValueError("a species without a 'smiles' needs a 'no_smiles_reason'")

    def _check_smiles(self, smiles: str) -> None:
        molecule = parse_smiles(smiles)
        self._written = written(molecule)
        charge = self._written.charge
        if charge != self.charge:
            raise ValueError(
                f"charge {self.charge:+d} does not agree with the SMILES {smiles!r}, "
                f"whose charge is {charge:+d}"
            )
        computed = _hill(molecule)
        if self.formula and element_counts(self.formula) != element_counts(computed):
            raise ValueError(
                f"formula {self.formula!r} does not agree with the SMILES {smiles!r}, "
                f"which is {computed}"
            )
        # A bare ion has no bonds to count from; its parity is checked all the same.
        unpaired = 0
        if "[" in smiles:
            unpaired = sum(
                atom.GetNumRadicalElectrons()
                for atom in molecule.GetAtoms()
                if atom.GetDegree() or atom.GetTotalNumHs()
            )
        if unpaired and self.multiplicity == 1:
            raise ValueError(
                f"the SMILES {smiles!r} is a radical ({unpaired} unpaired); "
                f"give its 'multiplicity' ({unpaired + 1})"
            )
        if "." not in smiles:
            return
        parts = Chem.GetMolFrags(molecule, asMols=True, sanitizeFrags=False)
        # A coordination compound is written as ligand and bare metal ion; anything else
        # in several parts is a mixture or a salt, which has an entry of its own.
        if len(parts) > 1 and not any(_is_metal_centre(part) for part in parts):
            raise ValueError(
                f"the SMILES {smiles!r} has {len(parts)} unconnected parts; give each part as a "
                f"species, and a salt or formulation of them"
            )

    @cached_property
    def composition(self) -> dict[str, int]:
        """Number of atoms of each element."""
        if self.formula:
            return dict(element_counts(self.formula))
        return dict(element_counts(_hill(parse_smiles(self.smiles or ""))))

    @property
    def written(self) -> Written | None:
        """What the SMILES says, read once."""
        return self._written

    @property
    def canonical_smiles(self) -> str | None:
        """RDKit's canonical SMILES: equal for equal molecules, however they are written."""
        return None if self._written is None else self._written.canonical


def _hill(molecule: Chem.Mol) -> str:
    return re.sub(r"[+-]\d*$", "", CalcMolFormula(molecule))


def _is_metal_centre(part: Chem.Mol) -> bool:
    """Return whether this is a bare ion of charge +2 or more."""
    return part.GetNumAtoms() == 1 and part.GetAtomWithIdx(0).GetFormalCharge() >= 2


class Salt(Entry):
    """A salt, given by its ions.

    Attributes
    ----------
    id, name
        As every entry.
    cation, anion
        Ids of species.
    n_cation, n_anion
        How many of each in a formula unit.
    """

    id: Id
    name: Text
    cation: Id
    n_cation: int = Field(default=1, ge=1)
    anion: Id
    n_anion: int = Field(default=1, ge=1)
