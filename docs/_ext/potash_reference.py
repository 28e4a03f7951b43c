"""Reference pages written from the code: rooms, command line, campaign file, rows.

They are made when Sphinx starts, below ``docs/reference/generated`` (which git ignores), so
that they say what the code says.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer

import potash

NOT_IMPORTABLE = frozenset({"potash.__main__", "potash.engines.gpaw_driver"})
"""Modules that do something when they are imported, or need what is not installed."""

_MANY = 4
"""A type of more alternatives than these is described by the module that holds them."""


def pages() -> dict[str, str]:
    """Return the name of every generated page with its text."""
    made = {f"rooms/{name}": text for name, text in room_pages().items()}
    made["rooms/index"] = _room_index(made)
    return made | {"cli": cli_page(), "campaign": campaign_page(), "rows": rows_page()}


# ---------------------------------------------------------------- pieces of reStructuredText


def _title(text: str, line: str = "=") -> str:
    return f"{text}\n{line * len(text)}\n"


def _indented(text: str, by: int) -> str:
    return "\n".join((" " * by + line).rstrip() for line in text.splitlines())


def _table(headings: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]]) -> str:
    lines = [
        ".. list-table::",
        "   :header-rows: 1",
        "   :class: potash-fields",
        f"   :widths: {' '.join(map(str, widths))}",
        "",
    ]
    for row in (headings, *rows):
        for number, cell in enumerate(row):
            lead = "   * - " if number == 0 else "     - "
            lines.append(lead + _indented(cell or " ", 7).lstrip())
    return "\n".join(lines) + "\n"


# ---------------------------------------------------------------- rooms


def room_pages() -> dict[str, str]:
    """Return a page for each room of the package, and one for its loose modules."""
    made, loose = {}, []
    for module in pkgutil.iter_modules(potash.__path__, "potash."):
        if module.ispkg:
            name = module.name.removeprefix("potash.")
            members = sorted(_modules(module.name))
            made[name] = _room_page(name, [module.name, *members])
        elif module.name not in NOT_IMPORTABLE:
            loose.append(module.name)
    made["small"] = _title("Small modules") + _automodules(loose)
    return made


def _modules(package: str) -> Iterator[str]:
    path = importlib.import_module(package).__path__
    for module in pkgutil.walk_packages(path, f"{package}."):
        if module.name not in NOT_IMPORTABLE:
            # Imported here: inside autodoc Prefect's models cannot be built.
            importlib.import_module(module.name)
            yield module.name


def _room_page(name: str, modules: Sequence[str]) -> str:
    if name == "api":
        return _title(name) + "\nEverything in it is on the page :doc:`/reference/python`.\n"
    head = f".. automodule:: {modules[0]}\n   :no-members:\n"
    return _title(name) + "\n" + head + "\n" + _automodules(modules[1:])


def _automodules(modules: Iterable[str]) -> str:
    parts = []
    for name in modules:
        short = name.removeprefix("potash.")
        parts.append(f"{_title(short, '-')}\n.. automodule:: {name}\n")
    return "\n".join(parts)


def _room_index(made: Mapping[str, str]) -> str:
    names = sorted(name.removeprefix("rooms/") for name in made)
    rows = [(f":doc:`{name}`", _first_line(name)) for name in names if name != "small"]
    toctree = ".. toctree::\n   :hidden:\n\n" + "".join(f"   {name}\n" for name in names)
    return (
        _title("All rooms")
        + "\nEvery public name of the package, room by room. A module imports only from the"
        + " floors below its own; most users need :doc:`/reference/python` only.\n\n"
        + _table(("room", "holds"), (20, 80), [*rows, (":doc:`small`", "units, errors, names")])
        + "\n"
        + toctree
    )


def _first_line(room: str) -> str:
    text = importlib.import_module(f"potash.{room}").__doc__ or ""
    return text.strip().splitlines()[0].rstrip(".") if text.strip() else ""


# ---------------------------------------------------------------- command line


def cli_page() -> str:
    """Return the page of the command line, from the commands themselves."""
    from typer.main import get_command

    from potash.cli import app

    group = get_command(app)
    assert isinstance(group, click.Group) or hasattr(group, "list_commands")
    context = click.Context(group, info_name="potash")  # type: ignore[arg-type]
    parts = [
        _title("Command line"),
        "Every command has ``--help``. Exit codes: 0 done (also where rows are refused or "
        "anomalous), 1 some calculations failed, 2 bad input. Standard output carries the "
        "result, standard error the messages.\n",
    ]
    for name in group.list_commands(context):  # type: ignore[attr-defined]
        command = group.get_command(context, name)  # type: ignore[attr-defined]
        assert command is not None
        inner = getattr(command, "commands", {})
        parts += [_command(f"{name} {n}", c, context) for n, c in inner.items()]
        parts += [] if inner else [_command(name, command, context)]
    return "\n".join(parts)


def _command(name: str, command: Any, parent: Any) -> str:
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join(command.collect_usage_pieces(context))
    text, _, example = (command.help or "").partition("Example:")
    rows = [_parameter(p, context) for p in command.params if p.name != "help"]
    parts = [
        _title(f"potash {name}", "-"),
        " ".join(text.split()).replace("\b", "\n") + "\n",
        f".. code-block:: console\n\n   $ potash {name} {usage}\n",
    ]
    if rows:
        parts.append(_table(("name", "default", "meaning"), (30, 15, 55), rows))
    if example.strip():
        lines = [line.strip() for line in example.strip().splitlines() if line.strip()]
        shown = "\n".join(f"   $ {line}" for line in lines)
        parts.append(f"Example:\n\n.. code-block:: console\n\n{shown}\n")
    return "\n".join(parts)


def _parameter(parameter: Any, context: Any) -> tuple[str, str, str]:
    if parameter.param_type_name == "argument":
        name = f"``{parameter.make_metavar(context)}``"
    else:
        options = ", ".join((*parameter.opts, *parameter.secondary_opts))
        kind = "" if parameter.is_flag else f" {parameter.make_metavar(context)}"
        name = f"``{options}{kind}``"
    default = parameter.default
    if parameter.required or default in (None, False, (), "") or callable(default):
        shown = "required" if parameter.required else ""
    else:
        shown = f"``{getattr(default, 'value', default)}``"
    return name, shown, _plain_text(getattr(parameter, "help", "") or "")


def _plain_text(text: str) -> str:
    """Escape what reStructuredText would take for markup in plain help texts."""
    return re.sub(r"([*`|_]+)(?=\s|$|[.,;:'\")])", lambda m: "\\" + "\\".join(m.group(1)), text)


# ---------------------------------------------------------------- typed models


def type_text(annotation: Any) -> str:
    """Return a field's type in words; types of our own link to their table."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated:
        return type_text(arguments[0])
    if origin in (typing.Union, types.UnionType):
        kinds = [a for a in arguments if a is not type(None)]
        if len(kinds) > _MANY:
            return f"one of those in :mod:`{kinds[0].__module__}`"
        return " or ".join(type_text(a) for a in kinds)
    if origin is Literal:
        return " or ".join(f"``{a}``" for a in arguments)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return f"list of {type_text(arguments[0])}"
        return f"({', '.join(type_text(a) for a in arguments)})"
    if origin in (list, Sequence, frozenset, set):
        return f"list of {type_text(arguments[0])}"
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return f"{type_text(arguments[0])} to {type_text(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation.__module__.startswith("potash.structures"):
            return f":class:`~{annotation.__module__}.{annotation.__name__}`"
        return f":ref:`{annotation.__name__} <{_label(annotation)}>`"
    if annotation is Any:
        return "anything"
    words = {"str": "text", "int": "integer", "float": "number", "bool": "true or false"}
    name = getattr(annotation, "__name__", str(annotation))
    return words.get(name, {"Path": "path", "NoneType": "nothing"}.get(name, name))


