"""Linear programmes against SciPy's solver."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from potash.bulk.simplex import cheapest
from potash.errors import CalculationError


@given(st.integers(1, 5), st.integers(1, 40), st.integers(0, 2**32 - 1), st.booleans())
def test_the_lowest_cost_is_that_of_scipy(m: int, n: int, seed: int, possible: bool) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.integers(0, 5, (m, n)).astype(float)
    costs = rng.normal(size=n)
    costs[~matrix.any(axis=0)] = 1.0  # a phase without atoms could be made without end
    wanted = matrix @ rng.integers(0, 3, n) if possible else rng.integers(0, 9, m).astype(float)
    expected = linprog(costs, A_eq=matrix, b_eq=wanted, method="highs")
    found = cheapest(costs, matrix, wanted)
    if expected.status == 2:
        assert found is None
        return
    assert found is not None
    assert found.min() >= 0.0
    assert matrix @ found == pytest.approx(wanted, abs=1e-7)
    assert costs @ found == pytest.approx(expected.fun, abs=1e-6)


def test_equations_that_say_the_same_twice_do_not_matter() -> None:
    matrix = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert cheapest(np.array([1.0, 3.0]), matrix, np.array([4.0, 8.0])) == pytest.approx([4.0, 0.0])
    assert cheapest(np.array([1.0, 3.0]), matrix, np.array([4.0, 9.0])) is None


def test_a_cost_without_a_lower_bound_is_told() -> None:
    with pytest.raises(CalculationError, match="no lower bound"):
        cheapest(np.array([-1.0, 0.0]), np.array([[0.0, 1.0]]), np.array([1.0]))
