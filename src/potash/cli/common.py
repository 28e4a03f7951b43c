"""What all commands share: output, the store, options."""

from __future__ import annotations

import gc
import json
import os
import shutil
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console

from potash.errors import InputError
from potash.resources import data_dir
from potash.spelling import unknown

if TYPE_CHECKING:
    from potash.catalog.catalog import Catalog
    from potash.catalog.ids import EntryKind
    from potash.evidence.known import RowSource
    from potash.report.text import Column
    from potash.store import Row, Store

messages = Console(stderr=True)
"""For everything that is not the result: progress, remarks."""

WIDTH_WITHOUT_TERMINAL = 100
_LEAST_WIDTH = 40

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store", help="Store URL or SQLite file; default: results/store.sqlite.", metavar="URL"
    ),
]


def campaign_file(named: Path | None) -> Path | None:
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
    if named is None or named.is_file() or named.suffix or len(named.parts) != 1:
        return named
    shipped = {file.stem: file for file in sorted(data_dir("workflows").glob("*.yaml"))}
    if str(named) in shipped:
        return shipped[str(named)]
    what = "campaign file, and none that comes with Potash,"
    raise InputError(unknown(what, str(named), dict.fromkeys(shipped, ())))


CampaignArgument = Annotated[
    Path,
    typer.Argument(
        help="Campaign file (YAML), or the name of one that comes with Potash.",
        callback=campaign_file,
    ),
]
CampaignOption = Annotated[
    Path | None,
    typer.Option(
        "--campaign",
        help="Campaign file whose folder adds hosts, species and formulations.",
        metavar="FILE",
        callback=campaign_file,
    ),
]


