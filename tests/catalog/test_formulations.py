"""Amounts and formulations that cannot be are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from potash.catalog.formulations import Amount, Component, Formulation, Phase

SALT = {"species": "kfsi", "role": "salt", "amount": {"value": 1, "unit": "mol/L"}}
REST = {"species": "dme", "role": "solvent", "amount": {"unit": "balance"}}


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ({"value": -1, "unit": "mol/L"}, r"-1 mol/L is impossible; it must be > 0"),
        ({"value": 0, "unit": "mol/kg"}, r"must be > 0"),
        ({"unit": "mol/L"}, "needs a 'value'"),
        ({"value": 1, "unit": "balance"}, "has no value"),
        ({"value": 101, "unit": "wt_percent"}, "more than 100 %"),
        ({"value": 1, "unit": "mol/L", "of": "tte"}, "'of' belongs to a percentage"),
        ({"value": 1, "unit": "molar"}, "mol/L"),
        ({"value": float("inf"), "unit": "mol/L"}, "finite"),
    ],
)
def test_impossible_amounts(amount: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Amount.model_validate(amount)


@given(st.floats(max_value=0, allow_nan=False))
def test_no_amount_that_is_not_positive(value: float) -> None:
    with pytest.raises(ValidationError):
        Amount(value=value, unit="molar_ratio")


@pytest.mark.parametrize(
    ("components", "words"),
    [
        ([], "at least one component"),
        ([SALT, REST, SALT], "'kfsi' is listed twice"),
        ([REST, {**REST, "species": "ec"}], "only one component can be 'balance'"),
        ([SALT, {**REST, "amount": {"unit": "pure"}}], "cannot have other components"),
        (
            [{**SALT, "amount": {"value": 3, "unit": "wt_percent", "of": "tte"}}, REST],
            "'of: tte' is not another component",
        ),
        (
            [
                {**SALT, "amount": {"value": 60, "unit": "wt_percent"}},
                {**REST, "amount": {"value": 50, "unit": "wt_percent"}},
            ],
            "add up to 110",
        ),
    ],
)
def test_impossible_formulations(components: list[dict[str, object]], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Formulation.model_validate({"id": "x", "name": "x", "components": components})


def test_assumptions_are_spelled_out() -> None:
    unknown = Amount(unit="unspecified", as_printed="not given")
    component = Component(
        species="kfsi", role="salt", amount=unknown, assumed=Amount(value=1, unit="mol/L")
    )
    formulation = Formulation(
        id="x",
        name="x",
        components=(component, Component(species="dme", role="solvent", amount=unknown)),
    )
    assert component.used.value == 1
    assert formulation.open_amounts == ("dme",)
    assert formulation.assumptions == ("kfsi: 1 mol/L assumed, the source says 'not given'",)
    with pytest.raises(ValidationError, match="definite"):
        Component(species="a", role="salt", amount=unknown, assumed=unknown)


def test_phase_needs_a_formula() -> None:
    with pytest.raises(ValidationError):
        Phase(formula="")


def test_an_assumed_unit_is_not_told_as_an_assumed_amount() -> None:
    """The source prints 1:1.7 and not of what; the numbers are its own."""
    components = tuple(
        Component(
            species=name,
            role=role,
            amount=Amount(value=value, unit="ratio", as_printed=f"{value:g}"),
            assumed=Amount(value=value, unit="molar_ratio"),
        )
        for name, role, value in (("kfsi", "salt", 1.0), ("tmp", "solvent", 1.7))
    )
    formulation = Formulation(id="x", name="x", components=components)
    assert formulation.assumed_amounts == (
        "kfsi 1, tmp 1.7 taken as molar ratio: the source does not say of what kind its ratio is",
    )


def test_what_is_our_choice_says_what_the_source_says() -> None:
    unknown = Amount(unit="unspecified", as_printed="not given")
    components = (
        Component(
            species="ec",
            role="solvent",
            amount=unknown,
            assumed=Amount(value=1, unit="volume_ratio"),
        ),
        Component(
            species="dec",
            role="solvent",
            amount=unknown,
            assumed=Amount(value=1, unit="volume_ratio"),
        ),
        Component(
            species="kfsi",
            role="salt",
            amount=Amount(value=1.5, unit="mol/L", as_printed="1.5 M (before mixing)"),
            assumed=Amount(value=0.75, unit="mol/L"),
        ),
    )
    formulation = Formulation(id="x", name="x", components=components)
    assert formulation.assumed_amounts == (
        "ec 1 volume ratio, dec 1 volume ratio assumed: the source gives no amount",
        "kfsi 0.75 mol/L assumed: the source says '1.5 M (before mixing)'",
    )
