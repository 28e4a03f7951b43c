"""What a campaign leaves behind: ranked tables, exported rows, a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from potash.catalog.campaign import Campaign
from potash.catalog.catalog import Catalog
from potash.evidence.known import reference_rows
from potash.ranking.table import RankedTable
from potash.ranking.tables import ranked_tables
from potash.report.page import write_report
from potash.store import Row, export_rows


@dataclass(frozen=True)
class Written:
    """Files and tables that :func:`write_results` made.

    Attributes
    ----------
    tables
        ``hosts`` and ``electrolytes``, ranked.
    files
        Every file written.
    report
        The HTML report.
    """

    tables: Mapping[str, RankedTable]
    files: tuple[Path, ...]
    report: Path


def write_results(
    rows: Sequence[Row], catalog: Catalog, output_dir: Path, *, campaign: Campaign | None = None
) -> Written:
    """Write ranked tables (CSV, Parquet, JSON), the rows and the HTML report.

    Parameters
    ----------
    rows
        What to rank; rows of the reference campaign serve the error models only.
    catalog
        The catalogue with the campaign's own entries.
    output_dir
        Folder, created if missing.
    campaign
        Named in the report.
    """
    output_dir.mkdir(parents=True, exist_ok=True)
    tables = ranked_tables(rows, catalog, campaign.ranking if campaign is not None else None)
    files = [
        table.write(output_dir / f"{name}.{suffix}")
        for name, table in tables.items()
        for suffix in ("csv", "parquet", "json")
    ]
    files += export_rows(rows, output_dir / "rows")
    title = campaign.name if campaign is not None else "Everything known"
    report = write_report(
        output_dir / "report.html",
        rows,
        catalog,
        title=title,
        tables=tables,
        campaign=campaign,
        calibration_rows=reference_rows(),
    )
    return Written(tables=tables, files=(*files, report), report=report)
