"""Claims that formulas decide: nucleation, Sand's time, capacity, ionic radii."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
from ase.data import atomic_masses

from potash.bulk.nucleation import (
    Nucleus,
    contact_angle_from_adhesion_rad,
    critical_radius_m,
    instantaneous_transient,
    nucleation_barrier_j,
    progressive_transient,
    sand_time_s,
    wetting_factor,
)
from potash.catalog.claims import ExpectedValue
from potash.claims.adsorption import judge_order
from potash.claims.grounds import Grounds, Judge
from potash.claims.verdict import Finding
from potash.units import FARADAY_C_MOL

_K_MOLAR_VOLUME_M3_MOL = 4.54e-5
_GAMMA_J_M2 = 0.1
_CAPACITY_TOLERANCE = 0.003
_MASS_K_G_MOL = float(atomic_masses[19])


def _nucleus(overpotential_v: float = -0.05, angle_deg: float = 60.0) -> Nucleus:
    """Return the review's worked example with another overpotential or angle."""
    return Nucleus(
        gamma_ne_j_m2=_GAMMA_J_M2,
        molar_volume_m3_mol=_K_MOLAR_VOLUME_M3_MOL,
        overpotential_v=overpotential_v,
        contact_angle_rad=float(np.radians(angle_deg)),
    )


def _analytic(agrees: bool, reason: str, value: float | Mapping[str, float], unit: str) -> Finding:
    return Finding(
        "agrees" if agrees else "disagrees", reason, value, unit, "analytic", decided_by="formula"
    )


def barrier_falls_with_wetting(_: Grounds) -> Finding:
    """Judge ``nuc_barrier_wet`` over contact angles from 180 to 10 degrees."""
    angles = np.linspace(180, 10, 35)
    barriers = [nucleation_barrier_j(_nucleus(angle_deg=a)) for a in angles]
    falls = all(a > b for a, b in pairwise(barriers))
    at = {f"f({a:g} deg)": wetting_factor(float(np.radians(a))) for a in (30, 60, 90, 180)}
    return _analytic(
        falls, "barrier = f(theta) times that of a free sphere, f from 0 to 1", at, "1"
    )


def radius_falls_with_overpotential(_: Grounds) -> Finding:
    """Judge ``nuc_rcrit``: slope of log(radius) against that of the overpotential."""
    eta = np.array([0.01, 0.02, 0.05, 0.1, 0.2])
    radii = [critical_radius_m(_nucleus(-x)) for x in eta]
    slope = float(np.polyfit(np.log(eta), np.log(radii), 1)[0])
    reason = "log-log slope of the critical radius, without an excess energy of the bulk"
    return _analytic(abs(slope + 1) < 1e-6, reason, slope, "1")


def binding_shrinks_the_nucleus(grounds: Grounds) -> Finding:
    """Judge ``nuc_bind_pmcf``: adhesion lowers the barrier, and P raises the binding of K.

    The critical radius itself does not depend on the substrate; the number of
    atoms in the cap and the barrier do.
    """
    adhesion = np.linspace(0.02, 0.19, 18)
    barriers = [
        nucleation_barrier_j(
            _nucleus(angle_deg=float(np.degrees(contact_angle_from_adhesion_rad(w, _GAMMA_J_M2))))
        )
        for w in adhesion
    ]
    falls = all(a > b for a, b in pairwise(barriers))
    order = judge_order(((("p_doped_graphene",), ("pristine_graphene",)),), grounds)
    if not falls:
        return _analytic(False, "the barrier does not fall with adhesion", max(barriers), "J")
    return replace(
        order,
        reason="by Young and Dupre the barrier falls as adhesion rises (the critical radius does "
        f"not change); K on the host: {order.reason}",
    )


