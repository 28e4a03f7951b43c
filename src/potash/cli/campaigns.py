"""Commands about campaigns and what is known altogether: run, rank, report."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potash.cli.cache import cached, cached_files
from potash.cli.common import (
    HOST_KINDS,
    CampaignArgument,
    CampaignOption,
    JsonOption,
    NotifyOption,
    OnlyOption,
    OutOption,
    StoreOption,
    WorkersOption,
    load_catalogue,
    load_known,
    messages,
    only_reads,
    output_width,
    print_json,
    print_lines,
    print_paragraph,
    print_table,
)
from potash.cli.dry_run import show_expected
from potash.cli.progress import prints_to_stderr
from potash.errors import InputError
from potash.spelling import nearest

if TYPE_CHECKING:
    from potash.catalog.campaign import Campaign
    from potash.catalog.catalog import Catalog
    from potash.ranking.tiers import Wish
    from potash.store import Row
    from potash.workflows.run import RunSummary

PARTS = ("hosts", "molecules", "liquids")


class RunnerName(enum.StrEnum):
    """Where the calculations run."""

    LOCAL = "local"
    DASK = "dask"
    SLURM = "slurm"


class Ranking(enum.StrEnum):
    """What can be ranked."""

    HOSTS = "hosts"
    ELECTROLYTES = "electrolytes"
    MOLECULES = "molecules"


def run(
    campaign: CampaignArgument,
    runner: Annotated[RunnerName, typer.Option(help="Where to compute.")] = RunnerName.LOCAL,
    runner_option: Annotated[
        list[str] | None,
        typer.Option(help="KEY=VALUE for the Dask or SLURM cluster; repeatable."),
    ] = None,
    workers: WorkersOption = None,
    only: OnlyOption = None,
    store: StoreOption = None,
    out: OutOption = None,
    retry_failed: Annotated[bool, typer.Option(help="Compute failed rows again.")] = False,
    notify: NotifyOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Compute nothing: say what would be, and its cost.")
    ] = False,
    json_output: JsonOption = False,
) -> None:
    """Run a campaign: compute, answer its question, rank, report.

    What the store knows is not computed again; a run that was interrupted, even by
    kill -9, goes on where it was.

    Example: potash run workflows/quickstart.yaml --only hosts
    """
    parts = parts_of(only)
    options = _key_values(runner_option or [])
    load_catalogue(campaign)  # a bad file or id is told before the engines are loaded
    if dry_run:
        show_expected(campaign, parts, store, json_output=json_output)
        return
    from potash.store.default import default_store_url
    from potash.workflows.run import run_campaign

    with prints_to_stderr():
        summary = run_campaign(
            campaign,
            store_url=store or default_store_url(),
            output_dir=out,
            runner=runner.value,
            runner_options=options,
            workers=workers,
            only=parts,
            retry_failed=retry_failed,
            notify=notify,
            console=messages,
        )
    if json_output:
        print_json(_run_record(summary))
    else:
        _show_run(summary, parts)
    if summary.statuses.keys() & {"failed", "quarantined"}:
        raise typer.Exit(1)


def _run_record(summary: RunSummary) -> dict[str, Any]:
    from potash.cli.questions import climbed_record

    return {
        "planned": summary.planned,
        "computed": summary.computed,
        "statuses": dict(summary.statuses),
        "seconds": round(summary.seconds, 1),
        "output": str(summary.output_dir),
        "report": str(summary.written.report),
        "not_ok": [_trouble(row) for row in summary.rows if row.status != "ok"],
        **(
            {}
            if summary.climbed is None
            else {"question": climbed_record(summary.climbed, summary.own)}
        ),
    }


def _trouble(row: Row) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "item": row.item,
        "model": row.model,
        "level": row.level,
        "status": row.status,
        "reason": row.reason,
        "key": row.key,
    }


def _show_run(summary: RunSummary, parts: list[str] | None) -> None:
    from potash.cli.documents import ranking_document
    from potash.cli.questions import show_climbed
    from potash.report.lists import TROUBLE
    from potash.report.terminal import ranked_lines

    if summary.climbed is not None:
        show_climbed(summary.climbed, summary.own)
    campaign = summary.campaign
    wanted = set(parts or PARTS)
    if campaign.hosts.items and "hosts" in wanted:
        asked = {x for x in campaign.hosts.items if x != "all"}
        of_hosts = _concerned(asked, summary)
        for name in _host_tables(asked, summary):
            table = summary.written.tables[name]
            records = _marked(table.records(models=True), summary.own)
            document = ranking_document(table, records)
            print_lines(ranked_lines(document, output_width(), asked=asked, concerned=of_hosts))
            print_lines([""])
    if campaign.molecules.items and "molecules" in wanted:
        _show_molecules(summary)
    if campaign.liquids.items and "liquids" in wanted:
        table = summary.written.tables["electrolytes"]
        records = _marked(table.records(), summary.own)
        document = ranking_document(table, records)
        concerned = _concerned(campaign.liquids.items, summary)
        print_lines(ranked_lines(document, output_width(), concerned=concerned))
        print_lines([""])
    trouble = [_trouble(row) for row in summary.rows if row.status != "ok"]
    if trouble:
        calculations = sum(summary.statuses.values())
        print_table(f"Not ok ({len(trouble)} of {calculations})", TROUBLE, trouble)
        print_lines([""])
    counts = ", ".join(f"{n} {status}" for status, n in sorted(summary.statuses.items()))
    print_paragraph(
        f"{summary.planned} calculations asked for, {summary.computed} computed now in "
        f"{summary.seconds:.0f} s: {counts}."
    )
    print_lines([f"tables and report: {summary.written.report}"])


def _host_tables(asked: Collection[str], summary: RunSummary) -> list[str]:
    """Return the tables that rank the hosts asked for; substrates where no host was named.

    A model counts as what most of Potash's tables show it as: as a substrate, if it is one.
    """
    from potash.ranking.tables import APART

    hosts = summary.catalog.hosts
    names = {population: name for name, population in APART.items()}
    found = []
    for item in asked:
        having = [h for h in hosts.values() if item == h.id or item in h.models]
        populations = {h.population for h in having}
        order = ["substrate", *names]
        found += [p for p in order if p in populations][:1]
    tables = dict.fromkeys(names.get(p, "hosts") for p in sorted(found, reverse=True))
    return [t for t in tables if t in summary.written.tables] or ["hosts"]


def _concerned(asked: Collection[str], summary: RunSummary) -> frozenset[str]:
    """Return what was asked for or computed, and the hosts that have a model of it."""
    from potash.evidence.equivalence import equivalent_models

    catalog = summary.catalog
    alias = equivalent_models(catalog.models)
    found = {*asked, *(row.item for row in summary.rows)}
    found |= {alias.get(name, name) for name in found}
    hosts = {
        host.id
        for host in catalog.hosts.values()
        if not found.isdisjoint(alias.get(m, m) for m in host.models)
    }
    return frozenset(found | hosts)


def _marked(records: Sequence[Mapping[str, Any]], own: Collection[str]) -> list[dict[str, Any]]:
    """Return records of a ranking that say whether they are from rows of this machine."""
    from potash.evidence.known import source_of

    return [{**r, "source": source_of((r.get("keys") or {}).values(), own)} for r in records]


def _show_molecules(summary: RunSummary) -> None:
    """Print the molecules that a campaign computed."""
    from potash.evidence.known import reference_rows
    from potash.evidence.molecules import molecule_records
    from potash.report.lists import MOLECULES

    items = {row.item for row in summary.rows if row.kind == "species"}
    records = [
        r | {"source": "own"}
        for r in molecule_records(summary.rows, summary.catalog, calibration_rows=reference_rows())
        if r["id"] in items
    ]
    print_table(f"Molecules ({len(records)})", MOLECULES, records)
    print_lines([""])


def ask(
    campaign: CampaignArgument,
    store: StoreOption = None,
    json_output: JsonOption = False,
) -> None:
    """Answer a campaign's question from what is known.

    Nothing is computed. Every candidate is in, in doubt or out, with the probability of
    being a right pick and one sentence why.

    Example: potash ask workflows/question.yaml
    """
    only_reads()
    from potash.cli.questions import answered, asked_about, next_records, state_of
    from potash.report.answers import answer_lines, answer_record

    if json_output:
        asking, known = asked_about(campaign, store)
        state = state_of(asking, known, campaign)
        print_json(
            {
                kind: {**answer_record(part, known.own), "next": next_records(state, kind)}
                for kind, part in state.parts.items()
            }
        )
        return
    found, known = answered(campaign, store)
    for part in found.values():
        print_lines([*answer_lines(part, output_width(), known.own), ""])
    if not all(part.answered for part in found.values()):
        print_paragraph(
            f"potash next {campaign} says what to compute next; potash run {campaign} does it."
        )


def rank(
    what: Annotated[Ranking, typer.Argument(help="What to rank.")],
    choose: Annotated[
        int | None,
        typer.Option(
            min=1, help="How many make up the best; default: 10, at most half of those ranked."
        ),
    ] = None,
    role: Annotated[
        list[str] | None, typer.Option(help="Of hosts and molecules, such as solvent; repeatable.")
    ] = None,
    population: Annotated[
        list[str] | None,
        typer.Option(
            help="Of hosts: substrate (the usual), separator, phase (products, SEI) or all; "
            "repeatable."
        ),
    ] = None,
    material_class: Annotated[
        list[str] | None, typer.Option("--class", help="Of hosts, such as mxene; repeatable.")
    ] = None,
    with_elements: Annotated[
        str | None, typer.Option("--with", help="Comma-separated: elements that it must hold.")
    ] = None,
    without_elements: Annotated[
        str | None, typer.Option("--without", help="Comma-separated: elements it must not hold.")
    ] = None,
    stable_with_k: Annotated[
        bool, typer.Option("--stable-with-k", help="Only hosts that survive contact with K.")
    ] = False,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Condition such as 'oxidation_limit_v>=4'; repeatable."),
    ] = None,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Rank hosts, electrolytes or molecules by what is known.

    Each is in, in doubt or out of the ten best, with the probability; by the criteria of a
    campaign, if named. Filters leave out who fails them; who may fail is in doubt.

    Example: potash rank molecules --role solvent --without F --where 'molar_mass_g_mol<=120'
    """
    filters: dict[str, Any] = {
        "roles": role or [],
        "populations": population or [],
        "classes": material_class or [],
        "with_elements": with_elements,
        "without_elements": without_elements,
        "stable_with_k": stable_with_k,
        "where": where or [],
    }

    @cache
    def wish() -> Wish:
        from potash.cli.filters import wish_of

        return wish_of(what.value, choose, **filters)

    if any(filters.values()):
        wish()  # refused before anything is looked up
    only_reads()

    def make() -> Any:
        asked, catalog = _campaign(campaign)
        known = load_known(store, catalog, HOST_KINDS if what is Ranking.HOSTS else None)
        from potash.cli.documents import ranking
        from potash.ranking.tables import ranked_electrolytes, ranked_hosts, ranked_molecules

        ranked = {
            Ranking.HOSTS: ranked_hosts,
            Ranking.ELECTROLYTES: ranked_electrolytes,
            Ranking.MOLECULES: ranked_molecules,
        }[what]
        return ranking(known, ranked(known.rows, catalog, asked.ranking if asked else None, wish()))

    options = [str(choose), *(f"{name}={value}" for name, value in filters.items())]
    document = make() if campaign else cached(f"rank-{what.value}", options, store, make)
    if json_output:
        print_json(document)
    else:
        from potash.report.terminal import ranked_lines

        print_lines(ranked_lines(document, output_width()))


