"""Statistics of the accuracy table, against hand counts and limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmark_modules import benchmark

ACCURACY = benchmark("molecules_accuracy")


def test_onset_is_told_by_ccsdt_alone() -> None:
    assert ACCURACY.is_onset({"experiment": 13.6, "CCSD(T)": 14.37})
    assert not ACCURACY.is_onset({"experiment": 12.62, "CCSD(T)": 12.565})
    assert not ACCURACY.is_onset({"experiment": 11.69, "CCSD(T)": 11.2})
    assert not ACCURACY.is_onset({"experiment": 9.0})


def test_every_onset_stays_in_the_comparison_with_ccsdt() -> None:
    known = ACCURACY.references()
    onsets = {s: v for s, v in known.items() if ACCURACY.is_onset(v)}
    assert "C" in onsets
    assert all("vertical exp." not in v and "CCSD(T)" in v for v in onsets.values())
    assert all("vertical exp." in v for s, v in known.items() if s not in onsets)


def test_a_constant_error_of_a_class_is_corrected_away() -> None:
    x = np.arange(1.0, 7.0)
    y = x + np.array([0.5, 0.5, 0.5, -1.0, -1.0, -1.0])
    error, n = ACCURACY.leave_one_out_by_class(x, y, list("aaabbb"))
    assert (error, n) == (pytest.approx(0.0), 6)
    _, n = ACCURACY.leave_one_out_by_class(x, y, list("aaaabc"))
    assert n == 4


def test_too_few_molecules_for_a_spread_are_not_predicted() -> None:
    x = np.array([1.0, 2.0, 3.0])
    error, n = ACCURACY.leave_one_out_by_class(x, x + 0.5, list("aaa"))
    assert np.isnan(error)
    assert n == 0


# Three are left when one is left out: the fewest that have a spread.
@given(st.lists(st.floats(-5, 5), min_size=4, max_size=12))
def test_one_class_is_the_plain_leave_one_out(errors: list[float]) -> None:
    x = np.linspace(8.0, 12.0, len(errors))
    y = x + np.array(errors)
    by_class, n = ACCURACY.leave_one_out_by_class(x, y, ["a"] * len(errors))
    assert n == len(errors)
    assert by_class == pytest.approx(ACCURACY.leave_one_out(x, y, 0), abs=1e-9)
