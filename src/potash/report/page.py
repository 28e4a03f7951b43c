"""Write the report: one HTML file that needs neither network nor server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from plotly.offline import get_plotlyjs

from potash.catalog.campaign import Campaign
from potash.catalog.catalog import Catalog
from potash.claims.judging import judge_claims
from potash.evidence.contact import contact_verdicts
from potash.evidence.liquids import liquid_evidence
from potash.evidence.species import measured_ionisation_energies, species_evidence
from potash.ranking.electrolytes import OXIDATION_V, rank_electrolytes
from potash.ranking.hosts import rank_hosts
from potash.ranking.table import RankedTable
from potash.report import figures, views
from potash.report.rows import count_statuses, embedded, script_json
from potash.report.structures import viewer_data
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
        ``hosts`` and ``electrolytes``; ranked here from the rows if not given.
    campaign
        Named and described in the heading, if given.
    calibration_rows
        Further rows that serve the error models only.

    Returns
    -------
    Path
        The file written.
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
    path.write_text(_render(rows, catalog, tables, title, campaign, calibration_rows), "utf-8")
    return path


def _render(
    rows: Sequence[Row],
    catalog: Catalog,
    tables: Mapping[str, RankedTable],
    title: str,
    campaign: Campaign | None,
    calibration_rows: Sequence[Row],
) -> str:
    hosts, electrolytes = tables["hosts"], tables["electrolytes"]
    liquids = liquid_evidence(rows)
    species, _ = species_evidence(
        rows, measured_ionisation_energies(), calibration_rows=calibration_rows
    )
    drawn, places = _structures(rows)
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
    claims = judge_claims(rows, catalog, calibration_rows=calibration_rows)
    statuses = count_statuses(rows)
    data = {"rows": {r.key: embedded(r) for r in rows}, "structures": drawn, "plots": plots}
    html: str = _template().render(
        title=title,
        description=campaign.description if campaign is not None else "",
        version=_version(),
        written=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        statuses=statuses,
        summary=views.summary_cards(hosts, electrolytes, rows, statuses),
        n_rows=len(rows),
        core_hours=sum(r.seconds for r in rows) / 3600,
        hosts=hosts,
        host_views=views.host_views(hosts, places),
        gallery=views.gallery(hosts, places),
        electrolytes=electrolytes,
        in_solution=views.oxidation_column(electrolytes) == OXIDATION_V,
        electrolyte_views=views.electrolyte_views(electrolytes),
        molecules=views.molecule_views(rows, species, catalog, places),
        complexes=[r for r in rows if r.kind == "complex" and r.status == "ok"],
        liquids=views.liquid_views(liquids, catalog),
        claims=claims,
        claim_text={c.id: c.statement for c in catalog.claims.values()},
        row_keys={r.key for r in rows},
        calibrations=calibrations,
        plots=plots,
        rows=sorted(rows, key=lambda r: (r.kind, r.item, r.model, r.level, r.key)),
        troubled=[r for r in rows if r.status != "ok"],
        data=script_json(data),
        plotly=get_plotlyjs() if plots else "",
    )
    return html


def _structures(rows: Sequence[Row]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the drawable structures by identifier, and row key to identifier."""
    drawn: dict[str, Any] = {}
    places: dict[str, str] = {}
    for row in rows:
        text = row.structures.get("best") or row.structures.get("geometry")
        if text and row.kind in ("adsorption", "species", "complex"):
            name = f"s{len(drawn)}"
            drawn[name] = viewer_data(text)
            places[row.key] = name
    return drawn, places


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
    )
    environment.filters["number"] = _number
    environment.filters["words"] = lambda text: str(text).replace("_", " ")
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
