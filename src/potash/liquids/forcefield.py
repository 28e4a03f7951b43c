"""The force-field file: typed, cited terms, and the loader that checks it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from potash.errors import InputError
from potash.resources import data_dir


def _split(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Model):
    """Where a parameter is from; ``doi`` is empty only for our own derivations."""

    citation: str
    doi: str = ""


class Scale14(_Model):
    """Factors for atoms three bonds apart."""

    coulomb: float = Field(ge=0, le=1)
    lennard_jones: float = Field(ge=0, le=1)


class AtomType(_Model):
    """A typing rule and its non-bonded parameters (e, angstrom, kJ/mol).

    ``class`` groups types that share bonded terms; ``smarts`` matches the atom
    itself first. Rules are tried in file order and the last match counts.
    """

    name: str
    bonded_class: str = Field(alias="class")
    element: str
    charge: float
    sigma: float = Field(ge=0)
    epsilon: float = Field(ge=0)
    smarts: str
    source: str


class BondTerm(_Model):
    """``k/2 (r - r0)^2``, angstrom and kJ/mol/A^2."""

    classes: Annotated[tuple[str, str], BeforeValidator(_split)]
    r0: float = Field(gt=0)
    k: float = Field(gt=0)
    source: str


class AngleTerm(_Model):
    """``k/2 (theta - theta0)^2``, degrees and kJ/mol/rad^2."""

    classes: Annotated[tuple[str, str, str], BeforeValidator(_split)]
    theta0: float = Field(gt=0, le=180)
    k: float = Field(gt=0)
    source: str


class DihedralTerm(_Model):
    """OPLS Fourier coefficients V1 to V4 in kJ/mol; ``X`` is any class."""

    classes: Annotated[tuple[str, str, str, str], BeforeValidator(_split)]
    v: tuple[float, float, float, float]
    source: str


class ImproperTerm(_Model):
    """``v2/2 (1 - cos 2 phi)``, kJ/mol; central class third, ``X`` is any class."""

    classes: Annotated[tuple[str, str, str, str], BeforeValidator(_split)]
    v2: float
    source: str


class SpeciesEntry(_Model):
    """A species the force field is meant for.

    Attributes
    ----------
    residue
        Residue name in files and selections.
    smiles
        Structure; atom order and names follow it.
    charges
        Atom name to charge, where the charges are not those of the types.
    charge_source
        Source of ``charges``.
    positions
        Geometry (angstrom) where it cannot be embedded from the SMILES.
    packing_density_g_ml, packing_volume_ml_mol
        Size of the pure liquid's molecule, or of an ion, for sizing boxes.
    rigid
        Angles are constraints instead of terms (three-site water).
    note
        Remark on validity, shown with results.
    """

    residue: str = Field(min_length=1, max_length=5, pattern=r"^[A-Z0-9]+$")
    smiles: str
    charges: Mapping[str, float] = Field(default_factory=dict)
    charge_source: str = ""
    positions: tuple[tuple[float, float, float], ...] = ()
    packing_density_g_ml: float | None = Field(default=None, gt=0)
    packing_volume_ml_mol: float | None = Field(default=None, ge=0)
    rigid: bool = False
    note: str = ""

    @model_validator(mode="after")
    def _one_size(self) -> SpeciesEntry:
        if (self.packing_density_g_ml is None) == (self.packing_volume_ml_mol is None):
            raise ValueError("give one of packing_density_g_ml and packing_volume_ml_mol")
        if bool(self.charges) != bool(self.charge_source):
            raise ValueError("charges and charge_source go together")
        return self


class ForceField(_Model):
    """A complete force-field file."""

    schema_version: Literal[1]
    name: str
    scale_14: Scale14
    mixing: Literal["geometric"]
    ion_charge_scale: float = Field(gt=0, le=1)
    sources: Mapping[str, Source]
    atom_types: tuple[AtomType, ...]
    bonds: tuple[BondTerm, ...]
    angles: tuple[AngleTerm, ...]
    dihedrals: tuple[DihedralTerm, ...]
    impropers: tuple[ImproperTerm, ...]
    species: Mapping[str, SpeciesEntry]
    not_parameterised: Mapping[str, str] = Field(default_factory=dict)
    fingerprint: str = ""

    def __hash__(self) -> int:
        return hash((self.name, self.fingerprint))

    @model_validator(mode="after")
    def _consistent(self) -> ForceField:
        groups = (self.atom_types, self.bonds, self.angles, self.dihedrals, self.impropers)
        used = {term.source for group in groups for term in group}
        used |= {s.charge_source for s in self.species.values() if s.charge_source}
        if unknown := sorted(used - set(self.sources)):
            raise ValueError(f"unknown source {unknown[0]!r}")
        for label, group in (
            ("bond", self.bonds),
            ("angle", self.angles),
            ("dihedral", self.dihedrals),
        ):
            seen: set[tuple[str, ...]] = set()
            for term in group:
                name = min(term.classes, term.classes[::-1])
                if name in seen:
                    raise ValueError(f"{label} {' '.join(term.classes)} is given twice")
                seen.add(name)
        residues = [s.residue for s in self.species.values()]
        if len(set(residues)) < len(residues):
            raise ValueError("two species share a residue name")
        return self


def load_force_field(path: Path | None = None) -> ForceField:
    """Read a force-field file; the one shipped with Potash by default.

    Returns
    -------
    ForceField
        With ``fingerprint`` set to the SHA-256 of the file.

    Raises
    ------
    InputError
        If the file is unreadable, malformed, or names an unknown source.
    """
    return _load(path or data_dir("molecules") / "forcefield" / "opls_clp.yaml")


@cache
def _load(path: Path) -> ForceField:
    try:
        text = path.read_text(encoding="utf-8")
        data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError) as error:
        raise InputError(f"cannot be read: {error}", source=str(path)) from None
    try:
        read = ForceField.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = "/".join(str(part) for part in first["loc"])
        raise InputError(first["msg"], source=str(path), field=field) from None
    return read.model_copy(update={"fingerprint": hashlib.sha256(text.encode()).hexdigest()})
