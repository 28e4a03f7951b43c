"""Commands that show the catalogue and what is known of each entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potash.cli.cache import cached
from potash.cli.common import (
    HOST_KINDS,
    CampaignOption,
    JsonOption,
    StoreOption,
    check_id,
    complete_ids,
    load_catalogue,
    load_known,
    only_reads,
    open_existing_store,
    output_width,
    print_fields,
    print_json,
    print_lines,
    print_paragraph,
    print_table,
    print_title,
)

if TYPE_CHECKING:
    from potash.catalog.catalog import Catalog
    from potash.catalog.ids import EntryKind
    from potash.report.text import Column

_ENTRY_HELP = "Only this entry, with what the review says of it."
HostArgument = Annotated[
    str | None,
    typer.Argument(
        help="A host or one of its models, with what the review says of it.",
        autocompletion=complete_ids("host", "model"),
    ),
]
MoleculeArgument = Annotated[
    str | None,
    typer.Argument(help=_ENTRY_HELP, autocompletion=complete_ids("species", "salt")),
]
ElectrolyteArgument = Annotated[
    str | None, typer.Argument(help=_ENTRY_HELP, autocompletion=complete_ids("electrolyte"))
]
ClaimArgument = Annotated[
    str | None, typer.Argument(help=_ENTRY_HELP, autocompletion=complete_ids("claim"))
]


def hosts(
    entry: HostArgument = None,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """List the hosts, or tell all about one.

    The K adsorption energy of each with its interval, or why there is none.

    Example: potash hosts cu6sn5_cu
    """
    _show("hosts", "host or model", ("host", "model"), entry, store, campaign, json_output)


def molecules(
    entry: MoleculeArgument = None,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """List the species and salts, or tell all about one.

    Their levels in the gas phase and their binding to K+, or why there are none.

    Example: potash molecules dme
    """
    kinds: tuple[EntryKind, ...] = ("species", "salt")
    _show("molecules", "species or salt", kinds, entry, store, campaign, json_output)


def electrolytes(
    entry: ElectrolyteArgument = None,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """List the electrolytes, or tell all about one.

    Their ion pairing, diffusion and limits, or why there are none.

    Example: potash electrolytes kfsi_dme_1m
    """
    kinds: tuple[EntryKind, ...] = ("electrolyte",)
    _show("electrolytes", "electrolyte", kinds, entry, store, campaign, json_output)


def claims(
    entry: ClaimArgument = None,
    store: StoreOption = None,
    json_output: JsonOption = False,
) -> None:
    """List the review's claims, or tell all about one.

    With our verdict on each from the computed rows. An equation (eq1 to eq4) or a misprint
    of the review can be named, too.

    Example: potash claims ads_cu6sn5
    """
    kinds: tuple[EntryKind, ...] = ("claim", "equation", "misprint")
    _show("claims", "claim", kinds, entry, store, None, json_output)


def _show(
    what: str,
    entry_name: str,
    kinds: Sequence[EntryKind],
    entry: str | None,
    store: str | None,
    campaign: Path | None,
    json_output: bool,
) -> None:
    """Print a list of the catalogue, or all about one entry."""
    if entry is not None:
        check_id(entry_name, kinds, entry, campaign)
    only_reads()

    def make() -> Any:
        from potash.cli import documents

        catalog = load_catalogue(campaign)
        if entry is not None:
            _check_catalogue(entry_name, kinds, entry, catalog)
            if kinds == ("claim", "equation", "misprint") and entry not in catalog.claims:
                return documents.equation_or_misprint(catalog, entry)
        known = load_known(store, catalog, HOST_KINDS if what == "hosts" else None)
        return getattr(documents, what)(known, entry)

    document = make() if campaign else cached(what, [entry or ""], store, make)
    if entry is not None and what in ("hosts", "electrolytes"):
        _add_decisions(document, entry, store)
    if json_output:
        print_json(document["records"])
    elif entry is not None:
        _show_entry(document)
    else:
        _show_list(what, document)


def _add_decisions(document: Any, entry: str, store: str | None) -> None:
    """Add to the document of an entry what was decided about it, the latest first."""
    database = open_existing_store(store)
    if database is None:
        return
    from potash.store.decisions import history

    found = history(database, entry)[::-1]
    if found:
        document["records"][0]["decisions"] = [asdict(d) for d in found]
        lines = [(d.state, d.words()) for d in found]
        document["sections"].append(["On the way to the bench", lines])


_LISTS: Mapping[EntryKind, str] = {
    "host": "hosts",
    "model": "models",
    "species": "species",
    "salt": "salts",
    "electrolyte": "electrolytes",
    "claim": "claims",
    "equation": "equations",
    "misprint": "misprints",
}


def _check_catalogue(what: str, kinds: Sequence[EntryKind], entry: str, catalog: Catalog) -> None:
    """Refuse an id that neither the shipped catalogue nor the campaign's own entries have."""
    known: dict[str, object] = {}
    for kind in kinds:
        known |= getattr(catalog, _LISTS[kind])
    if entry not in known:
        from potash.catalog.consistency import unknown_id
        from potash.errors import InputError

        raise InputError(unknown_id(what, entry, known))


def _show_entry(document: Mapping[str, Any]) -> None:
    from potash.report.lists import CALCULATIONS

    record = document["records"][0]
    same = record["name"] == record["id"]
    print_title(record["id"] if same else f"{record['name']} ({record['id']})")
    for title, pairs in document["sections"]:
        print_lines([""])
        print_title(title)
        print_fields(pairs)
    if record.get("rows"):
        print_lines([""])
        print_table(f"Calculations ({len(record['rows'])})", CALCULATIONS, record["rows"])
    if "run" in document:
        from potash.report.liquid_text import liquid_lines

        run = document["run"]
        print_lines([""])
        print_title(f"The first of its runs: {run['model']}")
        print_lines(liquid_lines(run["values"], run["uncertainty"], output_width()))


def _show_list(what: str, document: Mapping[str, Any]) -> None:
    from potash.report import lists

    records = document["records"]
    columns: Sequence[Column] = getattr(lists, what.upper())
    print_table(_counted(what.capitalize(), records), columns, records)
    if any(r.get("source") == "own" for r in records):
        print_paragraph("rows: own = of your store, ref = of Potash's reference campaign.")
    if "status" in records[0]:
        print_lines(lists.reasons_lines(records, output_width()))
    if document.get("deciders"):
        print_lines([""])
        print_table(
            "What would decide the open ones, the cheapest per claim first",
            lists.DECIDERS,
            document["deciders"],
        )
    if document.get("others"):
        print_paragraph(f"Equations and misprints of the review: {', '.join(document['others'])}.")


def _counted(title: str, records: Sequence[Mapping[str, Any]]) -> str:
    """Return a title with the number of records of each status or verdict."""
    counts = Counter(str(r.get("status") or r.get("verdict")) for r in records)
    parts = ", ".join(f"{n} {word.replace('_', ' ')}" for word, n in counts.most_common())
    return f"{title} ({len(records)}: {parts})"


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(hosts)
    app.command()(molecules)
    app.command()(electrolytes)
    app.command()(claims)
