"""Write the report: one HTML file that needs neither network nor server."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from potash.catalog.campaign import Campaign
from potash.catalog.catalog import Catalog
from potash.catalog.question import Kind
from potash.claims.judging import judge_claims
from potash.claims.price import deciders
from potash.columns import unit_of
from potash.evidence.contact import contact_verdicts
from potash.evidence.liquids import liquid_evidence
from potash.evidence.shipped import known_measurements
from potash.evidence.species import measured_ionisation_energies, species_evidence
from potash.quantities import number
from potash.ranking.answering import PartAnswer
from potash.ranking.electrolytes import OXIDATION_V, rank_electrolytes
from potash.ranking.hosts import rank_hosts
from potash.ranking.learning import learnings
from potash.ranking.parity import compare
from potash.ranking.table import Entry, RankedTable
from potash.report import figures, views
from potash.report.facts import electrolyte_facts, host_facts, molecule_facts
from potash.report.first import Course, Verdict, verdicts
from potash.report.methods import methods
from potash.report.rows import count_statuses, embedded, row_bodies, script_json
from potash.report.structures import viewer_data
from potash.report.told import electrolyte_told, host_told, species_told
from potash.results.complex_ import ComplexValues
from potash.results.liquid import LiquidValues
from potash.results.redox import RedoxValues
from potash.results.species import SpeciesValues
from potash.store.rows import Row


def write_report(
    path: Path,
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    title: str,
    tables: Mapping[str, RankedTable] | None = None,
    campaign: Campaign | None = None,
    calibration_rows: Sequence[Row] = (),
    answers: Mapping[Kind, PartAnswer] | None = None,
    courses: Sequence[Course] = (),
    unanswered: str = "",
) -> Path:
    """Write the HTML report of some rows.

    Parameters
    ----------
    path
        File to write; its folder is created.
    rows
        What to report on: every number shown is from one of them.
    catalog
        For names, formulations and models.
    title
        Heading.
    tables
        ``hosts``, ``electrolytes`` and, if wanted, ``molecules``; the first two are ranked here
        from the rows if not given.
    campaign
        Named and described in the heading, if given.
    calibration_rows
        Further rows that serve the error models only.
    answers
        Kind to the answer to the campaign's question about it. The first screen shows these, or
        the best of the tables where nothing was asked.
    courses
        How the campaign came to its answers, and what more certainty would cost.
    unanswered
        Why the campaign's question has no answer yet.

    Returns
    -------
    Path
        The file written. Of very many candidates the most probable are shown, and the tables and
        rows beside the report are named for the others.
    """
    if tables is None:
        tables = {
            "hosts": rank_hosts(
                rows,
                catalog,
                calibration_rows=calibration_rows,
                contact=contact_verdicts(rows, catalog),
            ),
            "electrolytes": rank_electrolytes(rows, catalog, calibration_rows=calibration_rows),
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    first = verdicts(tables, answers or {})
    known = _Known(rows, catalog, tables, calibration_rows)
    path.write_text(
        _render(known, title, campaign, first, {c.kind: c for c in courses}, unanswered),
        encoding="utf-8",
    )
    return path


@dataclass(frozen=True)
class _Known:
    """What is reported on."""

    rows: Sequence[Row]
    catalog: Catalog
    tables: Mapping[str, RankedTable]
    calibration_rows: Sequence[Row]


def _render(
    known: _Known,
    title: str,
    campaign: Campaign | None,
    first: Sequence[Verdict],
    courses: Mapping[str, Course],
    unanswered: str,
) -> str:
    rows, catalog, calibration_rows = known.rows, known.catalog, known.calibration_rows
    hosts, electrolytes = (known.tables[kind] for kind in ("hosts", "electrolytes"))
    hosts = replace(hosts, entries=_most_probable(hosts.entries))
    electrolytes = replace(electrolytes, entries=_most_probable(electrolytes.entries))
    ranked_molecules = (
        [e for e in _most_probable(known.tables["molecules"].entries) if e.rank is not None]
        if "molecules" in known.tables
        else []
    )
    liquids = liquid_evidence(rows)
    species, _ = species_evidence(
        rows, measured_ionisation_energies(), calibration_rows=calibration_rows
    )
    molecules = views.shown_species(rows, MOST_CANDIDATES)
    shown = _shown_rows(rows, hosts, electrolytes, molecules)
    drawn, places = _structures(shown, _pictured(shown, hosts))
    calibrations = views.calibration_views((hosts, electrolytes))
    names = {e.id: e.name for e in catalog.electrolytes.values()}
    plots: dict[str, Any] = {c["id"]: figures.calibration_figure(c["model"]) for c in calibrations}
    if liquids:
        ordered = [liquids[k] for k in sorted(liquids)]
        for per in ("anion", "cation"):
            paired = [x for x in ordered if f"per_{per}_ssip" in x.properties]
            if paired:
                plots[f"speciation_{per}"] = figures.speciation_figure(paired, names, per=per)
        for item, found in liquids.items():
            rdf = found.rows[0].read(LiquidValues).rdf
            if rdf:
                plots[f"rdf_{item}"] = figures.rdf_figure(rdf)
    pareto = figures.pareto_figure(electrolytes)
    if pareto is not None:
        plots["pareto"] = pareto
    measured = known_measurements(rows, catalog)
    parity = compare(
        measured, liquids, {e.id: e.values for e in known.tables["electrolytes"].entries}
    )
    plots |= {f"parity_{c.column}": figures.parity_figure(c) for c in parity if c.pairs}
    claims = judge_claims(rows, catalog, calibration_rows=calibration_rows)
    statuses = count_statuses(rows)
    listed = sorted(shown, key=lambda r: (r.kind, r.item, r.model, r.level, r.key))
    molecule_views = views.molecule_views(shown, species, catalog, places)
    data = {"rows": {r.key: embedded(r) for r in shown}, "structures": drawn, "plots": plots}
    html: str = _template().render(
        title=title,
        description=campaign.description if campaign is not None else "",
        version=_version(),
        written=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        statuses=statuses,
        summary=views.summary_cards(hosts, electrolytes, rows, statuses),
        n_rows=len(rows),
        core_hours=sum(r.core_seconds for r in rows) / 3600,
        answers=first,
        courses=courses,
        unanswered=unanswered,
        facts={
            "hosts": host_facts(hosts, catalog),
            "electrolytes": electrolyte_facts(electrolytes, catalog),
            "molecules": molecule_facts((m["id"] for m in molecule_views), catalog),
        },
        told={
            "hosts": {h: host_told(x, catalog) for h, x in catalog.hosts.items()},
            "electrolytes": {e: electrolyte_told(e, catalog) for e in catalog.electrolytes},
            "molecules": {s: species_told(s, catalog) for s in molecules if s in catalog.species},
        },
        methods=methods(rows, _version()),
        not_shown={
            "hosts": len(known.tables["hosts"].ranked) - len(hosts.ranked),
            "molecules": len({r.item for r in rows if r.kind == "species" and r.status == "ok"})
            - len(molecules),
            "rows": len(rows) - len(shown),
        },
        hosts=hosts,
        apart=[
            (name, table, views.host_views(table, places))
            for name, table in known.tables.items()
            if name != table.kind and table.ranked
        ],
        host_views=views.host_views(hosts, places),
        gallery=views.gallery(hosts, places),
        electrolytes=electrolytes,
        in_solution=views.oxidation_column(electrolytes) == OXIDATION_V,
        electrolyte_views=views.electrolyte_views(electrolytes),
        molecules=molecule_views,
        molecule_verdict=known.tables["molecules"].verdict if ranked_molecules else "",
        ranked_molecules=views.ranked_molecule_views(ranked_molecules),
        complexes=[r for r in shown if r.kind == "complex" and r.status == "ok"],
        liquids=views.liquid_views(liquids, catalog),
        parity=parity,
        learnings=[
            x
            for name, table in known.tables.items()
            if name == table.kind
            for x in learnings(table, measured)
        ],
        claims=claims,
        deciders=deciders(claims, [*calibration_rows, *rows]),
        claim_text={c.id: c.statement for c in catalog.claims.values()},
        row_keys={r.key for r in shown},
        calibrations=calibrations,
        plots=plots,
        rows=listed,
        row_bodies=row_bodies(listed),
        troubled=[r for r in shown if r.status != "ok"],
        data=script_json(data),
        plotly=_plotly() if plots else "",
    )
    return html


MOST_CANDIDATES = 300
"""Candidates of a kind that the page holds; of more, the most probable."""
MOST_ROWS = 3000
"""Rows that the page holds; of more, those of the candidates shown come first."""


def _most_probable(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    ranked = [e for e in entries if e.rank is not None][:MOST_CANDIDATES]
    others = [e for e in entries if e.rank is None][:MOST_CANDIDATES]
    return (*ranked, *others)


def _shown_rows(
    rows: Sequence[Row],
    hosts: RankedTable,
    electrolytes: RankedTable,
    molecules: Collection[str],
) -> list[Row]:
    """Return the rows whose provenance the page holds: all, or those of who is shown first."""
    if len(rows) <= MOST_ROWS:
        return list(rows)
    entries = (*hosts.ranked, *electrolytes.ranked)
    keys = {k for e in entries for k in e.keys.values()}
    keys |= {d["key"] for e in entries for d in e.detail.get("models", ())}

    def first(row: Row) -> bool:
        return row.key in keys or (row.kind in ("species", "redox") and row.item in molecules)

    return sorted(rows, key=lambda r: not first(r))[:MOST_ROWS]


def _pictured(rows: Sequence[Row], hosts: RankedTable) -> frozenset[str]:
    """Return the keys of the rows whose geometry the page draws: of each model, each species."""
    keys = {d["key"] for e in hosts.ranked for d in e.detail.get("models", ())}
    best: dict[str, Row] = {}
    for row in rows:
        if row.kind == "species" and row.status == "ok":
            other = best.get(row.item)
            if other is None or views.row_place(row) < views.row_place(other):
                best[row.item] = row
    return frozenset(keys | {row.key for row in best.values()})


def _structures(
    rows: Sequence[Row], keys: Collection[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the drawable structures by identifier, and row key to identifier."""
    drawn: dict[str, Any] = {}
    places: dict[str, str] = {}
    for row in rows:
        text = row.structures.get("best") or row.structures.get("geometry")
        if text and row.key in keys:
            name = f"s{len(drawn)}"
            drawn[name] = viewer_data(text)
            places[row.key] = name
    return drawn, places


