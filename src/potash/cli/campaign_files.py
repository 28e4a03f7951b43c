"""Campaign files by name: those that come with Potash, and a first one of one's own."""

from __future__ import annotations

import enum
import re
from pathlib import Path
from typing import Annotated

import typer

from potash.cli.common import JsonOption, print_json, print_lines
from potash.errors import InputError
from potash.resources import data_dir
from potash.spelling import unknown

CampaignArgument = Annotated[
    Path, typer.Argument(help="Campaign file (YAML), or the name of one that comes with Potash.")
]
TEMPLATE = Path(__file__).with_name("new_campaign.yaml")


def campaign_file(named: Path) -> Path:
    """Return the file of a campaign that is named by its path, or that comes with Potash.

    Parameters
    ----------
    named
        A path, or a bare name such as ``quickstart``. A file of that name comes first.

    Raises
    ------
    InputError
        If it is neither; with the nearest name.
    """
    if named.is_file() or named.suffix or len(named.parts) != 1:
        return named
    shipped = {file.stem: file for file in sorted(data_dir("workflows").glob("*.yaml"))}
    if str(named) in shipped:
        return shipped[str(named)]
    what = "campaign file, and none that comes with Potash,"
    raise InputError(unknown(what, str(named), dict.fromkeys(shipped, ())))


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
