"""What a campaign leaves behind: ranked tables, exported rows, a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from potash.catalog.campaign import Campaign, RankingPart
from potash.catalog.catalog import Catalog
from potash.claims.contact import first_contact
from potash.ranking import (
    HOST_CRITERIA,
    RankedTable,
    criteria_of,
    rank_electrolytes,
    rank_hosts,
)
from potash.ranking.species import read_ionisation_energies
from potash.ranking.twins import under_species_ids
from potash.report import write_report
from potash.resources import data_dir
from potash.store import Row, Store, export_rows, import_rows


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


@lru_cache(maxsize=1)
def reference_rows() -> tuple[Row, ...]:
    """Return the committed rows of the reference campaign (none if there are none)."""
    try:
        return tuple(import_rows(data_dir("results/reference")))
    except FileNotFoundError:
        return ()


@lru_cache(maxsize=1)
def measured_ionisation_energies() -> Mapping[str, float]:
    """Return canonical SMILES to measured vertical ionisation energy, in eV."""
    return read_ionisation_energies(data_dir("molecules") / "ionization_energies.csv")


def campaign_rows(keys: Iterable[str], store: Store, catalog: Catalog) -> list[Row]:
    """Return the rows that a store has of these keys, in their order, under catalogue ids."""
    found = [row for key in dict.fromkeys(keys) if (row := store.get(key)) is not None]
    return under_species_ids(found, catalog.species)


def known_rows(store: Store | None, catalog: Catalog) -> list[Row]:
    """Return the reference rows and those of a store, under catalogue ids; the store's win."""
    rows = {row.key: row for row in reference_rows()}
    if store is not None:
        rows.update((row.key, row) for row in store.rows())
    return under_species_ids(list(rows.values()), catalog.species)


def ranked_tables(
    rows: Sequence[Row], catalog: Catalog, ranking: RankingPart | None = None
) -> dict[str, RankedTable]:
    """Rank hosts and electrolytes by rows, with error models from the reference rows too.

    Parameters
    ----------
    rows
        What to rank.
    catalog
        Hosts, species, formulations.
    ranking
        A campaign's own criteria; Potash's where it has none.
    """
    hosts, electrolytes = criteria_of(ranking or RankingPart())
    calibration = list({row.key: row for row in (*reference_rows(), *rows)}.values())
    return {
        "hosts": rank_hosts(
            rows,
            catalog,
            calibration_rows=calibration,
            first_contact=first_contact(calibration, catalog),
            criteria=hosts or HOST_CRITERIA,
        ),
        "electrolytes": rank_electrolytes(
            rows,
            catalog,
            measured_ip_ev=measured_ionisation_energies(),
            calibration_rows=calibration,
            criteria=electrolytes or None,
        ),
    }


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
