"""What a campaign leaves behind: ranked tables, exported rows, a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from potash.catalog.campaign import Campaign
from potash.catalog.catalog import Catalog
from potash.catalog.question import Kind
from potash.errors import InputError
from potash.evidence.equivalence import under_species_ids
from potash.evidence.known import reference_rows
from potash.ranking.answering import PartAnswer
from potash.ranking.asking import answers as answers_to
from potash.ranking.table import RankedTable
from potash.ranking.tables import ranked_tables
from potash.report.first import Course
from potash.report.page import write_report
from potash.store import Row, export_rows


@dataclass(frozen=True)
class Written:
    """Files and tables that :func:`write_results` made.

    Attributes
    ----------
    tables
        ``hosts``, ``electrolytes`` and ``molecules``, ranked.
    files
        Every file written.
    report
        The HTML report.
    answers
        Kind to the answer to the campaign's question.
    """

    tables: Mapping[str, RankedTable]
    files: tuple[Path, ...]
    report: Path
    answers: Mapping[Kind, PartAnswer] = field(default_factory=dict)


def write_results(
    rows: Sequence[Row],
    catalog: Catalog,
    output_dir: Path,
    *,
    campaign: Campaign | None = None,
    answers: Mapping[Kind, PartAnswer] | None = None,
    courses: Sequence[Course] = (),
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
    answers
        To the campaign's question; made here from the rows if not given.
    courses
        How it came to them, and what more certainty would cost.
    """
    output_dir.mkdir(parents=True, exist_ok=True)
    tables = ranked_tables(rows, catalog, campaign.ranking if campaign is not None else None)
    files = [
        table.write(output_dir / f"{name}.{suffix}")
        for name, table in tables.items()
        for suffix in ("csv", "parquet", "json")
    ]
    files += export_rows(rows, output_dir / "rows")
    unanswered = ""
    if answers is None:
        try:
            answers = _answers(rows, catalog, campaign)
        except InputError as error:
            # What was computed is reported all the same.
            answers, unanswered = {}, str(error)
    title = campaign.name if campaign is not None else "Everything known"
    report = write_report(
        output_dir / "report.html",
        rows,
        catalog,
        title=title,
        tables=tables,
        campaign=campaign,
        calibration_rows=reference_rows(),
        answers=answers,
        courses=courses,
        unanswered=unanswered,
    )
    return Written(tables=tables, files=(*files, report), report=report, answers=answers)


def _answers(
    rows: Sequence[Row], catalog: Catalog, campaign: Campaign | None
) -> Mapping[Kind, PartAnswer]:
    """Return the answer from these rows and what the reference campaign knows."""
    if campaign is None or campaign.question is None:
        return {}
    known = {row.key: row for row in (*reference_rows(), *rows)}
    return answers_to(
        campaign.question,
        under_species_ids(list(known.values()), catalog.species),
        catalog,
        calibration_rows=reference_rows(),
        seed=campaign.seed,
    )
