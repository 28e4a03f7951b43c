"""Structure of a liquid: radial distributions with running coordination numbers, density."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from MDAnalysis import AtomGroup, Universe
from MDAnalysis.analysis.base import AnalysisBase
from MDAnalysis.analysis.results import ResultsGroup
from numpy.typing import NDArray
from scipy.constants import atomic_mass
from scipy.ndimage import gaussian_filter1d

from potash.errors import InputError
from potash.trajectories.kernels import minimum_height, pair_histogram, volume
from potash.trajectories.system import System, describe

Floats = NDArray[np.float64]

AMU_PER_CUBIC_ANGSTROM_G_ML = atomic_mass * 1e3 / 1e-24


class RadialDistribution(AnalysisBase):  # type: ignore[misc]
    r"""Radial distribution functions of several pairs of groups in one pass.

    .. math:: g(r) = \frac{n(r)}{\sum_t N_{AB}\,V_t^{-1}\,\tfrac{4}{3}\pi(r_+^3 - r_-^3)}

    with the box volume :math:`V_t` of every frame (constant pressure is
    handled) and :math:`N_{AB}` the number of pairs that can occur, so an ideal
    gas gives 1 at any number of particles.

    Parameters
    ----------
    pairs
        Label to the two groups of atoms; the coordination number counts atoms
        of the second around one of the first.
    r_max
        Range in angstrom; by default 10, or 0.45 of the smallest box height
        of the current frame if that is less.
    bin_width
        In angstrom.
    exclude_same_molecule
        Leave out pairs within one molecule.
    system
        Molecules, if already known (:func:`potash.trajectories.system.describe`).

    Attributes
    ----------
    results.r_angstrom, results.edges_angstrom
        Centres of the bins, shape (n_bins,), and their edges, (n_bins + 1,).
    results.rdf
        Label to ``g`` and ``coordination_number``, both (n_bins,); the latter
        counts up to the outer edge of each bin.

    Raises
    ------
    InputError
        Without a periodic box or with one smaller than twice ``r_max``.
    """

    _analysis_algorithm_is_parallelizable = True

    @classmethod
    def get_supported_backends(cls) -> tuple[str, ...]:
        """Backends of ``run``: frames are independent."""
        return ("serial", "multiprocessing", "dask")

    def __init__(
        self,
        pairs: Mapping[str, tuple[AtomGroup, AtomGroup]],
        *,
        r_max: float | None = None,
        bin_width: float = 0.05,
        exclude_same_molecule: bool = True,
        system: System | None = None,
        **kwargs: Any,
    ) -> None:
        if not pairs or any(len(a) == 0 or len(b) == 0 for a, b in pairs.values()):
            raise InputError("a radial distribution needs two groups with atoms")
        universe = next(iter(pairs.values()))[0].universe
        super().__init__(universe.trajectory, **kwargs)
        self.pairs = {
            label: (np.asarray(a.indices, np.int64), np.asarray(b.indices, np.int64))
            for label, (a, b) in pairs.items()
        }
        self.molecule = (describe(universe) if system is None else system).molecule
        self.exclude = exclude_same_molecule
        if r_max is None:
            r_max = min(10.0, 0.45 * _height(universe.dimensions, universe.trajectory.frame))
        if not 0.0 < bin_width <= r_max:
            raise InputError(f"bin_width must be positive and at most r_max ({r_max:g} angstrom)")
        self.bin_width = bin_width
        self.n_bins = round(r_max / bin_width)

    def _prepare(self) -> None:
        self._histograms = np.zeros((len(self.pairs), self.n_bins), np.int64)
        self.results.histograms = self._histograms
        self.results.inverse_volume = np.zeros(1)
        self.results.n_frames = np.zeros(1)

    def _single_frame(self) -> None:
        ts = self._ts
        height = _height(ts.dimensions, ts.frame)
        r_max = self.n_bins * self.bin_width
        if 2.0 * r_max > height:
            raise InputError(
                f"the box of frame {ts.frame} ({height:.2f} angstrom between faces) is smaller "
                f"than twice the range of the radial distribution ({r_max:g} angstrom)"
            )
        for k, (first, second) in enumerate(self.pairs.values()):
            pair_histogram(
                ts.positions, ts.dimensions, first, second, self.molecule, self.exclude,
                self.bin_width, self._histograms[k],
            )  # fmt: skip
        self.results.inverse_volume += 1.0 / volume(ts.dimensions)
        self.results.n_frames += 1

    def _get_aggregator(self) -> ResultsGroup:
        total = ResultsGroup.ndarray_sum
        return ResultsGroup(
            lookup={"histograms": total, "inverse_volume": total, "n_frames": total}
        )

    def _conclude(self) -> None:
        results = self.results
        n_frames = float(results.n_frames[0])
        if n_frames == 0:
            raise InputError("no frame to analyse: start, stop and step leave none")
        edges = np.arange(self.n_bins + 1) * self.bin_width
        shells = 4.0 / 3.0 * np.pi * np.diff(edges**3)
        results.edges_angstrom = edges
        results.r_angstrom = 0.5 * (edges[1:] + edges[:-1])
        results.rdf = {}
        for k, (label, (first, second)) in enumerate(self.pairs.items()):
            n_pairs = len(first) * len(second) - self._impossible(first, second)
            ideal = n_pairs * float(results.inverse_volume[0]) * shells
            counts = results.histograms[k]
            results.rdf[label] = {
                "g": counts / ideal if n_pairs else np.zeros(self.n_bins),
                "coordination_number": np.cumsum(counts) / (len(first) * n_frames),
            }

    def _impossible(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> int:
        """Count the pairs that are one atom or (if excluded) in one molecule."""
        if not self.exclude:
            return int(np.isin(first, second).sum())
        size = int(self.molecule.max()) + 1
        in_first = np.bincount(self.molecule[first], minlength=size)
        return int(in_first @ np.bincount(self.molecule[second], minlength=size))


class Density(AnalysisBase):  # type: ignore[misc]
    """Mass density of the box, frame by frame.

    Parameters
    ----------
    universe
        The whole system.
    system
        Masses, if already known (:func:`potash.trajectories.system.describe`).

    Attributes
    ----------
    results.series
        Density of every frame in g/mL, shape (n_frames,).
    results.density_g_ml
        Its mean.
    results.volume
        Box volume of every frame in cubic angstrom, shape (n_frames,).
    """

    def __init__(self, universe: Universe, *, system: System | None = None, **kwargs: Any) -> None:
        super().__init__(universe.trajectory, **kwargs)
        self.mass = float(np.sum((describe(universe) if system is None else system).masses))

    def _prepare(self) -> None:
        self.results.volume = np.zeros(self.n_frames)

    def _single_frame(self) -> None:
        ts = self._ts
        _height(ts.dimensions, ts.frame)
        self.results.volume[self._frame_index] = volume(ts.dimensions)

    def _get_aggregator(self) -> ResultsGroup:
        return ResultsGroup(lookup={"volume": ResultsGroup.ndarray_hstack})

    def _conclude(self) -> None:
        self.results.series = self.mass / self.results.volume * AMU_PER_CUBIC_ANGSTROM_G_ML
        self.results.density_g_ml = float(np.mean(self.results.series))


def first_minimum(
    r: Floats,
    g: Floats,
    *,
    smoothing: float = 0.1,
    latest_peak: float = 4.0,
    latest_minimum: float = 5.5,
) -> float | None:
    """Return the first minimum of g(r) after its contact peak, or ``None``.

    g(r) is smoothed with a Gaussian (``smoothing`` is its standard deviation
    in angstrom). The peak is the highest local maximum above 1 up to
    ``latest_peak``. The minimum is the lowest point before g(r) climbs back by
    a tenth of the peak's height (or before ``latest_minimum``), and must lie
    below half of the peak. Minima between ions and ether oxygens are flat, so
    that the lowest point is noise: the first point within 1 % of the peak's
    height of it is returned. All distances in angstrom.

    Parameters
    ----------
    r, g
        Distances and the distribution there, shape (n_bins,).
    smoothing, latest_peak, latest_minimum
        As above.

    Examples
    --------
    A first shell at 2.8 A and a second at 5 A:

    >>> r = np.arange(0.05, 10, 0.05)
    >>> g = 1 / (1 + np.exp(-8 * (r - 4.2)))
    >>> g = g + 9 * np.exp(-((r - 2.8) ** 2) / 0.05) + np.exp(-((r - 5) ** 2) / 0.2)
    >>> found = first_minimum(r, g)
    >>> 3.2 < found < 3.8
    True
    """
    width = float(r[1] - r[0])
    smooth = gaussian_filter1d(np.asarray(g, float), smoothing / width, mode="nearest")
    top = (smooth[1:-1] >= smooth[:-2]) & (smooth[1:-1] > smooth[2:]) & (smooth[1:-1] > 1.0)
    peaks = [int(i) + 1 for i in np.flatnonzero(top) if r[i + 1] <= latest_peak]
    if not peaks:
        return None
    peak = max(peaks, key=lambda i: float(smooth[i]))
    height = float(smooth[peak])
    last = min(int(np.searchsorted(r, latest_minimum, side="right")), len(r))
    lowest = peak
    for i in range(peak, last):
        if smooth[i] < smooth[lowest]:
            lowest = i
        elif smooth[i] > smooth[lowest] + 0.1 * height:
            break
    if lowest in (peak, last - 1) or smooth[lowest] > 0.5 * height:
        return None
    within = np.flatnonzero(smooth[peak : lowest + 1] <= smooth[lowest] + 0.01 * height)
    return float(r[peak + within[0]])


def _height(dimensions: NDArray[np.float32] | None, frame: int) -> float:
    """Smallest height of the box in angstrom, or an ``InputError`` if there is no box."""
    height = 0.0 if dimensions is None else minimum_height(dimensions)
    if not height > 0.0:
        raise InputError(f"frame {frame} has no periodic box; densities and distributions need one")
    return height
