"""Motion of molecules along a trajectory: unwrapped centres of mass of every species."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from MDAnalysis import Universe
from MDAnalysis.analysis.base import AnalysisBase
from MDAnalysis.analysis.results import ResultsGroup
from numpy.typing import NDArray

from potash.errors import InputError
from potash.trajectories.diffusion import (
    LEAST_BLOCK_FRAMES,
    N_BLOCKS,
    Diffusion,
    diffusion,
    mean_squared_displacement,
    yeh_hummer_correction,
)
from potash.trajectories.kernels import molecule_centres, unwrap_step
from potash.trajectories.opening import times_known, why_times_unknown
from potash.trajectories.system import System, describe

Floats = NDArray[np.float64]

LARGEST_STEP = 0.45


@dataclass
class _Piece:
    """Centres of one stretch of frames, as far as they have been read."""

    stored: Floats
    n_stored: int
    first_wrapped: Floats
    first_box: NDArray[np.float32]
    wrapped: Floats
    unwrapped: Floats
    largest_step: float = 0.0
    lengths: Floats = field(default_factory=lambda: np.zeros(3))
    cubic: bool = True
    n_frames: int = 0


class MeanSquaredDisplacement(AnalysisBase):  # type: ignore[misc]
    """Mean squared displacement and diffusion of every species of molecules.

    Molecules are made whole; their centres of mass are unwrapped frame by
    frame with a scheme that is right at constant pressure
    (:func:`potash.trajectories.kernels.unwrap_step`), wrapped or unwrapped input
    alike; then the motion of the whole system's centre of mass is removed.

    Memory is bounded: every frame is unwrapped, but only every n-th is kept,
    with n such that the centres fit into ``memory_mb``.

    Parameters
    ----------
    universe
        The whole system (drift is that of all its atoms).
    system
        Molecules, if already known (:func:`potash.trajectories.system.describe`).
    viscosity_pa_s, temperature_k
        For the Yeh-Hummer correction (cubic boxes only); without them
        coefficients stay uncorrected.
    memory_mb
        Memory for the stored centres.

    Attributes
    ----------
    results.positions
        Unwrapped, drift-free centres in angstrom, (n_stored, n_molecules, 3).
    results.times_ps
        Times of the stored frames.
    results.lag_ps
        Lag times, from 0.
    results.msd
        Species to mean squared displacement in square angstrom.
    results.diffusion
        Species to :class:`Diffusion`.
    results.note
        Why nothing was computed, or ''.
    results.size_note
        Why D is not corrected for the size of the box though a viscosity was given, or ''.
    """

    def __init__(
        self,
        universe: Universe,
        *,
        system: System | None = None,
        viscosity_pa_s: float | None = None,
        temperature_k: float | None = None,
        memory_mb: float = 512.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(universe.trajectory, **kwargs)
        self.system = describe(universe) if system is None else system
        self._times_known = times_known(universe)
        self._why_unknown = "" if self._times_known else why_times_unknown(universe)
        if viscosity_pa_s is not None and temperature_k is None:
            raise InputError("the finite-size correction needs the temperature too")
        self.viscosity_pa_s, self.temperature_k = viscosity_pa_s, temperature_k
        totals = np.add.reduceat(self.system.masses[self.system.atoms], self.system.start[:-1])
        # A molecule of unknown masses still has a centre: count its atoms alike.
        unknown = np.isin(self.system.molecule, np.flatnonzero(totals <= 0.0))
        self._masses = np.where(unknown, 1.0, self.system.masses)
        self.molecule_masses = np.where(totals > 0.0, totals, 1.0)
        self._capacity = max(
            2 * N_BLOCKS * LEAST_BLOCK_FRAMES, int(memory_mb * 1e6 / (24 * len(totals)))
        )
        # Set by whoever cuts a run into stretches: the first frame's place in the whole.
        self.offset = 0
        self.n_frames_in_all = 0

    def _prepare(self) -> None:
        n_molecules = len(self.molecule_masses)
        self._stride = -(-max(self.n_frames, self.n_frames_in_all) // self._capacity)
        kept = len(range(-self.offset % self._stride, self.n_frames, self._stride))
        nothing = np.zeros((n_molecules, 3))
        self._centres = nothing.copy()
        self._whole = np.zeros((len(self._masses), 3))
        self._piece = _Piece(
            stored=np.zeros((kept, n_molecules, 3)),
            n_stored=0,
            first_wrapped=nothing,
            first_box=np.zeros(6, np.float32),
            wrapped=nothing.copy(),
            unwrapped=nothing.copy(),
        )
        self.results.pieces = [self._piece]

    def _single_frame(self) -> None:
        ts, s, piece, i = self._ts, self.system, self._piece, self._frame_index
        box = np.zeros(6, np.float32) if ts.dimensions is None else ts.dimensions
        molecule_centres(
            ts.positions, box, s.atoms, s.start, s.parent, self._masses, self._whole, self._centres
        )
        step = unwrap_step(self._centres, box, piece.wrapped, piece.unwrapped, i == 0)
        if i == 0:
            piece.first_wrapped, piece.first_box = piece.wrapped.copy(), box.copy()
        piece.largest_step = max(piece.largest_step, step)
        piece.lengths += box[:3]
        piece.cubic = piece.cubic and bool(np.all(box[3:] == 90.0))
        piece.n_frames += 1
        if (self.offset + i) % self._stride == 0:
            piece.stored[piece.n_stored] = piece.unwrapped
            piece.n_stored += 1

    def _get_aggregator(self) -> ResultsGroup:
        return ResultsGroup(lookup={"pieces": ResultsGroup.flatten_sequence})

    def _join(self) -> Floats:
        """Positions of all stretches, each continued from the end of the one before."""
        pieces: list[_Piece] = self.results.pieces
        self._largest_step = max(piece.largest_step for piece in pieces)
        parts = [pieces[0].stored]
        end = pieces[0].unwrapped
        for before, piece in pairwise(pieces):
            wrapped, continued = before.wrapped.copy(), end.copy()
            step = unwrap_step(piece.first_wrapped, piece.first_box, wrapped, continued, False)
            self._largest_step = max(self._largest_step, step)
            shift = continued - piece.first_wrapped  # where that stretch began its own count
            parts.append(piece.stored + shift)
            end = piece.unwrapped + shift
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _conclude(self) -> None:
        results, names = self.results, self.system.names
        positions = self._join()
        n = len(positions)
        drift = np.einsum("m,tmk->tk", self.molecule_masses, positions) / self.molecule_masses.sum()
        positions -= (drift - drift[:1])[:, None, :]
        results.positions = positions
        results.times_ps = self.times[:: self._stride][:n]
        results.msd, results.diffusion = {}, {}
        results.note, results.size_note = self._refusal(results.times_ps), ""
        if results.note:
            results.lag_ps = np.zeros(0)
            results.diffusion = {name: Diffusion(f"not computed: {results.note}") for name in names}
            return
        dt_ps = float(results.times_ps[-1] - results.times_ps[0]) / (n - 1)
        results.lag_ps = np.arange(n) * dt_ps
        correction = self._correction()
        if self.viscosity_pa_s is not None and correction is None:
            results.size_note = "the box is not cubic: D is not corrected for its size"
        for k, name in enumerate(names):
            own = np.ascontiguousarray(positions[:, self.system.species == k])
            results.msd[name] = msd = mean_squared_displacement(own)
            results.diffusion[name] = diffusion(own, dt_ps, msd=msd, finite_size_m2_s=correction)

    def _refusal(self, times: Floats) -> str:
        """Why displacements cannot be computed, or ''."""
        if len(times) < 2:
            return "a single frame"
        if not self._times_known:
            return self._why_unknown
        steps = np.diff(times)
        if not np.all(np.isfinite(steps)):
            return "the times of the frames are not numbers; give the time between them (dt_ps)"
        if not np.all(steps > 0.0) or np.ptp(steps) > 0.01 * steps.mean():
            return "the times of the frames are not evenly spaced"
        if self._largest_step > LARGEST_STEP:
            return (
                "frames are too far apart to unwrap (a molecule moved "
                f"{self._largest_step:.2f} box heights between two of them)"
            )
        return ""

    def _correction(self) -> float | None:
        if self.viscosity_pa_s is None or self.temperature_k is None:
            return None
        pieces: list[_Piece] = self.results.pieces
        lengths = np.sum([p.lengths for p in pieces], axis=0) / sum(p.n_frames for p in pieces)
        if not all(p.cubic for p in pieces) or np.ptp(lengths) > 0.01 * lengths.mean():
            return None
        return yeh_hummer_correction(float(lengths.mean()), self.temperature_k, self.viscosity_pa_s)
