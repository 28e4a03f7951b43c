"""Tables 2, 3 and 4 of the review."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from potash.catalog import load_catalog
from potash.catalog.performance import PerformanceRow


def test_tables() -> None:
    catalog = load_catalog()
    tables = catalog.performance
    assert {t.id: len(t.rows) for t in tables.values()} == {
        "table_2": 24,
        "table_3": 11,
        "table_4": 8,
    }
    rows = [row for table in tables.values() for row in table.rows]
    assert all(row.host in catalog.hosts for row in rows)
    assert all(row.ref in catalog.hosts[row.host].refs for row in rows)
    assert sum(row.full_cell is not None for row in rows) == 10
    assert "typographical" in tables["table_4"].note


def test_spot_checks() -> None:
    tables = load_catalog().performance
    first = tables["table_2"].rows[0]
    assert (first.material, first.life_h, first.cycle_period_h, first.plated_charge_mah_cm2) == (
        "K@Bi@CNT",
        500,
        2.0,
        125.0,
    )
    pt = next(r for r in tables["table_3"].rows if r.host == "cu3pt_cu_mesh")
    assert pt.overpotential_mv == 1000
    assert pt.full_cell is not None
    assert (pt.full_cell.cathode, pt.full_cell.cycles) == ("PB", 270)
    battery = next(r for r in tables["table_4"].rows if r.current_density_ma_cm2 is None)
    assert battery.material == "GF@SnSe (K-S)"
    assert battery.cycle_period_h is None
    assert battery.plated_charge_mah_cm2 is None


def test_negative_current_is_refused() -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        PerformanceRow(material="x", host="x", ref=1, current_density_ma_cm2=-1)
