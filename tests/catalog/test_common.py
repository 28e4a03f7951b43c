"""Ids, references, DOIs and the frozen base."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from potash.catalog.common import Named, Quantity, Source


@pytest.mark.parametrize("name", ["", "A", "a-b", "a b", "_a", "a_", "a__b", "é", "a.b"])
def test_ids_are_snake_case(name: str) -> None:
    with pytest.raises(ValidationError, match="snake_case"):
        Named(id=name, name="x")


@given(st.from_regex(r"[a-z0-9]+(_[a-z0-9]+)*", fullmatch=True))
def test_any_snake_case_id_is_accepted(name: str) -> None:
    assert Named(id=name, name="x").id == name


@pytest.mark.parametrize("ref", [0, 311, -1])
def test_references_are_those_of_the_review(ref: int) -> None:
    with pytest.raises(ValidationError):
        Named(id="a", name="x", refs=(ref,))


def test_entries_are_frozen() -> None:
    entry = Named(id="a", name="x")
    with pytest.raises(ValidationError, match="frozen"):
        entry.name = "y"  # type: ignore[misc]


def test_no_nan_in_quantities() -> None:
    fields = {"quantity": "q", "origin": "experiment", "location": "l", "ref": 1}
    assert Quantity.model_validate({**fields, "value": "1-2"}).value == "1-2"
    assert Quantity.model_validate({**fields, "value": 3}).value == 3
    with pytest.raises(ValidationError):
        Quantity.model_validate({**fields, "value": float("nan")})


def test_doi_is_an_identifier_not_an_address() -> None:
    assert Source(citation="x", doi="10.1039/d4cs00845f").doi == "10.1039/d4cs00845f"
    with pytest.raises(ValidationError, match="not a DOI"):
        Source(citation="x", doi="https://doi.org/10.1039/d4cs00845f")
