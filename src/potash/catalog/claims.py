"""The review's testable claims, its equations and its misprints."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from potash.catalog.common import Entry, Id, Reference, Text

ClaimKind = Literal[
    "adsorption_energy",
    "bulk_property",
    "charge_transfer",
    "continuum_field",
    "diffusion",
    "fermi_vs_lumo",
    "homo_lumo",
    "lattice_match",
    "lewis_acidity",
    "migration_barrier",
    "nucleation_model",
    "phase_stability",
    "reaction_energy",
    "sand_time",
    "sei_composition",
    "solvation_energy",
    "ssip_cip_agg",
    "surface_diffusion",
    "transference",
    "wetting",
    "young_modulus",
]

ClaimBasis = Literal["computed_in_source", "experiment", "argument", "curator_companion"]

CostTier = Literal["trivial", "light", "medium", "heavy"]


class Number(Entry):
    """A value with its unit (``"1"`` for none)."""

    value: float
    unit: Text


class ExpectedValue(Entry):
    """The claim states numbers.

    Attributes
    ----------
    values
        In the order of the claim's statement.
    order
        Items that the values belong to, where there is one each.
    sign
        Sign convention.
    bound
        ``lower`` or ``upper`` where the value is only a bound.
    reference
        What the value is measured against.
    absolute
        The two numbers whose difference is the value.
    note
        What to watch out for.
    """

    type: Literal["value"]
    values: tuple[Number, ...] = Field(min_length=1)
    order: tuple[str, ...] = ()
    sign: str = ""
    bound: Literal["lower", "upper"] | None = None
    reference: str = ""
    absolute: tuple[float, float] | None = None
    note: str = ""


class ExpectedOrdering(Entry):
    """The claim states an order.

    Attributes
    ----------
    order
        The items, first one first.
    note
        What is ordered and which way.
    sign
        Sign convention.
    """

    type: Literal["ordering"]
    order: tuple[str, ...] = Field(min_length=2)
    note: str = ""
    sign: str = ""


class ExpectedTrend(Entry):
    """The claim states a sign or a trend, in words."""

    type: Literal["sign_or_trend"]
    trend: Text
    note: str = ""


Expected = Annotated[ExpectedValue | ExpectedOrdering | ExpectedTrend, Field(discriminator="type")]


class Claim(Entry):
    """One testable claim.

    Attributes
    ----------
    id
        Unique.
    kind
        What sort of quantity it is about.
    statement
        The claim, in our words.
    quantity
        What would have to be computed.
    expected
        Values, an order, or a trend.
    tolerance
        What still counts as agreement.
    systems
        Ids of hosts, electrolytes, species, salts or auxiliary systems.
    location, refs
        Where the review makes it.
    basis
        What the review rests it on.
    cost_tier
        ``trivial`` analytic, ``light`` minutes, ``medium`` hours, ``heavy`` long runs.
    test
        How to test it.
    caveat
        What would make the test unfair.
    priority
        True for the claims to test first.
    directed
        False where the review states no sign or order ("test and report"): such a claim
        is reported and never agrees or disagrees.
    """

    id: Id
    kind: ClaimKind
    statement: Text
    quantity: Text
    expected: Expected
    tolerance: Text
    systems: tuple[Id, ...] = Field(min_length=1)
    location: Text
    refs: tuple[Reference, ...] = ()
    basis: ClaimBasis
    cost_tier: CostTier
    test: Text
    caveat: str = ""
    priority: bool = False
    directed: bool = True


class AuxiliarySystem(Entry):
    """A system that claims need and that is no host, electrolyte or species."""

    id: Id
    name: Text
    note: str = ""


class Misprint(Entry):
    """A contradiction, misprint or gap in the review.

    Attributes
    ----------
    id
        Unique.
    location
        Where.
    what
        What is wrong.
    """

    id: Id
    location: Text
    what: Text


class Equation(Entry):
    """An equation of the review, as printed, with its correct forms.

    Attributes
    ----------
    id, title, location
        Which one.
    as_printed
        Transcribed.
    symbols
        Symbol to unit or meaning.
    dimension_check
        Whether the units work out.
    verdict
        What is right and wrong about it.
    derived_forms
        General and rearranged forms.
    worked_example
        Inputs and results in SI units (the unit is in the name), for tests.
    """

    id: Id
    title: Text
    location: Text
    as_printed: Text
    symbols: dict[str, str]
    dimension_check: Text
    verdict: Text
    derived_forms: tuple[str, ...]
    worked_example: dict[str, float]


class ClaimsFile(Entry):
    """Everything in ``claims.yaml``."""

    claims: tuple[Claim, ...]
    auxiliary_systems: tuple[AuxiliarySystem, ...]
    equations: tuple[Equation, ...]
    misprints: tuple[Misprint, ...]

    @model_validator(mode="after")
    def _all_equations(self) -> ClaimsFile:
        names = [equation.id for equation in self.equations]
        if names != ["eq1", "eq2", "eq3", "eq4"]:
            raise ValueError(f"the equations have to be eq1 to eq4, not {', '.join(names)}")
        return self
