"""The parts of a campaign file that say what to compute."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from potash.catalog.common import Entry, Id, Text, as_value_error
from potash.results.barrier import Ion, Mechanism
from potash.results.kinds import MODELS
from potash.spelling import nearest
from potash.structures.files import names_a_file
from potash.structures.miller import miller_index

ALL = "all"
"""Stands for every entry of the catalogue in a list of items."""


def _first_repeated(items: Iterable[str]) -> str | None:
    """Return the first item that comes a second time, or None."""
    seen: set[str] = set()
    for item in items:
        if item in seen:
            return item
        seen.add(item)
    return None


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _once_each(items: tuple[str, ...]) -> tuple[str, ...]:
    twice = _first_repeated(items)
    if twice is not None:
        raise ValueError(f"{twice!r} is listed twice")
    if ALL in items and len(items) > 1:
        raise ValueError("'all' stands alone; name either all entries or some")
    return items


def _level_name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", text):
        raise ValueError(f"{text!r} is not the name of a level, such as 'screen' or 'standard'")
    return text


def _factory(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", text):
        raise ValueError(f"{text!r} does not name a calculator; write 'package.module:factory'")
    return text


Items = Annotated[tuple[Id, ...], BeforeValidator(_as_list), AfterValidator(_once_each)]
LevelName = Annotated[str, AfterValidator(_level_name)]
Levels = Annotated[
    tuple[LevelName, ...],
    BeforeValidator(_as_list),
    AfterValidator(_once_each),
    Field(min_length=1),
]


def _refuse_idle(part: Entry, computes: bool, keys: Collection[str]) -> None:
    """Refuse keys that say how to compute what is not asked for."""
    idle = sorted(set(keys) & part.model_fields_set - {"items", "extra", "files"})
    if idle and not computes:
        raise ValueError(f"{idle[0]!r} has no effect without 'items'")


def _planes(facets: Any) -> Any:
    """Check Miller indices, so that a bad one is told at its line."""
    if facets in ("first", "all"):
        return facets
    if not isinstance(facets, list | tuple) or not facets:
        raise ValueError(f"{facets!r} is not one of first, all, or a list such as ['(100)']")
    for plane in facets:
        if not isinstance(plane, str):
            raise ValueError(f"{plane!r} is not a Miller index; write it as text, such as '(110)'")
        with as_value_error():
            miller_index(plane)
    return _once_each(tuple(facets))


def _file_beside(file: str, info: ValidationInfo) -> str:
    """Return the path of a structure file that a campaign names, which is there."""
    path = str((info.context or {}).get("folder", Path()) / file)
    with as_value_error():
        if not names_a_file(path):
            raise ValueError(f"there is no structure file {file!r}")
    return path


class HostFile(Entry):
    """A structure file of the user's own; its rows have the name of the file.

    Attributes
    ----------
    file
        Relative to the campaign file; ``FILE#BLOCK`` where it holds several structures.
    facets
        Planes to cut a crystal along, such as ``['(110)']``; ``all`` for all distinct
        ones with indices up to 1. A slab, sheet or molecule has no others.
    """

    file: Text
    facets: Annotated[Literal["all"] | tuple[str, ...], BeforeValidator(_planes)] = "all"

    @field_validator("file")
    @classmethod
    def _beside_the_campaign(cls, file: str, info: ValidationInfo) -> str:
        return _file_beside(file, info)


class HostsPart(Entry):
    """Potassium adsorption on hosts.

    Attributes
    ----------
    items
        Ids of hosts (all their models that have a recipe) or of single atomistic
        models, or ``all``.
    files
        Structure files of the user's own.
    levels
        Levels of theory for every item and file.
    extra
        Level to items that are computed at that level as well.
    calculator
        ``package.module:factory`` of a function that returns an ASE calculator;
        adds a level of that calculator for every item and file.
    facets
        Of the items. ``first``: the facet of the model; ``all``: also the other distinct
        planes of its crystal with indices up to 1 (layered and doped surfaces have no
        others); or a list of planes, such as ``['(100)', '(110)']``, instead of the model's.
    also
        What else to compute on every item: at the levels that are potentials
        ``thickness`` (the adsorption energy on a thicker slab), ``hop`` (the
        barrier of K between sites) and ``adhesion`` (the work of adhesion of a K film),
        at those that are DFT ``charge`` (the Hirshfeld charge of K).
    phases
        Energies of the bulk phases around K at those of the same levels that are
        potentials, which tell whether a host survives contact with K.
    """

    items: Items = ()
    files: tuple[HostFile, ...] = ()
    levels: Levels = ("screen",)
    extra: dict[LevelName, Items] = Field(default_factory=dict)
    calculator: Annotated[str, AfterValidator(_factory)] | None = None
    facets: Annotated[Literal["first", "all"] | tuple[str, ...], BeforeValidator(_planes)] = "first"
    also: Annotated[
        tuple[Literal["thickness", "hop", "charge", "adhesion"], ...],
        BeforeValidator(_as_list),
        AfterValidator(_once_each),
    ] = ()
    phases: bool = False

    @model_validator(mode="after")
    def _has_an_effect(self) -> HostsPart:
        models = bool(self.items or self.extra)
        _refuse_idle(self, models, {"facets"})
        needs = {"also"} if self.phases else self.model_fields_set
        _refuse_idle(self, bool(models or self.files), needs)
        return self


class MoleculesPart(Entry):
    """Levels and redox limits of single molecules and ions.

    Attributes
    ----------
    items
        Ids of species, of salts (their ions), or ``all`` species.
    levels
        Levels of theory for every item.
    extra
        Level to items that are computed at that level as well.
    redox
        Oxidation and reduction potentials in a continuum as well, at the same levels.
    ion_pairs
        Of salts among the items the neutral ion pair in the gas phase as well, at the same
        levels; with ``all``, of every salt.
    fluoride_release
        For species with fluorine, the energy at which K makes KF of them, at the same levels.
    medium
        Dielectric constant of that continuum, or the species whose measured permittivity
        it is. One for all species, so that their potentials can be compared.
    """

    items: Items = ()
    levels: Levels = ("screen",)
    extra: dict[LevelName, Items] = Field(default_factory=dict)
    redox: bool = False
    ion_pairs: bool = False
    fluoride_release: bool = False
    medium: Annotated[float, Field(gt=1.0, lt=250.0)] | Id = "dme"

    @model_validator(mode="after")
    def _has_an_effect(self) -> MoleculesPart:
        _refuse_idle(self, bool(self.items or self.extra), self.model_fields_set)
        if "medium" in self.model_fields_set and not self.redox:
            raise ValueError("'medium' has no effect without 'redox: true'")
        return self


class ComplexSpec(Entry):
    """A complex of one metal ion.

    Attributes
    ----------
    metal
        The cation.
    ligands
        Ids of species, one per ligand: ``[dme, dme]`` is M(DME)2.
    """

    metal: Literal["Li", "Na", "K"] = "K"
    ligands: Annotated[tuple[Id, ...], BeforeValidator(_as_list)] = Field(min_length=1)

    @property
    def id(self) -> str:
        """Name of the complex, independent of the order of the ligands."""
        return "_".join((self.metal.lower(), *sorted(self.ligands)))


class ComplexesPart(Entry):
    """Complexes of a metal ion with solvents and anions.

    Attributes
    ----------
    items
        The complexes.
    levels
        Levels of theory for every complex.
    """

    items: tuple[ComplexSpec, ...] = ()
    levels: Levels = ("screen",)

    @model_validator(mode="after")
    def _different(self) -> ComplexesPart:
        twice = _first_repeated(item.id for item in self.items)
        if twice is not None:
            raise ValueError(f"the complex {twice} is listed twice")
        _refuse_idle(self, bool(self.items), self.model_fields_set)
        return self


class BarriersPart(Entry):
    """Barriers of ions that migrate in crystals.

    Attributes
    ----------
    items
        Ids of bulk phases of the catalogue.
    files
        Structure files of crystals, relative to the campaign file; ``FILE#BLOCK`` where one
        holds several.
    levels
        Levels of theory for every crystal; those that are potentials.
    ion
        What moves.
    mechanism
        ``vacancy``: into an empty site of its own lattice; ``interstitial``: from one hollow
        of the full crystal to the next.
    image_distance_angstrom
        Least distance of the defect from its periodic images.
    """

    items: Items = ()
    files: Annotated[tuple[Text, ...], BeforeValidator(_as_list), AfterValidator(_once_each)] = ()
    levels: Levels = ("screen",)
    ion: Ion = "K"
    mechanism: Mechanism = "vacancy"
    image_distance_angstrom: float = Field(default=10.0, ge=5.0, le=30.0)

    @field_validator("files")
    @classmethod
    def _beside_the_campaign(cls, files: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return tuple(_file_beside(file, info) for file in files)

    @model_validator(mode="after")
    def _has_an_effect(self) -> BarriersPart:
        _refuse_idle(self, bool(self.items or self.files), self.model_fields_set)
        return self


class LiquidsPart(Entry):
    """Molecular dynamics of electrolytes.

    Attributes
    ----------
    items
        Ids of formulations, or ``all`` (those whose composition is known).
    level
        Level of theory.
    n_atoms
        About how many atoms a box holds.
    temperature_k
        Temperature; None for the formulation's own.
    equilibration_ps, production_ps
        Length of the two parts of a run.
    seeds
        One independent run for each.
    charge_scale
        Factor on the charges of ions; None for the level's own.
    """

    items: Items = ()
    level: LevelName = "screen"
    n_atoms: int = Field(default=1000, ge=100, le=1_000_000)
    temperature_k: float | None = Field(default=None, gt=50, lt=1500)
    equilibration_ps: float = Field(default=50.0, gt=0)
    production_ps: float = Field(default=30.0, gt=0)
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = Field(default=(1,), min_length=1)
    charge_scale: float | None = Field(default=None, gt=0, le=1.5)

    @model_validator(mode="after")
    def _different_seeds(self) -> LiquidsPart:
        _refuse_idle(self, bool(self.items), self.model_fields_set)
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("the seeds have to differ; equal seeds give equal runs")
        return self


class GatePart(Entry):
    """Whether a person decides which candidates go on, and about how many.

    Attributes
    ----------
    approve
        Whether a served run waits, once everything is ranked, until somebody has decided.
    propose
        The best of each ranking about which is decided.
    """

    approve: bool = True
    propose: int = Field(default=3, ge=1, le=100)


class LimitPart(Entry):
    """What one calculation of a kind may use; it is stopped past that, and ``quarantined``.

    Attributes
    ----------
    hours
        Wall-clock time; 24 by default.
    memory_gb
        Resident memory of its process and of the programs that it starts, in 10^9 bytes;
        as much as there is by default.
    """

    hours: float | None = Field(default=None, gt=0, le=8760)
    memory_gb: float | None = Field(default=None, ge=0.01)

    @model_validator(mode="after")
    def _limits_something(self) -> LimitPart:
        if self.hours is None and self.memory_gb is None:
            raise ValueError("give 'hours', 'memory_gb' or both")
        return self


class KeepPart(Entry):
    """What stays on disk of the files of finished calculations, and how much all may take.

    Attributes
    ----------
    trajectories
        ``all``, or ``none``: dropped once the row is committed.
    every_ps
        Of the trajectories that are kept, the least time between two frames; all frames by
        default. What was analysed for the row is not changed by it.
    checkpoints
        Whether what a calculation would go on from, and its other scratch files, stay once it
        has a row. Those of calculations that are not finished, or that failed, always do.
    disk_gb
        What the folder of results may take, in 10^9 bytes. At it the run stops: nothing more is
        begun, what is being computed goes on from its checkpoints in the next run.
    """

    trajectories: Literal["all", "none"] = "all"
    every_ps: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    checkpoints: bool = True
    disk_gb: float | None = Field(default=None, gt=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _has_an_effect(self) -> KeepPart:
        if self.every_ps is not None and self.trajectories == "none":
            raise ValueError("'every_ps' has no effect where 'trajectories' are none")
        return self


def _kind(name: str) -> str:
    if name not in MODELS:
        raise ValueError(
            f"{name!r} is no kind of calculation; it is one of {', '.join(MODELS)}"
            f"{nearest(name, tuple(MODELS))}"
        )
    return name


KindName = Annotated[str, AfterValidator(_kind)]


class Budget(Entry):
    """What answering a campaign's question may cost.

    Attributes
    ----------
    core_hours
        Of all calculations that are run to answer it, over all runs of the campaign. What the
        campaign names itself (``hosts``, ``molecules``, ...) is not counted.
    """

    core_hours: float = Field(gt=0, allow_inf_nan=False)
