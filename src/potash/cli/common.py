"""What all commands share: output, the store, options."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from potash.catalog.catalog import Catalog
    from potash.store import Row, Store

messages = Console(stderr=True)
"""For everything that is not the result: progress, remarks, errors."""

# Rich takes 80 columns where there is no terminal, which is too narrow for a table of results.
_NO_TERMINAL = not sys.stdout.isatty() and "COLUMNS" not in os.environ

output = Console(width=160 if _NO_TERMINAL else None)
"""For results that people read."""

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store", help="Store URL or SQLite file; default: results/store.sqlite.", metavar="URL"
    ),
]
CampaignOption = Annotated[
    Path | None,
    typer.Option(
        "--campaign",
        help="Campaign file whose folder adds hosts, species and formulations.",
        metavar="FILE",
    ),
]


def print_json(data: Any) -> None:
    """Print JSON on standard output; floats keep their digits, NaN is an error."""
    json.dump(data, sys.stdout, indent=1, ensure_ascii=False, allow_nan=False)
    sys.stdout.write("\n")


def print_table(
    title: str, columns: Mapping[str, str], records: Iterable[Mapping[str, Any]]
) -> None:
    """Print records as a table; ``columns`` maps a record's key to a heading."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for record in records:
        table.add_row(*(_cell(record.get(name)) for name in columns))
    output.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_cell(v) for v in value)
    return str(value)


def open_existing_store(url: str | None) -> Store | None:
    """Return the named store, or the current folder's if there is one."""
    from potash.store.default import default_store_url

    wanted = url if url is not None else default_store_url()
    if url is None and "://" not in wanted and not Path(wanted).is_file():
        return None
    from potash.store import Store

    return Store(wanted)


def load_known(store_url: str | None, campaign: Path | None) -> tuple[list[Row], Catalog]:
    """Return reference rows with the store's, and the catalogue with a campaign's entries."""
    from potash.catalog.campaign import load_campaign
    from potash.catalog.catalog import load_catalog
    from potash.evidence.known import known_rows

    catalog = load_catalog() if campaign is None else load_campaign(campaign)[1]
    return known_rows(open_existing_store(store_url), catalog), catalog
