"""Commands that lead to the bench and back: handoff, approve, reject."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potash.cli.common import (
    CampaignOption,
    JsonOption,
    StoreOption,
    check_id,
    complete_ids,
    load_catalogue,
    open_existing_store,
    print_json,
    print_lines,
    remark,
)
from potash.errors import InputError

if TYPE_CHECKING:
    from potash.store.decisions import State


class Candidates(enum.StrEnum):
    """What can be handed over."""

    ELECTROLYTES = "electrolytes"
    HOSTS = "hosts"


_ID = typer.Argument(
    help="A host or an electrolyte.", autocompletion=complete_ids("electrolyte", "host")
)
CandidateArgument = Annotated[str, _ID]
ByOption = Annotated[str, typer.Option("--by", help="Who decides.", metavar="NAME")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason.", metavar="TEXT")]


def handoff(
    candidates: Annotated[
        list[str] | None,
        typer.Argument(
            help="Hosts and electrolytes.", autocompletion=complete_ids("electrolyte", "host")
        ),
    ] = None,
    top: Annotated[
        int | None, typer.Option(min=1, help="Instead of ids: the best so many that can be made.")
    ] = None,
    of: Annotated[Candidates, typer.Option(help="What --top chooses from.")] = (
        Candidates.ELECTROLYTES
    ),
    volume: Annotated[
        str, typer.Option(help="Of each electrolyte to make.", metavar="VOLUME")
    ] = "10mL",
    mass: Annotated[
        str | None,
        typer.Option(help="Instead of a volume; for what is no liquid.", metavar="MASS"),
    ] = None,
    output: Annotated[Path, typer.Option(help="Folder to write.")] = Path("results/handoff"),
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Write the experiment sheets of candidates.

    One page each with amounts, tests, predictions and room for results, for people and
    programs. 'potash measured add' takes the filled results file.

    Example: potash handoff lhce2_kfsi_dme_tte cu6sn5_cu --volume 10mL
    """
    if bool(candidates) == (top is not None):
        raise InputError("name candidates, or say how many of the best with --top")
    for name in candidates or []:
        check_id("host or electrolyte", ("electrolyte", "host"), name, campaign)
    from potash.api.bench import batch_of, best
    from potash.api.bench import handoff as write

    batch = batch_of(volume, mass)
    from potash.bench.written import written_files
    from potash.evidence.known import known_rows

    catalog, database = load_catalogue(campaign), open_existing_store(store)
    chosen = list(candidates or [])
    if top is not None:
        kind = "host" if of is Candidates.HOSTS else "electrolyte"
        rows = known_rows(database, catalog)
        chosen, passed = best(kind, top, rows, catalog, batch=batch)  # type: ignore[arg-type]
        for reason in passed:
            remark(f"passed over: {reason}")
    sheets = write(chosen, volume=volume, mass=mass, folder=output, store=database, catalog=catalog)
    if json_output:
        print_json([s.plain() | {"files": written_files(s, output)} for s in sheets])
        return
    for made in sheets:
        print_lines([f"{made.id}: {made.rank}" + (f"; {made.state}" if made.state else "")])
        print_lines(f"  {file}" for file in written_files(made, output))


def approve(
    candidate: CandidateArgument,
    by: ByOption,
    why: WhyOption,
    in_the_lab: Annotated[bool, typer.Option("--in-the-lab", help="Work on it has begun.")] = False,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Approve a candidate for the bench.

    Decisions are kept with who, when and why; later ones do not remove earlier ones.

    Example: potash approve kfsi_dme_1m --by Ada --why 'cheap, and a known baseline'
    """
    state: State = "in the lab" if in_the_lab else "approved"
    _decide(candidate, state, by, why, store, campaign, json_output)


def reject(
    candidate: CandidateArgument,
    by: ByOption,
    why: WhyOption,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Reject a candidate.

    It stays in the tables; its pages and sheets say who rejected it and why.

    Example: potash reject kpf6_dme_1m --by Ada --why 'poor reversibility'
    """
    _decide(candidate, "rejected", by, why, store, campaign, json_output)


def _decide(
    candidate: str,
    state: State,
    by: str,
    why: str,
    store: str | None,
    campaign: Path | None,
    json_output: bool,
) -> None:
    check_id("host or electrolyte", ("electrolyte", "host"), candidate, campaign)
    if campaign is not None:
        from potash.bench.sheet import kind_of

        kind_of(candidate, load_catalogue(campaign))
    from dataclasses import asdict

    from potash.store import Store
    from potash.store.decisions import decide, history
    from potash.store.default import default_store_url

    database = Store(store or default_store_url())
    decision = decide(database, candidate, state, by=by, why=why)
    if json_output:
        print_json([asdict(d) for d in history(database, candidate)])
    else:
        print_lines([f"{candidate}: {decision.words()}"])


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(handoff)
    app.command()(approve)
    app.command()(reject)
