"""Commands that show what is there: browse and files."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

from potash.cli.common import (
    JsonOption,
    StoreOption,
    open_existing_store,
    print_json,
    print_lines,
    print_table,
    remark,
)
from potash.errors import InputError
from potash.spelling import unknown

HOST = "127.0.0.1"
RESULTS = Path("results")


def browse(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of 127.0.0.1; 0 takes any that is free.")
    ] = 8377,
    show: Annotated[
        bool, typer.Option("--open", help="Open the page in your web browser.")
    ] = False,
    store: StoreOption = None,
    json_output: JsonOption = False,
) -> None:
    """Look at rows, structures, runs and reports in a browser.

    The pages are served to this machine alone and change nothing. Ends with Ctrl-C.

    Example: potash browse
    """
    database = open_existing_store(store)
    if database is None:
        raise InputError("there is no store here yet; name one with --store", source="--store")
    import socket

    import uvicorn

    from potash.report.browse import browse_app

    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError as error:
            raise InputError(f"{port} cannot be used: {error.strerror}", source="--port") from None
        address = f"http://{HOST}:{listening.getsockname()[1]}/"
        if json_output:
            print_json({"address": address})
        else:
            print_lines([address])
        sys.stdout.flush()
        remark("stop with Ctrl-C")
        if show:
            webbrowser.open(address)
        config = uvicorn.Config(browse_app(database, RESULTS), log_level="warning", lifespan="off")
        uvicorn.Server(config).run(sockets=[listening])


def files(
    item: Annotated[str, typer.Argument(help="A host, molecule or electrolyte, or a row's key.")],
    store: StoreOption = None,
    json_output: JsonOption = False,
) -> None:
    """Find trajectories, checkpoints and logs by name.

    Example: potash files kfsi_dme_1m
    """
    database = open_existing_store(store)
    if database is None:
        raise InputError("there is no store here yet; name one with --store", source="--store")
    from potash.store.default import sqlite_file
    from potash.store.files import files_of, items_like

    beside = sqlite_file(database.url)
    folders = {RESULTS, *([] if beside is None else [beside.parent])}
    found = files_of(database, item, folders)
    if not found:
        known = items_like(database, item)
        if item not in known:
            raise InputError(
                unknown("item with rows or files here", item, dict.fromkeys(known, ()))
            )
        if not json_output:
            print_lines([f"no files are left of {item}: its rows hold everything"])
            return
    records: list[dict[str, Any]] = [
        {"item": f.item, "kind": f.kind, "level": f.level, "status": f.status,
         "bytes": f.size, "file": str(f.file)}
        for f in found
    ]  # fmt: skip
    if json_output:
        print_json(records)
        return
    from potash.report.text import Column, plain

    print_table(
        f"Files of {item} ({len(found)})",
        (
            plain("kind", "kind"),
            plain("level", "level"),
            plain("status", "status"),
            Column("size", lambda r: _size(r["bytes"])),
            plain("file", "file", wraps=True),
        ),
        records,
    )


def _size(size: int) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size //= 1000
    return f"{size:.0f} GB"


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(browse)
    app.command()(files)
