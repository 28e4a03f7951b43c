"""Read YAML files into typed models, with errors that point at file, line, entry and field.

The first thing wrong becomes one :class:`~potash.errors.InputError` line.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic_core import ErrorDetails

from potash.catalog.yaml_text import CoreLoader, load_shipped, load_yaml, read_text, shown
from potash.errors import InputError
from potash.spelling import nearest

M = TypeVar("M", bound=BaseModel)
Location = tuple[str | int, ...]


def _line(text: str, where: Location) -> int:
    """Return the 1-based line of the value at ``where`` (its key, for a mapping)."""
    node = yaml.compose(text, CoreLoader)
    line = node.start_mark.line if node is not None else 0
    for step in where:
        if isinstance(node, yaml.MappingNode):
            pairs = {key.value: (key, value) for key, value in node.value}
            if str(step) not in pairs:
                continue  # a union tag or a missing key: stay at the parent
            key, node = pairs[str(step)]
            line = key.start_mark.line
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            if not 0 <= step < len(node.value):
                break
            node = node.value[step]
            line = node.start_mark.line
    return line + 1


def _spelled(data: Any, where: Location) -> str:
    """Spell a location as ``hosts/graphene/models``: entries by id where they have one."""
    words: list[str] = []
    for number, step in enumerate(where):
        if isinstance(data, Mapping):
            if step in data:
                data = data[step]
            elif number < len(where) - 1:
                continue  # a union tag, not a key of the file
            words.append(str(step))
        elif isinstance(data, Sequence) and not isinstance(data, str) and isinstance(step, int):
            data = data[step] if step < len(data) else None
            name = data.get("id") if isinstance(data, Mapping) else None
            words.append(name if isinstance(name, str) and name else f"[{step}]")
    return "/".join(words).replace("/[", "[")


def _members(annotation: Any) -> list[Any]:
    """Return the alternatives of an annotation, without Annotated and None."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        return [m for a in get_args(annotation) for m in _members(a) if m is not type(None)]
    return [annotation]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _tags(model: type[BaseModel]) -> set[Any]:
    """Return every literal value that can discriminate ``model``, and its name."""
    values: set[Any] = {model.__name__}
    for info in model.model_fields.values():
        if get_origin(info.annotation) is Literal:
            values.update(get_args(info.annotation))
    return values


def _allowed_keys(model: type[BaseModel], where: Location) -> list[str]:
    """Return the keys allowed in the mapping that holds the last step of ``where``."""
    options: list[Any] = [model]
    for step in where[:-1]:
        found: list[Any] = []
        for option in options:
            if _is_model(option):
                named = {(i.alias or n): i.annotation for n, i in option.model_fields.items()}
                if step in named:
                    found += _members(named[step])
            elif get_origin(option) in (list, tuple, Sequence) or (
                isinstance(get_origin(option), type) and issubclass(get_origin(option), Sequence)
            ):
                found += _members(get_args(option)[0])
            elif get_args(option):
                found += _members(get_args(option)[-1])
        if not found:  # the step is the tag of a union: keep the member it names
            found = [o for o in options if _is_model(o) and step in _tags(o)]
        options = found
    keys: list[str] = []
    for option in options:
        if _is_model(option):
            keys += [i.alias or n for n, i in option.model_fields.items()]
    return sorted(set(keys))


