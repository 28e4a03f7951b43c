"""The coverage benchmark with few repetitions: what is simulated, and that intervals hold."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmark_modules import benchmark

REPETITIONS = 30


BENCHMARK = benchmark("draws_coverage")


@pytest.fixture(scope="module")
def known():
    return BENCHMARK.population()


@pytest.fixture(scope="module")
def tallies(known):
    return BENCHMARK.adsorption(REPETITIONS, known)


def test_values_and_differences_are_covered_as_often_as_they_say(tallies):
    """93 to 97 % over 1,000 campaigns; here with four standard errors of a few."""
    for what in ("values, printed", "values, drawn", "differences"):
        share, error = tallies["now"].coverage(what)
        assert 0.93 - 4 * error < share < 0.97 + 4 * error
        assert error < 0.02


def test_the_scheme_before_drew_far_too_widely(tallies):
    assert np.median(tallies["before"].ratios) > 1.5
    assert tallies["before"].coverage("differences")[0] > 0.99
    resolved = {name: t.coverage("differences resolved")[0] for name, t in tallies.items()}
    assert resolved["now"] > 2 * resolved["before"]


def test_draws_are_as_wide_as_what_is_printed(tallies):
    assert np.median(tallies["now"].ratios) == pytest.approx(1.0, abs=0.01)


def test_new_molecules_are_covered_as_well():
    found = BENCHMARK.ionisation(60, BENCHMARK.ionisation_model(), {"now": BENCHMARK.now})["now"]
    for what in ("values, printed", "values, drawn", "differences"):
        share, error = found.coverage(what)
        assert 0.93 - 4 * error < share < 0.97 + 4 * error


def test_a_simulated_campaign_keeps_what_is_not_drawn(known):
    energies, truth = BENCHMARK.campaign(known, np.random.default_rng(0))
    assert len(energies) == len(known.energies)
    assert len(truth) == len(known.ranked)
    for new, old in zip(energies, known.energies, strict=True):
        assert (new.row.key, new.group) == (old.row.key, old.group)
        if new.row.level == "screen":
            assert new.energy_ev == old.energy_ev
    again, same = BENCHMARK.campaign(known, np.random.default_rng(0))
    assert np.array_equal(truth, same)
    assert [e.energy_ev for e in again] == [e.energy_ev for e in energies]
