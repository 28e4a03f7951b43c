"""The rows and ranked tables that tables and figures of the validation pages are made from."""

from __future__ import annotations

import csv
from functools import lru_cache

from potash.catalog.catalog import load_catalog
from potash.evidence.known import known_rows, reference_rows
from potash.evidence.liquids import liquid_evidence
from potash.evidence.shipped import known_measurements
from potash.ranking.parity import Comparison, compare
from potash.ranking.table import RankedTable
from potash.ranking.tables import ranked_electrolytes, ranked_hosts
from potash.resources import data_dir
from potash.store.rows import Row


def ok_rows(kind: str) -> list[Row]:
    """Return the usable rows of a kind, the latest last: it counts where there are several."""
    rows = [r for r in reference_rows() if r.kind == kind and r.status == "ok"]
    return sorted(rows, key=lambda r: r.started)


@lru_cache(maxsize=1)
def hosts_table() -> RankedTable:
    """Return the ranked hosts of the reference rows."""
    catalog = load_catalog()
    return ranked_hosts(known_rows(None, catalog), catalog)


@lru_cache(maxsize=1)
def electrolytes_table() -> RankedTable:
    """Return the ranked electrolytes of the reference rows."""
    catalog = load_catalog()
    return ranked_electrolytes(known_rows(None, catalog), catalog)


@lru_cache(maxsize=1)
def comparisons() -> list[Comparison]:
    """Return the predictions of the reference rows beside shipped measurements."""
    catalog = load_catalog()
    records = {r["id"]: r for r in electrolytes_table().records()}
    return compare(known_measurements((), catalog), liquid_evidence(reference_rows()), records)


def reference_file(name: str) -> list[dict[str, str]]:
    """Return the lines of a CSV file beside the reference rows."""
    with (data_dir("results/reference") / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
