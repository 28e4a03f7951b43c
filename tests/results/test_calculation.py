"""Keys: equal for the same question in any process, different for any other."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.results.calculation import Calculation, canonical_json


def calculation(**inputs: object) -> Calculation:
    return Calculation("species", "dme", "", "screen", inputs)


def test_labels_do_not_enter_the_key_but_inputs_and_needs_do() -> None:
    one = Calculation("species", "dme", "a", "screen", {"x": 1})
    assert one.key == Calculation("species", "other", "b", "standard", {"x": 1}, cost_s=9).key
    assert one.key != Calculation("species", "dme", "a", "screen", {"x": 2}).key
    assert one.key != Calculation("complex", "dme", "a", "screen", {"x": 1}).key
    assert one.key != Calculation("species", "dme", "a", "screen", {"x": 1}, {"k": "0"}).key


def test_order_and_number_type_do_not_matter() -> None:
    assert calculation(a=1.0, b=(1, 2)).key == calculation(b=[1, 2], a=1).key


def test_key_is_stable_across_processes_and_hash_seeds() -> None:
    code = (
        "from potash.results.calculation import Calculation;"
        "print(Calculation('species','d','','s',{'b':{'y':0.1,'x':[1,'z']},'a':None}).key)"
    )
    keys = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "random")
    }
    assert len(keys) == 1


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