def report(
    out: Annotated[Path, typer.Option(help="Folder for tables and report.")] = Path(
        "results/report"
    ),
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Write an HTML report of all that is known.

    The ranked tables and the rows are written beside it.

    Example: potash report --out results/report
    """
    only_reads()

    def write() -> tuple[Path, ...]:
        asked, catalog = _campaign(campaign)
        known = load_known(store, catalog)
        from potash.report.written import write_results

        return write_results(known.rows, known.catalog, out, campaign=asked).files

    files = write() if campaign else cached_files("report", store, out, write)
    if json_output:
        print_json({"report": str(files[-1]), "files": [str(f) for f in files]})
    else:
        print_lines([f"report: {files[-1]}"])


def _campaign(path: Path | None) -> tuple[Campaign | None, Catalog]:
    if path is None:
        return None, load_catalogue(None)
    from potash.catalog.campaign import load_campaign

    return load_campaign(path)


def parts_of(only: str | None) -> list[str] | None:
    """Return the parts of a campaign that are named, comma-separated."""
    if only is None:
        return None
    parts = [p.strip() for p in only.split(",") if p.strip()]
    for part in parts:
        if part not in PARTS:
            raise InputError(
                f"{part!r} is not one of {', '.join(PARTS)}{nearest(part, PARTS)}",
                source="--only",
            )
    return parts or None


def _key_values(options: list[str]) -> dict[str, object]:
    import yaml

    pairs: dict[str, object] = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not equals or not name:
            raise InputError(f"{option!r} is not of the form KEY=VALUE", source="--runner-option")
        try:
            pairs[name] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise InputError(
                f"{value!r} is not a value in YAML; quote it", source="--runner-option", field=name
            ) from None
    return pairs


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(run)
    app.command()(ask)
    app.command()(rank)
    app.command()(report)
