"""Commands that show the catalogue and what is known of each entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potash.cli.common import (
    CampaignOption,
    JsonOption,
    StoreOption,
    load_known,
    print_json,
    print_table,
)
from potash.errors import InputError

if TYPE_CHECKING:
    from potash.catalog.common import Entry

IdArgument = Annotated[str | None, typer.Argument(help="Only this entry.")]

_STATUS = {"id": "id", "name": "name", "status": "status", "levels": "levels"}


def hosts(
    entry: IdArgument = None,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """List the hosts with their K adsorption energies, or why there is none.

    Example: potash hosts cu6sn5_cu --json
    """
    from potash.ranking.tables import ranked_hosts

    rows, catalog = load_known(store, campaign)
    records = ranked_hosts(rows, catalog).records()
    columns = _STATUS | {
        "adsorption_energy_ev": "E ads (eV)",
        "adsorption_energy_low_ev": "from",
        "adsorption_energy_high_ev": "to",
        "reason": "reason",
    }
    _show("Hosts", columns, records, entry, catalog.hosts, json_output)


def molecules(
    entry: IdArgument = None,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """List the species and salts with their levels, or why there are none.

    Example: potash molecules dme --json
    """
    from potash.evidence.molecules import molecule_records

    rows, catalog = load_known(store, campaign)
    columns = _STATUS | {
        "homo_ev": "HOMO (eV)",
        "lumo_ev": "LUMO (eV)",
        "ip_vertical_ev": "IP (eV)",
        "ea_vertical_ev": "EA (eV)",
        "k_binding_energy_ev": "to K+ (eV)",
        "reason": "reason",
    }
    known = {**catalog.species, **catalog.salts}
    _show("Molecules", columns, molecule_records(rows, catalog), entry, known, json_output)


def electrolytes(
    entry: IdArgument = None,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """List the electrolytes with speciation and transport, or why there are none.

    Example: potash electrolytes kfsi_dme_1m --json
    """
    from potash.ranking.tables import ranked_electrolytes

    rows, catalog = load_known(store, campaign)
    records = ranked_electrolytes(rows, catalog).records()
    columns = _STATUS | {
        "per_anion_ssip": "SSIP",
        "per_anion_cip": "CIP",
        "per_anion_agg": "AGG",
        "reason": "reason",
    }
    _show("Electrolytes", columns, records, entry, catalog.electrolytes, json_output)


def claims(
    entry: IdArgument = None,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """List the review's claims with the verdicts of the computed rows.

    Example: potash claims ads_cu6sn5
    """
    from potash.claims import claim_records

    rows, catalog = load_known(store, campaign)
    columns = {
        "id": "id",
        "verdict": "verdict",
        "value": "value",
        "expected": "expected",
        "level": "level",
        "reason": "reason",
    }
    _show("Claims", columns, claim_records(rows, catalog), entry, catalog.claims, json_output)


def _show(
    title: str,
    columns: dict[str, str],
    records: list[dict[str, Any]],
    entry: str | None,
    known: Mapping[str, Entry],
    json_output: bool,
) -> None:
    if entry is not None:
        from potash.catalog.consistency import unknown_id

        records = [r for r in records if r["id"] == entry]
        if not records:
            raise InputError(unknown_id(title.lower().removesuffix("s"), entry, known))
    if json_output:
        print_json(records)
    elif entry is not None:
        shown = [
            {"name": k, "value": v}
            for k, v in records[0].items()
            if v is not None and not isinstance(v, dict)
        ]
        print_table(entry, {"name": "field", "value": "value"}, shown)
    else:
        print_table(_counted(title, records), columns, records)


def _counted(title: str, records: list[dict[str, Any]]) -> str:
    """Return a title with the number of records of each status or verdict."""
    words = Counter(str(r.get("status") or r.get("verdict")) for r in records)
    parts = ", ".join(f"{n} {word.replace('_', ' ')}" for word, n in words.most_common())
    return f"{title} ({len(records)}: {parts})"


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(hosts)
    app.command()(molecules)
    app.command()(electrolytes)
    app.command()(claims)
