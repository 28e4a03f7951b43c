"""Columns of the lists."""

from __future__ import annotations

from potash.report.lists import ADSORPTION, ELECTROLYTES, MOLECULES, ORBITALS, reasons_lines
from potash.report.text import Record, table_lines


def shown(columns, *records: Record) -> str:  # type: ignore[no-untyped-def]
    return "\n".join(table_lines(columns, records, 160))


def molecule(typed: str, **values: object) -> Record:
    return {"id": typed, "status": "ok", "reason": None, **values}


def test_an_electron_that_is_not_bound_is_said_to_be_so() -> None:
    text = shown(
        ORBITALS,
        molecule("COCCOC", ea_bound=False, ip_vertical_ev=9.3),
        molecule("o2", ea_bound=True, ea_vertical_ev=0.451),
        molecule("dme", ip_vertical_ev=9.3),
    )
    first, second, third = text.splitlines()[2:]
    assert "unbound" in first
    assert "0.45" in second
    assert "unbound" not in third


def test_the_corrected_value_stands_beside_the_computed_one() -> None:
    record = molecule(
        "dme",
        ip_vertical_ev=9.314,
        ip_vertical_corrected_ev=9.2353,
        ip_vertical_low_ev=8.644,
        ip_vertical_high_ev=9.826,
    )
    assert "9.31    9.24 [8.64, 9.83]" in shown(ORBITALS, record)
    assert "9.24 [8.64, 9.83]" in shown(MOLECULES, {**record, "name": "x", "levels": []})


def test_what_failed_or_was_refused_says_so_with_the_reason() -> None:
    text = shown(
        ORBITALS,
        molecule("[K+]", status="refused", reason="a bare ion"),
        molecule("C", status="failed", reason=""),
        molecule("O", reason="a remark"),
    )
    assert "refused: a bare ion" in text
    assert "failed: no reason given" in text
    assert text.splitlines()[-1].endswith("  a remark")
    record = {"model": "cu_111", "status": "failed", "reason": "did not relax"}
    assert "failed: did not relax" in shown(ADSORPTION, record)


def test_diffusion_is_seen_and_an_apparent_one_is_in_brackets() -> None:
    record = {"id": "a", "name": "A", "status": "partial", "levels": [], "source": None}
    known = {
        "diffusion_k_m2_s": 2.31e-10,
        "diffusion_k_low_m2_s": 1.9e-10,
        "diffusion_k_high_m2_s": 2.7e-10,
    }
    assert "2.31 [1.90, 2.70]" in shown(ELECTROLYTES, {**record, **known})
    apparent = {"diffusion_k_apparent_m2_s": 5.16e-11}
    assert "(0.516 apparent)" in shown(ELECTROLYTES, {**record, **apparent})


def test_equal_reasons_are_joined() -> None:
    records = [
        {"id": "a", "reason": "no row"},
        {"id": "b", "reason": None},
        {"id": "c", "reason": "no row"},
    ]
    assert reasons_lines(records, 80) == ["", "Why not, and remarks", "- no row: a, c"]
    assert reasons_lines(records[1:2], 80) == []
