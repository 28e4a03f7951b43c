"""YAML text to plain data: 1.2 core rules, repeated keys refused, errors with file and line.

``no`` is a word, ``1e-3`` is a number, dates stay text.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from potash.errors import InputError

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


def shown(path: Path) -> str:
    """Return the path as the user would type it: relative where that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


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
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=shown(path)) from None


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
    text = read_text(path)
    try:
        return yaml.load(text, CoreLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        problem = error.problem or error.context or "unreadable"
        prefix = "" if isinstance(error, yaml.constructor.ConstructorError) else "not valid YAML: "
        raise InputError(f"{prefix}{problem}", source=f"{shown(path)}{line}") from None
    except yaml.YAMLError as error:
        raise InputError(f"not valid YAML: {error}", source=shown(path)) from None
    except (ValueError, TypeError) as error:
        raise InputError(f"not valid YAML: {error}", source=shown(path)) from None
