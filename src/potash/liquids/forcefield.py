"""The force-field file: typed, cited terms, and the loader that checks it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from potash.engines.topology import PairTerm
from potash.errors import InputError
from potash.resources import data_dir

DEFAULT = "opls-clp"
SHIPPED = {DEFAULT: "opls_clp.yaml", "opls-clp-pair": "opls_clp_pair.yaml"}
"""Name to file, in the order in which they were made."""


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


class CationPair(_Model):
    """Lennard-Jones parameters (angstrom, kJ/mol) of a cation with the atoms of one type.

    They were fitted to complexes in the gas phase with charges in full.
    """

    cation: str
    donor: str
    sigma: float = Field(gt=0)
    epsilon: float = Field(gt=0)
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
    """A complete force field.

    Attributes
    ----------
    ion_charge_scale
        Factor on the charges of ions in liquids.
    cation_pairs
        Interactions of cations that do not follow from mixing.
    pair_share
        Share of what ``cation_pairs`` add to mixing that is taken in liquids, where
        several neighbours weaken each other's induced dipoles.
    fingerprint
        SHA-256 of the file or files.
    """

    schema_version: Literal[1]
    name: str
    scale_14: Scale14
    mixing: Literal["geometric"]
    ion_charge_scale: float = Field(gt=0, le=1)
    cation_pairs: tuple[CationPair, ...] = ()
    pair_share: float = Field(default=1.0, gt=0, le=1)
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
        groups = (
            *(self.atom_types, self.bonds, self.angles, self.dihedrals, self.impropers),
            self.cation_pairs,
        )
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
        known = {t.name for t in self.atom_types}
        ends = [(p.cation, p.donor) for p in self.cation_pairs]
        for pair in ends:
            if missing := [name for name in pair if name not in known]:
                raise ValueError(f"cation pair {' '.join(pair)}: no atom type {missing[0]!r}")
            if ends.count(pair) > 1:
                raise ValueError(f"cation pair {' '.join(pair)} is given twice")
        residues = [s.residue for s in self.species.values()]
        if len(set(residues)) < len(residues):
            raise ValueError("two species share a residue name")
        return self

    def pair_terms(self, types: Collection[str], share: float | None = None) -> list[PairTerm]:
        """Return the cation pairs among atom types, as an engine takes them.

        Parameters
        ----------
        types
            Names of the atom types in the box.
        share
            Share of what the pairs add to the factors of r^-12 and r^-6 by mixing;
            ``pair_share`` by default, 1 for complexes in the gas phase.
        """
        part = self.pair_share if share is None else share
        by_name = {t.name: t for t in self.atom_types}
        found = []
        for pair in self.cation_pairs:
            if pair.cation in types and pair.donor in types:
                one, other = by_name[pair.cation], by_name[pair.donor]
                mixed = (one.sigma * other.sigma) ** 0.5, (one.epsilon * other.epsilon) ** 0.5
                sigma, epsilon = _blended(mixed, (pair.sigma, pair.epsilon), part)
                found.append(PairTerm(pair.cation, pair.donor, sigma, epsilon))
        return found


def _blended(
    mixed: tuple[float, float], asked: tuple[float, float], share: float
) -> tuple[float, float]:
    """Return sigma and epsilon between two Lennard-Jones curves, by the factors of their powers."""
    twelve, six = (
        sum(w * 4 * e * s**power for w, (s, e) in ((1 - share, mixed), (share, asked)))
        for power in (12, 6)
    )
    return (twelve / six) ** (1 / 6), six**2 / (4 * twelve)


def load_force_field(source: str | Path = DEFAULT) -> ForceField:
    """Read a force field.

    Parameters
    ----------
    source
        Name of one that Potash ships (``opls-clp``, ``opls-clp-pair``), or a file. A file
        with ``base:`` holds what differs from the file that it names, in the same folder.

    Returns
    -------
    ForceField
        With ``fingerprint`` set to the SHA-256 of the file or files.

    Raises
    ------
    InputError
        If there is no such force field, or the file is unreadable, malformed, or names
        an unknown source.
    """
    if isinstance(source, Path):
        return _load(source)
    if source not in SHIPPED:
        raise InputError(f"{source!r} is not a force field; use one of {', '.join(SHIPPED)}")
    return _load(data_dir("molecules") / "forcefield" / SHIPPED[source])


@cache
def _load(path: Path) -> ForceField:
    texts, data = _with_base(path)
    try:
        read = ForceField.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = "/".join(str(part) for part in first["loc"])
        raise InputError(first["msg"], source=str(path), field=field) from None
    return read.model_copy(update={"fingerprint": hashlib.sha256(texts.encode()).hexdigest()})


def _with_base(path: Path) -> tuple[str, Any]:
    """Return the text of a file and of its base, and the content of both joined."""
    try:
        text = path.read_text(encoding="utf-8")
        data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError) as error:
        raise InputError(f"cannot be read: {error}", source=str(path)) from None
    if not isinstance(data, dict) or "base" not in data:
        return text, data
    base_text, base = _with_base(path.parent / str(data.pop("base")))
    sources = {**base.get("sources", {}), **data.get("sources", {})}
    return base_text + text, {**base, **data, "sources": sources}
