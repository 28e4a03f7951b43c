"""Commands that look after a store: check, forget, copy."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potash.cli.common import JsonOption, StoreOption, print_json, print_lines
from potash.errors import InputError, StoreError

if TYPE_CHECKING:
    from potash.store import Row, Store

MOST_LINES = 20
"""Rows that are named, so many at most."""

app = typer.Typer(
    help="Look after a store: find damaged rows, remove rows, copy it.", no_args_is_help=True
)


@app.command()
def check(
    store: StoreOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look; change nothing.")] = False,
    json_output: JsonOption = False,
) -> int:
    """Look through every row, and set damaged ones aside.

    A row is damaged if it is not as it was written, or does not fit its kind; it goes to
    the table 'damaged', and is computed again when it is next asked for. If the file
    itself is damaged, the rows that can be read are saved into a new one, and the damaged
    one is kept. Exit code 1 if anything was damaged.

    Example: potash store check
    """
    from potash.store.check import damages, saved, set_aside

    file = _file_of(store)
    try:
        database = _open(store, reading=dry_run)
        found = list(damages(database))
    except StoreError as error:
        if file is None or dry_run or "damaged" not in str(error):
            raise
        count, lost, kept = saved(file)
        if json_output:
            print_json({"rows": count, "damaged": [], "lost": lost, "kept_as": str(kept)})
        else:
            print_lines(
                [
                    f"the file was damaged: {count} rows saved, {lost} not usable;",
                    f"the damaged file is kept as {kept}",
                ]
            )
        return 1
    if found and not dry_run:
        set_aside(database, found)
    rows = sum(database.kinds().values())
    database.close()
    if json_output:
        listed = [{"key": d.key, "kind": d.kind, "item": d.item, "reason": d.reason} for d in found]
        print_json({"rows": rows, "damaged": listed, "lost": 0, "kept_as": None})
    else:
        print_lines(f"{d.key[:12]} {d.kind} of {d.item}: {d.reason}" for d in found[:MOST_LINES])
        more = len(found) - MOST_LINES
        print_lines([f"and {more} more"] if more > 0 else [])
        what = "found" if dry_run else "set aside"
        print_lines([f"{rows} rows, {len(found)} damaged" + (f" and {what}" if found else "")])
    return 1 if found else 0


@app.command()
def forget(
    keys: Annotated[
        list[str] | None, typer.Argument(help="Keys, or their first 8 digits or more.")
    ] = None,
    item: Annotated[str | None, typer.Option(help="Only rows of this item.")] = None,
    status: Annotated[
        str | None, typer.Option(help="Only rows of this status, such as failed.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Only rows of this kind.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    store: StoreOption = None,
    json_output: JsonOption = False,
) -> None:
    """Remove rows from the store, so that they are computed again when they are asked for.

    What goes is shown first, and removed after a yes. Where several conditions are given,
    a row goes if it meets them all.

    Example: potash store forget --item cu_111 --status failed
    """
    if not (keys or item or status or kind):
        raise InputError("say which rows: keys, --item, --status or --kind")
    _check_words(status, kind)
    database = _open(store, reading=False)
    rows = [
        row
        for row in database.rows(kind=kind, item=item)
        if (status is None or row.status == status)
        and (not keys or any(row.key.startswith(key) for key in keys))
    ]
    _check_keys(keys or [], rows)
    shown = [f"{r.key[:12]} {r.kind} of {r.item} at {r.level}: {r.status}" for r in rows]
    if not json_output:
        print_lines(shown[:MOST_LINES])
        more = len(shown) - MOST_LINES
        print_lines([f"and {more} more"] if more > 0 else [])
    if rows and not yes:
        if json_output or not sys.stdin.isatty():
            raise InputError(f"{len(rows)} rows would go; add --yes to remove them")
        typer.confirm(f"Remove {len(rows)} rows from {database.url}?", abort=True)
    database.forget([row.key for row in rows], owner="command")
    database.close()
    if json_output:
        print_json({"forgotten": [row.key for row in rows]})
    else:
        print_lines([f"{len(rows)} rows removed"])


@app.command()
def copy(
    target: Annotated[Path, typer.Argument(help="SQLite file to make.")],
    store: StoreOption = None,
    json_output: JsonOption = False,
) -> None:
    """Copy the store to a new SQLite file, whole, also while a campaign writes to it.

    Example: potash store copy backup.sqlite
    """
    from potash.store.copying import copy_store

    database = _open(store, reading=True)
    count = copy_store(database, target)
    database.close()
    if json_output:
        print_json({"rows": count, "file": str(target)})
    else:
        print_lines([f"{count} rows copied to {target}"])


def _file_of(url: str | None) -> Path | None:
    from potash.store.default import default_store_url, sqlite_file

    return sqlite_file(url if url is not None else default_store_url())


def _open(url: str | None, *, reading: bool) -> Store:
    """Return the named or the current folder's store, which must exist."""
    from potash.store import Store
    from potash.store.default import default_store_url

    file = _file_of(url)
    if file is not None and not file.is_file():
        raise InputError(f"there is no store {str(file)!r}", source="--store")
    found = url if url is not None else default_store_url()
    return Store(found, reading=reading)


def _check_words(status: str | None, kind: str | None) -> None:
    from typing import get_args

    from potash.results.calculation import Status
    from potash.results.kinds import MODELS
    from potash.spelling import nearest

    for what, word, known in (
        ("status", status, list(get_args(Status))),
        ("kind", kind, list(MODELS)),
    ):
        if word is not None and word not in known:
            near = nearest(word, known)
            raise InputError(
                f"{word!r} is not a {what}{near} ({', '.join(known)})", source=f"--{what}"
            )


def _check_keys(keys: list[str], rows: list[Row]) -> None:
    for key in keys:
        found = [row for row in rows if row.key.startswith(key)]
        if len(key) < 8:
            raise InputError(f"{key!r} is too short for a key: give 8 digits or more")
        if not found:
            raise InputError(f"no such row has a key that begins with {key!r}")
        if len(found) > 1:
            raise InputError(f"{len(found)} rows have a key that begins with {key!r}")


def register(root: typer.Typer) -> None:
    """Add these commands to the application."""
    root.add_typer(app, name="store")
