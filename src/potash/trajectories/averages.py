"""Means of correlated series: how many independent samples, how wide the interval.

Successive frames are not independent. The statistical inefficiency
``g = 1 + 2 tau`` (``tau``: integrated autocorrelation time in frames) says how
many frames make one independent sample; block averages over blocks of several
``g`` then give the spread, and Student's t the interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student_t

Floats = NDArray[np.float64]
Series = dict[str, list[float]]

LEAST_BLOCKS = 5
MOST_BLOCKS = 30


@dataclass(frozen=True)
class Mean:
    """A mean with its interval.

    Attributes
    ----------
    value
        Mean over all frames.
    half_width
        Half of the 95 % interval from block averages; ``None`` below four frames.
    n_blocks
        Number of blocks.
    inefficiency
        Frames per independent sample.
    drift
        Mean of the second half minus mean of the first half.
    converged
        At least ``LEAST_BLOCKS`` blocks of two or more inefficiencies each, and a
        drift that the interval explains.
    """

    value: float
    half_width: float | None
    n_blocks: int
    inefficiency: float
    drift: float
    converged: bool


def statistical_inefficiency(series: Floats) -> float:
    """Return ``1 + 2 tau`` of a stationary series, at least 1.

    ``tau`` sums the autocorrelation function (by FFT) up to the smallest
    window of five ``tau`` (Sokal's self-consistent window). A constant series
    has 1.
    """
    x = np.asarray(series, float)
    n = len(x)
    x = x - x.mean()
    variance = float(x @ x) / max(n, 1)
    if n < 4 or variance <= 1e-24:
        return 1.0
    power = np.abs(np.fft.rfft(x, 2 * n)) ** 2
    correlation = np.fft.irfft(power)[:n] / (n * variance)
    running = 1.0 + 2.0 * np.cumsum(correlation[1:])
    window = np.arange(1, n)
    enough = np.flatnonzero(window >= 2.5 * running)
    stop = int(enough[0]) if len(enough) else n - 2
    return float(max(1.0, running[stop]))


def mean_of_series(series: Floats) -> Mean:
    """Return the mean of a correlated series with its 95 % interval.

    The series is cut into as many equal blocks as possible, each at least two
    inefficiencies long, between 4 and ``MOST_BLOCKS``; the error of the mean is
    that of the block means or, if larger, ``sqrt(g variance / n)``. Where
    fewer than ``LEAST_BLOCKS`` such blocks fit, the interval is still given
    but the mean is not converged.
    """
    x = np.asarray(series, float)
    n = len(x)
    value = float(np.mean(x))
    if n < 4:
        return Mean(value, None, n, 1.0, 0.0, False)
    inefficiency = statistical_inefficiency(x)
    n_blocks = int(np.clip(n / (2.0 * inefficiency), 4, MOST_BLOCKS))
    blocks = np.array([block.mean() for block in np.array_split(x, n_blocks)])
    error = max(
        float(np.std(blocks, ddof=1) / np.sqrt(n_blocks)),
        float(np.std(x) * np.sqrt(inefficiency / n)),
    )
    half_width = float(student_t.ppf(0.975, n_blocks - 1) * error)
    drift = float(np.mean(x[n // 2 :]) - np.mean(x[: n // 2]))
    long_enough = n >= 2.0 * inefficiency * LEAST_BLOCKS
    # The difference of two half means has twice the error of the whole mean.
    steady = abs(drift) <= 2.0 * half_width
    return Mean(value, half_width, n_blocks, inefficiency, drift, bool(long_enough and steady))


def settled_from(series: Sequence[Floats], most: float = 0.5) -> int:
    """Return the first sample of the part that counts as settled, for all of several series.

    The beginning that is left out maximises the number of independent samples of what
    remains, ``(n - t0) / g``, of the series that has the fewest (Chodera, J. Chem. Theory
    Comput. 12 (2016) 1799, doi:10.1021/acs.jctc.5b00784).

    Parameters
    ----------
    series
        Equally long, such as the fractions of the ions over time.
    most
        Largest share that may be left out.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> relaxing = np.exp(-np.arange(400) / 20) + 0.01 * rng.normal(size=400)
    >>> 60 < settled_from([relaxing]) < 140
    True
    """
    length = min((len(x) for x in series), default=0)
    last = int(most * length)
    candidates = range(0, last + 1, max(1, length // 100))

    def samples(start: int) -> float:
        return min((length - start) / statistical_inefficiency(x[start:]) for x in series)

    return max(candidates, key=samples) if length >= 8 else 0


def counting_half_width(
    fraction: float, n_ions: int, length_ps: float, residence_ps: float | None
) -> float:
    """Return the smallest honest half-width (95 %) of a fraction of ions.

    Block averages see only the changes that happen. In a run shorter than the
    life of a contact hardly any do, and the blocks agree with each other although
    the starting structure decided them. Each ion counts as one independent sample,
    and as one more for every two residence times:

        1.96 sqrt((f (1 - f) + 1 / (4 n)) / n),   n = n_ions max(1, t / (2 tau))

    (the binomial error, with a Wilson-like term that keeps it above 0 for 0 and 1).

    Parameters
    ----------
    fraction
        Of the ions that are in a state, 0 to 1.
    n_ions
        Number of ions.
    length_ps
        Length of the run.
    residence_ps
        Mean life of a cation-anion contact; None where it is not known, then every
        ion counts once.
    """
    turns = length_ps / (2.0 * residence_ps) if residence_ps else 0.0
    n = n_ions * max(1.0, turns)
    return float(1.96 * np.sqrt((fraction * (1.0 - fraction) + 0.25 / n) / n))


def block_series(
    time: Floats, series: Mapping[str, Floats], n_blocks: int = 200, axis: str = "time_ps"
) -> Series:
    """Return block means of series over time, for plots and tables.

    Parameters
    ----------
    time : ndarray, shape (n_frames,)
        In the unit of the answer's ``axis``.
    series
        Name to values, shape (n_frames,).
    n_blocks
        Blocks at most; with fewer frames every frame is its own block.
    axis
        Name of the first column.

    Returns
    -------
    dict
        ``axis`` (middle of each block) and the names, each a list of block means.
    """
    parts = np.array_split(np.arange(len(time)), min(n_blocks, len(time)))
    columns = {axis: np.asarray(time, float), **series}
    return {name: [float(values[p].mean()) for p in parts] for name, values in columns.items()}
