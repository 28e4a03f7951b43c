"""What a campaign asks: which candidates to make next, by what, among which, how surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from potash.catalog.common import Entry, Id
from potash.catalog.hosts import HostRole, MaterialClass, Population
from potash.catalog.species import SpeciesRole, element_counts
from potash.catalog.sweep import Sweep, beside_the_campaign

Kind = Literal["hosts", "electrolytes", "molecules"]

MoleculeRole = SpeciesRole | Literal["salt"]
"""What a molecule is for. A salt has the role of the catalogue's list that it stands in."""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _elements(symbols: tuple[str, ...]) -> tuple[str, ...]:
    for symbol in symbols:
        element_counts(symbol)
    return symbols


Elements = Annotated[tuple[str, ...], BeforeValidator(_as_list), AfterValidator(_elements)]
Ids = Annotated[tuple[Id, ...], BeforeValidator(_as_list)]


class Bound(Entry):
    """A condition on a quantity; the bounds belong to it.

    Attributes
    ----------
    at_least, at_most
        One of them, or both, in the unit of the quantity.
    between
        Both in one: ``[low, high]``.

    Examples
    --------
    >>> Bound(between=(0.1, 0.5)).low
    0.1
    """

    at_least: float | None = None
    at_most: float | None = None
    between: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _can_be_met(self) -> Bound:
        if (self.between is None) == (self.at_least is None and self.at_most is None):
            raise ValueError("give at_least, at_most, or both as between: [low, high]")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"nothing is at least {self.low:g} and at most {self.high:g}")
        return self

    @property
    def low(self) -> float | None:
        """Smallest value that passes."""
        return self.between[0] if self.between is not None else self.at_least

    @property
    def high(self) -> float | None:
        """Largest value that passes."""
        return self.between[1] if self.between is not None else self.at_most


class Preference(Entry):
    """What is rewarded in one quantity, and how much it counts.

    Attributes
    ----------
    best, worst
        Linear: values of desirability 1 and 0; beyond them it stays there. Their order says
        whether more is better.
    at_least, at_most
        One-sided: fully desirable from here on, falling to 0 over ``fade``.
    between
        Window: fully desirable inside, falling to 0 over ``fade`` on either side.
    fade
        How far outside a bound the desirability reaches 0, in the unit of the quantity.
    weight
        Relative weight.
    """

    best: float | None = None
    worst: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    between: tuple[float, float] | None = None
    fade: float | None = Field(default=None, gt=0)
    weight: float = Field(default=1.0, gt=0)

    @model_validator(mode="after")
    def _has_one_shape(self) -> Preference:
        linear = self.best is not None or self.worst is not None
        given = [linear, self.at_least is not None, self.at_most is not None, bool(self.between)]
        if sum(given) != 1:
            raise ValueError(
                "give one shape: best and worst, or at_least, at_most or between with fade"
            )
        if linear and (self.best is None or self.worst is None or self.best == self.worst):
            raise ValueError("best and worst are given together and differ")
        if linear == (self.fade is not None):
            raise ValueError("at_least, at_most and between need fade; best and worst have none")
        if self.between is not None and self.between[0] >= self.between[1]:
            raise ValueError(f"nothing is between {self.between[0]:g} and {self.between[1]:g}")
        return self

    @property
    def span(self) -> float:
        """Change of the quantity over which the desirability goes from 0 to 1."""
        if self.best is not None and self.worst is not None:
            return abs(self.best - self.worst)
        assert self.fade is not None
        return self.fade


class Among(Entry):
    """Who may be chosen. Keys that are no field are quantities with a :class:`Bound`.

    Attributes
    ----------
    only, without
        Ids to choose from, or to leave out.
    with_elements, without_elements
        Symbols that a candidate must hold, all of them, and that it must not hold.
    """

    model_config = Entry.model_config | {"extra": "allow"}

    only: Ids = ()
    without: Ids = ()
    with_elements: Elements = ()
    without_elements: Elements = ()

    @model_validator(mode="after")
    def _leaves_somebody(self) -> Self:
        if self.only and not set(self.only) - set(self.without):
            raise ValueError("'without' leaves out everything that 'only' names")
        both = sorted(set(self.with_elements) & set(self.without_elements))
        if both:
            raise ValueError(f"nobody is with and without {', '.join(both)}")
        return self

    @property
    def bounds(self) -> Mapping[str, Bound]:
        """Quantity to its bound."""
        return self.__pydantic_extra__ or {}

    if not TYPE_CHECKING:  # pydantic reads the type of further keys from here; mypy takes it for
        # a field that has to be given
        __pydantic_extra__: dict[str, Bound]


def _one_source(among: AmongHosts | AmongMolecules | AmongElectrolytes, key: str) -> None:
    if among.only:
        raise ValueError(f"{key!r} says who the candidates are; 'only' does so too, give one")


