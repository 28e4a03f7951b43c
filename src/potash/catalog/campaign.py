"""A campaign file: what to compute, at which levels, and how to rank it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    model_validator,
)

from potash.catalog.campaign_parts import (
    ALL,
    BarriersPart,
    Budget,
    ComplexesPart,
    GatePart,
    HostsPart,
    Items,
    KeepPart,
    KindName,
    LimitPart,
    LiquidsPart,
    MoleculesPart,
)
from potash.catalog.candidates import with_candidates
from potash.catalog.catalog import Catalog, load_catalog
from potash.catalog.common import Entry, Text
from potash.catalog.consistency import unknown_id
from potash.catalog.loading import Location, error_at, load_model
from potash.catalog.medium import dielectric_constant
from potash.catalog.phases import load_phases
from potash.catalog.question import Kind, Question
from potash.catalog.yaml_text import is_folder
from potash.errors import InputError


def _folder_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", text):
        raise ValueError(
            f"{text!r} cannot name a folder of results; use letters, digits, '_', '-' and '.'"
        )
    return text


class CriterionSpec(Entry):
    """One thing that a ranking rewards, linearly from ``worst`` to ``best``.

    Attributes
    ----------
    column
        Quantity, with its unit in the name, such as ``adsorption_energy_ev``.
    worst, best
        Values of desirability 0 and 1; their order says whether more is better.
    weight
        Relative weight; 0 shows the quantity without counting it.
    label
        For tables; the column where empty.
    why
        One sentence that justifies direction and bounds.
    """

    column: Text
    worst: float
    best: float
    weight: float = Field(ge=0)
    label: str = ""
    why: str = ""

    @model_validator(mode="after")
    def _has_a_direction(self) -> CriterionSpec:
        if self.worst == self.best:
            raise ValueError(f"worst and best are both {self.best:g}; they have to differ")
        return self

    @property
    def direction(self) -> Literal["minimise", "maximise"]:
        """Whether small or large values are better."""
        return "maximise" if self.best > self.worst else "minimise"


def _counting(criteria: tuple[CriterionSpec, ...]) -> tuple[CriterionSpec, ...]:
    if criteria and not any(c.weight > 0 for c in criteria):
        raise ValueError("at least one criterion needs a weight above zero")
    return criteria


Criteria = Annotated[tuple[CriterionSpec, ...], AfterValidator(_counting)]


class RankingPart(Entry):
    """Criteria of the two rankings; Potash's own where a list is empty.

    Attributes
    ----------
    hosts
        What the ranking of hosts rewards.
    electrolytes
        What the ranking of electrolytes rewards.
    """

    hosts: Criteria = ()
    electrolytes: Criteria = ()


class Campaign(Entry):
    """Everything in a campaign file.

    Attributes
    ----------
    name
        Names the folder of results.
    description
        For people to read.
    seed
        Seed of everything random that has no seed of its own.
    catalog
        Folder, relative to the campaign file, with hosts, models, species, salts,
        formulations of the user's own; see :func:`~potash.catalog.load_catalog`.
    hosts, barriers, molecules, complexes, liquids
        What to compute; each may be left out.
    ranking
        What to reward.
    question
        What to make next: ``potash ask`` answers it from what is known, a run computes what
        decides it.
    budget
        What answering the question may cost; without it a run goes on until the question is
        answered or nothing known to Potash can settle it.
    limits
        Kind of calculation to the time and memory that one may use.
    keep
        What stays on disk beside the rows, and how much that may be.
    gate
        Whether a person decides at the end which candidates go on.
    """

    name: Annotated[str, AfterValidator(_folder_name)]
    description: str = ""
    seed: int = Field(default=1, ge=0)
    catalog: Path | None = None
    hosts: HostsPart = HostsPart()
    barriers: BarriersPart = BarriersPart()
    molecules: MoleculesPart = MoleculesPart()
    complexes: ComplexesPart = ComplexesPart()
    liquids: LiquidsPart = LiquidsPart()
    ranking: RankingPart = RankingPart()
    question: Question | None = None
    limits: dict[KindName, LimitPart] = Field(default_factory=dict)
    budget: Budget | None = None
    keep: KeepPart = KeepPart()
    gate: GatePart | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Campaign:
        asked = (
            *(self.hosts.items, self.hosts.extra, self.hosts.files, self.hosts.phases),
            *(self.barriers.items, self.barriers.files),
            *(self.molecules.items, self.molecules.extra),
            *(self.complexes.items, self.liquids.items),
            self.question,
        )
        if not any(asked):
            raise ValueError(
                "nothing to compute; give 'items' under hosts, barriers, molecules, complexes or "
                "liquids, or 'files' under hosts or barriers; or ask a 'question'"
            )
        if self.budget is not None and self.question is None:
            raise ValueError("'budget' has no effect without a 'question'")
        return self


def load_campaign(path: Path) -> tuple[Campaign, Catalog]:
    """Read a campaign file, and the catalogue with the campaign's own entries.

    Parameters
    ----------
    path
        The YAML file.

    Returns
    -------
    Campaign, Catalog
        Every id that the campaign names is in the catalogue.

    Raises
    ------
    InputError
        If the file or an entry of its catalogue folder is bad, or an id is unknown.
    """
    campaign = load_model(path, Campaign)
    if campaign.catalog is None:
        catalog = load_catalog()
    else:
        folder = path.parent / campaign.catalog
        if not is_folder(folder):
            raise error_at(path, ("catalog",), f"there is no folder {str(campaign.catalog)!r}")
        catalog = load_catalog(folder)
    if campaign.question is not None:
        try:
            question, catalog = with_candidates(campaign.question, catalog)
        except InputError as error:
            if error.source:
                raise
            raise error_at(path, tuple(error.field.split(".")), error.message) from None
        campaign = campaign.model_copy(update={"question": question})
        _check_question(path, question, catalog)
    _check_ids(path, campaign, catalog)
    return campaign, catalog


def _check_question(path: Path, question: Question, catalog: Catalog) -> None:
    """Refuse ids that are not in the catalogue."""
    entries: Mapping[Kind, tuple[str, Mapping[str, object]]] = {
        "hosts": ("host", catalog.hosts),
        "electrolytes": ("electrolyte", catalog.electrolytes),
        "molecules": ("species or salt", {**catalog.species, **catalog.salts}),
    }
    for kind, part in question.parts.items():
        where: Location = ("question", kind, "among")
        _check_known(path, (*where, "only"), part.among.only, *entries[kind])
        _check_known(path, (*where, "without"), part.among.without, *entries[kind])
    if question.electrolytes is not None:
        among = question.electrolytes.among
        where = ("question", "electrolytes", "among")
        _check_known(path, (*where, "salts"), among.salts, "salt", catalog.salts)
        _check_known(path, (*where, "solvents"), among.solvents, "species", catalog.species)


def _check_ids(path: Path, campaign: Campaign, catalog: Catalog) -> None:
    hosts = {**catalog.hosts, **catalog.models}
    molecules = {**catalog.species, **catalog.salts}
    _check_items(path, ("hosts",), campaign.hosts, "host or model", hosts)
    _check_surfaces(path, campaign.hosts, catalog)
    if names := campaign.barriers.items:
        _check_known(path, ("barriers", "items"), names, "bulk phase", load_phases())
    _check_items(path, ("molecules",), campaign.molecules, "species or salt", molecules)
    _check_known(
        path, ("liquids", "items"), campaign.liquids.items, "electrolyte", catalog.electrolytes
    )
    for number, name in enumerate(campaign.liquids.items):
        if name != ALL and (missing := catalog.electrolytes[name].open_amounts):
            raise error_at(
                path,
                ("liquids", "items", number),
                f"{name} cannot be simulated: the source does not say how much "
                f"{', '.join(missing)} it holds; define a formulation of your own",
            )
    _check_molecules(path, campaign.molecules, catalog)
    try:
        dielectric_constant(campaign.molecules.medium, catalog)
    except InputError as error:
        raise error_at(path, ("molecules", "medium"), error.message) from None
    for number, item in enumerate(campaign.complexes.items):
        where = ("complexes", "items", number, "ligands")
        _check_known(path, where, item.ligands, "species", catalog.species)


def _check_surfaces(path: Path, part: HostsPart, catalog: Catalog) -> None:
    """Refuse what is asked for by name and has no surface, as a host or a model."""
    lists: list[tuple[Location, Items]] = [(("hosts", "items"), part.items)]
    lists += [(("hosts", "extra", level), items) for level, items in part.extra.items()]
    for where, items in lists:
        for number, name in enumerate(items):
            if name == ALL:
                continue
            host = catalog.hosts.get(name)
            models = [catalog.models[m] for m in (host.models if host else (name,))]
            if not any(m.has_surface for m in models):
                reasons = "; ".join(dict.fromkeys(m.why_no_surface for m in models))
                raise error_at(
                    path, (*where, number), f"{name} has no model with a surface: {reasons}"
                )


def _check_molecules(path: Path, part: MoleculesPart, catalog: Catalog) -> None:
    """Refuse what none of the items is."""
    named = {*part.items, *(item for items in part.extra.values() for item in items)}
    salts = [catalog.salts[name] for name in sorted(named & catalog.salts.keys())]
    ions = {ion for salt in salts for ion in (salt.cation, salt.anion)}
    species = set(catalog.species) if ALL in named else (named & catalog.species.keys()) | ions
    if part.ion_pairs and ALL not in named and not salts:
        raise error_at(
            path, ("molecules", "ion_pairs"), "has no effect: there is no salt among the items"
        )
    if part.fluoride_release and not any("F" in catalog.species[s].composition for s in species):
        raise error_at(
            path, ("molecules", "fluoride_release"), "has no effect: no item holds fluorine"
        )


def _check_items(
    path: Path,
    where: Location,
    part: HostsPart | MoleculesPart,
    what: str,
    entries: Mapping[str, object],
) -> None:
    _check_known(path, (*where, "items"), part.items, what, entries)
    for level, items in part.extra.items():
        _check_known(path, (*where, "extra", level), items, what, entries)


def _check_known(
    path: Path, where: Location, items: Sequence[str], what: str, entries: Mapping[str, object]
) -> None:
    for number, name in enumerate(items):
        if name != ALL and name not in entries:
            raise error_at(path, (*where, number), unknown_id(what, name, entries))
