"""Potentials against K/K+: what they share, and which scale they are on."""

from __future__ import annotations

import numpy as np
import pytest

from potash.calibration import sample
from potash.catalog.catalog import load_catalog
from potash.evidence.potentials import active_species, read_potentials
from tests.synthetic_rows import make_row, redox

CATALOG = load_catalog()


def test_the_scale_shifts_all_potentials_alike():
    rows = [redox("dme", 4.0, half=0.2), redox("fsi_minus", 4.2, half=0.2)]
    found = read_potentials(rows).estimates["oxidation"]
    drawn = sample([found["dme"], found["fsi_minus"]], n_draws=2000, rng=np.random.default_rng(1))
    assert np.allclose(drawn[:, 1] - drawn[:, 0], 0.2)
    assert np.std(drawn[:, 0]) == pytest.approx(0.102, abs=0.01)
    assert read_potentials([]) is None


def test_a_potential_is_as_uncertain_as_its_row_says_and_never_less_than_its_scale():
    wide = read_potentials([redox("dme", 4.0, half=0.9)]).estimates["oxidation"]["dme"]
    assert (wide.low, wide.high) == pytest.approx((3.1, 4.9), abs=1e-4)
    narrow = read_potentials([redox("dme", 4.0, half=0.05)]).estimates["oxidation"]["dme"]
    assert (narrow.low, narrow.high) == pytest.approx((3.8, 4.2), abs=1e-4)


def test_both_sides_share_the_scale():
    """The window of a molecule does not depend on the zero."""
    [row] = [redox("dme", 4.0, half=0.2)]
    found = read_potentials([row]).estimates
    drawn = sample(
        [found["oxidation"]["dme"], found["reduction"]["dme"]],
        n_draws=500,
        rng=np.random.default_rng(1),
    )
    assert np.allclose(drawn[:, 0] - drawn[:, 1], 3.9)


def test_potentials_for_another_absolute_scale_are_moved_to_that_of_most():
    """4.28 V for the hydrogen electrode instead of 4.44 V raises every potential by 0.16 V."""
    rows = [
        redox("dme", 4.0),
        redox("fsi_minus", 4.2),
        redox("pf6_minus", 7.16, absolute_she_v=4.28, absolute_k_v=1.349),
    ]
    found = read_potentials(rows)
    assert found.absolute_k_v == 1.509
    assert found.estimates["oxidation"]["pf6_minus"].value == pytest.approx(7.0)
    assert found.estimates["oxidation"]["pf6_minus"].raw == 7.16
    assert found.estimates["oxidation"]["dme"].value == 4.0


def test_bare_cations_do_not_count():
    assert active_species("kfsi_dme_1m", CATALOG) == ("fsi_minus", "dme")


def test_each_species_counts_at_its_best_level():
    rows = [redox("dme", 4.5, level="standard"), redox("dme", 4.0), redox("ec", 5.0)]
    found = read_potentials(rows)
    assert {name: row.level for name, row in found.rows.items()} == {
        "dme": "standard",
        "ec": "screen",
    }
    assert found.estimates["oxidation"]["dme"].value == 4.5


def test_a_potential_without_an_error_has_no_interval():
    row = make_row("redox", "dme", values={"potential_oxidation_v_vs_k": 4.0})
    found = read_potentials([row]).estimates
    assert found["oxidation"]["dme"].value == 4.0
    assert not found["oxidation"]["dme"].known
    assert found["reduction"] == {}


def test_rows_that_failed_give_no_potential():
    assert read_potentials([make_row("redox", "dme", status="failed")]) is None
