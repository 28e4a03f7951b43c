"""What every catalogue entry is made of: the frozen base, ids, references, sources, quantities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from potash.errors import InputError

Origin = Literal["experiment", "computed_in_source", "unspecified"]


class Entry(BaseModel):
    """Base of all catalogue models: immutable, no unknown keys, no NaN or infinity."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        str_strip_whitespace=True,
        defer_build=True,  # a command validates few of the models that it imports
    )


def _checked_id(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(?:_[a-z0-9]+)*", text):
        raise ValueError(
            f"{text!r} is not a valid id; write it in snake_case (lower-case letters, digits, "
            "single underscores), such as 'kfsi_dme_1m'"
        )
    return text


def _checked_doi(text: str) -> str:
    if not re.fullmatch(r"10\.\d{4,9}/\S+", text):
        raise ValueError(f"{text!r} is not a DOI; it should look like 10.1039/d4cs00845f")
    return text


Id = Annotated[str, AfterValidator(_checked_id)]
"""Name of an entry, in snake_case."""

Text = Annotated[str, Field(min_length=1)]
"""Text that is not empty."""

Reference = Annotated[int, Field(ge=1, le=310)]
"""Reference number in Chem. Soc. Rev. 2025, 54, 2543 (it has 310)."""

Doi = Annotated[str, AfterValidator(_checked_doi)]
"""Digital object identifier, without the resolver's address."""


@contextmanager
def as_value_error() -> Iterator[None]:
    """Turn an InputError into the ValueError that pydantic's validators report.

    The loader then adds file, line and entry, which the inner error does not know.
    """
    try:
        yield
    except InputError as error:
        raise ValueError(error.message) from None


class Source(Entry):
    """Where a structure, parameter or number is from.

    Attributes
    ----------
    citation
        Who and where, in words, such as ``R. W. G. Wyckoff, Crystal Structures 1 (1963)``.
    doi
        Only where it is certain.
    supports
        What this source stands for, such as ``lattice constant``.
    verified
        Whether the source itself was read; False means recalled, and such a
        value is no test bar.
    """

    citation: Text
    doi: Doi | None = None
    supports: str = ""
    verified: bool = False


class Quantity(Entry):
    """A number that the review states.

    Attributes
    ----------
    quantity
        What was measured or computed.
    value
        The number; text where the source prints a range or words.
    unit
        As printed; ``""`` for none.
    comparator
        ``>``, ``<``, ... where the source gives a bound.
    conditions
        At what current, capacity, temperature, cell, ...
    origin
        ``experiment``, ``computed_in_source`` or ``unspecified``.
    origin_basis
        How the origin was decided, where the source does not say it.
    location
        Section, figure or table of the review.
    ref
        Number of the cited work.
    """

    quantity: Text
    value: float | str
    unit: str = ""
    comparator: str | None = None
    conditions: str = ""
    origin: Origin
    origin_basis: str = ""
    location: Text
    ref: Reference


class Named(Entry):
    """An entry with an id and a name, and where the review speaks of it.

    Attributes
    ----------
    id
        Unique within the catalogue.
    name
        For people to read.
    abbreviations
        Other names and labels, as printed.
    where
        Sections, figures and tables of the review; empty for a user's own entry.
    refs
        Reference numbers of the review.
    """

    id: Id
    name: Text
    abbreviations: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    refs: tuple[Reference, ...] = ()
