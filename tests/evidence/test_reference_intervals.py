"""Printed intervals against draws, for every estimate that the committed rows give."""

from __future__ import annotations

import numpy as np
import pytest

from potash.calibration import sample
from potash.catalog.catalog import load_catalog
from potash.evidence.adsorption import estimates
from potash.evidence.hosts import host_evidence
from potash.evidence.known import known_rows
from potash.evidence.liquids import liquid_evidence
from potash.evidence.potentials import read_potentials
from potash.evidence.species import measured_ionisation_energies, species_evidence

N_DRAWS = 100_000


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


@pytest.fixture(scope="module")
def rows(catalog):
    return known_rows(None, catalog)


def ratios(found):
    known = [e for e in found if e.known]
    drawn = sample(known, n_draws=N_DRAWS, rng=np.random.default_rng(3))
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return (high - low) / np.array([e.high - e.low for e in known])


def test_adsorption_energies(rows, catalog):
    found = ratios(estimates(rows, catalog.models).values())
    assert len(found) > 120
    assert found == pytest.approx(1.0, abs=0.05)
    assert np.median(found) == pytest.approx(1.0, abs=0.005)


def test_ionisation_energies(rows):
    evidence, _ = species_evidence(rows, measured_ionisation_energies())
    found = ratios(e.ionisation for e in evidence.values())
    assert len(found) > 100
    assert found == pytest.approx(1.0, abs=0.05)


def test_potentials(rows):
    sides = read_potentials(rows).estimates
    found = ratios([e for side in sides.values() for e in side.values()])
    assert len(found) > 100
    assert found == pytest.approx(1.0, abs=0.05)


def test_diffusion_coefficients(rows):
    liquids = liquid_evidence(rows)
    found = ratios([e.diffusion_k for e in liquids.values() if e.diffusion_k is not None])
    assert len(found) >= 3
    assert found == pytest.approx(1.0, abs=0.05)


def test_hosts_with_several_models(rows, catalog):
    """The interval of a host is that of the mixture that its draws are from."""
    hosts = host_evidence(rows, catalog, seed=1, n_draws=60_000).hosts
    found = []
    for host in hosts:
        if host.draws_ev is None or host.interval_ev is None:
            continue
        low, high = np.quantile(host.draws_ev, [0.025, 0.975])
        found.append((high - low) / (host.interval_ev[1] - host.interval_ev[0]))
    assert len(found) > 80
    assert found == pytest.approx(np.ones(len(found)), abs=0.05)


def test_the_functional_is_one_line_of_the_committed_rows(rows, catalog):
    """RPBE shift = 0.061 - 0.084 E, r -0.93, residual 0.03 eV; PBEsol mirrors it."""
    line = host_evidence(rows, catalog, seed=1, n_draws=2).errors.dft.functional
    assert line.n == 17
    assert line.intercept_ev == pytest.approx(0.061, abs=0.005)
    assert line.slope == pytest.approx(-0.084, abs=0.005)
    assert line.r == pytest.approx(-0.93, abs=0.02)
    assert line.residual_sd_ev == pytest.approx(0.03, abs=0.005)
    assert line.mirror_r == pytest.approx(-0.96, abs=0.01)
