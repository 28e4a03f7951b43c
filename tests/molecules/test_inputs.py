"""Costs that are announced before a molecule is computed."""

from __future__ import annotations

import pytest

from potash.engines.molecule_levels import screen_level, standard_level
from potash.molecules.inputs import DFT_COST_S, SCREEN_COST_S, cost_s


def test_costs_grow_with_size_as_the_methods_do() -> None:
    """Tight binding: with the square above 20 atoms; DFT with the power 2.3."""
    tight, dft = screen_level(), standard_level()
    assert cost_s(5, tight) == cost_s(20, tight) == SCREEN_COST_S
    assert cost_s(60, tight) == pytest.approx(9 * SCREEN_COST_S)
    assert cost_s(16, dft) == pytest.approx(DFT_COST_S)
    assert cost_s(32, dft) == pytest.approx(2**2.3 * DFT_COST_S)
    assert cost_s(1, dft) == pytest.approx(0.1 * DFT_COST_S)
