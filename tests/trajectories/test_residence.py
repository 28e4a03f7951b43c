"""Residence times against exponential lifetimes, naive event counts and joined stretches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.trajectories.residence import ContactLog, joined_events, merge_events, residence
from potash.trajectories.solvation import Speciation
from potash.trajectories.trajectory import run_together
from tests.trajectories.synthetic import ORTHORHOMBIC, ions_and_solvent


def log_of(present):
    """Log of a boolean table (frame, contact)."""
    log = ContactLog()
    for row in present:
        log.add(np.flatnonzero(row))
    return log


def naive_events(present):
    events = []
    for contact, column in enumerate(present.T):
        edges = np.flatnonzero(np.diff(np.r_[0, column.astype(int), 0]))
        events += [(contact, a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return sorted(events)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 6), st.floats(0.1, 0.9))
def test_events_equal_those_of_every_column(seed, n_frames, n_contacts, share):
    present = np.random.default_rng(seed).random((n_frames, n_contacts)) < share
    events = sorted(map(tuple, merge_events(log_of(present).events(), 0).tolist()))
    assert events == naive_events(present)
    cut = n_frames // 3
    joined = joined_events([log_of(present[:cut]), log_of(present[cut:])])
    assert sorted(map(tuple, joined.tolist())) == naive_events(present)


def test_short_separations_are_bridged():
    present = np.array([[1, 1, 0, 1, 0, 0, 0, 1, 1]], bool).T
    events = log_of(present).events()
    assert merge_events(events, 1).tolist() == [[0, 0, 4], [0, 7, 9]]
    assert merge_events(events, 3).tolist() == [[0, 0, 9]]
    assert merge_events(np.empty((0, 3), np.int64), 3).tolist() == []


def markov(seed, tau, off, n_frames, n_contacts):
    """Contacts that end (and begin again) at constant rates."""
    rng = np.random.default_rng(seed)
    present = np.zeros((n_frames, n_contacts), bool)
    state = rng.random(n_contacts) < tau / (tau + off)
    for row in present:
        row[:] = state
        flip = rng.random(n_contacts) < np.where(state, 1 / tau, 1 / off)
        state = state ^ flip
    return present


def test_exponential_lifetimes_are_found_with_their_survival():
    tau, dt = 40.0, 0.5
    covered = 0
    for seed in range(20):
        present = markov(seed, tau, 60.0, 400, 30)
        found = residence(log_of(present).events(), 400, dt, tolerance_ps=0.0)
        assert found.status == "ok"
        assert found.value_ps == pytest.approx(tau * dt, rel=0.25)
        covered += found.low_ps <= tau * dt <= found.high_ps
        assert found.survival[0] == 1.0
    assert covered >= 17
    present = markov(99, tau, 60.0, 4000, 200)
    found = residence(log_of(present).events(), 4000, dt, tolerance_ps=0.0)
    expected = (1 - 1 / tau) ** (found.survival_time_ps / dt)
    assert found.survival[:8] == pytest.approx(expected[:8], abs=0.02)


def test_flicker_is_not_an_end_within_the_tolerance():
    present = markov(1, 200.0, 300.0, 2000, 40)
    flickering = present & (np.random.default_rng(2).random(present.shape) > 0.05)
    raw = residence(log_of(flickering).events(), 2000, 1.0, tolerance_ps=0.0)
    bridged = residence(log_of(flickering).events(), 2000, 1.0, tolerance_ps=4.0)
    assert raw.value_ps < 40
    assert bridged.value_ps == pytest.approx(200.0, rel=0.2)


def test_contacts_that_never_end_give_a_lower_bound_only():
    found = residence(log_of(np.ones((50, 4), bool)).events(), 50, 2.0)
    assert found.status == "no contact ended"
    assert found.value_ps is None
    assert found.high_ps is None
    assert found.low_ps == pytest.approx(50 * 4 * 2.0 / 3)
    nothing = residence(log_of(np.zeros((50, 4), bool)).events(), 50, 2.0)
    assert nothing.status == "no contact"
    assert nothing.low_ps is None
    assert residence(log_of(np.eye(4, dtype=bool)).events(), 4, 1.0, 0.0).status == "few events"


def test_speciation_follows_its_contacts_over_any_number_of_stretches():
    rng = np.random.default_rng(3)
    cycle = 2.5 + (np.arange(200) // 10 % 2) * 3.0  # ten frames bound, ten apart
    frames = np.zeros((200, 4, 3))
    frames[:, 0] = 7.0
    frames[:, 1] = frames[:, 2] = 7.0 + np.array([0, 0, 7.0])  # an anion that never comes
    frames[:, 3] = 7.0
    frames[:, 3, 0] += cycle + rng.normal(0, 0.01, 200)
    made = ions_and_solvent(frames, ORTHORHOMBIC, 1, 1, dt_ps=0.5)
    groups = [made.select_atoms(f"resname {name}") for name in ("K", "ANI", "SOL")]

    def followed(n_workers):
        analysis = Speciation(*groups, cutoff=3.5, residence_tolerance_ps=1.0)
        run_together([analysis], n_workers=n_workers)
        return analysis.results.residence

    one, two = followed(1), followed(2)
    assert one["SOL"].n_contacts == 10
    assert one["SOL"].n_ended == 10
    assert one["SOL"].value_ps == pytest.approx(5.0)
    assert one["ANI"].status == "no contact"
    assert two["SOL"].n_contacts == 10
    assert two["SOL"].survival == pytest.approx(one["SOL"].survival)
    assert Speciation(*groups, cutoff=3.5).run().results.residence == {}
