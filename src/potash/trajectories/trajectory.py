"""Selecting atoms of a trajectory, and one pass over it for several analyses."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

import MDAnalysis as mda  # noqa: N813  (its documented short name)
import numpy as np

from potash.errors import InputError
from potash.trajectories.system import residue_names


def select(universe: mda.Universe, selection: str, option: str) -> mda.AtomGroup:
    """Return the atoms that a selection names.

    Parameters
    ----------
    universe
        Where they are looked for.
    selection
        In MDAnalysis' language.
    option
        Name of the argument that holds it, for the error message.

    Raises
    ------
    InputError
        If it cannot be parsed or names no atom; it lists the residue names that there are.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            group = universe.select_atoms(selection)
    except Exception as error:  # the selection parser raises many kinds
        text = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InputError(f"{selection!r} is not a valid selection: {text}", source=option) from None
    if len(group) == 0:
        known = ", ".join(sorted({str(name) for name in residue_names(universe)})[:12])
        raise InputError(
            f"{selection!r} selects no atom; the residue names are: {known}", source=option
        )
    return group


def run_together(
    analyses: Sequence[Any],
    *,
    start: int | None = None,
    stop: int | None = None,
    step: int | None = None,
    n_workers: int = 1,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Run several ``AnalysisBase`` objects of one trajectory in a single pass over it.

    Parameters
    ----------
    analyses
        Objects of one universe; their results are complete afterwards.
    start, stop, step
        Frames.
    n_workers
        Processes, each with its own stretch of the frames. They are started
        afresh, so a script must guard its entry (``if __name__ == "__main__"``).
    progress
        Called now and then with the fraction done.
    """
    frames = range(analyses[0]._trajectory.n_frames)[start:stop:step]
    n_workers = max(1, min(n_workers, len(frames)))
    for analysis in analyses:
        analysis._setup_frames(analysis._trajectory, start=start, stop=stop, step=step)
    if n_workers == 1:
        _run_stretch(analyses, frames, 0, len(frames), progress)
    else:
        cuts = [len(frames) * k // n_workers for k in range(n_workers + 1)]
        stretches = [(frames[a:b], a) for a, b in pairwise(cuts)]
        merged: list[list[Any]] = [[] for _ in analyses]
        with ProcessPoolExecutor(n_workers, mp_context=get_context("spawn")) as pool:
            jobs = [
                pool.submit(_run_stretch, analyses, stretch, offset, len(frames), None)
                for stretch, offset in stretches
            ]
            for done, job in enumerate(jobs, start=1):
                for results, part in zip(merged, job.result(), strict=True):
                    results.append(part)
                if progress is not None:
                    progress(done / len(jobs))
        for analysis, parts in zip(analyses, merged, strict=True):
            analysis._prepare()
            analysis.frames = np.concatenate([frames_ for frames_, _, _ in parts])
            analysis.times = np.concatenate([times for _, times, _ in parts])
            analysis.results = analysis._get_aggregator().merge([found for _, _, found in parts])
    for analysis in analyses:
        analysis._conclude()


def _run_stretch(
    analyses: Sequence[Any],
    frames: range,
    offset: int,
    n_frames_in_all: int,
    progress: Callable[[float], None] | None,
) -> list[tuple[Any, Any, Any]]:
    """Read a stretch of frames; return frames, times and raw results of each analysis."""
    trajectory = analyses[0]._trajectory
    for analysis in analyses:
        analysis.offset, analysis.n_frames_in_all = offset, n_frames_in_all
        analysis._prepare_sliced_trajectory(slice(*_bounds(frames)))
        analysis._prepare()
    for i, frame in enumerate(frames):
        # One by one: MDAnalysis' own iteration takes a reader's error for the end.
        ts = trajectory[frame]
        if not math.isfinite(float(ts.positions.sum(dtype=np.float64))):
            raise InputError(f"frame {ts.frame} has positions that are not finite numbers")
        for analysis in analyses:
            analysis._frame_index, analysis._ts = i, ts
            analysis.frames[i], analysis.times[i] = ts.frame, ts.time
            analysis._single_frame()
        if progress is not None and i % 100 == 0:
            progress((i + 1) / len(frames))
    return [(analysis.frames, analysis.times, analysis.results) for analysis in analyses]


def _bounds(frames: range) -> tuple[int, int | None, int]:
    """Start, stop and step of a slice that gives ``frames``."""
    return frames.start, frames.stop if frames.stop >= 0 else None, frames.step