def limits_text(field: FieldInfo) -> str:
    """Return the bounds of a number or length, such as ``>= 100``."""
    signs = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
    found = []
    for bound in field.metadata:
        for name, sign in signs.items():
            value = getattr(bound, name, None)
            if value is not None:
                found.append(f"{sign} {value:g}")
        if getattr(bound, "min_length", None):
            found.append(f"at least {bound.min_length}")
    return ", ".join(found)


def default_text(field: FieldInfo) -> str:
    """Return the default of a field as a file would say it."""
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if default in (None, (), "", {}) or isinstance(default, BaseModel):
        return ""
    if isinstance(default, bool):
        return f"``{str(default).lower()}``"
    if isinstance(default, tuple):
        return f"``[{', '.join(map(str, default))}]``"
    return f"``{default}``"


def meaning(model: type[BaseModel], name: str) -> str:
    """Return what a field means: from its own docstring, else from the class's Attributes.

    Raises
    ------
    LookupError
        If it is described nowhere: then the build fails.
    """
    for base in model.__mro__:
        if not (isinstance(base, type) and base.__module__.startswith("potash")):
            continue
        analyzer = ModuleAnalyzer.for_module(base.__module__)
        analyzer.analyze()
        lines = analyzer.attr_docs.get((base.__qualname__, name))
        if lines:
            return "\n".join(lines).strip()
        found = attributes_section(base.__doc__ or "").get(name)
        if found:
            return found
    raise LookupError(f"{model.__module__}.{model.__name__}.{name} is not described")