def only_reads() -> None:
    """Prepare a command that reads and computes nothing long; call it before NumPy is imported.

    Linear algebra stays on one core: what reading commands solve is small, threads cost more
    than they bring, and on a busy machine ten times as much. Whatever the user has set is left
    as it is. Garbage in cycles is looked for rarely, because what such a command reads stays
    until it ends.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(_GARBAGE_AFTER)


_GARBAGE_AFTER = 200_000
"""Objects that are made before Python looks for garbage; 700 by default."""


def fail(message: str, *, code: int = 2) -> NoReturn:
    """Print one line on standard error and end."""
    sys.stdout.flush()
    print(f"error: {message}", file=sys.stderr)
    sys.exit(code)


def remark(message: str) -> None:
    """Print a line that is no result, on standard error."""
    print(message, file=sys.stderr)


def output_width() -> int:
    """Return the width of the terminal; 100 columns where there is none, COLUMNS if given."""
    return max(shutil.get_terminal_size((WIDTH_WITHOUT_TERMINAL, 24)).columns, _LEAST_WIDTH)


def print_json(data: Any) -> None:
    """Print JSON on standard output; floats keep their digits, NaN is an error."""
    json.dump(data, sys.stdout, indent=1, ensure_ascii=False, allow_nan=False)
    sys.stdout.write("\n")


def print_title(text: str) -> None:
    """Print a heading, bold in a terminal."""
    from potash.report.text import paragraph

    for line in paragraph(text, output_width()):
        typer.secho(line, bold=True)


def print_lines(lines: Iterable[str]) -> None:
    """Print lines of a result."""
    for line in lines:
        typer.echo(line)


def print_paragraph(text: str) -> None:
    """Print a paragraph of a result, wrapped at spaces."""
    from potash.report.text import paragraph

    print_lines(paragraph(text, output_width()))


def print_table(
    title: str, columns: Sequence[Column], records: Sequence[Mapping[str, Any]]
) -> None:
    """Print a title and a table that fits the width."""
    from potash.report.text import table_lines

    print_title(title)
    if records:
        print_lines(table_lines(columns, records, output_width()))


def print_fields(pairs: Sequence[tuple[str, str]]) -> None:
    """Print named values, one under the other."""
    from potash.report.text import fields

    print_lines(fields(pairs, output_width()))


def check_id(
    what: str, kinds: Sequence[EntryKind], name: str, campaign: Path | None = None
) -> None:
    """Refuse an id that the shipped catalogue does not hold, before libraries are loaded.

    Parameters
    ----------
    what
        What it should be the id of, for the message.
    kinds
        Kinds of entries that it may be of.
    name
        As typed.
    campaign
        With a campaign, whose folder may add entries, nothing is refused yet.

    Raises
    ------
    InputError
        With the nearest id.
    """
    if campaign is not None:
        return
    from potash.catalog.ids import shipped_ids

    known: dict[str, Sequence[str]] = {}
    for kind in kinds:
        known |= shipped_ids(kind)
        if name in known:
            return
    raise InputError(unknown(what, name, known))


def complete_ids(*kinds: EntryKind) -> Any:
    """Return the function that completes ids of these kinds in a shell."""

    def complete(incomplete: str) -> list[tuple[str, str]]:
        from potash.catalog.ids import shipped_ids

        return [
            (entry, names[0] if names else "")
            for kind in kinds
            for entry, names in shipped_ids(kind).items()
            if entry.startswith(incomplete)
        ]

    return complete


def open_existing_store(url: str | None) -> Store | None:
    """Return the named store, or the current folder's if there is one.

    Raises
    ------
    InputError
        If a store is named that does not exist: a command that reads makes none.
    """
    from potash.store.default import default_store_url, sqlite_file

    wanted = url if url is not None else default_store_url()
    file = sqlite_file(wanted)
    if file is not None and not os.path.lexists(file):
        if url is not None:
            raise InputError(f"there is no store {str(file)!r}", source="--store")
        return None
    from potash.store import Store

    return Store(wanted, reading=True)


def remark_damaged(store: Store) -> None:
    """Say on standard error how many rows were damaged and passed over, if any were."""
    if store.damaged:
        n = len(store.damaged)
        remark(
            f"{n} damaged row{'s' if n > 1 else ''} of {store.url} passed over; "
            "'potash store check' names and sets them aside"
        )


@dataclass(frozen=True)
class Known:
    """The rows that a command reads, and which of them are the user's own.

    Attributes
    ----------
    rows
        Those of the reference campaign with the store's.
    catalog
        The catalogue, with a campaign's entries.
    own
        Keys of the rows that are from the store and not of the reference campaign.
    """

    rows: list[Row]
    catalog: Catalog
    own: frozenset[str]

    def source(self, keys: Iterable[str]) -> RowSource | None:
        """Return ``own`` if one of the rows is, ``reference`` if none is, None without rows."""
        from potash.evidence.known import source_of

        return source_of(keys, self.own)


def load_catalogue(campaign: Path | None) -> Catalog:
    """Return the catalogue, with the entries that a campaign adds."""
    if campaign is None:
        from potash.catalog.catalog import load_catalog

        return load_catalog()
    from potash.catalog.campaign import load_campaign

    return load_campaign(campaign)[1]


WorkersOption = Annotated[
    int | None, typer.Option(min=1, help="Calculations at a time; default: all cores.")
]
NotifyOption = Annotated[
    str | None,
    typer.Option(
        help="When a run has ended: a command, run with the answer's file as argument, "
        "or a notification block of Prefect's (TYPE/NAME)."
    ),
]
OnlyOption = Annotated[str | None, typer.Option(help="Comma-separated: hosts, molecules, liquids.")]
OutOption = Annotated[Path | None, typer.Option(help="Output folder; default: results/CAMPAIGN.")]

HOST_KINDS = (
    *("k_metal", "adsorption", "thickness", "hop", "charge", "adhesion", "phase", "measurement"),
)
"""Kinds of calculations that tell something about hosts."""


def load_known(
    store_url: str | None, catalog: Catalog, kinds: Collection[str] | None = None
) -> Known:
    """Return the reference rows with the store's, under the ids of a catalogue.

    Parameters
    ----------
    store_url, catalog
        Where the rows and the ids are from.
    kinds
        Only rows of these kinds are read.
    """
    from potash.evidence.known import known_rows, own_keys

    store = open_existing_store(store_url)
    rows = known_rows(store, catalog, kinds)
    if store is not None:
        remark_damaged(store)
    return Known(rows, catalog, own_keys(rows))
