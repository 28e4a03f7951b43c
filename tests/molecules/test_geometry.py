"""Where a relaxation by DFT starts from."""

from __future__ import annotations

import numpy as np

from potash.errors import CalculationError
from potash.molecules import geometry
from potash.structures.molecule import Structure

WATER = Structure((8, 1, 1), np.array([[0, 0, 0.117], [0, 0.757, -0.471], [0, -0.757, -0.471]]), 0)


def test_the_starting_hessian_is_positive_definite_or_left_to_the_model(monkeypatch) -> None:
    found = geometry._starting_hessian(WATER)
    assert found is not None
    assert np.linalg.eigvalsh(found).min() > -1e-9

    def fails(_structure: Structure) -> None:
        raise CalculationError("no convergence")

    monkeypatch.setattr(geometry, "gfn2_hessian", fails)
    assert geometry._starting_hessian(WATER) is None
