"""YAML text to plain data: 1.2 core rules, repeated keys refused, errors with file and line.

``no`` is a word, ``1e-3`` is a number, dates stay text.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import yaml

from potash.errors import InputError
from potash.kept import beside, cache_folder, forget_oldest

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML built without libyaml: slower, same result
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]


class CoreLoader(_SafeLoader):
    """Safe loader with YAML 1.2 core scalars that refuses repeated keys."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own protocol

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping whose keys are all different."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode):
                continue  # PyYAML says what is wrong with it
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


CoreLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
CoreLoader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)
CoreLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")
)
CoreLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+.0123456789"),
)


DEEPEST = 60
"""Levels of nesting that a file may have; ours have eight."""
MOST_VALUES = 1_000_000
"""Values that a file may stand for when every alias is written out."""


def shown(path: Path) -> str:
    """Return the path as the user would type it: relative where that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        text = str(path)
        return text if len(text) <= 200 else f"{text[:60]}...{text[-40:]}"


def is_folder(path: Path) -> bool:
    """Return whether there is a folder of this name.

    Raises
    ------
    InputError
        If the system takes no such name (too long, or with a NUL).
    """
    try:
        return path.is_dir()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be read: {reason}", source=shown(path)) from None


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, or raise :class:`InputError` with what is wrong."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError("there is no such file", source=shown(path)) from None
    except IsADirectoryError:
        raise InputError("is a folder, not a file", source=shown(path)) from None
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 text (byte {error.start})", source=shown(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be read: {reason}", source=shown(path)) from None


def _check_shape(text: str) -> None:
    """Refuse text that is nested too deeply, or that anchors and aliases make endless or huge.

    The parser's events come one by one, without recursion; composing nodes from text nested
    100,000 deep ends the process with a signal, and an alias inside its own anchor never ends.

    Raises
    ------
    yaml.MarkedYAMLError
        With the place.
    """
    sizes: dict[str, int] = {}
    stack: list[tuple[str | None, int]] = []  # anchor and number of values of each open node
    total = 0
    for event in yaml.parse(text, CoreLoader):
        added = 1
        if isinstance(event, yaml.CollectionStartEvent):
            stack.append((event.anchor, 0))
            if len(stack) > DEEPEST:
                raise _odd(f"nested deeper than {DEEPEST} levels", event)
            continue
        if isinstance(event, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _ in stack):
                raise _odd(f"the alias *{event.anchor} stands inside its own anchor", event)
            added = sizes.get(str(event.anchor), 1)
        elif isinstance(event, yaml.ScalarEvent):
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, added = stack.pop()
            added += 1
            if anchor:
                sizes[anchor] = added
        else:
            continue
        if stack:
            stack[-1] = (stack[-1][0], stack[-1][1] + added)
            total = stack[-1][1]
        if total > MOST_VALUES:
            raise _odd(f"its aliases stand for more than {MOST_VALUES} values", event)


def _odd(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


def load_yaml(path: Path, *, ours: bool = False) -> Any:
    """Return the plain data in a YAML file.

    Parameters
    ----------
    path
        The file, UTF-8.
    ours
        Whether it comes with Potash: then nobody meant harm.

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
    text = read_text(path)
    try:
        if not ours:
            _check_shape(text)
        return yaml.load(text, CoreLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        problem = error.problem or error.context or "unreadable"
        prefix = "" if isinstance(error, yaml.constructor.ConstructorError) else "not valid YAML: "
        raise InputError(f"{prefix}{problem}", source=f"{shown(path)}{line}") from None
    except yaml.YAMLError as error:
        raise InputError(f"not valid YAML: {error}", source=shown(path)) from None
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise InputError(f"not valid YAML: {error}", source=shown(path)) from None


_MOST_KEPT = 32


def load_shipped(path: Path) -> Any:
    """Return the plain data in a YAML file that comes with Potash.

    Reading YAML takes longer than all else that a catalogue needs, so the data is kept as JSON in
    the user's cache folder, under the hash of the file and of this module; whoever reads it
    validates it all the same. A file of ours is not looked through for endless aliases.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return load_yaml(path)  # says what is wrong
    folder = cache_folder()
    digest = hashlib.sha256(Path(__file__).read_bytes() + b"\0" + content)
    file = None if folder is None else folder / f"catalogue-{digest.hexdigest()[:40]}.json"
    if file is not None:
        with contextlib.suppress(OSError, ValueError):
            return json.loads(file.read_text(encoding="utf-8"))
    data = load_yaml(path, ours=True)
    if file is not None and folder is not None:
        with contextlib.suppress(OSError, ValueError, TypeError):
            text = json.dumps(data, ensure_ascii=False, allow_nan=False)
            if json.loads(text) == data:
                with beside(file) as part:
                    part.write_text(text, encoding="utf-8")
                    part.replace(file)
                forget_oldest(folder, "catalogue-*.json", _MOST_KEPT)
    return data