def _plotly() -> str:
    """Return plotly.js as its package ships it; plotly.offline takes a while to import."""
    file = files("plotly") / "package_data" / "plotly.min.js"
    return file.read_text(encoding="utf-8")


def _version() -> str:
    try:
        return version("potash")
    except PackageNotFoundError:
        return "unknown"


def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("potash.report", "templates"),
        autoescape=select_autoescape(["html", "j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        optimized=False,  # the page is made once: folding constants takes longer than it saves
    )
    environment.filters["number"] = _number
    environment.filters["quantity"] = lambda column: unit_of(column)[0]
    environment.filters["scaled"] = _scaled
    environment.filters["words"] = lambda text: str(text).replace("_", " ")
    environment.filters["hours"] = lambda hours: f"{hours:.3g}" if hours < 1000 else f"{hours:.0f}"
    environment.filters["sortable"] = lambda value: "" if value is None else value
    environment.globals |= {
        "species_values": lambda row: row.read(SpeciesValues),
        "redox_values": lambda row: row.read(RedoxValues),
        "complex_values": lambda row: row.read(ComplexValues),
    }
    loader = environment.loader
    assert loader is not None
    for name in ("report.css", "viewer.js", "report.js"):
        environment.globals[name.replace(".", "_")] = loader.get_source(environment, name)[0]
    return environment.get_template("report.html.j2")


def _number(value: float | None, digits: int = 2, scale: float = 1.0) -> str:
    """Format a number with a true minus sign; a dash for None."""
    return "–" if value is None else f"{value * scale:.{digits}f}".replace("-", "−")


def _scaled(value: float | None, column: str) -> str:
    """Format a number of a column in the unit that people read."""
    unit = unit_of(column)[1]
    return "–" if value is None else f"{number(value * unit.scale)} {unit.text}".rstrip()
