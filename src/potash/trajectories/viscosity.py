"""Shear viscosity from pressure fluctuations, for the finite-size correction of diffusion."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student_t

from potash.errors import InputError
from potash.units import BOLTZMANN_J_K

Floats = NDArray[np.float64]

N_BLOCKS = 5
WIDEST_RELATIVE_ERROR = 0.3
NOISE_LIMIT = 0.07
FIRST_LAG = 10
_COMPONENTS = ("XX", "XY", "XZ", "YX", "YY", "YZ", "ZX", "ZY", "ZZ")


@dataclass(frozen=True)
class Viscosity:
    """Shear viscosity with its 95 % interval over time blocks.

    Attributes
    ----------
    status
        ``ok``, or why the value should not be used.
    value_pa_s, low_pa_s, high_pa_s
        Viscosity and interval.
    cutoff_ps
        Upper limit of the Green-Kubo integral.
    """

    status: str
    value_pa_s: float
    low_pa_s: float
    high_pa_s: float
    cutoff_ps: float


def green_kubo_viscosity(
    pressure_bar: Floats, dt_ps: float, volume_m3: float, temperature_k: float
) -> Viscosity:
    r"""Return the shear viscosity from the fluctuations of the pressure tensor.

    .. math:: \eta = \frac{V}{10 k_B T} \int_0^{t_c} \sum_{ij}
       \langle P^s_{ij}(0) P^s_{ij}(t) \rangle \, dt

    with the symmetric traceless tensor :math:`P^s`, so that all five
    independent components are used. The stress of a liquid has a weak, slow
    tail, so the upper limit is as late as noise allows: where the standard
    error of the integral, from five components in five blocks, reaches 7 % of
    it. The value is the mean of the integral over the second half of that
    range; where it still rises there by more than the interval, the status
    says so.

    Parameters
    ----------
    pressure_bar
        Instantaneous pressure tensor of a run at constant volume, shape
        (n_frames, 3, 3), at least every 10 fs.
    dt_ps, volume_m3, temperature_k
        Time between frames, volume, temperature.

    Raises
    ------
    InputError
        With fewer than 1000 frames or impossible conditions.
    """
    tensor = np.asarray(pressure_bar, float) * 1e5
    if tensor.ndim != 3 or tensor.shape[1:] != (3, 3) or len(tensor) < 1000:
        raise InputError("the pressure tensor must have shape (n, 3, 3) with n of at least 1000")
    if min(dt_ps, volume_m3, temperature_k) <= 0.0:
        raise InputError("time step, volume and temperature must be positive")
    symmetric = 0.5 * (tensor + tensor.transpose(0, 2, 1))
    trace = np.trace(symmetric, axis1=1, axis2=2) / 3.0
    symmetric -= trace[:, None, None] * np.eye(3)
    scale = volume_m3 / (BOLTZMANN_J_K * temperature_k) * dt_ps * 1e-12
    block = len(tensor) // N_BLOCKS
    components = np.stack(
        [
            symmetric[:, 0, 1],
            symmetric[:, 0, 2],
            symmetric[:, 1, 2],
            0.5 * (symmetric[:, 0, 0] - symmetric[:, 1, 1]),
            0.5 * (symmetric[:, 1, 1] - symmetric[:, 2, 2]),
        ],
        axis=1,
    )
    samples = np.array(
        [
            scale * _running_integral(components[k * block : (k + 1) * block, c])
            for k in range(N_BLOCKS)
            for c in range(components.shape[1])
        ]
    )
    mean = samples.mean(axis=0)
    error = samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
    # The very first lags are all noise or all oscillation.
    noisy = np.flatnonzero(error[FIRST_LAG:] > NOISE_LIMIT * np.abs(mean[FIRST_LAG:]))
    if len(noisy) and noisy[0] == 0:
        later = np.flatnonzero(np.diff(noisy) > 1)
        noisy = noisy[later[0] + 1 :] if len(later) else noisy[:0]
    stop = FIRST_LAG + int(noisy[0]) if len(noisy) else len(mean) - 1
    running = scale / 10.0 * _running_integral(symmetric)[: stop + 1]
    value = float(running[stop // 2 :].mean())
    quantile = float(student_t.ppf(0.975, len(samples) - 1))
    half_width = quantile * float(error[stop])
    rise = float(
        running[-max(1, stop // 10) :].mean()
        - running[stop // 2 : stop // 2 + max(1, stop // 10)].mean()
    )
    if half_width > WIDEST_RELATIVE_ERROR * abs(value):
        status = "the interval is wider than 30 %"
    elif abs(rise) > half_width or stop >= len(mean) - 1:
        status = "the integral has not reached its plateau"
    else:
        status = "ok"
    return Viscosity(status, value, value - half_width, value + half_width, stop * dt_ps)


def read_pressure_xvg(path: str | Path) -> tuple[Floats, Floats]:
    """Read times (ps) and pressure tensors (bar) written by ``gmx energy``.

    All nine components ``Pres-XX`` ... ``Pres-ZZ`` must have been chosen.

    Raises
    ------
    InputError
        If the file is absent or lacks a component.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError("there is no such file", source=str(file))
    legends: list[str] = []
    rows = []
    for line in file.read_text().splitlines():
        if line.startswith("@") and "legend" in line and '"' in line and " s" in line:
            legends.append(line.split('"')[1])
        elif line.strip() and line[0] not in "#@":
            rows.append([float(word) for word in line.split()])
    missing = [c for c in _COMPONENTS if f"Pres-{c}" not in legends]
    if missing or not rows:
        raise InputError(f"lacks Pres-{', Pres-'.join(missing or _COMPONENTS)}", source=str(file))
    data = np.array(rows)
    columns = [1 + legends.index(f"Pres-{c}") for c in _COMPONENTS]
    return data[:, 0], data[:, columns].reshape(-1, 3, 3)


def _autocorrelation(tensor: Floats) -> Floats:
    """Sum over components of the unbiased autocorrelation, up to half of the length."""
    n = len(tensor)
    flat = tensor.reshape(n, -1)
    power = np.sum(np.abs(np.fft.rfft(flat, 2 * n, axis=0)) ** 2, axis=1)
    half = n // 2
    return np.asarray(np.fft.irfft(power)[:half] / (n - np.arange(half)))


def _running_integral(tensor: Floats) -> Floats:
    """Trapezoidal integral of the autocorrelation from 0, in frames."""
    c = _autocorrelation(tensor)
    return np.concatenate([[0.0], np.cumsum(0.5 * (c[1:] + c[:-1]))])