def transients(_: Grounds) -> Finding:
    """Judge ``nuc_sh_modes``: both limits of Scharifker and Hills peak at (1, 1) and differ."""
    x = np.linspace(0.02, 4, 4000)
    instantaneous, progressive = instantaneous_transient(x), progressive_transient(x)
    peaks = [(float(x[np.argmax(y)]), float(y.max())) for y in (instantaneous, progressive)]
    at_one = all(abs(t - 1) < 0.01 and abs(h - 1) < 0.005 for t, h in peaks)
    gap = float(np.abs(instantaneous - progressive).max())
    return _analytic(
        at_one and gap > 0.1,
        "largest distance of the two limiting curves of (i/i_m)^2, which both peak at (1, 1)",
        gap,
        "1",
    )


def sand_exponents(_: Grounds) -> Finding:
    """Judge ``sand_scaling``: exponents of J, c_0, D and t_a in Sand's time."""
    base = {"d": 3e-10, "c": 1000.0, "j": 10.0, "t": 0.4}

    def exponent(name: str) -> float:
        raised = {**base, name: base[name] * 1.5}
        times = [sand_time_s(v["d"], v["c"], v["j"], v["t"]) for v in (base, raised)]
        return float(np.log(times[1] / times[0]) / np.log(1.5))

    found = {"J": exponent("j"), "c_0": exponent("c"), "D": exponent("d"), "t_a": exponent("t")}
    expected = {"J": -2.0, "c_0": 2.0, "D": 1.0, "t_a": -2.0}
    agrees = all(abs(found[k] - expected[k]) < 1e-9 for k in expected)
    return _analytic(
        agrees, "log-log slopes of Sand's time, above the limiting current", found, "1"
    )


def sand_area(_: Grounds) -> Finding:
    """Judge ``sand_3d``: ten times the area delays depletion a hundredfold."""
    times = [sand_time_s(3e-10, 1000.0, 10.0 / a, 0.4) for a in (1.0, 10.0)]
    ratio = times[1] / times[0]
    reason = "Sand's time at ten times the area over that of the plain electrode"
    return _analytic(abs(ratio - 100) < 1e-6, reason, ratio, "1")


def capacity(grounds: Grounds) -> Finding:
    """Judge ``capacity_k``: F / (3.6 M) within 0.3 % of what the review prints."""
    expected = grounds.catalog.get_claim("capacity_k").expected
    assert isinstance(expected, ExpectedValue)
    printed = expected.values[0].value
    value = FARADAY_C_MOL / (3.6 * _MASS_K_G_MOL)
    return _analytic(
        abs(value / printed - 1) <= _CAPACITY_TOLERANCE,
        f"F / (3.6 M); the review prints {printed:g}, {printed / value - 1:+.2%}",
        value,
        "mA h g-1",
    )


def shannon_radius_angstrom(element: str, charge: int) -> float:
    """Return Shannon's radius of an ion of coordination number 6, as tabulated in pymatgen."""
    # Loads much of pymatgen, for two numbers.
    from pymatgen.core import Species as Ion

    return float(Ion(element, charge).get_shannon_radius("VI"))


def radii(_: Grounds) -> Finding:
    """Judge ``shannon_ba``: Shannon radii of Ba2+ and K+ (coordination number 6)."""
    found = {
        "Ba2+": shannon_radius_angstrom("Ba", 2),
        "K+": shannon_radius_angstrom("K", 1),
    }
    return _analytic(
        abs(found["Ba2+"] - found["K+"]) <= 0.1,
        "Shannon's ionic radii as tabulated in pymatgen",
        found,
        "angstrom",
    )


JUDGES: Mapping[str, Judge] = {
    "nuc_barrier_wet": barrier_falls_with_wetting,
    "nuc_rcrit": radius_falls_with_overpotential,
    "nuc_bind_pmcf": binding_shrinks_the_nucleus,
    "nuc_sh_modes": transients,
    "sand_scaling": sand_exponents,
    "sand_3d": sand_area,
    "capacity_k": capacity,
    "shannon_ba": radii,
}
"""Claim id to the function that judges it."""