def attributes_section(docstring: str) -> dict[str, str]:
    """Return the names in the Attributes section of a NumPy docstring with their texts."""
    import inspect

    match = re.search(
        r"^Attributes\n-+\n(.*?)(?=^\S[^\n]*\n-{3,}|\Z)",
        inspect.cleandoc(docstring) + "\n",
        re.DOTALL | re.MULTILINE,
    )
    found: dict[str, str] = {}
    if match is None:
        return found
    for head, body in re.findall(r"^(\S[^\n]*)\n((?:[ \n][^\n]*\n?)*)", match.group(1), re.M):
        text = " ".join(body.split())
        for name in head.split(","):
            found[name.strip()] = text
    return found


def nested(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Return the models that a model is made of, each once, in the order of the fields."""
    found: dict[type[BaseModel], None] = {}

    def visit(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            if annotation not in found:
                found[annotation] = None
                for field in annotation.model_fields.values():
                    visit(field.annotation)
            return
        for argument in get_args(annotation):
            visit(argument)

    for field in model.model_fields.values():
        visit(field.annotation)
    return list(found)


def _label(model: type[BaseModel]) -> str:
    return f"{model.__module__}.{model.__name__}".lower().replace("_", "-").replace(".", "-")


def _fields(model: type[BaseModel], *, defaults: bool) -> str:
    rows = []
    for name, field in model.model_fields.items():
        kind = ", ".join(filter(None, (type_text(field.annotation), limits_text(field))))
        if defaults and isinstance(field.default, BaseModel):
            kind = f":ref:`section <{_label(type(field.default))}>`"
        middle = [default_text(field)] if defaults else []
        rows.append((f"``{field.alias or name}``", kind, *middle, meaning(model, name)))
    if defaults:
        return _table(("key", "type", "default", "meaning"), (20, 22, 13, 45), rows)
    return _table(("column", "type", "meaning"), (28, 22, 50), rows)


def _model(model: type[BaseModel], heading: str, line: str, *, defaults: bool) -> str:
    text = (model.__doc__ or "").split("\n\n")[0].strip()
    return "\n".join(
        [
            f".. _{_label(model)}:\n",
            _title(heading, line),
            " ".join(text.split()) + "\n",
            _fields(model, defaults=defaults),
        ]
    )


def campaign_page() -> str:
    """Return the page of the campaign file, from its models."""
    from potash.catalog.campaign import Campaign

    keys = {
        field.annotation: name
        for name, field in Campaign.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
    parts = [
        _title("Campaign file"),
        "Every key of a campaign file with its type and default; an unknown key is refused. "
        ":doc:`/campaigns` shows complete files.\n",
        _model(Campaign, "Top level", "-", defaults=True),
    ]
    for model in nested(Campaign):
        heading = f"{keys[model]}:" if model in keys else model.__name__
        parts.append(_model(model, heading, "-", defaults=True))
    return "\n".join(parts)


def rows_page() -> str:
    """Return the page of the rows, from the typed inputs and values of every kind."""
    from potash.results.kinds import MODELS
    from potash.store.rows import ROW_FIELDS, Row

    described = attributes_section(Row.__doc__ or "")
    own = [(f"``{name}``", described[name]) for name in ROW_FIELDS]
    parts = [
        _title("Rows"),
        "Every calculation is one row. ``values`` holds the columns of its kind; a column that "
        "was not computed is absent. ``provenance.inputs`` holds what was hashed into the key. "
        "Names end in the unit.\n",
        _title("Fields of every row", "-"),
        _table(("field", "meaning"), (25, 75), own),
    ]
    known: set[type[BaseModel]] = set()
    for kind, models in MODELS.items():
        parts.append(f"{_title(kind, '-')}")
        parts.append(_model(models.values, f"{kind}: values", "^", defaults=False))
        parts.append(_model(models.inputs, f"{kind}: inputs", "^", defaults=False))
        for model in (*nested(models.values), *nested(models.inputs)):
            if model not in known and not model.__module__.startswith("potash.structures"):
                known.add(model)
                parts.append(_model(model, model.__name__, "^", defaults=False))
    return "\n".join(parts)


# ---------------------------------------------------------------- Sphinx


def write_pages(app: Sphinx) -> None:
    """Write the pages; those that did not change keep their time stamp."""
    folder = Path(app.srcdir) / "reference" / "generated"
    made = pages()
    for old in folder.rglob("*.rst"):
        if str(old.relative_to(folder).with_suffix("")) not in made:
            old.unlink()
    for name, text in made.items():
        path = folder / f"{name}.rst"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
