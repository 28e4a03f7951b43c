"""Base of the typed inputs and values of every kind of calculation.

Each kind has one module in this room with two frozen models: ``<Kind>Inputs``,
everything that determines a result, and ``<Kind>Values``, what it gave. Producers
build them, readers get them from a row (:meth:`potash.store.rows.Row.read`), so
that a name or unit that changes is found by the type checker and not by a user.

What may be absent is ``None`` by default and left out of the plain form; a field
without a default is always written, also where it is ``None``. So the plain form
(and with it the key of a calculation) depends on the values alone and not on how
the model was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from potash.errors import InputError

Fingerprint = Mapping[str, Any]
"""Everything that determines a number at a level of theory; its engine reads it, nobody else."""


class Record(BaseModel):
    """Frozen data without unknown keys and without NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    _left_out: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls._left_out = frozenset(
            name
            for name, field in cls.model_fields.items()
            if not field.is_required() and field.default is None
        )

    @model_serializer(mode="wrap")
    def _without_absent(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = plain(self)
        for name in self._left_out:
            if data[name] is None:
                del data[name]
        return data

    def plain(self) -> dict[str, Any]:
        """Return the record as JSON data, without what is absent."""
        return self.model_dump(mode="json")


class Inputs(Record):
    """What determines a result; its plain form enters the key."""

    KIND: ClassVar[str]
    """Kind of calculation that takes these inputs."""


class Values(Record):
    """What a calculation gave."""

    KIND: ClassVar[str]
    """Kind of calculation that gives these values."""


class Needs(Record):
    """Values of the rows that a calculation is computed from; the fields are their roles."""


class NoNeeds(Needs):
    """Of calculations that start from nothing."""


InputsT = TypeVar("InputsT", bound=Inputs)
NeedsT = TypeVar("NeedsT", bound=Needs)
ValuesT = TypeVar("ValuesT", bound=Values)


@dataclass(frozen=True)
class Models(Generic[InputsT, NeedsT, ValuesT]):
    """Types of one kind of calculation.

    Attributes
    ----------
    inputs, needs, values
        What determines it, what it is computed from, and what it gives.
    main
        Name of the value that a line about a row shows.
    """

    inputs: type[InputsT]
    needs: type[NeedsT]
    values: type[ValuesT]
    main: str

    @property
    def kind(self) -> str:
        """Name of the kind."""
        return self.inputs.KIND


R = TypeVar("R", bound=BaseModel)


def record_from(model: type[R], data: Mapping[str, Any] | str, *, source: str) -> R:
    """Return plain data, or its JSON, as a typed record.

    Parameters
    ----------
    model
        Type of the record.
    data
        As :meth:`Record.plain` gives it.
    source
        Where the data are from, for the error.

    Raises
    ------
    InputError
        If the data do not fit; it names source, field, value and what is wrong.
    """
    try:
        if isinstance(data, str):
            return model.model_validate_json(data)
        return model.model_validate(data)
    except ValidationError as error:
        field, message = first_of(error)
        raise InputError(message, source=source, field=field) from None


def first_of(error: ValidationError) -> tuple[str, str]:
    """Return field and message, with the value, of the first thing that is wrong in a record."""
    first = error.errors(include_url=False)[0]
    given = "" if first["type"] == "missing" else f", not {repr(first['input'])[:60]}"
    more = error.error_count() - 1
    message = f"{first['msg']}{given}" + (f" (and {more} more)" if more else "")
    return ".".join(str(part) for part in first["loc"]), message