class AmongHosts(Among):
    """Which hosts.

    Attributes
    ----------
    source
        ``from``: folder of structure files, relative to the campaign file; each is a host. Of
        a crystal the plane counts that :func:`potash.structures.facets.natural_plane` says.
    roles
        Any of these.
    populations
        Any of these: ``substrate`` (hosts, collectors, layers that conduct), ``separator`` (with
        coatings and fillers), ``phase`` (products, SEI, layers that do not conduct). Substrates
        where neither populations nor roles nor ids are named.
    classes
        Any of these material classes.
    stable_with_k
        Whether bulk reaction energies say that the host survives contact with K.
    """

    source: Path | None = Field(default=None, alias="from")
    roles: Annotated[tuple[HostRole, ...], BeforeValidator(_as_list)] = ()
    populations: Annotated[tuple[Population, ...], BeforeValidator(_as_list)] = ()
    classes: Annotated[tuple[MaterialClass, ...], BeforeValidator(_as_list)] = ()
    stable_with_k: bool | None = None

    _beside = field_validator("source")(beside_the_campaign)

    @model_validator(mode="after")
    def _from_one_source(self) -> Self:
        if self.source is not None:
            _one_source(self, "from")
        return self

    @property
    def usual(self) -> bool:
        """Whether nothing says who is compared, so that it is substrates."""
        return not (self.populations or self.roles or self.only or self.source)

    @property
    def compared(self) -> tuple[Population, ...]:
        """The populations that are compared; empty where roles or ids say who is."""
        return ("substrate",) if self.usual else self.populations


class AmongElectrolytes(Among):
    """Which electrolytes.

    Attributes
    ----------
    sweep
        Formulations on a grid, instead of those of the catalogue.
    salts, solvents
        Formulations that hold any of these species or salts.
    """

    sweep: Sweep | None = None
    salts: Ids = ()
    solvents: Ids = ()

    @model_validator(mode="after")
    def _from_one_source(self) -> Self:
        if self.sweep is not None:
            _one_source(self, "sweep")
        return self


class AmongMolecules(Among):
    """Which molecules.

    Attributes
    ----------
    source
        ``from``: SMILES or CSV file, relative to the campaign file; its molecules have the
        ``roles`` that are named, ``solvent`` where none is.
    roles
        Any of these; ``salt`` for salts.
    """

    source: Path | None = Field(default=None, alias="from")
    roles: Annotated[tuple[MoleculeRole, ...], BeforeValidator(_as_list)] = ()

    _beside = field_validator("source")(beside_the_campaign)

    @model_validator(mode="after")
    def _from_one_source(self) -> Self:
        if self.source is not None:
            _one_source(self, "from")
            if "salt" in self.roles:
                raise ValueError("a file of SMILES holds species; salts are given by their ions")
        return self


class PartQuestion(Entry):
    """What all three kinds of question have in common.

    Attributes
    ----------
    choose
        How many to make next.
    among
        Who may be chosen.
    by
        Quantity, with its unit in the name, to what is rewarded in it.
    equal_within
        Quantity to the difference that does not matter to the experiment.
    confidence
        Asked for, between 0.5 and 1, both excluded.
    meaning
        Of the confidence: the ``expected_share`` of right picks among the chosen, or the
        probability that ``all_right``.
    """

    choose: int = Field(ge=1)
    among: Among = Among()
    by: Mapping[str, Preference] = Field(min_length=1)
    equal_within: Mapping[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    confidence: float = Field(default=0.9, gt=0.5, lt=1.0)
    meaning: Literal["expected_share", "all_right"] = "expected_share"

    @model_validator(mode="after")
    def _equal_within_what_counts(self) -> PartQuestion:
        for column in self.equal_within:
            if column not in self.by:
                raise ValueError(f"equal_within names {column!r}, which is not under 'by'")
        return self

    def among_only(self, names: Sequence[str], **update: object) -> Self:
        """Return the question among these ids, with further changes to who may be chosen."""
        among = self.among.model_copy(update={"only": tuple(names), **update})
        return self.model_copy(update={"among": among})

    @property
    def indifference(self) -> float:
        """Difference in overall desirability that does not matter."""
        total = sum(p.weight for p in self.by.values())
        return sum(
            self.by[column].weight / total * difference / self.by[column].span
            for column, difference in self.equal_within.items()
        )


class HostQuestion(PartQuestion):
    """Which hosts to make next."""

    among: AmongHosts = AmongHosts()


class ElectrolyteQuestion(PartQuestion):
    """Which electrolytes to make next."""

    among: AmongElectrolytes = AmongElectrolytes()


class MoleculeQuestion(PartQuestion):
    """Which molecules to use next."""

    among: AmongMolecules = AmongMolecules()


class Question(Entry):
    """Everything a campaign asks; each part may be left out, but not all.

    Attributes
    ----------
    hosts
        Which hosts to choose.
    electrolytes
        Which electrolytes to choose.
    molecules
        Which molecules to choose.
    """

    hosts: HostQuestion | None = None
    electrolytes: ElectrolyteQuestion | None = None
    molecules: MoleculeQuestion | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Question:
        if not self.parts:
            raise ValueError("nothing is asked; give hosts, electrolytes or molecules")
        return self

    @property
    def parts(self) -> Mapping[Kind, PartQuestion]:
        """The parts that are asked."""
        given: dict[Kind, PartQuestion | None] = {
            "hosts": self.hosts,
            "electrolytes": self.electrolytes,
            "molecules": self.molecules,
        }
        return {kind: part for kind, part in given.items() if part is not None}
