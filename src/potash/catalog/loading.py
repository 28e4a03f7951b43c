"""Read YAML files into typed models, with errors that point at file, line, entry and field.

YAML is read with the 1.2 core rules (``no`` is a word, ``1e-3`` is a number,
dates stay text), a repeated key is refused instead of silently overwriting,
and the first thing wrong becomes one :class:`~potash.errors.InputError` line.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic_core import ErrorDetails

from potash.errors import InputError

M = TypeVar("M", bound=BaseModel)
Location = tuple[str | int, ...]

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML built without libyaml: slower, same result
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]


class _Loader(_SafeLoader):
    """Safe loader with YAML 1.2 core scalars that refuses repeated keys."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own protocol

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = key_node.value
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+.0123456789"),
)


def _shown(path: Path) -> str:
    """Return the path as the user would type it: relative where that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError("there is no such file", source=_shown(path)) from None
    except IsADirectoryError:
        raise InputError("is a folder, not a file", source=_shown(path)) from None
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 text (byte {error.start})", source=_shown(path)) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=_shown(path)) from None


def load_yaml(path: Path) -> Any:
    """Return the plain data in a YAML file.

    Parameters
    ----------
    path
        The file, UTF-8.

    Returns
    -------
    dict, list, str, int, float, bool or None
        What the file holds; an empty file gives None.

    Raises
    ------
    InputError
        If the file cannot be read, is malformed or repeats a key; ``source``
        is ``file:line``.
    """
    text = _read_text(path)
    try:
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        problem = error.problem or error.context or "unreadable"
        prefix = "" if isinstance(error, yaml.constructor.ConstructorError) else "not valid YAML: "
        raise InputError(f"{prefix}{problem}", source=f"{_shown(path)}{line}") from None
    except yaml.YAMLError as error:
        raise InputError(f"not valid YAML: {error}", source=_shown(path)) from None
    except (ValueError, TypeError) as error:
        raise InputError(f"not valid YAML: {error}", source=_shown(path)) from None


def nearest_word(word: str, allowed: Sequence[str]) -> str | None:
    """Return the allowed word that is most like ``word`` apart from case, or None."""
    by_lower = {a.lower(): a for a in reversed(allowed)}
    match = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[match[0]] if match else None


def nearest(word: str, allowed: Sequence[str]) -> str:
    """Return ``"; did you mean 'x'?"``, or nothing if no allowed word is close."""
    match = nearest_word(word, allowed)
    return f"; did you mean {match!r}?" if match else ""


def _line(text: str, where: Location) -> int:
    """Return the 1-based line of the value at ``where`` (its key, for a mapping)."""
    node = yaml.compose(text, _Loader)
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
                text = _read_text(path)
                raise InputError(
                    f"the id {name!r} is already used on line "
                    f"{_line(text, (*where, first[name]))}; ids must be unique",
                    source=f"{_shown(path)}:{_line(text, (*where, number))}",
                    field="/".join(str(step) for step in where),
                )
            first[name] = number


def load_model(path: Path, model: type[M]) -> M:
    """Read a YAML file into one typed model.

    The model is validated with the context ``{"folder": path.parent}``, so that
    a validator can resolve file names relative to the file that names them.

    Parameters
    ----------
    path
        The YAML file; its top level is a mapping.
    model
        Pydantic model of the whole file.

    Raises
    ------
    InputError
        Malformed YAML, repeated key or id, unknown key, wrong value: one line,
        ``source`` is ``file:line`` and ``field`` the entry and field.
    """
    data = load_yaml(path)
    if not isinstance(data, Mapping):
        keys = ", ".join(i.alias or n for n, i in model.model_fields.items())
        raise InputError(f"should be a mapping with the keys {keys}", source=_shown(path))
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
        source=f"{_shown(path)}:{_line(_read_text(path), where)}",
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
    source = f"{_shown(path)}:{_line(_read_text(path), where)}" if path else ""
    return InputError(message, source=source, field=_spelled(data, where))


def load_entries(path: Path, list_key: str, model: type[M]) -> tuple[M, ...]:
    """Read a YAML file that holds one list of entries under ``list_key``.

    Parameters
    ----------
    path
        The YAML file, such as ``hosts.yaml`` with the single key ``hosts``.
    list_key
        Name of the list.
    model
        Pydantic model of one entry.

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
    entries: tuple[M, ...] = getattr(load_model(path, whole), list_key)
    return entries
