"""Keys: equal for the same question in any process, different for any other."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.errors import CalculationError
from potash.results.calculation import Calculation, Outcome, canonical_json, key_of, outcome_from
from potash.results.k_metal import KMetalValues
from tests.synthetic_calculations import inputs


def calculation(kind: str = "species", number: int = 1, **labels: object) -> Calculation:
    fields = {"item": "m", "model": "", "level": "screen", "inputs": inputs(kind, number)}
    return Calculation(**{**fields, **labels})  # type: ignore[arg-type]


def test_labels_do_not_enter_the_key_but_kind_inputs_and_needs_do() -> None:
    one = calculation()
    assert one.key == calculation(item="other", model="b", level="standard", cost_s=9.0).key
    assert one.key != calculation(number=2).key
    assert one.key != calculation(needs={"k": "0"}).key
    assert calculation("adsorption").key != calculation("thickness").key
    assert one.kind == "species"


def test_the_key_is_that_of_the_plain_form() -> None:
    one = calculation("adsorption", needs={"k_metal": "0"})
    assert one.key == key_of("adsorption", one.inputs.plain(), {"k_metal": "0"})
    assert one.key == key_of("adsorption", json.loads(json.dumps(one.inputs.plain())), one.needs)


def test_order_and_number_type_do_not_matter() -> None:
    assert key_of("x", {"a": 1.0, "b": (1, 2)}, {}) == key_of("x", {"b": [1, 2], "a": 1}, {})


def test_key_is_stable_across_processes_and_hash_seeds() -> None:
    code = (
        "from potash.results.calculation import key_of;"
        "print(key_of('species', {'b':{'y':0.1,'x':[1,'z']},'a':None}, {}))"
    )
    keys = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "random")
    }
    assert len(keys) == 1


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_an_uncertainty_is_finite(bad: float) -> None:
    with pytest.raises(CalculationError, match="uncertainty of energy_ev is"):
        Outcome(status="ok", uncertainty={"energy_ev": bad})


def test_an_outcome_survives_the_way_between_processes() -> None:
    values = KMetalValues(energy_ev_per_atom=-1.1, lattice_constant_angstrom=5.4, level_sha256="0")
    full = Outcome(
        status="ok",
        values=values,
        reason="a remark",
        uncertainty={"energy_ev_per_atom": 0.1},
        reference_state="total energy",
        engine="e",
        engine_version="1",
        structures={"best": "1\n\nK 0 0 0\n"},
    )
    for outcome in (full, Outcome(status="failed", reason="no")):
        data = json.loads(json.dumps(outcome.plain()))
        assert outcome_from(data, KMetalValues) == outcome


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_keep_twelve_digits(x: float) -> None:
    assert canonical_json(x) == canonical_json(float(f"{x:.12g}"))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_not_a_number_is_no_input(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        canonical_json({"x": bad})


def test_objects_are_no_input() -> None:
    with pytest.raises(TypeError, match="plain JSON"):
        canonical_json({"x": object()})
