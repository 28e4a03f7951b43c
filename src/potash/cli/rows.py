"""Commands that move rows: export, import."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potash.cli.common import (
    JsonOption,
    StoreOption,
    open_existing_store,
    print_json,
    print_lines,
    remark,
    remark_damaged,
)
from potash.errors import InputError
from potash.spelling import nearest

if TYPE_CHECKING:
    from potash.store import Row

MOST_FAULTS = 20
"""Of rows that are not usable, so many are named."""


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
    from potash.store.exchange import export_store

    files = export_store(database, folder, kind=kind, file_format=table_format.value)
    remark_damaged(database)
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
) -> int:
    """Add the rows of a folder to the store.

    Rows that it has already stay as they are. Every row is checked; those that are not
    usable are left out and named with file, line and field, and the exit code is 2.

    Example: potash import results/reference
    """
    from potash.store import Store
    from potash.store.default import default_store_url
    from potash.store.importing import Fault, checked_rows

    faults: list[Fault] = []
    counted = 0

    def rows() -> Iterator[Row]:
        nonlocal counted
        for row in checked_rows(folder, faults):
            counted += 1
            yield row

    database = Store(store or default_store_url())
    added = database.add_missing(rows())
    database.close()
    for fault in faults[:MOST_FAULTS]:
        remark(f"error: {fault}")
    if len(faults) > MOST_FAULTS:
        remark(f"error: and {len(faults) - MOST_FAULTS} more")
    if json_output:
        refused = [
            {"file": str(f.file), "line": f.line, "field": f.field, "message": f.message}
            for f in faults
        ]
        print_json({"added": added, "known_before": counted - added, "refused": refused})
    else:
        more = f", {len(faults)} not usable" if faults else ""
        print_lines([f"{added} rows added, {counted - added} known before{more}"])
    return 2 if faults else 0


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(export)
    app.command("import")(import_)
