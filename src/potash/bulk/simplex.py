"""Small linear programmes: which amounts of phases hold some atoms at the lowest energy.

In NumPy, because a table of hosts asks for a hundred mixtures of a few dozen phases over two to
five elements: the simplex method takes a handful of steps for each, and a general solver longer
to be loaded and set up than all of them together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from potash.errors import CalculationError

Floats = NDArray[np.float64]

_ZERO = 1e-9
_MOST_STEPS = 10_000


def cheapest(costs: Floats, matrix: Floats, wanted: Floats) -> Floats | None:
    """Return the amounts of lowest cost: minimise ``costs @ x``, ``matrix @ x = wanted``, x >= 0.

    The simplex method in two phases, with the rule of Bland (Math. Oper. Res. 1977, 2, 103,
    doi:10.1287/moor.2.2.103), under which it always ends.

    Parameters
    ----------
    costs
        Shape (n,).
    matrix, wanted
        Shapes (m, n) and (m,); what is wanted is not negative.

    Returns
    -------
    ndarray or None
        Shape (n,); None where no amounts fit.

    Raises
    ------
    CalculationError
        If the cost has no lower bound, or rounding keeps the method from ending.

    Examples
    --------
    >>> cheapest(np.array([1.0, 3.0]), np.array([[1.0, 2.0]]), np.array([4.0]))
    array([4., 0.])
    """
    m, n = matrix.shape
    # One more column for what is wanted, and one unknown per row that is worth avoiding.
    table = np.column_stack([matrix, np.eye(m), wanted])
    basis = list(range(n, n + m))
    lacking = np.concatenate([np.zeros(n), np.ones(m)])
    _run(table, basis, lacking, n + m)
    scale = max(1.0, float(np.abs(wanted).max()))
    if float(lacking[basis] @ table[:, -1]) > _ZERO * scale:
        return None
    for row, column in enumerate(basis):
        # What is left of the unknowns is zero: another takes its place, or its row says nothing.
        if column >= n and (usable := np.flatnonzero(np.abs(table[row, :n]) > _ZERO)).size:
            _pivot(table, basis, row, int(usable[0]))
    _run(table, basis, np.concatenate([costs, np.zeros(m)]), n)
    amounts = np.zeros(n + m)
    amounts[basis] = table[:, -1]
    return np.maximum(amounts[:n], 0.0)


def _run(table: Floats, basis: list[int], costs: Floats, n_allowed: int) -> None:
    """Exchange unknowns, of the first ``n_allowed``, until none lowers the cost."""
    least = _ZERO * max(1.0, float(np.abs(costs).max()))
    for _ in range(_MOST_STEPS):
        gains = costs[:n_allowed] - costs[basis] @ table[:, :n_allowed]
        falling = np.flatnonzero(gains < -least)
        if not falling.size:
            return
        column = int(falling[0])
        rising = table[:, column] > _ZERO
        if not rising.any():
            raise CalculationError("no lowest mixture found: the cost has no lower bound")
        ratios = np.full(len(basis), np.inf)
        ratios[rising] = table[rising, -1] / table[rising, column]
        tied = np.flatnonzero(ratios <= ratios.min() + _ZERO)
        _pivot(table, basis, min(tied.tolist(), key=lambda row: basis[row]), column)
    raise CalculationError("no lowest mixture found: rounding keeps the method from ending")


def _pivot(table: Floats, basis: list[int], row: int, column: int) -> None:
    """Let an unknown take the place of the one of a row."""
    table[row] /= table[row, column]
    others = table[:, column].copy()
    others[row] = 0.0
    table -= np.outer(others, table[row])
    basis[row] = column
