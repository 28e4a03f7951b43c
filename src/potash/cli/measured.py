"""The command that takes measurements back: measured add, list, compare."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potash.cli.common import (
    CampaignOption,
    JsonOption,
    StoreOption,
    load_catalogue,
    open_existing_store,
    print_json,
    print_lines,
    print_table,
    remark,
)
from potash.errors import InputError

if TYPE_CHECKING:
    from potash.bench.results_files import ResultsFile
    from potash.catalog.catalog import Catalog
    from potash.store.rows import Row


class Action(enum.StrEnum):
    """What to do with measurements."""

    ADD = "add"
    LIST = "list"
    COMPARE = "compare"


def measured(
    action: Annotated[Action, typer.Argument(help="What to do.")],
    target: Annotated[
        str | None,
        typer.Argument(help="add: a results file (CSV, XLSX, BDF). list: a host or electrolyte."),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who measured.", metavar="NAME")] = "",
    candidate: Annotated[
        str, typer.Option("--candidate", help="Of a cycler file: what was tested.", metavar="ID")
    ] = "",
    protocol: Annotated[
        str, typer.Option("--protocol", help="Of a cycler file, such as k_cu_ce, symmetric.")
    ] = "",
    replicate: Annotated[
        str, typer.Option("--replicate", help="Of a cycler file: which cell.")
    ] = "",
    supersede: Annotated[
        bool, typer.Option("--supersede", help="Let new values correct known ones.")
    ] = False,
    output: Annotated[Path, typer.Option(help="compare: folder of page and plots.")] = Path(
        "results/measured"
    ),
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Add, list or compare measurements.

    Bad lines of a file are refused one by one, the others are kept. Nothing is overwritten:
    a correction supersedes, and the old value stays on record. 'list' shows those of the
    review, too; 'compare' writes predictions beside measurements.

    Example: potash measured add kfsi_dme_1m-results.csv --by Ada
    """
    catalog = load_catalogue(campaign)
    if action is Action.ADD:
        if target is None:
            raise InputError("name the results file: potash measured add FILE")
        cell = (candidate, protocol, replicate)
        read = _read(Path(target), catalog, by, cell)
        _add(target, read, supersede, store, json_output)
    elif action is Action.LIST:
        _list(target, catalog, store, json_output)
    else:
        _compare(catalog, store, output, json_output)


def _read(path: Path, catalog: Catalog, by: str, cell: tuple[str, str, str]) -> ResultsFile:
    """Read a results file, or a cycler file with what it does not say itself."""
    from potash.bench.cycler import cycler_lines, is_bdf
    from potash.bench.results_files import ResultsFile, read_results

    candidate, protocol, replicate = cell
    if not is_bdf(path):
        if any(cell):
            raise InputError(
                "--candidate, --protocol and --replicate are for cycler files (BDF)",
                source=str(path),
            )
        return read_results(path, catalog, by=by)
    if candidate:
        from potash.bench.sheet import kind_of

        kind_of(candidate, catalog)
    lines = cycler_lines(path, candidate=candidate, protocol=protocol, replicate=replicate, by=by)
    return ResultsFile(lines, (), 0)


def _add(
    target: str, read: ResultsFile, supersede: bool, store: str | None, json_output: bool
) -> None:
    from potash.bench.recording import record
    from potash.store import Store
    from potash.store.default import default_store_url

    found = record(Store(store or default_store_url()), read.lines, supersede=supersede)
    refused = sorted([*read.refused, *found.refused])
    for number, reason in refused:
        remark(f"error: {target}: line {number}: {reason}")
    if json_output:
        print_json(
            {
                "added": found.added,
                "superseded": found.superseded,
                "known_before": found.known,
                "empty": read.empty,
                "refused": [{"line": n, "reason": reason} for n, reason in refused],
            }
        )
    else:
        print_lines(
            [
                f"{found.added} added, {found.superseded} superseded, {found.known} known before, "
                f"{read.empty} empty, {len(refused)} refused"
            ]
        )
    if refused:
        raise typer.Exit(2)


def _own_rows(store: str | None) -> list[Row]:
    database = open_existing_store(store)
    return [] if database is None else database.rows(kind="measurement")


def _list(target: str | None, catalog: Catalog, store: str | None, json_output: bool) -> None:
    if target is not None:
        from potash.bench.sheet import kind_of

        kind_of(target, catalog)
    from potash.evidence.measurements import holding
    from potash.evidence.shipped import shipped_measurements
    from potash.report.lists import MEASUREMENTS
    from potash.results.measurement import MeasurementValues

    own = _own_rows(store)
    now = {row.key for row in holding(own)}
    records: list[dict[str, Any]] = [
        {
            "candidate": row.item,
            **row.read(MeasurementValues).plain(),
            "origin": "own" if row.started else "shipped",
            "holds": row.key in now or not row.started,
            "key": row.key,
        }
        for row in (*own, *shipped_measurements(catalog))
        if target in (None, row.item)
    ]
    if json_output:
        print_json(records)
    else:
        print_table(f"Measurements ({len(records)})", MEASUREMENTS, records)


def _compare(catalog: Catalog, store: str | None, output: Path, json_output: bool) -> None:
    from dataclasses import asdict

    from potash.bench.comparison import write_comparison
    from potash.evidence.known import known_rows
    from potash.evidence.liquids import liquid_evidence
    from potash.evidence.shipped import known_measurements
    from potash.ranking.learning import learnings
    from potash.ranking.parity import compare
    from potash.ranking.tables import ranked_electrolytes, ranked_hosts

    rows = known_rows(open_existing_store(store), catalog)
    measured = known_measurements(rows, catalog)
    electrolytes = ranked_electrolytes(rows, catalog)
    records = {r["id"]: r for r in electrolytes.records()}
    found = compare(measured, liquid_evidence(rows), records)
    tables = (electrolytes, ranked_hosts(rows, catalog))
    learnt = [x for table in tables for x in learnings(table, measured)]
    page = write_comparison(found, learnt, output)
    if json_output:
        print_json(
            {
                "properties": [asdict(c) for c in found],
                "learning": [asdict(x) | {"learnable": x.learnable} for x in learnt],
                "page": str(page),
            }
        )
        return
    print_lines([*(c.words() for c in found), *(x.words() for x in learnt)])
    print_lines([f"page: {page}"])


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(measured)
