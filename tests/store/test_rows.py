"""Reading a row as the typed model of its kind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from potash.errors import InputError
from potash.results.hop import HopValues
from potash.results.k_metal import KMetalInputs, KMetalValues
from potash.store.rows import Row
from tests.counting import calls

ROW = Row(
    key="0123456789abcdef",
    kind="k_metal",
    item="k_metal",
    model="bcc",
    level="screen",
    status="ok",
    values={"energy_ev_per_atom": -1.1, "lattice_constant_angstrom": 5.4, "level_sha256": "c0de"},
    provenance={"inputs": {"level": {"engine": "potential"}, "structure": "bcc"}, "needs": {}},
)


def test_values_and_inputs_are_read_once() -> None:
    values = ROW.read(KMetalValues)
    assert values.energy_ev_per_atom == -1.1
    assert values.functional_shift_ev is None
    assert ROW.read(KMetalValues) is values
    assert ROW.read(KMetalInputs).level == {"engine": "potential"}


def test_reading_leaves_the_row_as_it_was() -> None:
    before = ROW.as_dict()
    ROW.read(KMetalValues)
    assert ROW.as_dict() == before
    assert replace(ROW) == ROW
    changed = replace(ROW, values={**ROW.values, "energy_ev_per_atom": -2.0})
    assert changed.read(KMetalValues).energy_ev_per_atom == -2.0


def test_a_row_that_does_not_fit_says_where() -> None:
    bad = replace(ROW, values={**ROW.values, "lattice_constant_angstrom": "wide"})
    with pytest.raises(InputError) as caught:
        bad.read(KMetalValues)
    assert str(caught.value) == (
        "row 0123456789ab (k_metal of k_metal at screen): lattice_constant_angstrom: Input should "
        "be a valid number, unable to parse string as a number, not 'wide'"
    )


def test_a_failed_row_has_no_values_but_inputs() -> None:
    failed = replace(ROW, status="failed", values={})
    with pytest.raises(InputError, match="it is failed and has no values"):
        failed.read(KMetalValues)
    assert failed.read(KMetalInputs).structure == "bcc"


def test_another_kind_is_a_programming_error() -> None:
    with pytest.raises(TypeError, match="HopValues reads 'hop' rows, not 'k_metal'"):
        ROW.read(HopValues)


def test_rows_are_read_in_few_steps(reference_rows: list[Row]) -> None:
    """A validator per row, not per site: 100,000 rows in seconds."""
    from potash.results.adsorption import AdsorptionValues

    rows = [replace(r) for r in reference_rows if r.kind == "adsorption"]
    rows[0].read(AdsorptionValues)
    assert calls(lambda: [row.read(AdsorptionValues) for row in rows]) < 40 * len(rows)
