"""Decisions: append-only, with who, when and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from potash.errors import InputError
from potash.store import Store
from potash.store.decisions import decide, history, states


def test_later_decisions_leave_earlier_ones(tmp_path: Path) -> None:
    store = Store(tmp_path / "rows.sqlite")
    decide(store, "kfsi_dme_1m", "proposed", by="Ada", why="baseline")
    decide(store, "cu_foil", "rejected", by="Ben", why="known")
    decide(store, "kfsi_dme_1m", "approved", by="Cy", why="cheap")
    assert [d.state for d in history(store, "kfsi_dme_1m")] == ["proposed", "approved"]
    latest = states(store)
    assert latest["kfsi_dme_1m"].by == "Cy"
    assert latest["cu_foil"].state == "rejected"
    assert latest["kfsi_dme_1m"].time.startswith("20")
    again = Store(tmp_path / "rows.sqlite")
    assert len(history(again)) == 3


def test_a_store_of_before_gets_the_table(tmp_path: Path) -> None:
    file = tmp_path / "rows.sqlite"
    store = Store(file)
    with store.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE decisions")
    store.close()
    assert history(Store(file)) == []


@pytest.mark.parametrize(("by", "why"), [("", "cheap"), ("Ada", " ")])
def test_a_decision_needs_a_name_and_a_reason(by: str, why: str, tmp_path: Path) -> None:
    store = Store(tmp_path / "rows.sqlite")
    with pytest.raises(InputError, match="needs a name and a reason"):
        decide(store, "kfsi_dme_1m", "approved", by=by, why=why)
    assert history(store) == []
