r"""Ionic conductivity and transference numbers from the displacements of ions.

Onsager coefficients are slopes of collective displacements,

.. math:: L_{ij} = \frac{1}{6 V k_B T} \frac{d}{dt} \langle \Delta P_i \cdot \Delta P_j \rangle,
   \qquad P_i = \sum_{\alpha \in i} r_\alpha,

and the conductivity is :math:`\sigma = e^2 \sum_{ij} z_i z_j L_{ij}` (Einstein-Helfand);
without the cross terms between different ions it is Nernst-Einstein's
:math:`\sigma_{NE} = e^2 / (V k_B T) \sum_i N_i z_i^2 D_i`. See Fong, Self, McCloskey
and Persson, Macromolecules 54, 2575 (2021), doi:10.1021/acs.macromol.0c02545.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student_t

from potash.errors import InputError
from potash.trajectories.diffusion import (
    LEAST_BLOCK_FRAMES,
    N_BLOCKS,
    fit_slope,
    mean_squared_displacement,
)
from potash.units import AVOGADRO_MOL, BOLTZMANN_J_K, ELEMENTARY_CHARGE_C

Floats = NDArray[np.float64]

M2_S_PER_SQUARE_ANGSTROM_PS = 1e-8


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval over time blocks."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Conductivity:
    """Conductivity, Onsager coefficients and transference numbers of one trajectory.

    Attributes
    ----------
    einstein_helfand_s_m, nernst_einstein_s_m
        Conductivity with and without the correlations between ions, in S/m.
    ionicity
        Ratio of the two.
    onsager_mol2_j_m_s
        Pair of species (``K,FSI``) to L in the solvent-fixed frame, in
        mol^2 / (J m s).
    transference
        Charged species to the fraction of the current that it carries, in ``frame``.
    frame
        Reference frame of the transference numbers: ``solvent-fixed`` (the
        centre of mass of all neutral molecules) or ``barycentric``. Neither is
        the Bruce-Vincent number.
    charges
        Species to the charge used, in e.
    window_ps
        Lag times that were fitted.
    """

    einstein_helfand_s_m: Estimate
    nernst_einstein_s_m: Estimate
    ionicity: float
    onsager_mol2_j_m_s: Mapping[str, Estimate]
    transference: Mapping[str, Estimate]
    frame: str
    charges: Mapping[str, float]
    window_ps: tuple[float, float]


def conductivity(
    positions: Floats,
    species: NDArray[np.int64],
    names: Sequence[str],
    charges: Sequence[float],
    masses: Floats,
    *,
    dt_ps: float,
    volume_m3: float,
    temperature_k: float,
    window_ps: tuple[float, float] | None = None,
    solvent_fixed: bool = True,
) -> Conductivity:
    """Return the conductivity from unwrapped, drift-free centres of mass.

    Parameters
    ----------
    positions
        Shape (n_frames, n_molecules, 3), angstrom.
    species, names, charges
        Species of every molecule; name and charge (in e) of every species.
    masses
        Of every molecule, for the reference frame.
    dt_ps, volume_m3, temperature_k
        Time between frames, mean volume, temperature.
    window_ps
        Lag times to fit, at most half of a fifth of the trajectory; by default
        from a fifth of that to all of it.
    solvent_fixed
        Measure displacements from the centre of mass of all neutral molecules
        (if there is any); else from that of everything.

    Raises
    ------
    InputError
        If the charges do not add up to zero, no species is charged, or the
        trajectory is too short.
    """
    z = np.asarray(charges, float)
    counts = np.bincount(species, minlength=len(names))
    if abs(float(counts @ z)) > 0.01 * float(counts @ np.abs(z)):
        total = float(counts @ z)
        raise InputError(f"the charges of all molecules add up to {total:+g} e instead of 0")
    ions = [int(k) for k in np.flatnonzero(z)]
    if not ions:
        raise InputError("no species is charged")
    n_frames = len(positions)
    block = n_frames // N_BLOCKS
    if block < LEAST_BLOCK_FRAMES:
        raise InputError(f"{n_frames} frames, at least {N_BLOCKS * LEAST_BLOCK_FRAMES} needed")
    first, last = _window(block, dt_ps, window_ps)

    neutral = np.flatnonzero(z[species] == 0.0)
    fixed = solvent_fixed and len(neutral) > 0
    reference = neutral if fixed else np.arange(len(species))
    weight = masses[reference] / masses[reference].sum()
    origin = np.einsum("m,tmk->tk", weight, positions[:, reference])
    collective = {k: positions[:, species == k].sum(axis=1) - counts[k] * origin for k in ions}
    factor = M2_S_PER_SQUARE_ANGSTROM_PS / (6.0 * volume_m3 * BOLTZMANN_J_K * temperature_k)
    lag = np.arange(n_frames, dtype=np.float64) * dt_ps

    def onsager(part: slice) -> Floats:
        """Symmetric matrix of L in 1 / (J m s), number of ions squared."""
        matrix = np.zeros((len(ions), len(ions)))
        own = [mean_squared_displacement(collective[k][part, None]) for k in ions]
        for i, j in combinations_with_replacement(range(len(ions)), 2):
            cross = own[i]
            if i != j:
                both = collective[ions[i]][part] + collective[ions[j]][part]
                cross = 0.5 * (mean_squared_displacement(both[:, None]) - own[i] - own[j])
            matrix[i, j] = matrix[j, i] = factor * fit_slope(lag, cross, first, last)
        return matrix

    def uncorrelated(part: slice) -> float:
        """Nernst-Einstein conductivity in S/m."""
        total = 0.0
        for k in ions:
            own = np.ascontiguousarray(positions[part, species == k])
            slope = fit_slope(lag, mean_squared_displacement(own), first, last)
            total += counts[k] * z[k] ** 2 * slope
        return ELEMENTARY_CHARGE_C**2 * factor * total

    parts = [slice(0, n_frames), *(slice(b * block, (b + 1) * block) for b in range(N_BLOCKS))]
    matrices = np.array([onsager(part) for part in parts])
    zi = z[ions]
    currents = ELEMENTARY_CHARGE_C**2 * np.einsum("i,bij,j->bi", zi, matrices, zi)
    sigma = currents.sum(axis=1)
    free = np.array([uncorrelated(part) for part in parts])
    # A ratio of noisy blocks has no mean; its error follows from both parts.
    spread = currents[1:] - currents[0] / sigma[0] * sigma[1:, None]
    return Conductivity(
        einstein_helfand_s_m=_estimate(sigma),
        nernst_einstein_s_m=_estimate(free),
        ionicity=float(sigma[0] / free[0]),
        onsager_mol2_j_m_s={
            f"{names[ions[i]]},{names[ions[j]]}": _estimate(matrices[:, i, j] / AVOGADRO_MOL**2)
            for i, j in combinations_with_replacement(range(len(ions)), 2)
        },
        transference={
            names[k]: _estimate(
                np.r_[0.0, spread[:, i] / abs(sigma[0])], centre=float(currents[0, i] / sigma[0])
            )
            for i, k in enumerate(ions)
        },
        frame="solvent-fixed" if fixed else "barycentric",
        charges={names[k]: float(z[k]) for k in ions},
        window_ps=(first * dt_ps, (last - 1) * dt_ps),
    )


def _window(block: int, dt_ps: float, window_ps: tuple[float, float] | None) -> tuple[int, int]:
    """First lag and the lag after the last, in frames."""
    last = block // 2
    if window_ps is None:
        return max(1, last // 5), last
    first, end = round(window_ps[0] / dt_ps), round(window_ps[1] / dt_ps) + 1
    if not 1 <= first < end - 1 or end > block:
        raise InputError(
            f"the window {window_ps[0]:g}-{window_ps[1]:g} ps does not fit into blocks of "
            f"{block * dt_ps:g} ps"
        )
    return first, end


def _estimate(values: Floats, centre: float | None = None) -> Estimate:
    """Value of the whole trajectory, interval from the blocks that follow it in ``values``."""
    value = float(values[0]) if centre is None else centre
    blocks = values[1:]
    quantile = float(student_t.ppf(0.975, len(blocks) - 1))
    half_width = quantile * float(np.std(blocks, ddof=1) / np.sqrt(len(blocks)))
    return Estimate(value, value - half_width, value + half_width)
