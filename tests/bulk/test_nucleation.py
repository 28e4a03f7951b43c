from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.constants import physical_constants
from scipy.integrate import quad, solve_ivp
from scipy.optimize import minimize_scalar

from potash.bulk.nucleation import (
    Nucleus,
    ambipolar_diffusivity_m2_s,
    area_factor,
    atoms_in_critical_nucleus,
    cap_energy_j,
    cation_transference,
    contact_angle_from_adhesion_rad,
    contact_angle_rad,
    critical_radius_m,
    driving_force_j_m3,
    instantaneous_transient,
    least_overpotential_v,
    limiting_current_a_m2,
    molar_volume_m3_mol,
    nucleation_barrier_j,
    nucleation_energy_j,
    progressive_transient,
    sand_time_s,
    volume_factor,
    wetting_factor,
)
from potash.errors import RefusedError

F = physical_constants["Faraday constant"][0]


def close(expected, rel=1e-6):
    """Compare by ratio alone: joules and metres here lie far below approx's 1e-12."""
    return pytest.approx(expected, rel=rel, abs=0.0)


EXAMPLE = Nucleus(
    gamma_ne_j_m2=0.1,
    molar_volume_m3_mol=4.54e-5,
    overpotential_v=-0.05,
    contact_angle_rad=np.deg2rad(60),
)

nuclei = st.builds(
    Nucleus,
    gamma_ne_j_m2=st.floats(0.01, 2.0),
    molar_volume_m3_mol=st.floats(5e-6, 1e-4),
    overpotential_v=st.floats(-0.5, -0.02),
    contact_angle_rad=st.floats(0.2, 3.1),
    charge_number=st.integers(1, 3),
    excess_energy_j_m3=st.floats(-1e7, 1e7),
)


def test_worked_examples_of_the_review_equations() -> None:
    assert nucleation_barrier_j(EXAMPLE) == close(2.3186e-19, 1e-4)
    assert critical_radius_m(EXAMPLE) == close(1.8822e-9, 1e-4)
    assert np.rad2deg(contact_angle_rad(0.3, 0.25, 0.1)) == pytest.approx(60.0)
    assert sand_time_s(3.0e-10, 1000, 10, 0.6) == pytest.approx(60930.0, rel=1e-4)


@pytest.mark.parametrize("theta", [0.3, 1.0, np.pi / 2, 2.2, np.pi])
def test_cap_geometry_against_integration(theta: float) -> None:
    """Volume and area of a cap of unit radius by integrating slices."""
    low = np.cos(theta)
    volume, _ = quad(lambda h: np.pi * (1 - h**2), low, 1)
    area, _ = quad(lambda t: 2 * np.pi * np.sin(t), 0, theta)
    assert volume_factor(theta) == pytest.approx(volume)
    assert area_factor(theta) == pytest.approx(area)


def test_wetting_limits() -> None:
    assert wetting_factor(np.pi) == pytest.approx(1.0)
    assert wetting_factor(np.pi / 2) == pytest.approx(0.5)
    assert wetting_factor(0.0) == pytest.approx(0.0)
    assert contact_angle_rad(0.9, 0.1, 0.1) == 0.0
    assert contact_angle_rad(0.1, 0.9, 0.1) == pytest.approx(np.pi)


