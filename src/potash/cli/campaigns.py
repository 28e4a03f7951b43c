"""Commands about campaigns: run, rank, report, export, import."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from potash.cli.common import (
    CampaignOption,
    JsonOption,
    StoreOption,
    load_known,
    messages,
    open_existing_store,
    output,
    print_json,
)
from potash.errors import InputError


class RunnerName(enum.StrEnum):
    """Where the calculations run."""

    LOCAL = "local"
    DASK = "dask"
    SLURM = "slurm"


class Ranking(enum.StrEnum):
    """What can be ranked."""

    HOSTS = "hosts"
    ELECTROLYTES = "electrolytes"


class TableFormat(enum.StrEnum):
    """Format of exported tables."""

    PARQUET = "parquet"
    CSV = "csv"


def run(
    campaign: Annotated[Path, typer.Argument(help="Campaign file (YAML).")],
    runner: Annotated[RunnerName, typer.Option(help="Where to compute.")] = RunnerName.LOCAL,
    runner_option: Annotated[
        list[str] | None,
        typer.Option(help="KEY=VALUE for the Dask or SLURM cluster; repeatable."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Calculations at a time; default: all cores.")
    ] = None,
    only: Annotated[
        str | None, typer.Option(help="Comma-separated: hosts, molecules, liquids.")
    ] = None,
    store: StoreOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Output folder; default: results/CAMPAIGN.")
    ] = None,
    retry_failed: Annotated[bool, typer.Option(help="Compute failed rows again.")] = False,
    json_output: JsonOption = False,
) -> None:
    """Run a campaign: compute what the store does not know, rank, report.

    A run that was interrupted, even by kill -9, goes on where it was.

    Example: potash run workflows/quickstart.yaml --only hosts
    """
    from potash.report.terminal import print_ranked_table
    from potash.store.default import default_store_url
    from potash.workflows.run import run_campaign

    parts = [p.strip() for p in only.split(",")] if only else None
    url = store or default_store_url()
    summary = run_campaign(
        campaign,
        store_url=url,
        output_dir=out,
        runner=runner.value,
        runner_options=_key_values(runner_option or []),
        workers=workers,
        only=parts,
        retry_failed=retry_failed,
        console=messages,
    )
    failed = summary.statuses.get("failed", 0)
    report = summary.written.report
    if json_output:
        print_json(
            {
                "planned": summary.planned,
                "computed": summary.computed,
                "statuses": dict(summary.statuses),
                "seconds": round(summary.seconds, 1),
                "output": str(summary.output_dir),
                "report": str(report),
            }
        )
    else:
        for name in Ranking:
            print_ranked_table(summary.written.tables[name.value], console=output)
        messages.print(
            f"{summary.planned} calculations asked for, {summary.computed} computed now, "
            f"{failed} failed, in {summary.seconds:.0f} s"
        )
        messages.print(f"tables and report: {report}", soft_wrap=True)
    if failed:
        raise typer.Exit(1)


def rank(
    what: Annotated[Ranking, typer.Argument(help="What to rank.")],
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Rank hosts or electrolytes by what is known, with intervals and verdicts.

    Example: potash rank hosts
    """
    from potash.ranking.tables import ranked_electrolytes, ranked_hosts
    from potash.report.terminal import print_ranked_table

    rows, catalog = load_known(store, campaign)
    ranked = {Ranking.HOSTS: ranked_hosts, Ranking.ELECTROLYTES: ranked_electrolytes}[what]
    table = ranked(rows, catalog)
    if json_output:
        print_json(table.records(models=True))
    else:
        print_ranked_table(table, console=output)


def report(
    out: Annotated[Path, typer.Option(help="Folder for tables and report.")] = Path(
        "results/report"
    ),
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Write the ranked tables and the HTML report of everything that is known.

    Example: potash report --out results/report
    """
    from potash.report.written import write_results

    rows, catalog = load_known(store, campaign)
    written = write_results(rows, catalog, out)
    if json_output:
        print_json({"report": str(written.report), "files": [str(f) for f in written.files]})
    else:
        output.print(f"report: {written.report}", soft_wrap=True)


def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write.")],
    store: StoreOption = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind of calculation.")] = None,
    table_format: Annotated[
        TableFormat, typer.Option("--format", help="Of the tables.")
    ] = TableFormat.PARQUET,
) -> None:
    """Write the store's rows to a folder: tables and extended-XYZ structures.

    Example: potash export my-rows --format csv
    """
    from potash.store import export_rows

    database = open_existing_store(store)
    if database is None:
        raise InputError("there is no store here; name one with --store", source="--store")
    files = export_rows(database.rows(kind=kind), folder, file_format=table_format.value)
    for file in files:
        output.print(str(file), soft_wrap=True)


def import_(
    folder: Annotated[Path, typer.Argument(help="Folder that 'potash export' wrote.")],
    store: StoreOption = None,
) -> None:
    """Add the rows of a folder to the store; rows that it has stay as they are.

    Example: potash import results/reference
    """
    from potash.store import Store, import_rows
    from potash.store.default import default_store_url

    rows = import_rows(folder)
    added = Store(store or default_store_url()).add_missing(rows)
    output.print(f"{added} rows added, {len(rows) - added} known before")


def _key_values(options: list[str]) -> dict[str, object]:
    import yaml

    pairs: dict[str, object] = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not equals or not name:
            raise InputError(f"{option!r} is not of the form KEY=VALUE", source="--runner-option")
        pairs[name] = yaml.safe_load(value)
    return pairs


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(run)
    app.command()(rank)
    app.command()(report)
    app.command()(export)
    app.command("import")(import_)
