"""Formulations: electrolytes as lists of components with structured amounts."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from potash.catalog.common import Entry, Id, Named, Quantity, Text

Unit = Literal[
    "mol/L",
    "mol/kg",
    "molar_ratio",
    "volume_ratio",
    "mass_ratio",
    "repeat_unit_ratio",
    "ratio",
    "wt_percent",
    "vol_percent",
    "percent",
    "balance",
    "pure",
    "part_of_solid",
    "unspecified",
]
"""What an amount is given in.

``mol/L`` is per litre of solution, ``mol/kg`` per kilogram of solvent; the
ratios are parts of the same kind of ratio in the whole formulation
(``repeat_unit_ratio`` counts a polymer by its repeat units); ``ratio`` and
``percent`` are those whose kind the source does not state; percentages are of
the whole unless ``of`` names a component. The last four carry no value:
the rest of the mixture, the pure substance, fixed by the formula of a solid,
unspecified in the source.
"""

WITHOUT_VALUE = frozenset({"balance", "pure", "part_of_solid", "unspecified"})
OPEN = frozenset({"ratio", "percent", "unspecified"})
"""Units that do not determine a composition."""

FormulationKind = Literal[
    "liquid",
    "ionic_liquid",
    "pretreatment",
    "polymer",
    "gel",
    "solid_organic",
    "solid_inorganic",
    "borohydride",
]


class Amount(Entry):
    """How much of a component there is.

    Attributes
    ----------
    value
        Positive; None exactly for the units that carry no value.
    unit
        See :data:`Unit`.
    of
        Component that a percentage is of; None for the whole.
    as_printed
        The source's own words; ``""`` for a user's own formulation.
    note
        How the value was obtained where the source does not state it outright.
    """

    value: float | None = None
    unit: Unit
    of: Id | None = None
    as_printed: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _possible(self) -> Amount:
        if self.unit in WITHOUT_VALUE:
            if self.value is not None:
                raise ValueError(f"an amount with the unit {self.unit!r} has no value")
            return self
        if self.value is None:
            raise ValueError(f"an amount in {self.unit} needs a 'value'")
        if self.value <= 0:
            raise ValueError(f"the amount {self.value:g} {self.unit} is impossible; it must be > 0")
        if self.unit.endswith("percent") and self.value > 100:
            raise ValueError(f"the amount {self.value:g} {self.unit} is more than 100 %")
        if self.of is not None and not self.unit.endswith("percent"):
            raise ValueError("'of' belongs to a percentage only")
        return self


class Component(Entry):
    """One component of a formulation.

    Attributes
    ----------
    species
        Id of a species or a salt.
    role
        What it is there for, such as ``salt``, ``solvent``, ``diluent``.
    amount
        How much, as the source states it.
    assumed
        What is taken instead where the source leaves the amount open. It is our
        choice: results that rest on it say so.
    """

    species: Id
    role: Text
    amount: Amount
    assumed: Amount | None = None

    @model_validator(mode="after")
    def _definite(self) -> Component:
        if self.assumed is not None and self.assumed.unit in OPEN:
            raise ValueError("'assumed' has to be a definite amount")
        return self

    @property
    def used(self) -> Amount:
        """The amount to work with: the assumed one where there is one."""
        return self.assumed or self.amount


class Phase(Entry):
    """Crystalline phase of a solid electrolyte.

    Attributes
    ----------
    formula
        As printed.
    structure_hint, space_group_hint
        What is known of the structure; not verified.
    """

    formula: Text
    structure_hint: str = ""
    space_group_hint: str = ""


class Formulation(Named):
    """An electrolyte.

    Attributes
    ----------
    kind
        Liquid, ionic liquid, polymer, ...
    components
        Each species or salt once.
    composition_as_printed
        The source's own words.
    temperature_k
        Temperature that the composition and its use refer to.
    phase
        Of a solid electrolyte.
    quantities
        Numbers stated about it.
    says
        What the review says about it, in our words.
    compare_with
        Ids of formulations that the review compares it with.
    unspecified
        What the source does not say.
    issues
        Contradictions and gaps.
    """

    kind: FormulationKind = "liquid"
    components: tuple[Component, ...]
    composition_as_printed: str = ""
    temperature_k: float = 298.15
    phase: Phase | None = None
    quantities: tuple[Quantity, ...] = ()
    says: tuple[str, ...] = ()
    compare_with: tuple[Id, ...] = ()
    unspecified: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _possible(self) -> Formulation:
        if not self.components:
            raise ValueError("a formulation needs at least one component")
        names = [component.species for component in self.components]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"the component {name!r} is listed twice; give its total amount")
        units = [component.used.unit for component in self.components]
        for unit in ("balance", "pure"):
            if units.count(unit) > 1:
                raise ValueError(f"only one component can be {unit!r}")
        if "pure" in units and len(units) > 1:
            raise ValueError("a 'pure' component cannot have other components beside it")
        for component in self.components:
            of = component.used.of
            if of is not None and (of not in names or of == component.species):
                raise ValueError(f"'of: {of}' is not another component of this formulation")
        for percent in ("wt_percent", "vol_percent", "percent"):
            total = sum(
                c.used.value or 0.0
                for c in self.components
                if c.used.unit == percent and c.used.of is None
            )
            if total > 100 + 1e-9:
                raise ValueError(f"the {percent} amounts add up to {total:g}, more than 100")
        if not 0 < self.temperature_k < 2000:
            raise ValueError(f"temperature {self.temperature_k:g} K is impossible")
        return self

    @property
    def open_amounts(self) -> tuple[str, ...]:
        """Components whose amount neither the source nor an assumption fixes."""
        return tuple(c.species for c in self.components if c.used.unit in OPEN)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """One sentence for each amount that is our choice and not the source's.

        They enter the key of a simulation, so they are never reworded;
        :attr:`assumed_amounts` says the same to people.
        """
        return tuple(
            f"{c.species}: {c.assumed.value:g} {c.assumed.unit}"
            + (f" of {c.assumed.of}" if c.assumed.of else "")
            + f" assumed, the source says {c.amount.as_printed or c.amount.unit!r}"
            for c in self.components
            if c.assumed is not None and c.assumed.value is not None
        )

    @property
    def assumed_amounts(self) -> tuple[str, ...]:
        """What is our choice and not the source's, one sentence for each way of choosing.

        A number whose unit alone is assumed, as in ``KFSI:TMP = 1:1.7`` without saying of
        what, is not our number: the sentence says so.
        """
        found: dict[str, list[str]] = {}
        for component in self.components:
            if component.assumed is not None and component.assumed.value is not None:
                amount, why = _chosen(component.amount, component.assumed)
                found.setdefault(why, []).append(f"{component.species} {amount}")
        return tuple(f"{', '.join(amounts)} {why}" for why, amounts in found.items())


def _chosen(printed: Amount, assumed: Amount) -> tuple[str, str]:
    """Return an assumed amount in words, and why it is that one."""
    unit = assumed.unit.replace("_", " ") + (f" of {assumed.of}" if assumed.of else "")
    number = f"{assumed.value:g}"
    if printed.value == assumed.value and printed.unit in ("ratio", "percent"):
        return (
            number,
            f"taken as {unit}: the source does not say of what kind its {printed.unit} is",
        )
    if printed.unit == "unspecified":
        note = f" ({assumed.note})" if assumed.note else ""
        return f"{number} {unit}", f"assumed{note}: the source gives no amount"
    said = printed.as_printed or printed.unit
    return f"{number} {unit}", f"assumed: the source says {said!r}"
