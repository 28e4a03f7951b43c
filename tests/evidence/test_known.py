"""Which rows count: a campaign's own, and what was measured."""

from __future__ import annotations

from pathlib import Path

from potash.catalog.catalog import load_catalog
from potash.evidence.known import campaign_rows
from potash.evidence.measurements import measurement_row
from potash.results.measurement import MeasurementInputs
from potash.store import Store
from tests.synthetic_rows import liquid, species

CATALOG = load_catalog()


def test_what_was_measured_counts_in_every_campaign_of_a_store(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.sqlite")
    asked, other = species("dme", "COCCOC", 9.3), liquid("kfsi_dme_1m")
    inputs = MeasurementInputs(
        candidate="kfsi_dme_1m", quantity="density_g_ml", value=1.05, protocol="bulk",
        replicate="1", source="Ada",
    )  # fmt: skip
    measured = measurement_row(inputs, added="2026-11-27")
    for row in (measured, other, asked):
        store.put(row)
    assert [r.key for r in campaign_rows([asked.key], store, CATALOG)] == [
        asked.key,
        measured.key,
    ]
    assert [r.key for r in campaign_rows([], store, CATALOG)] == [measured.key]
