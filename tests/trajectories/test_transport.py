"""Mean squared displacements and diffusion against walks whose coefficient is known."""

from __future__ import annotations

import csv
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.errors import InputError
from potash.trajectories.diffusion import (
    MADELUNG_CUBIC,
    diffusion,
    fit_slope,
    mean_squared_displacement,
    yeh_hummer_correction,
)
from potash.trajectories.trajectory import run_together
from potash.trajectories.transport import MeanSquaredDisplacement
from tests.trajectories.synthetic import ORTHORHOMBIC, TRICLINIC, atoms, universe, wrap


def naive_msd(positions):
    n = len(positions)
    return np.array(
        [0.0]
        + [np.mean(np.sum((positions[m:] - positions[:-m]) ** 2, axis=-1)) for m in range(1, n)]
    )


def walk(seed, n_frames, n_molecules, step=0.3):
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.normal(0, step, (n_frames, n_molecules, 3)), axis=0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.integers(1, 7))
def test_fft_equals_the_windowed_loop(seed, n_frames, n_molecules):
    positions = walk(seed, n_frames, n_molecules) + 1000.0
    assert mean_squared_displacement(positions) == pytest.approx(
        naive_msd(positions), rel=1e-7, abs=1e-7
    )


def test_chunks_of_molecules_add_up():
    positions = walk(1, 50, 9)
    expected = naive_msd(positions)
    assert mean_squared_displacement(positions) == pytest.approx(expected, rel=1e-9)
    # A chunk holds 2e6 values; this many frames and molecules need several.
    wide = np.tile(walk(2, 3000, 1), (1, 700, 1))
    assert mean_squared_displacement(wide)[:50] == pytest.approx(
        mean_squared_displacement(wide[:, :1])[:50], rel=1e-9
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_msd_does_not_depend_on_order_or_origin(seed):
    rng = np.random.default_rng(seed)
    positions = walk(seed, 40, 6)
    other = positions[:, rng.permutation(6)] + rng.uniform(-50, 50, (6, 3))
    assert mean_squared_displacement(other) == pytest.approx(
        mean_squared_displacement(positions), rel=1e-8, abs=1e-8
    )
    assert mean_squared_displacement(positions[::-1]) == pytest.approx(
        mean_squared_displacement(positions), rel=1e-8, abs=1e-8
    )


def test_straight_motion_is_quadratic():
    positions = np.arange(50)[:, None, None] * np.array([1.0, 2.0, 2.0])
    assert mean_squared_displacement(positions) == pytest.approx(9.0 * np.arange(50) ** 2)


def test_brownian_coefficient_lies_in_its_interval():
    """D = s^2 / (2 dt) per dimension; 95 % intervals must cover it nearly always."""
    step, dt = 0.3, 0.5
    expected = step**2 / (2 * dt) * 1e-8
    covered = 0
    for seed in range(20):
        found = diffusion(walk(seed, 1500, 40, step), dt)
        assert found.status == "diffusive"
        assert found.value_m2_s == pytest.approx(expected, rel=0.2)
        assert found.low_m2_s < found.value_m2_s < found.high_m2_s
        covered += found.low_m2_s <= expected <= found.high_m2_s
    assert covered >= 16


def test_confined_and_ballistic_motion_is_not_called_diffusive():
    rng = np.random.default_rng(0)
    confined = diffusion(rng.normal(0, 1, (1000, 50, 3)), 1.0)
    assert confined.status == "not diffusive yet"
    assert confined.value_m2_s is None
    assert confined.loglog_slope == pytest.approx(0.0, abs=0.05)
    velocities = rng.normal(0, 1, (50, 3))
    ballistic = diffusion(np.arange(1000.0)[:, None, None] * velocities, 1.0)
    assert ballistic.status == "not diffusive yet"
    assert ballistic.loglog_slope == pytest.approx(2.0, abs=1e-6)


def test_molecules_that_move_together_are_no_independent_samples():
    """Forty copies of one walk know as much as one walk."""
    step, dt = 0.3, 0.5
    expected = step**2 / (2 * dt) * 1e-8
    covered, diffusive = 0, 0
    for seed in range(20):
        alone = walk(seed, 1500, 1, step)
        jitter = np.random.default_rng(seed + 1000).normal(0, 0.01, (1500, 40, 3))
        found = diffusion(alone + jitter, dt)
        if found.low_m2_s is not None:
            diffusive += 1
            covered += found.low_m2_s <= expected <= found.high_m2_s
    assert covered >= 0.7 * diffusive


def test_late_lags_are_tried_where_early_ones_are_not_diffusive():
    """A walk with a rattle around it is diffusive only at long times."""
    rng = np.random.default_rng(5)
    rattle = np.zeros((3000, 200, 3))
    for frame in range(1, 3000):
        rattle[frame] = 0.98 * rattle[frame - 1] + rng.normal(0, 0.3, (200, 3))
    step = 0.4
    found = diffusion(walk(6, 3000, 200, step) + rattle, 1.0)
    assert found.status == "diffusive"
    assert found.window_ps == pytest.approx((300.0, 599.0))
    expected = step**2 / 2 * 1e-8
    assert found.low_m2_s <= expected <= found.high_m2_s


def test_three_molecules_are_judged_by_blocks_of_time():
    found = diffusion(walk(2, 4000, 3), 1.0)
    assert found.window_ps[1] <= 400.0
    assert found.loglog_slope_half_width > 0.0


def test_short_and_frozen_trajectories_say_why():
    assert diffusion(walk(0, 60, 5), 1.0).status == "not computed: 60 frames, 100 needed"
    assert diffusion(np.zeros((200, 5, 3)), 1.0).status == "not computed: nothing moves"


def displaced(positions, box, **options):
    return MeanSquaredDisplacement(atoms(positions, box), **options).run().results


@pytest.mark.parametrize("box", [ORTHORHOMBIC, TRICLINIC], ids=["orthorhombic", "triclinic"])
def test_wrapped_and_unwrapped_trajectories_agree(box):
    positions = walk(3, 150, 8, 0.5) + 7.0
    wrapped = np.array([wrap(f, box) for f in positions])
    one, two = displaced(positions, box), displaced(wrapped, box)
    centred = positions - positions.mean(axis=1, keepdims=True)
    assert one.msd["K"] == pytest.approx(naive_msd(centred), rel=1e-3, abs=1e-3)
    assert two.msd["K"] == pytest.approx(one.msd["K"], rel=1e-3, abs=1e-3)


def test_drift_of_the_whole_system_is_removed():
    still = walk(4, 120, 10)
    moving = still + np.arange(120)[:, None, None] * np.array([0.2, 0.0, -0.1])
    one, two = displaced(still, ORTHORHOMBIC), displaced(moving, ORTHORHOMBIC)
    assert two.msd["K"] == pytest.approx(one.msd["K"], rel=1e-3, abs=1e-3)


def test_a_breathing_box_adds_no_diffusion():
    """Particles at rest in fractional space, many boxes away from the origin."""
    rng = np.random.default_rng(5)
    lengths = 20.0 + rng.normal(0, 0.1, 300)
    fractions = rng.uniform(0, 1, (30, 3)) + rng.integers(-20, 20, (30, 3))
    positions = fractions[None] * lengths[:, None, None]
    boxes = np.concatenate([np.stack([lengths] * 3, 1), np.full((300, 3), 90.0)], axis=1)
    results = displaced(positions, boxes)
    # Lattice unwrapping would give about 2 * 3 * (12 * 0.1)^2 = 8 square angstrom.
    assert results.msd["K"][100] < 0.1


def test_centre_of_mass_of_broken_molecules_is_followed():
    centres = walk(6, 130, 5, 0.4)
    bond = np.array([0.7, 0.5, 0.2])
    positions = np.stack([centres - bond, centres + bond], axis=2).reshape(130, 10, 3)
    wrapped = np.array([wrap(f, ORTHORHOMBIC) for f in positions])
    made = universe(
        ["O1", "O2"] * 5, np.repeat(np.arange(5), 2).tolist(), ["OX"] * 5, wrapped, ORTHORHOMBIC
    )
    results = MeanSquaredDisplacement(made).run().results
    centred = centres - centres.mean(axis=1, keepdims=True)
    assert results.msd["OX"] == pytest.approx(naive_msd(centred), rel=1e-3, abs=1e-3)


def test_bounded_memory_keeps_fewer_frames_and_the_right_answer():
    positions = walk(7, 1700, 10)
    full = displaced(positions, ORTHORHOMBIC)
    thin = displaced(positions, ORTHORHOMBIC, memory_mb=0.01)
    assert len(thin.times_ps) <= 200
    stride = int(thin.times_ps[1] - thin.times_ps[0])
    assert stride == 9
    assert np.diff(thin.times_ps) == pytest.approx(np.full(len(thin.times_ps) - 1, 9.0))
    assert thin.positions == pytest.approx(full.positions[::9], abs=1e-9)
    assert thin.diffusion["K"].value_m2_s == pytest.approx(full.diffusion["K"].value_m2_s, rel=0.2)


@pytest.mark.parametrize("memory_mb", [512.0, 0.01])
def test_stretches_of_frames_are_joined_seamlessly(memory_mb):
    """What parallel workers do: each unwraps its own stretch."""
    positions = walk(12, 700, 6, 0.5)
    made = atoms(np.array([wrap(f, TRICLINIC) for f in positions]), TRICLINIC)
    whole = MeanSquaredDisplacement(made, memory_mb=memory_mb)
    run_together([whole])
    parts = MeanSquaredDisplacement(made, memory_mb=memory_mb)
    run_together([parts], n_workers=3)
    assert parts.results.times_ps.tolist() == whole.results.times_ps.tolist()
    assert parts.results.positions == pytest.approx(whole.results.positions, abs=1e-9)


def test_unusable_times_frames_and_steps_are_named():
    positions = walk(8, 120, 5)
    single = MeanSquaredDisplacement(atoms(positions, ORTHORHOMBIC)).run(stop=1).results
    assert single.note == "a single frame"
    uneven = MeanSquaredDisplacement(atoms(positions, ORTHORHOMBIC)).run(frames=[0, 1, 5, 6])
    assert "not evenly spaced" in uneven.results.note
    far = np.random.default_rng(0).uniform(0, 14, (120, 5, 3))
    assert "too far apart to unwrap" in displaced(far, ORTHORHOMBIC).note
    assert displaced(far, ORTHORHOMBIC).diffusion["K"].value_m2_s is None
    unknown = atoms(positions, ORTHORHOMBIC)
    unknown.trajectory.ts.data.clear()
    note = MeanSquaredDisplacement(unknown).run().results.note
    assert note == "the trajectory does not hold the time between frames; give it (dt_ps)"


def test_yeh_hummer_takes_the_size_dependence_out_of_tip3p_water(reference_data):
    """D(L) + correction is one number, with the viscosity from the slope of D over 1/L."""
    with (reference_data / "yeh_hummer_tip3p.csv").open() as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    length = np.array([float(r["L_angstrom"]) for r in rows])
    raw = np.array([float(r["D_1e-5_cm2_per_s"]) for r in rows])
    error = np.array([float(r["D_sd_1e-5_cm2_per_s"]) for r in rows])
    slope = -np.polyfit(1 / length, raw, 1, w=1 / error)[0] * 1e-9 * 1e-10
    viscosity = MADELUNG_CUBIC * 1.380649e-23 * 298.0 / (6 * np.pi * slope)
    assert 0.2e-3 < viscosity < 0.4e-3  # in Pa s: a third of real water's
    corrected = raw + 1e9 * np.array([yeh_hummer_correction(x, 298.0, viscosity) for x in length])
    assert corrected == pytest.approx(np.full(5, corrected.mean()), abs=0.04)
    assert np.ptp(raw) > 0.7


def test_correction_is_added_for_cubic_boxes_only_and_its_absence_is_visible():
    positions = walk(9, 600, 20)
    cube = np.array([20, 20, 20, 90, 90, 90.0])
    plain = displaced(positions, cube).diffusion["K"]
    options = {"viscosity_pa_s": 1e-3, "temperature_k": 300.0}
    with_it = displaced(positions, cube, **options).diffusion["K"]
    shift = yeh_hummer_correction(20.0, 300.0, 1e-3)
    assert plain.finite_size_m2_s is None
    assert with_it.finite_size_m2_s == pytest.approx(shift, rel=1e-6, abs=0)
    assert with_it.value_m2_s == pytest.approx(plain.value_m2_s + shift, rel=1e-6, abs=0)
    assert with_it.high_m2_s == pytest.approx(plain.high_m2_s + shift, rel=1e-6, abs=0)
    assert displaced(positions, cube, **options).size_note == ""
    uncorrected = displaced(positions, TRICLINIC, **options)
    assert uncorrected.diffusion["K"].finite_size_m2_s is None
    assert uncorrected.size_note == "the box is not cubic: D is not corrected for its size"
    assert displaced(positions, TRICLINIC).size_note == ""
    with pytest.raises(InputError, match="needs the temperature too"):
        displaced(positions, cube, viscosity_pa_s=1e-3)
    with pytest.raises(InputError, match="positive"):
        yeh_hummer_correction(20.0, 300.0, 0.0)


def test_random_walk_of_mdanalysis():
    files = pytest.importorskip("MDAnalysisTests.datafiles")
    import MDAnalysis as mda  # noqa: N813

    made = mda.Universe(files.RANDOM_WALK_TOPO, files.RANDOM_WALK)
    positions = np.array([ts.positions.astype(float) for ts in made.trajectory])
    msd = mean_squared_displacement(positions)
    assert fit_slope(np.arange(len(msd)), msd, 20, 60) / 6 == pytest.approx(1.2031963, abs=1e-6)


def test_lattice_walk_slope_is_exact_on_average():
    """Steps of +-1 in each direction: the mean squared displacement is 3 lags."""
    rng = np.random.default_rng(10)
    positions = np.cumsum(rng.choice([-1.0, 1.0], (200, 4000, 3)), axis=0)
    msd = mean_squared_displacement(positions)
    assert fit_slope(np.arange(200.0), msd, 20, 60) / 6 == pytest.approx(0.5, rel=0.01)


def test_result_holds_plain_numbers():
    found = asdict(diffusion(walk(11, 400, 10), 1.0))
    assert all(type(v) in (str, float, tuple, type(None)) for v in found.values())


def test_an_interval_contains_what_the_log_log_slope_lacks_to_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With no statistical error at all the half-width is |slope - 1| times the coefficient."""
    monkeypatch.setattr("potash.trajectories.diffusion._half_width", lambda _samples: 0.0)
    rng = np.random.default_rng(12)
    positions = np.cumsum(rng.normal(0, 0.3, (800, 40, 3)), axis=0)
    found = diffusion(positions, 1.0)
    assert found.value_m2_s is not None
    lacking = abs(found.loglog_slope - 1.0)
    assert 0.001 < lacking < 0.1
    assert found.high_m2_s - found.value_m2_s == pytest.approx(
        lacking * found.value_m2_s, rel=1e-9, abs=0
    )
    assert found.value_m2_s - found.low_m2_s == pytest.approx(
        lacking * found.value_m2_s, rel=1e-9, abs=0
    )
