"""Nucleation of a metal on a substrate: classical theory, in SI units.

The equations are those of the review (Chem. Soc. Rev. 2025, 54, 2543, its
eqs 1 to 4) in their general, dimensionally correct forms. A spherical cap of
radius of curvature r sits on a flat substrate S under an electrolyte E with
contact angle theta (through the nucleus N). Overpotentials carry their sign:
negative is cathodic. Nothing in here is fitted.

===================  =====================================================
symbol               meaning
===================  =====================================================
gamma_NE, _SN, _SE   interfacial energies, J m^-2
dG_f                 bulk energy beyond the overpotential (strain, SEI work), J m^-3
z, F, Omega          charge number, Faraday constant, molar volume (m^3 mol^-1)
eta                  overpotential, V
g_v                  driving force per volume, dG_f + z F eta / Omega, J m^-3
===================  =====================================================
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from potash.errors import RefusedError
from potash.units import AVOGADRO_MOL, FARADAY_C_MOL


@dataclass(frozen=True)
class Nucleus:
    """What the energy of a nucleus depends on.

    Attributes
    ----------
    gamma_ne_j_m2
        Energy of the nucleus-electrolyte interface.
    molar_volume_m3_mol
        Of the metal; see :func:`molar_volume_m3_mol`.
    overpotential_v
        Against the equilibrium potential, negative when cathodic.
    contact_angle_rad
        Between 0 (full wetting) and pi (none); see :func:`contact_angle_rad`.
    charge_number
        Electrons per deposited atom.
    excess_energy_j_m3
        dG_f: what bulk metal in the nucleus costs beyond the overpotential
        (strain, work against the SEI). Zero where only the overpotential
        drives; the equilibrium part must not be counted again in here.
    """

    gamma_ne_j_m2: float
    molar_volume_m3_mol: float
    overpotential_v: float
    contact_angle_rad: float = float(np.pi)
    charge_number: int = 1
    excess_energy_j_m3: float = 0.0

    def __post_init__(self) -> None:
        if not (self.gamma_ne_j_m2 > 0 and self.molar_volume_m3_mol > 0):
            raise RefusedError("interfacial energy and molar volume have to be positive")
        if not 0 <= self.contact_angle_rad <= np.pi:
            raise RefusedError(f"a contact angle of {self.contact_angle_rad} rad is not in 0..pi")
        if self.charge_number < 1:
            raise RefusedError(f"a charge number of {self.charge_number} is not a positive integer")


def molar_volume_m3_mol(volume_angstrom3: float, n_atoms: int) -> float:
    """Return the molar volume of a metal from its cell: N_A V / n."""
    return AVOGADRO_MOL * volume_angstrom3 * 1e-30 / n_atoms


def contact_angle_rad(gamma_se_j_m2: float, gamma_sn_j_m2: float, gamma_ne_j_m2: float) -> float:
    """Return the equilibrium contact angle (review eq. 3, Young).

    cos(theta) = (gamma_SE - gamma_SN) / gamma_NE, cut at 1 (full wetting,
    angle 0) and at -1 (no wetting, angle pi).

    Parameters
    ----------
    gamma_se_j_m2, gamma_sn_j_m2, gamma_ne_j_m2
        Energies of the interfaces substrate-electrolyte, substrate-nucleus and
        nucleus-electrolyte.

    Examples
    --------
    >>> round(float(np.degrees(contact_angle_rad(0.5, 0.25, 0.5))), 1)
    60.0
    """
    if gamma_ne_j_m2 <= 0:
        raise RefusedError("the nucleus-electrolyte energy has to be positive")
    cosine = (gamma_se_j_m2 - gamma_sn_j_m2) / gamma_ne_j_m2
    return float(np.arccos(np.clip(cosine, -1.0, 1.0)))


def contact_angle_from_adhesion_rad(adhesion_j_m2: float, gamma_ne_j_m2: float) -> float:
    """Return the contact angle from the work of adhesion (Young-Dupre).

    W = gamma_NE (1 + cos(theta)); W of at least 2 gamma_NE is full wetting.
    """
    if gamma_ne_j_m2 <= 0:
        raise RefusedError("the nucleus-electrolyte energy has to be positive")
    return float(np.arccos(np.clip(adhesion_j_m2 / gamma_ne_j_m2 - 1.0, -1.0, 1.0)))


def volume_factor(contact_angle_rad: float) -> float:
    """Return S_V: volume of the cap over r^3, (pi/3)(2 + cos)(1 - cos)^2."""
    c = np.cos(contact_angle_rad)
    return float(np.pi / 3 * (2 + c) * (1 - c) ** 2)


def area_factor(contact_angle_rad: float) -> float:
    """Return S_A: curved area of the cap over r^2, 2 pi (1 - cos)."""
    return float(2 * np.pi * (1 - np.cos(contact_angle_rad)))


def wetting_factor(contact_angle_rad: float) -> float:
    """Return f: barrier over that of a free sphere, (2 + cos)(1 - cos)^2 / 4, 0 to 1."""
    return volume_factor(contact_angle_rad) / (4 * np.pi / 3)


def driving_force_j_m3(nucleus: Nucleus) -> float:
    """Return g_v = dG_f + z F eta / Omega; negative where metal grows."""
    n = nucleus
    work = n.charge_number * FARADAY_C_MOL * n.overpotential_v / n.molar_volume_m3_mol
    return n.excess_energy_j_m3 + work


def nucleation_energy_j(nucleus: Nucleus, radius_m: ArrayLike) -> NDArray[np.float64]:
    """Return the energy of a nucleus at its equilibrium contact angle, of shape of ``radius_m``.

    f(theta) [(4 pi/3) r^3 g_v + 4 pi r^2 gamma_NE]: the review's eq. 1 with
    Young's equation for the substrate terms.
    """
    r = np.asarray(radius_m, dtype=float)
    f = wetting_factor(nucleus.contact_angle_rad)
    bulk = 4 * np.pi / 3 * r**3 * driving_force_j_m3(nucleus)
    return np.asarray(f * (bulk + 4 * np.pi * r**2 * nucleus.gamma_ne_j_m2))


def cap_energy_j(
    nucleus: Nucleus, radius_m: ArrayLike, *, gamma_sn_j_m2: float, gamma_se_j_m2: float
) -> NDArray[np.float64]:
    """Return the energy of a cap whose contact angle need not be the equilibrium one.

    The review's eq. 1 term by term: g_v S_V r^3 + gamma_NE S_A r^2 +
    (gamma_SN - gamma_SE) pi r^2 sin^2(theta).

    Parameters
    ----------
    nucleus
        Angle, driving force and energy of the outer interface.
    radius_m
        Radii of curvature, any shape; the energies have the same.
    gamma_sn_j_m2, gamma_se_j_m2
        Energies of the interfaces substrate-nucleus and substrate-electrolyte.
    """
    r = np.asarray(radius_m, dtype=float)
    theta = nucleus.contact_angle_rad
    bulk = driving_force_j_m3(nucleus) * volume_factor(theta) * r**3
    free = nucleus.gamma_ne_j_m2 * area_factor(theta) * r**2
    base = (gamma_sn_j_m2 - gamma_se_j_m2) * np.pi * (r * np.sin(theta)) ** 2
    return np.asarray(bulk + free + base)


def critical_radius_m(nucleus: Nucleus) -> float:
    """Return the radius beyond which a nucleus grows (review eq. 2, general form).

    ``-2 gamma_NE / g_v = 2 gamma_NE Omega / (z F |eta| - dG_f Omega)``. The printed
    form ``2 gamma_NE V_m / (F |eta|)`` is its special case z = 1, dG_f = 0.

    Raises
    ------
    RefusedError
        Where nothing drives nucleation (``z F |eta| <= dG_f Omega``).
    """
    return -2 * nucleus.gamma_ne_j_m2 / _negative_driving_force(nucleus)


def nucleation_barrier_j(nucleus: Nucleus) -> float:
    """Return the energy of the critical nucleus, 16 pi gamma_NE^3 f / (3 g_v^2).

    Raises
    ------
    RefusedError
        Where nothing drives nucleation.
    """
    g = _negative_driving_force(nucleus)
    f = wetting_factor(nucleus.contact_angle_rad)
    return float(16 * np.pi * nucleus.gamma_ne_j_m2**3 * f / (3 * g**2))


def least_overpotential_v(nucleus: Nucleus) -> float:
    """Return the overpotential (negative) that has to be exceeded for any nucleation.

    -dG_f Omega / (z F); zero without an excess energy.
    """
    n = nucleus
    threshold = n.excess_energy_j_m3 * n.molar_volume_m3_mol
    return -max(0.0, threshold) / (n.charge_number * FARADAY_C_MOL)


def atoms_in_critical_nucleus(nucleus: Nucleus) -> float:
    """Return the number of atoms in the critical cap; below about ten the theory is out of reach.

    Raises
    ------
    RefusedError
        Where nothing drives nucleation.
    """
    volume = volume_factor(nucleus.contact_angle_rad) * critical_radius_m(nucleus) ** 3
    return volume / nucleus.molar_volume_m3_mol * AVOGADRO_MOL


def instantaneous_transient(time: ArrayLike) -> NDArray[np.float64]:
    """Return (i/i_m)^2 of instantaneous nucleation, of the shape of ``time`` = t/t_m.

    (1.9542/x) (1 - exp(-1.2564 x))^2: all nuclei are there at once, their diffusion zones
    overlap (Scharifker and Hills, Electrochim. Acta 1983, 28, 879).
    """
    x = np.asarray(time, dtype=float)
    return np.asarray(1.9542 / x * (1 - np.exp(-1.2564 * x)) ** 2)


def progressive_transient(time: ArrayLike) -> NDArray[np.float64]:
    """Return (i/i_m)^2 of progressive nucleation, of the shape of ``time`` = t/t_m.

    (1.2254/x) (1 - exp(-2.3367 x^2))^2: nuclei keep appearing (as
    :func:`instantaneous_transient`).
    """
    x = np.asarray(time, dtype=float)
    return np.asarray(1.2254 / x * (1 - np.exp(-2.3367 * x**2)) ** 2)


def ambipolar_diffusivity_m2_s(cation_m2_s: float, anion_m2_s: float) -> float:
    """Return D_app of a dilute 1:1 salt, 2 D+ D- / (D+ + D-)."""
    if cation_m2_s <= 0 or anion_m2_s <= 0:
        raise RefusedError("diffusion coefficients have to be positive")
    return 2 * cation_m2_s * anion_m2_s / (cation_m2_s + anion_m2_s)


def cation_transference(cation_m2_s: float, anion_m2_s: float) -> float:
    """Return t_c = D+ / (D+ + D-) of a dilute 1:1 salt (solvent-fixed frame)."""
    if cation_m2_s <= 0 or anion_m2_s <= 0:
        raise RefusedError("diffusion coefficients have to be positive")
    return cation_m2_s / (cation_m2_s + anion_m2_s)


def limiting_current_a_m2(
    diffusivity_m2_s: float,
    concentration_mol_m3: float,
    anion_transference: float,
    distance_m: float,
    *,
    charge_number: int = 1,
) -> float:
    """Return the current above which the salt runs out at the cathode.

    J_lim = 2 z_c c_0 F D_app / (t_a L), for two parallel electrodes at distance L.

    Parameters
    ----------
    diffusivity_m2_s
        Apparent (ambipolar) diffusion coefficient of the salt, D_app.
    concentration_mol_m3
        Of the salt, c_0.
    anion_transference
        t_a = 1 - t_c.
    distance_m
        Between the electrodes, L.
    charge_number
        Of the cation, z_c.

    Examples
    --------
    1 M salt, 3e-10 m^2/s, t_a = 0.6, 20 micrometres apart, in A/m^2:

    >>> round(limiting_current_a_m2(3e-10, 1000.0, 0.6, 20e-6))
    4824
    """
    _check_transport(diffusivity_m2_s, concentration_mol_m3, anion_transference)
    if distance_m <= 0:
        raise RefusedError("the electrode distance has to be positive")
    flux = 2 * charge_number * concentration_mol_m3 * FARADAY_C_MOL * diffusivity_m2_s
    return flux / (anion_transference * distance_m)


def sand_time_s(
    diffusivity_m2_s: float,
    concentration_mol_m3: float,
    current_density_a_m2: float,
    anion_transference: float,
    *,
    charge_number: int = 1,
    distance_m: float | None = None,
) -> float:
    """Return the time until the salt at the cathode is used up (review eq. 4).

    t = pi D_app (z_c c_0 F / (2 J t_a))^2, with D_app the ambipolar salt
    diffusivity, c_0 the salt concentration and t_a = 1 - t_c.

    Parameters
    ----------
    diffusivity_m2_s, concentration_mol_m3, current_density_a_m2, anion_transference
        D_app, c_0, J and t_a.
    charge_number
        z_c of the cation.
    distance_m
        Between the electrodes; where given, a current at or below the limiting
        one is refused, because the salt never runs out then.

    Raises
    ------
    RefusedError
        For inputs without physical meaning, or below the limiting current.
    """
    _check_transport(diffusivity_m2_s, concentration_mol_m3, anion_transference)
    if current_density_a_m2 <= 0:
        raise RefusedError("Sand's time needs a positive current density")
    if distance_m is not None:
        limit = limiting_current_a_m2(
            diffusivity_m2_s,
            concentration_mol_m3,
            anion_transference,
            distance_m,
            charge_number=charge_number,
        )
        if current_density_a_m2 <= limit:
            raise RefusedError(
                f"{current_density_a_m2:g} A/m2 is not above the limiting current of {limit:g} "
                "A/m2: the salt does not run out and there is no Sand's time"
            )
    charge = charge_number * concentration_mol_m3 * FARADAY_C_MOL
    ratio = charge / (2 * current_density_a_m2 * anion_transference)
    return float(np.pi * diffusivity_m2_s * ratio**2)


def _negative_driving_force(nucleus: Nucleus) -> float:
    g = driving_force_j_m3(nucleus)
    if g >= 0:
        raise RefusedError(
            f"no nucleation: the driving force is {g:.3g} J/m3 at {nucleus.overpotential_v} V; "
            f"the overpotential has to be below {least_overpotential_v(nucleus):.4g} V"
        )
    return g


def _check_transport(
    diffusivity_m2_s: float, concentration_mol_m3: float, anion_transference: float
) -> None:
    if diffusivity_m2_s <= 0 or concentration_mol_m3 <= 0:
        raise RefusedError("diffusivity and concentration have to be positive")
    if not 0 < anion_transference <= 1:
        raise RefusedError(f"an anion transference of {anion_transference} is not in (0, 1]")
