"""A first campaign file of one's own."""

from __future__ import annotations

import enum
import re
from pathlib import Path
from typing import Annotated

import typer

from potash.cli.common import JsonOption, print_json, print_lines
from potash.errors import InputError

TEMPLATE = Path(__file__).with_name("new_campaign.yaml")


class Made(enum.StrEnum):
    """What can be made new."""

    CAMPAIGN = "campaign"


def new(
    what: Annotated[Made, typer.Argument(help="What to make.")],
    name: Annotated[str, typer.Argument(help="Its name; the file is NAME.yaml.")],
    json_output: JsonOption = False,
) -> None:
    """Write a commented campaign file to start from.

    It runs as it is, in minutes; an existing file is not overwritten.

    Example: potash new campaign alloys
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
        raise InputError(
            f"{name!r} cannot name a campaign; use letters, digits, '_', '-' and '.'", field="name"
        )
    file = Path(f"{name.removesuffix('.yaml')}.yaml")
    text = TEMPLATE.read_text(encoding="utf-8").replace("NAME", file.stem)
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise InputError("is there already; choose another name", source=str(file)) from None
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", source=str(file)) from None
    if json_output:
        print_json({what.value: str(file)})
    else:
        print_lines([f"{file}: look through it, then: potash run {file} --dry-run"])


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(new)
