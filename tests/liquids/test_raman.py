"""The Raman comparison: errors by hand, and no concentration judged by a choice it took part in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.liquids.raman import RamanPoint, leave_one_concentration_out, mean_absolute_error

MEASURED = {"ssip": 0.4, "cip": 0.4, "agg": 0.2}


def point(concentration: float, scale: float, shift: float) -> RamanPoint:
    """A point whose SSIP is too high by ``shift`` and whose AGG too low by it."""
    simulated = {"ssip": 0.4 + shift, "cip": 0.4, "agg": 0.2 - shift}
    return RamanPoint(concentration, scale, simulated, MEASURED, {})


def test_the_error_is_the_mean_over_the_three_fractions() -> None:
    assert point(1, 0.8, 0.15).absolute_error == pytest.approx(0.1)
    points = [point(1, 0.8, 0.15), point(2, 0.8, 0.0)]
    assert mean_absolute_error(points) == pytest.approx(0.05)


def test_a_concentration_does_not_choose_its_own_scaling() -> None:
    """0.7 is perfect at 1 M and bad at 2 and 3 M: 1 M is judged with 0.8."""
    points = [
        *(point(1, 0.7, 0.0), point(1, 0.8, 0.15)),
        *(point(2, 0.7, 0.18), point(2, 0.8, 0.03)),
        *(point(3, 0.7, 0.18), point(3, 0.8, 0.03)),
    ]
    judged = {h.concentration_mol_l: h for h in leave_one_concentration_out(points)}
    assert judged[1].charge_scale == 0.8
    assert judged[1].absolute_error == pytest.approx(0.1)


def test_where_only_one_concentration_has_two_scalings_it_cannot_be_judged() -> None:
    points = [point(1, 0.7, 0.1), point(1, 0.8, 0.0), point(2, 0.8, 0.06)]
    judged = {h.concentration_mol_l: h for h in leave_one_concentration_out(points)}
    assert judged[1].charge_scale is None
    assert "no other concentration" in judged[1].reason
    assert (judged[2].charge_scale, judged[2].absolute_error) == (0.8, pytest.approx(0.04))


def test_a_choice_that_was_not_simulated_says_so() -> None:
    points = [point(1, 0.7, 0.0), point(1, 0.8, 0.1), point(2, 0.8, 0.06)]
    judged = {h.concentration_mol_l: h for h in leave_one_concentration_out(points)}
    assert judged[2].absolute_error is None
    assert judged[2].reason == "not simulated at a scaling of 0.7"


@given(
    st.dictionaries(
        st.tuples(st.sampled_from([1.0, 2.0, 3.0]), st.sampled_from([0.7, 0.8, 1.0])),
        st.floats(-0.2, 0.2),
        min_size=1,
    )
)
def test_what_is_left_out_never_moves_the_choice(shifts: dict) -> None:
    points = [point(c, s, shift) for (c, s), shift in shifts.items()]
    before = {h.concentration_mol_l: h.charge_scale for h in leave_one_concentration_out(points)}
    for held in before:
        changed = [
            point(c, s, -shift / 2 if c == held else shift) for (c, s), shift in shifts.items()
        ]
        after = {
            h.concentration_mol_l: h.charge_scale for h in leave_one_concentration_out(changed)
        }
        assert after[held] == before[held]
