"""Conductivity against Brownian ions, bound pairs, naive displacements and frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from potash.errors import InputError
from potash.trajectories.conductivity import conductivity
from potash.units import AVOGADRO_MOL, BOLTZMANN_J_K, ELEMENTARY_CHARGE_C

VOLUME = (30e-10) ** 3
TEMPERATURE = 300.0
NAMES = ("K", "FSI", "DME")


def walk(rng, n_frames, n, step):
    return np.cumsum(rng.normal(0, step, (n_frames, n, 3)), axis=0)


def brownian(seed, n_frames=3000, n=20, steps=(0.3, 0.2, 0.0), n_solvent=50):
    rng = np.random.default_rng(seed)
    parts = [walk(rng, n_frames, m, s) for m, s in zip((n, n, n_solvent), steps, strict=True)]
    species = np.repeat([0, 1, 2], [n, n, n_solvent])
    return np.concatenate(parts, axis=1), species


def conduct(positions, species, charges=(1.0, -1.0, 0.0), **options):
    return conductivity(
        positions, species, NAMES, charges, np.ones(len(species)),
        dt_ps=1.0, volume_m3=VOLUME, temperature_k=TEMPERATURE, **options,
    )  # fmt: skip


def ideal(n, *steps):
    """Nernst-Einstein with D = step^2 / 2 square angstrom per ps."""
    d = sum(s**2 / 2 * 1e-8 for s in steps)
    return ELEMENTARY_CHARGE_C**2 * n * d / (VOLUME * BOLTZMANN_J_K * TEMPERATURE)


def test_brownian_ions_conduct_as_nernst_and_einstein_say():
    """Over 12 runs the mean agrees within two standard errors, both ways."""
    expected = ideal(20, 0.3, 0.2)
    found = [conduct(*brownian(seed)) for seed in range(12)]
    for attribute in ("einstein_helfand_s_m", "nernst_einstein_s_m"):
        values = np.array([getattr(f, attribute).value for f in found])
        error = values.std(ddof=1) / np.sqrt(len(values))
        assert abs(values.mean() - expected) < 2 * error
    covered = sum(
        f.einstein_helfand_s_m.low <= expected <= f.einstein_helfand_s_m.high for f in found
    )
    assert covered >= 9


def test_transference_of_brownian_ions_is_their_share_of_mobility():
    found = [conduct(*brownian(seed)) for seed in range(20, 32)]
    values = np.array([f.transference["K"].value for f in found])
    expected = 0.3**2 / (0.3**2 + 0.2**2)
    assert abs(values.mean() - expected) < 2 * values.std(ddof=1) / np.sqrt(len(values))
    for f in found:
        assert f.transference["K"].value + f.transference["FSI"].value == pytest.approx(1)
        assert f.frame == "solvent-fixed"


def test_bound_pairs_carry_no_current():
    rng = np.random.default_rng(3)
    pairs = walk(rng, 2000, 20, 0.3)
    bond = np.array([0.0, 0.0, 3.0])
    jitter = rng.normal(0, 0.1, pairs.shape)
    still = np.zeros((2000, 10, 3))
    positions = np.concatenate([pairs, pairs + bond + jitter, still], axis=1)
    found = conduct(positions, np.repeat([0, 1, 2], [20, 20, 10]))
    assert abs(found.ionicity) < 0.01
    assert found.nernst_einstein_s_m.value == pytest.approx(ideal(20, 0.3, 0.3), rel=0.2)


def test_onsager_coefficients_equal_naive_displacements():
    positions, species = brownian(4, n_frames=300)
    found = conduct(positions, species, window_ps=(5.0, 25.0))
    origin = positions[:, species == 2].mean(axis=1)
    p = [positions[:, species == k].sum(axis=1) - 20 * origin for k in (0, 1)]
    lags = np.arange(5, 26)
    factor = 1e-8 / (6 * VOLUME * BOLTZMANN_J_K * TEMPERATURE * AVOGADRO_MOL**2)
    for (i, j), label in (((0, 0), "K,K"), ((0, 1), "K,FSI"), ((1, 1), "FSI,FSI")):
        curve = [np.mean(np.sum((p[i][m:] - p[i][:-m]) * (p[j][m:] - p[j][:-m]), 1)) for m in lags]
        expected = factor * np.polyfit(lags, curve, 1)[0]
        assert found.onsager_mol2_j_m_s[label].value == pytest.approx(expected, rel=1e-6, abs=0)
    assert found.window_ps == (5.0, 25.0)


def test_conductivity_does_not_depend_on_the_frame_but_transference_does():
    rng = np.random.default_rng(5)
    positions, species = brownian(5, steps=(0.3, 0.2, 0.1), n_solvent=5)
    masses = np.repeat([39.0, 180.0, 90.0], [20, 20, 5])
    wobble = walk(rng, len(positions), 1, 0.2)
    options = {"dt_ps": 1.0, "volume_m3": VOLUME, "temperature_k": TEMPERATURE}
    args = (species, NAMES, (1.0, -1.0, 0.0), masses)
    solvent = conductivity(positions, *args, **options)
    moved = conductivity(positions + wobble, *args, **options)
    mass = conductivity(positions, *args, solvent_fixed=False, **options)
    sigma = solvent.einstein_helfand_s_m.value
    assert moved.einstein_helfand_s_m.value == pytest.approx(sigma, rel=1e-6)
    assert mass.einstein_helfand_s_m.value == pytest.approx(sigma, rel=1e-6)
    assert moved.transference["K"].value == pytest.approx(solvent.transference["K"].value, rel=1e-6)
    assert mass.frame == "barycentric"
    assert abs(mass.transference["K"].value - solvent.transference["K"].value) > 1e-3


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 1.0))
def test_scaled_charges_scale_the_conductivity_and_order_does_not_matter(seed, scale):
    positions, species = brownian(seed, n_frames=150, n=4, n_solvent=6)
    one = conduct(positions, species)
    scaled = conduct(positions, species, (scale, -scale, 0.0))
    order = np.random.default_rng(seed).permutation(len(species))
    shuffled = conduct(positions[:, order], species[order])
    value = one.einstein_helfand_s_m.value
    assert scaled.einstein_helfand_s_m.value == pytest.approx(scale**2 * value, rel=1e-6)
    assert shuffled.einstein_helfand_s_m.value == pytest.approx(value, rel=1e-6)
    assert scaled.transference["K"].value == pytest.approx(one.transference["K"].value, rel=1e-6)


def test_unusable_input_is_named():
    positions, species = brownian(6, n_frames=300, n=4)
    with pytest.raises(InputError, match=r"add up to \+4 e"):
        conduct(positions, species, (2.0, -1.0, 0.0))
    with pytest.raises(InputError, match="no species is charged"):
        conduct(positions, species, (0.0, 0.0, 0.0))
    with pytest.raises(InputError, match="90 frames, at least 100 needed"):
        conduct(positions[:90], species)
    with pytest.raises(InputError, match="does not fit into blocks of 60 ps"):
        conduct(positions, species, window_ps=(10.0, 70.0))


def test_conductivity_does_not_depend_on_how_time_is_cut():
    """The same walk with frames 0.2 ps apart conducts five times better."""
    positions, species = brownian(3, n_frames=1500)
    options = {"volume_m3": VOLUME, "temperature_k": TEMPERATURE}
    arguments = (positions, species, NAMES, (1.0, -1.0, 0.0), np.ones(len(species)))
    slow = conductivity(*arguments, dt_ps=1.0, **options)
    fast = conductivity(*arguments, dt_ps=0.2, **options)
    for name in ("einstein_helfand_s_m", "nernst_einstein_s_m"):
        assert getattr(fast, name).value == pytest.approx(5 * getattr(slow, name).value)


def test_the_interval_is_that_of_the_blocks():
    """Each fifth by itself gives a conductivity; their spread is the interval."""
    positions, species = brownian(4, n_frames=2000)
    window = (5.0, 100.0)
    whole = conduct(positions, species, window_ps=window)
    parts = [
        naive_nernst_einstein(positions[b * 400 : (b + 1) * 400], species, window) for b in range(5)
    ]
    half = t.ppf(0.975, 4) * np.std(parts, ddof=1) / np.sqrt(5)
    found = whole.nernst_einstein_s_m
    assert found.high - found.value == pytest.approx(half, rel=1e-6)


def naive_nernst_einstein(positions, species, window):
    """Slopes of the mean squared displacements by a plain loop over lags."""
    lags = np.arange(round(window[0]), round(window[1]) + 1)
    total = 0.0
    for k, z in ((0, 1.0), (1, -1.0)):
        own = positions[:, species == k]
        msd = [np.mean(((own[lag:] - own[:-lag]) ** 2).sum(axis=2)) for lag in lags]
        total += own.shape[1] * z**2 * np.polyfit(lags, msd, 1)[0] / 6 * 1e-8
    return ELEMENTARY_CHARGE_C**2 * total / (VOLUME * BOLTZMANN_J_K * TEMPERATURE)
