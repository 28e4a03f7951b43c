"""Green-Kubo viscosity of a fluid whose stress forgets exponentially: eta = V s^2 tau / (kT)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from potash.errors import InputError
from potash.trajectories.viscosity import N_BLOCKS, green_kubo_viscosity, read_pressure_xvg
from potash.units import BOLTZMANN_J_K

VOLUME, TEMPERATURE, SIGMA_BAR, TAU_FRAMES, DT = 27e-27, 300.0, 200.0, 20.0, 0.01


def stress(seed, n):
    """Ornstein-Uhlenbeck symmetric tensor: each off-diagonal element has variance s^2."""
    rng = np.random.default_rng(seed)
    keep = np.exp(-1 / TAU_FRAMES)
    noise = rng.normal(0, SIGMA_BAR * np.sqrt(1 - keep**2), (n, 3, 3))
    x = np.zeros((n, 3, 3))
    x[0] = rng.normal(0, SIGMA_BAR, (3, 3))
    for i in range(1, n):
        x[i] = keep * x[i - 1] + noise[i]
    # Isotropic: off-diagonals s^2, diagonals 2 s^2, as the average of a full tensor and its
    # transpose has (times sqrt 2).
    return (x + x.transpose(0, 2, 1)) / np.sqrt(2)


EXACT = VOLUME * (SIGMA_BAR * 1e5) ** 2 * TAU_FRAMES * DT * 1e-12 / (BOLTZMANN_J_K * TEMPERATURE)


def test_exponential_memory_gives_the_exact_viscosity():
    found = [green_kubo_viscosity(stress(s, 20_000), DT, VOLUME, TEMPERATURE) for s in range(6)]
    values = np.array([f.value_pa_s for f in found])
    assert values.mean() == pytest.approx(EXACT, rel=0.06)
    assert sum(f.status == "ok" for f in found) >= 4
    assert sum(f.low_pa_s <= EXACT <= f.high_pa_s for f in found) >= 4
    assert all(f.cutoff_ps > 3 * TAU_FRAMES * DT for f in found)


def test_a_weak_slow_tail_is_not_cut_off():
    """Half of the integral from a part with a hundredth of the amplitude."""
    tensor = stress(7, 60_000)
    rng = np.random.default_rng(8)
    fast = rng.normal(0, 10 * SIGMA_BAR, tensor.shape)  # one frame of memory
    fast = (fast + fast.transpose(0, 2, 1)) / np.sqrt(2)
    found = green_kubo_viscosity(tensor + fast, DT, VOLUME, TEMPERATURE)
    # White noise adds its variance times half a frame (trapezoidal rule).
    exact = EXACT * (1 + 100 * 0.5 / TAU_FRAMES)
    assert found.value_pa_s == pytest.approx(exact, rel=0.15)
    assert found.cutoff_ps > 2 * TAU_FRAMES * DT


def test_pressure_itself_and_units_do_not_matter():
    tensor = stress(1, 5000)
    one = green_kubo_viscosity(tensor, DT, VOLUME, TEMPERATURE)
    shifted = tensor + 500.0 * np.eye(3)
    two = green_kubo_viscosity(shifted, DT, VOLUME, TEMPERATURE)
    assert two.value_pa_s == pytest.approx(one.value_pa_s, rel=1e-9)
    double = green_kubo_viscosity(2 * tensor, DT, VOLUME, TEMPERATURE)
    assert double.value_pa_s == pytest.approx(4 * one.value_pa_s, rel=1e-9)


def test_short_runs_are_flagged():
    rng = np.random.default_rng(0)
    slow = np.cumsum(rng.normal(0, 1, (1200, 3, 3)), axis=0)
    assert green_kubo_viscosity(slow, DT, VOLUME, TEMPERATURE).status != "ok"
    with pytest.raises(InputError, match="at least 1000"):
        green_kubo_viscosity(slow[:500], DT, VOLUME, TEMPERATURE)
    with pytest.raises(InputError, match="must be positive"):
        green_kubo_viscosity(slow, DT, VOLUME, 0.0)


def test_gromacs_energy_file(tmp_path):
    names = [f"Pres-{a}{b}" for a in "XYZ" for b in "XYZ"]
    lines = ["# gmx energy", '@    title "GROMACS Energies"']
    lines += [f'@ s{i} legend "{name}"' for i, name in enumerate(["Pressure", *names])]
    lines += ["  ".join(["0.0", "7.0", *map(str, range(9))])]
    lines += ["  ".join(["0.01", "7.0", *map(str, range(9, 18))])]
    (tmp_path / "p.xvg").write_text("\n".join(lines) + "\n")
    times, tensor = read_pressure_xvg(tmp_path / "p.xvg")
    assert times.tolist() == [0.0, 0.01]
    assert tensor[1].tolist() == [[9, 10, 11], [12, 13, 14], [15, 16, 17]]
    (tmp_path / "bad.xvg").write_text('@ s0 legend "Pres-XX"\n0 1\n')
    with pytest.raises(InputError, match="lacks Pres-XY"):
        read_pressure_xvg(tmp_path / "bad.xvg")
    with pytest.raises(InputError, match="no such file"):
        read_pressure_xvg(tmp_path / "absent.xvg")


def test_the_interval_is_that_of_the_five_independent_components():
    """Against sums written out: blocks times xy, xz, yz, (xx - yy)/2 and (yy - zz)/2."""
    tensor = stress(3, 12_000)
    tensor[:, 0, 0] *= 3.0  # the diagonal counts, and each element for itself
    found = green_kubo_viscosity(tensor, DT, VOLUME, TEMPERATURE)
    pa = tensor * 1e5
    xx, yy, zz = (pa[:, i, i] for i in range(3))
    parts = [pa[:, 0, 1], pa[:, 0, 2], pa[:, 1, 2], (xx - yy) / 2, (yy - zz) / 2]
    stop = round(found.cutoff_ps / DT)
    size = len(tensor) // N_BLOCKS
    samples = []
    for x in parts:
        for b in range(N_BLOCKS):
            block = x[b * size : (b + 1) * size]
            c = [float(np.mean(block[: size - lag] * block[lag:])) for lag in range(stop + 1)]
            integral = sum((c[i] + c[i + 1]) / 2 for i in range(stop)) * DT * 1e-12
            samples.append(VOLUME / (BOLTZMANN_J_K * TEMPERATURE) * integral)
    error = np.std(samples, ddof=1) / np.sqrt(len(samples))
    half = t.ppf(0.975, len(samples) - 1) * error
    assert found.high_pa_s - found.value_pa_s == pytest.approx(half, rel=1e-6)
