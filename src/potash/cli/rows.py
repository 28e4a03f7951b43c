"""Commands that move rows: export, import."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from potash.cli.common import (
    JsonOption,
    StoreOption,
    open_existing_store,
    print_json,
    print_lines,
)
from potash.errors import InputError
from potash.spelling import nearest


class TableFormat(enum.StrEnum):
    """Format of exported tables."""

    PARQUET = "parquet"
    CSV = "csv"


def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write.")],
    store: StoreOption = None,
    kind: Annotated[
        str | None, typer.Option(help="Only this kind of calculation, such as adsorption.")
    ] = None,
    table_format: Annotated[
        TableFormat, typer.Option("--format", help="Of the tables.")
    ] = TableFormat.PARQUET,
    json_output: JsonOption = False,
) -> None:
    """Write the store's rows to a folder.

    Tables of all values, the structures as extended XYZ, and a Croissant description.

    Example: potash export my-rows --format csv
    """
    if kind is not None:
        from potash.results.kinds import MODELS

        if kind not in MODELS:
            raise InputError(
                f"{kind!r} is not a kind of calculation{nearest(kind, list(MODELS))} "
                f"(kinds: {', '.join(MODELS)})",
                source="--kind",
            )
    database = open_existing_store(store)
    if database is None:
        raise InputError("there is no store here; name one with --store", source="--store")
    from potash.store import export_rows

    files = export_rows(database.rows(kind=kind), folder, file_format=table_format.value)
    if files:
        from potash import __version__
        from potash.bench.croissant import write_croissant

        files.append(write_croissant(folder, name=folder.name or "rows", version=__version__))
    if json_output:
        print_json({"files": [str(file) for file in files]})
    elif files:
        print_lines(str(file) for file in files)
    else:
        print_lines(["nothing to write: the store has no such rows"])


def import_(
    folder: Annotated[Path, typer.Argument(help="Folder that 'potash export' wrote.")],
    store: StoreOption = None,
    json_output: JsonOption = False,
) -> None:
    """Add the rows of a folder to the store.

    Rows that it has already stay as they are.

    Example: potash import results/reference
    """
    from potash.store import Store, import_rows
    from potash.store.default import default_store_url

    rows = import_rows(folder)
    added = Store(store or default_store_url()).add_missing(rows)
    if json_output:
        print_json({"added": added, "known_before": len(rows) - added})
    else:
        print_lines([f"{added} rows added, {len(rows) - added} known before"])


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(export)
    app.command("import")(import_)
