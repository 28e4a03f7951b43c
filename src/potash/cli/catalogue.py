"""Commands that show the catalogue and what is known of each entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potash.cli.common import (
    CampaignOption,
    JsonOption,
    Known,
    StoreOption,
    check_id,
    complete_ids,
    load_catalogue,
    load_known,
    output_width,
    print_json,
    print_lines,
    print_paragraph,
    print_table,
    print_title,
)

if TYPE_CHECKING:
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
    known = _known(store, campaign, "host or model", ("host", "model"), entry)
    from potash.cli.entries import host_records, show_host
    from potash.ranking.tables import ranked_hosts

    table = ranked_hosts(known.rows, known.catalog)
    records = host_records(table, known, entry)
    if json_output:
        print_json(records)
    elif entry is not None:
        show_host(entry, records[0], known)
    else:
        from potash.report.lists import HOSTS

        _list("Hosts", HOSTS, records)


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
    known = _known(store, campaign, "species or salt", ("species", "salt"), entry)
    from potash.cli.entries import molecule_records_of, show_molecule

    records = molecule_records_of(known, entry)
    if json_output:
        print_json(records)
    elif entry is not None:
        show_molecule(entry, records[0], known)
    else:
        from potash.report.lists import MOLECULES

        _list("Molecules", MOLECULES, records)


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
    known = _known(store, campaign, "electrolyte", ("electrolyte",), entry)
    from potash.cli.entries import electrolyte_records, show_electrolyte
    from potash.ranking.tables import ranked_electrolytes

    table = ranked_electrolytes(known.rows, known.catalog)
    records = electrolyte_records(table, known, entry)
    if json_output:
        print_json(records)
    elif entry is not None:
        show_electrolyte(entry, records[0], known)
    else:
        from potash.report.lists import ELECTROLYTES

        _list("Electrolytes", ELECTROLYTES, records)


def claims(
    entry: ClaimArgument = None,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """List the review's claims, or tell all about one.

    With our verdict on each from the computed rows.

    An equation (eq1 to eq4) or a misprint of the review can be named, too.

    Example: potash claims ads_cu6sn5
    """
    if entry is not None and _show_other(entry, json_output):
        return
    known = _known(store, campaign, "claim", ("claim",), entry)
    from potash.cli.entries import claim_records_of, show_claim

    records = claim_records_of(known, entry)
    if json_output:
        print_json(records)
    elif entry is not None:
        show_claim(entry, records[0], known)
    else:
        from potash.report.lists import CLAIMS

        _list("Claims", CLAIMS, records)
        others = [*known.catalog.equations, *known.catalog.misprints]
        print_paragraph(f"Equations and misprints of the review: {', '.join(others)}.")


def _known(
    store: str | None,
    campaign: Path | None,
    what: str,
    kinds: Sequence[EntryKind],
    entry: str | None,
) -> Known:
    """Return the rows and the catalogue, after a look at the id that was typed."""
    if entry is not None:
        check_id(what, kinds, entry, campaign)
    catalog = load_catalogue(campaign)
    if entry is not None:
        lists = {"host": "hosts", "model": "models", "species": "species", "salt": "salts",
                 "electrolyte": "electrolytes", "claim": "claims"}  # fmt: skip
        known: dict[str, object] = {}
        for kind in kinds:
            known |= getattr(catalog, lists[kind])
        if entry not in known:
            from potash.catalog.consistency import unknown_id
            from potash.errors import InputError

            raise InputError(unknown_id(what, entry, known))
    return load_known(store, catalog)


def _show_other(name: str, json_output: bool) -> bool:
    """Show an equation or misprint of the review; return whether the name is one."""
    catalog = load_catalogue(None)
    found = {**catalog.equations, **catalog.misprints}.get(name)
    if found is None:
        return False
    if json_output:
        print_json([found.model_dump(mode="json")])
        return True
    from potash.cli.entries import show_told
    from potash.report.told import told

    print_title(name)
    show_told(told(found, without=("id",)))
    return True


def _list(title: str, columns: Sequence[Column], records: Sequence[Mapping[str, Any]]) -> None:
    from potash.report.lists import reasons_lines

    print_table(_counted(title, records), columns, records)
    if any(r.get("source") == "own" for r in records):
        print_paragraph("rows: own = of your store, ref = of Potash's reference campaign.")
    if "status" in records[0]:
        print_lines(reasons_lines(records, output_width()))


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
