"""Diffusion coefficients from unwrapped positions: displacement by FFT, regime test, interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.stats import t as student_t

from potash.errors import InputError
from potash.units import BOLTZMANN_J_K

Floats = NDArray[np.float64]

SQUARE_ANGSTROM_PER_PS_M2_S = 1e-8
MADELUNG_CUBIC = 2.837297  # Yeh and Hummer, J. Phys. Chem. B 2004, doi:10.1021/jp0477147
N_BLOCKS = 5
LEAST_BLOCK_FRAMES = 20
MOST_GROUPS, FEWEST_GROUPS = 10, 4
# Lag times that are fitted, as fractions of the run, in the order in which they are tried.
WINDOWS = ((1 / 200, 1 / 10), (1 / 100, 1 / 10), (1 / 50, 1 / 10), (1 / 30, 1 / 10),
           (1 / 20, 1 / 10), (1 / 10, 1 / 5))  # fmt: skip
WIDEST_SLOPE_ERROR = 0.3
SLOPE_TOLERANCE = 0.10


@dataclass(frozen=True)
class Diffusion:
    """A self-diffusion coefficient, or the reason why there is none.

    Attributes
    ----------
    status
        ``diffusive`` when the log-log slope of the mean squared displacement
        is 1 within its error in the fit window, ``not diffusive yet``, or why
        it was not computed.
    value_m2_s, low_m2_s, high_m2_s
        Coefficient and its 95 % interval; ``None`` unless diffusive.
    apparent_m2_s
        Slope / 6 in the window whatever the regime; ``None`` if not computed.
    loglog_slope, loglog_slope_half_width
        Of the whole run, and half of its 95 % interval.
    window_ps
        Range of lag times that was fitted.
    finite_size_m2_s
        Yeh-Hummer correction contained in the values; ``None``: uncorrected.
    """

    status: str
    value_m2_s: float | None = None
    low_m2_s: float | None = None
    high_m2_s: float | None = None
    apparent_m2_s: float | None = None
    loglog_slope: float | None = None
    loglog_slope_half_width: float | None = None
    window_ps: tuple[float, float] | None = None
    finite_size_m2_s: float | None = None


def mean_squared_displacement(positions: Floats) -> Floats:
    r"""Return the mean squared displacement over all molecules and time origins.

    .. math:: \mathrm{MSD}(m) = \langle |r_i(k + m) - r_i(k)|^2 \rangle_{i,k}

    by FFT: the sum over molecules of the autocorrelation is one inverse
    transform of the summed power spectrum, O(N T log T).

    Parameters
    ----------
    positions
        Unwrapped positions, shape (n_frames, n_molecules, 3).

    Returns
    -------
    Mean squared displacement at lags 0 ... n_frames - 1, in the square of the unit given.
    """
    n_frames, n_molecules = positions.shape[:2]
    if n_molecules == 0:
        raise InputError("no molecule to follow")
    size = scipy.fft.next_fast_len(2 * n_frames, real=True)
    power = np.zeros(size // 2 + 1)
    square = np.zeros(n_frames)
    chunk = max(1, 2_000_000 // n_frames)
    flat = positions.reshape(n_frames, -1)
    for begin in range(0, flat.shape[1], chunk):
        x = np.ascontiguousarray(flat[:, begin : begin + chunk].T)
        x -= x.mean(axis=1, keepdims=True)  # the difference of large numbers loses digits
        square += np.einsum("ij,ij->j", x, x)
        spectrum = scipy.fft.rfft(x, n=size, axis=1)
        power += np.einsum("ij,ij->j", spectrum.real, spectrum.real)
        power += np.einsum("ij,ij->j", spectrum.imag, spectrum.imag)
    correlation = scipy.fft.irfft(power, n=size)[:n_frames]
    from_start = np.cumsum(square)[::-1]
    to_end = np.cumsum(square[::-1])[::-1]
    pairs = np.arange(n_frames, 0, -1)
    msd = (from_start + to_end - 2.0 * correlation) / (pairs * n_molecules)
    msd[0] = 0.0
    return np.asarray(msd)


def fit_slope(lag: Floats, msd: Floats, first: int, last: int) -> float:
    """Return the least-squares slope of ``msd`` against ``lag`` over ``[first, last)``.

    Parameters
    ----------
    lag, msd
        Lag times in ps and mean squared displacements in square angstrom, shape (n_lags,).
    first, last
        Places in them.

    Examples
    --------
    >>> lag = np.arange(10.0)
    >>> float(round(fit_slope(lag, 1.0 + 6.0 * lag, 2, 10), 6))
    6.0
    """
    return float(np.polyfit(lag[first:last], msd[first:last], 1)[0])


def fit_loglog_slope(msd: Floats, first: int, last: int) -> float:
    """Return d ln(MSD) / d ln(lag) over lags ``[first, last)``, evenly sampled in ln(lag).

    Parameters
    ----------
    msd
        Mean squared displacements at equally spaced lags from 0, shape (n_lags,).
    first, last
        Places in it; ``first`` is at least 1.

    Examples
    --------
    Ballistic motion has slope 2:

    >>> round(fit_loglog_slope(np.arange(50.0) ** 2, 5, 50), 6)
    2.0
    """
    lags = np.unique(np.round(np.geomspace(first, last - 1, 20)).astype(int))
    return float(np.polyfit(np.log(lags), np.log(np.maximum(msd[lags], 1e-300)), 1)[0])


def diffusion(
    positions: Floats,
    dt_ps: float,
    *,
    msd: Floats | None = None,
    finite_size_m2_s: float | None = None,
) -> Diffusion:
    """Return the self-diffusion coefficient from unwrapped, drift-free positions.

    The window of lag times is the earliest of :data:`WINDOWS` where the log-log slope of
    the mean squared displacement is 1 within its 95 % interval (or 0.10) and that interval
    is narrower than +-0.3. The error of the slope is that over ten groups of molecules, or
    as many as there are molecules; with fewer than four, over five time blocks, and lags
    end at half a block. The interval of the coefficient is the wider of that over the
    groups and that over the time blocks (molecules that move together are no independent
    samples, and blocks of time show it), and wider by the share by which the log-log slope
    differs from 1.

    Parameters
    ----------
    positions
        Shape (n_frames, n_molecules, 3), angstrom.
    dt_ps
        Time between frames.
    msd
        Mean squared displacement of these positions, if already known.
    finite_size_m2_s
        Added to the result (:func:`yeh_hummer_correction`).
    """
    n_frames, n_molecules = positions.shape[:2]
    block = n_frames // N_BLOCKS
    if block < LEAST_BLOCK_FRAMES:
        return Diffusion(f"not computed: {n_frames} frames, {N_BLOCKS * LEAST_BLOCK_FRAMES} needed")
    lag = np.arange(n_frames, dtype=np.float64) * dt_ps
    whole = mean_squared_displacement(positions) if msd is None else msd
    if whole[block - 1] <= 1e-12:
        return Diffusion("not computed: nothing moves")
    blocks = [
        mean_squared_displacement(positions[k * block : (k + 1) * block]) for k in range(N_BLOCKS)
    ]
    n_groups = min(MOST_GROUPS, n_molecules)
    samples, windows = blocks, tuple(w for w in WINDOWS if 2 * N_BLOCKS * w[1] <= 1.0)
    if n_groups >= FEWEST_GROUPS:
        samples = [mean_squared_displacement(positions[:, k::n_groups]) for k in range(n_groups)]
        windows = WINDOWS
    first, last, slope, error, diffusive = 1, 2, 0.0, 0.0, False
    for start, end in windows:
        first, last = max(1, int(start * n_frames)), int(end * n_frames)
        slope = fit_loglog_slope(whole, first, last)
        error = _half_width([fit_loglog_slope(part, first, last) for part in samples])
        diffusive = abs(slope - 1.0) <= max(error, SLOPE_TOLERANCE) and error <= WIDEST_SLOPE_ERROR
        if diffusive:
            break
    scale = SQUARE_ANGSTROM_PER_PS_M2_S / 6.0
    apparent = scale * fit_slope(lag, whole, first, last)
    # Blocks are too short for the last window.
    within = (first, last) if last <= block // 2 + 1 else (block // 4, block // 2)
    half_width = scale * max(
        _half_width([fit_slope(lag, part, first, last) for part in samples]),
        _half_width([fit_slope(lag, part, *within) for part in blocks]),
    )
    half_width += abs(slope - 1.0) * abs(apparent)
    shift = finite_size_m2_s or 0.0
    return Diffusion(
        status="diffusive" if diffusive else "not diffusive yet",
        value_m2_s=apparent + shift if diffusive else None,
        low_m2_s=max(0.0, apparent - half_width) + shift if diffusive else None,
        high_m2_s=apparent + half_width + shift if diffusive else None,
        apparent_m2_s=apparent,
        loglog_slope=slope,
        loglog_slope_half_width=error,
        window_ps=(float(lag[first]), float(lag[last - 1])),
        finite_size_m2_s=finite_size_m2_s,
    )


def _half_width(samples: Sequence[float]) -> float:
    """Return half of the 95 % interval of the mean of independent samples."""
    n = len(samples)
    return float(student_t.ppf(0.975, n - 1) * np.std(samples, ddof=1) / np.sqrt(n))


def yeh_hummer_correction(
    box_length_angstrom: float, temperature_k: float, viscosity_pa_s: float
) -> float:
    r"""Return the finite-size correction of D in a cubic box, in m^2/s.

    .. math:: D_\infty = D(L) + \frac{\xi k_B T}{6 \pi \eta L}, \quad \xi = 2.837297

    (Yeh and Hummer, J. Phys. Chem. B 108, 15873 (2004), doi:10.1021/jp0477147).
    The viscosity is that of the same model, which does not depend on the box size.

    Parameters
    ----------
    box_length_angstrom
        Edge L of the cubic box.
    temperature_k, viscosity_pa_s
        Of the simulated liquid.

    Examples
    --------
    Water in a box of 18.6 A:

    >>> f"{yeh_hummer_correction(18.6, 298.15, 0.855e-3):.2e}"
    '3.90e-10'
    """
    if min(box_length_angstrom, temperature_k, viscosity_pa_s) <= 0.0:
        raise InputError("box length, temperature and viscosity must be positive")
    length = box_length_angstrom * 1e-10
    return MADELUNG_CUBIC * BOLTZMANN_J_K * temperature_k / (6.0 * np.pi * viscosity_pa_s * length)