@given(nucleus=nuclei)
def test_critical_radius_is_the_maximum(nucleus: Nucleus) -> None:
    if driving_force_j_m3(nucleus) > -1e5:
        return
    r = critical_radius_m(nucleus)
    found = minimize_scalar(
        lambda x: -float(nucleation_energy_j(nucleus, x * r)) / nucleation_barrier_j(nucleus),
        bounds=(0.1, 1.4),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert found.x == pytest.approx(1.0, abs=1e-4)
    assert float(nucleation_energy_j(nucleus, r)) == close(nucleation_barrier_j(nucleus))


@given(nucleus=nuclei, gamma_sn=st.floats(0.05, 1.0))
def test_both_forms_of_eq_1_agree_at_the_young_angle(nucleus: Nucleus, gamma_sn: float) -> None:
    gamma_se = gamma_sn + nucleus.gamma_ne_j_m2 * np.cos(nucleus.contact_angle_rad)
    r = np.array([1e-10, 1e-9, 5e-9])
    assert cap_energy_j(
        nucleus, r, gamma_sn_j_m2=gamma_sn, gamma_se_j_m2=gamma_se
    ) == pytest.approx(nucleation_energy_j(nucleus, r), rel=1e-6, abs=1e-30)


@given(nucleus=nuclei, factor=st.floats(1.1, 3.0))
def test_scaling_laws(nucleus: Nucleus, factor: float) -> None:
    free = replace(nucleus, excess_energy_j_m3=0.0)
    stronger = replace(free, overpotential_v=free.overpotential_v * factor)
    assert critical_radius_m(stronger) == close(critical_radius_m(free) / factor)
    assert nucleation_barrier_j(stronger) == close(nucleation_barrier_j(free) / factor**2)
    rougher = replace(free, gamma_ne_j_m2=free.gamma_ne_j_m2 * factor)
    assert nucleation_barrier_j(rougher) == close(nucleation_barrier_j(free) * factor**3)


def test_barrier_counted_atom_by_atom() -> None:
    """A free sphere of K grown one atom at a time: the highest point of what it costs.

    n atoms of 7.539e-29 m^3 gain n e |eta| and cost gamma times the sphere's surface. With
    cap and angle both follow from the spherical cap by its own area and base.
    """
    charge = 1.602176634e-19
    per_atom = 4.54e-5 / 6.02214076e23
    n = np.arange(1, 4000)
    radius = (3 * n * per_atom / (4 * np.pi)) ** (1 / 3)
    cost = 0.1 * 4 * np.pi * radius**2 - n * charge * 0.05
    free = replace(EXAMPLE, contact_angle_rad=np.pi)
    assert nucleation_barrier_j(free) == close(cost.max(), 1e-4)
    assert critical_radius_m(free) == close(radius[cost.argmax()], 2e-3)
    assert atoms_in_critical_nucleus(free) == pytest.approx(n[cost.argmax()], abs=1.0)
    # 60 degrees: 0.15625 of the sphere, as (2 + 1/2) (1 - 1/2)^2 / 4
    assert nucleation_barrier_j(EXAMPLE) == close(0.15625 * cost.max(), 1e-4)


def test_energy_of_a_cap_by_hand() -> None:
    """r = 1 nm, 90 degrees: half a ball of 2.0944e-27 m^3 on a disc of 3.1416e-18 m^2."""
    half = replace(EXAMPLE, contact_angle_rad=np.pi / 2)
    drive = -96485.332 * 0.05 / 4.54e-5
    bulk, dome, base = 2.0943951e-27 * drive, 0.1 * 6.2831853e-18, 3.1415927e-18
    found = cap_energy_j(half, 1e-9, gamma_sn_j_m2=0.30, gamma_se_j_m2=0.25)
    assert float(found) == close(bulk + dome + 0.05 * base)
    assert driving_force_j_m3(half) == close(drive)


@pytest.mark.parametrize("excess", [0.0, 5e7])
def test_metal_grows_below_zero_volts_only(excess: float) -> None:
    grows = replace(EXAMPLE, excess_energy_j_m3=excess)
    assert driving_force_j_m3(grows) < 0
    assert driving_force_j_m3(replace(grows, overpotential_v=0.05)) > 0
    assert driving_force_j_m3(grows) - driving_force_j_m3(EXAMPLE) == close(excess)
    assert float(nucleation_energy_j(grows, 1e-7)) < 0 < float(nucleation_energy_j(grows, 1e-10))


def test_transients_against_their_derivation() -> None:
    """Scharifker and Hills: i ~ (1 - exp(-a t)) / sqrt(t), with a t^2 where nuclei keep coming.

    The printed constants follow from the place and height of the maximum alone.
    """
    time = np.linspace(1e-3, 5, 500_000)
    for transient, power in ((instantaneous_transient, 1), (progressive_transient, 2)):
        current = (1 - np.exp(-(time**power))) / np.sqrt(time)
        at, height = time[current.argmax()], current.max()
        assert transient(time[::5000] / at) == pytest.approx(
            (current[::5000] / height) ** 2, rel=1e-3
        )


def test_printed_eq_2_is_the_special_case() -> None:
    printed = 2 * 0.1 * 4.54e-5 / (F * 0.05)
    assert critical_radius_m(EXAMPLE) == close(printed)
    divalent = replace(EXAMPLE, charge_number=2)
    assert critical_radius_m(divalent) == close(printed / 2)
    strained = replace(EXAMPLE, excess_energy_j_m3=5e7)
    assert critical_radius_m(strained) > printed


def test_nothing_nucleates_below_the_threshold() -> None:
    strained = replace(EXAMPLE, excess_energy_j_m3=2e8)
    assert least_overpotential_v(strained) == pytest.approx(-2e8 * 4.54e-5 / F)
    with pytest.raises(RefusedError, match="no nucleation"):
        critical_radius_m(strained)
    with pytest.raises(RefusedError, match="no nucleation"):
        nucleation_barrier_j(replace(EXAMPLE, overpotential_v=0.05))


def test_adhesion_and_young_agree() -> None:
    gamma_se, gamma_sn, gamma_ne = 0.30, 0.25, 0.1
    adhesion = gamma_ne + gamma_se - gamma_sn
    assert contact_angle_from_adhesion_rad(adhesion, gamma_ne) == pytest.approx(
        contact_angle_rad(gamma_se, gamma_sn, gamma_ne)
    )


def test_atoms_in_the_nucleus_by_counting_volume() -> None:
    r = critical_radius_m(EXAMPLE)
    per_atom = 4.54e-5 / 6.02214076e23
    assert atoms_in_critical_nucleus(EXAMPLE) == pytest.approx(
        volume_factor(EXAMPLE.contact_angle_rad) * r**3 / per_atom
    )


def test_molar_volume_of_potassium() -> None:
    assert molar_volume_m3_mol(5.33**3, 2) == close(4.56e-5, 1e-3)


def test_transport_relations() -> None:
    assert ambipolar_diffusivity_m2_s(2e-10, 2e-10) == close(2e-10)
    assert ambipolar_diffusivity_m2_s(1e-10, 1e30) == close(2e-10)
    # harmonic mean of 1 and 3: 2 x 1 x 3 / 4
    assert ambipolar_diffusivity_m2_s(1e-10, 3e-10) == close(1.5e-10)
    assert cation_transference(1e-10, 3e-10) == pytest.approx(0.25)


def test_sand_time_against_a_diffusion_simulation() -> None:
    """Semi-infinite diffusion with constant flux, on a grid: when does the wall run dry."""
    d, c0, j, t_a = 3e-10, 1000.0, 60.0, 0.6
    expected = sand_time_s(d, c0, j, t_a)
    length, n = 6 * np.sqrt(d * expected), 400
    h = length / n
    flux = j * t_a / F

    def rate(_: float, c: np.ndarray) -> np.ndarray:
        change = np.empty_like(c)
        change[1:-1] = d * (c[2:] - 2 * c[1:-1] + c[:-2]) / h**2
        change[0] = (d * (c[1] - c[0]) / h - flux) / h
        change[-1] = d * (c[-2] - c[-1]) / h**2
        return change

    def empty(_: float, c: np.ndarray) -> float:
        return float(1.5 * c[0] - 0.5 * c[1])

    empty.terminal = True  # type: ignore[attr-defined]
    run = solve_ivp(
        rate, (0, 3 * expected), np.full(n, c0), method="LSODA", events=empty, rtol=1e-6
    )
    assert run.t_events[0][0] == pytest.approx(expected, rel=0.01)


def test_sand_time_only_above_the_limiting_current() -> None:
    limit = limiting_current_a_m2(3e-10, 1000, 0.6, 1e-3)
    assert limiting_current_a_m2(3e-10, 1000, 0.6, 1e-3, charge_number=2) == close(2 * limit)
    assert limit == close(2 * 1000 * F * 3e-10 / (0.6 * 1e-3))
    with pytest.raises(RefusedError, match="limiting current"):
        sand_time_s(3e-10, 1000, 0.9 * limit, 0.6, distance_m=1e-3)
    assert sand_time_s(3e-10, 1000, 1.1 * limit, 0.6, distance_m=1e-3) > 0


@pytest.mark.parametrize(
    "bad",
    [
        {"gamma_ne_j_m2": 0.0},
        {"molar_volume_m3_mol": -1.0},
        {"contact_angle_rad": 4.0},
        {"charge_number": 0},
    ],
)
def test_impossible_inputs_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(RefusedError):
        replace(EXAMPLE, **bad)  # type: ignore[arg-type]


def test_impossible_transport_is_refused() -> None:
    with pytest.raises(RefusedError):
        sand_time_s(3e-10, 1000, 10, 0.0)
    for diffusivity, concentration in ((0.0, 1000.0), (3e-10, -1.0)):
        with pytest.raises(RefusedError, match="diffusivity and concentration"):
            sand_time_s(diffusivity, concentration, 10, 0.5)
    with pytest.raises(RefusedError):
        sand_time_s(3e-10, 1000, -1, 0.5)
    for pair in ((0.0, 1e-10), (1e-10, 0.0)):
        with pytest.raises(RefusedError):
            ambipolar_diffusivity_m2_s(*pair)
        with pytest.raises(RefusedError):
            cation_transference(*pair)