def _value(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _explained(error: ErrorDetails, model: type[BaseModel]) -> tuple[Location, str]:
    """Return where a validation error belongs and one line that says what would be right."""
    where: Location = tuple(error["loc"])
    kind, value, context = error["type"], error.get("input"), error.get("ctx", {})
    if kind == "extra_forbidden":
        allowed = _allowed_keys(model, where)
        key = str(where[-1])
        return where, f"unknown key {key!r}{nearest(key, allowed)} (allowed: {', '.join(allowed)})"
    if kind == "missing":
        return where[:-1], f"the key {where[-1]!r} is missing"
    if kind == "union_tag_not_found":
        return where, f"the key {str(context.get('discriminator')).strip(chr(39))!r} is missing"
    if kind == "union_tag_invalid":
        tags = re.findall(r"'([^']*)'", str(context.get("expected_tags", "")))
        tag = str(context.get("tag"))
        return where, f"{tag!r} is not one of {', '.join(tags)}{nearest(tag, tags)}"
    if kind in ("literal_error", "enum"):
        options = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        near = nearest(value, options) if isinstance(value, str) else ""
        return where, f"{_value(value)} is not one of {', '.join(options)}{near}"
    message = error["msg"].removeprefix("Value error, ")
    if kind in ("value_error", "assertion_error"):
        return where, message
    return where, f"{_value(value)}: {message[:1].lower()}{message[1:]}"


def _refuse_repeated_ids(path: Path, data: Any, where: Location = ()) -> None:
    """Refuse two entries with one id in the same list."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            _refuse_repeated_ids(path, value, (*where, key))
    elif isinstance(data, list) and data and isinstance(data[0], Mapping) and "id" in data[0]:
        first: dict[Any, int] = {}
        for number, entry in enumerate(data):
            name = entry.get("id") if isinstance(entry, Mapping) else None
            if not isinstance(name, str):
                continue
            if name in first:
                text = read_text(path)
                raise InputError(
                    f"the id {name!r} is already used on line "
                    f"{_line(text, (*where, first[name]))}; ids must be unique",
                    source=f"{shown(path)}:{_line(text, (*where, number))}",
                    field="/".join(str(step) for step in where),
                )
            first[name] = number


def load_model(path: Path, model: type[M], *, shipped: bool = False) -> M:
    """Read a YAML file into one typed model.

    The model is validated with the context ``{"folder": path.parent}``, so that
    a validator can resolve file names relative to the file that names them.

    Parameters
    ----------
    path
        The YAML file; its top level is a mapping.
    model
        Pydantic model of the whole file.
    shipped
        Whether the file comes with Potash.

    Raises
    ------
    InputError
        Malformed YAML, repeated key or id, unknown key, wrong value: one line,
        ``source`` is ``file:line`` and ``field`` the entry and field.
    """
    data = load_shipped(path) if shipped else load_yaml(path)
    if not isinstance(data, Mapping):
        keys = ", ".join(i.alias or n for n, i in model.model_fields.items())
        raise InputError(f"should be a mapping with the keys {keys}", source=shown(path))
    _refuse_repeated_ids(path, data)
    try:
        return model.model_validate(data, context={"folder": path.parent})
    except ValidationError as error:
        raise input_error(error, model, data, path=path) from None


def error_at(path: Path, where: Location, message: str) -> InputError:
    """Return an error about the value at ``where`` in a file that has been read already.

    Parameters
    ----------
    path
        The YAML file.
    where
        Keys and list indices from the top, such as ``("salts", 2, "anion")``.
    message
        What is wrong and what would be right.
    """
    return InputError(
        message,
        source=f"{shown(path)}:{_line(read_text(path), where)}",
        field=_spelled(load_yaml(path), where),
    )


def input_error(
    error: ValidationError, model: type[BaseModel], data: Any, *, path: Path | None = None
) -> InputError:
    """Turn a pydantic error into one line: its first error, and how many more there are.

    Parameters
    ----------
    error
        What pydantic raised.
    model
        The model that was being validated (for the list of allowed keys).
    data
        The plain data that was validated (for the ids of entries).
    path
        The file it came from; without it the message has no line.
    """
    errors = error.errors(include_url=False)
    # An unknown key explains best: a misspelt key also shows up as a missing one.
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    where, message = _explained(first, model)
    more = len(errors) - 1
    if more:
        message += f" (and {more} more {'errors' if more > 1 else 'error'} in this file)"
    source = f"{shown(path)}:{_line(read_text(path), where)}" if path else ""
    return InputError(message, source=source, field=_spelled(data, where))


def load_entries(
    path: Path, list_key: str, model: type[M], *, shipped: bool = False
) -> tuple[M, ...]:
    """Read a YAML file that holds one list of entries under ``list_key``.

    Parameters
    ----------
    path
        The YAML file, such as ``hosts.yaml`` with the single key ``hosts``.
    list_key
        Name of the list.
    model
        Pydantic model of one entry.
    shipped
        Whether the file comes with Potash.

    Returns
    -------
    tuple of model
        In the order of the file.

    Raises
    ------
    InputError
        As :func:`load_model`.
    """
    fields: dict[str, Any] = {list_key: (tuple[model, ...], ...)}  # type: ignore[valid-type]
    whole = create_model(
        f"{model.__name__}File", __config__=ConfigDict(extra="forbid", frozen=True), **fields
    )
    entries: tuple[M, ...] = getattr(load_model(path, whole, shipped=shipped), list_key)
    return entries
