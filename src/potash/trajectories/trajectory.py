"""Anyone's trajectory: opening it, selecting atoms, one pass for several analyses."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import MDAnalysis as mda  # noqa: N813  (its documented short name)
import numpy as np
from numpy.typing import NDArray

from potash.errors import InputError
from potash.trajectories.system import residue_names

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_LAMMPS_DUMPS: Final = {".dump", ".lammpstrj", ".lammpsdump"}
_LAMMPS_DATA: Final = {".data", ".lmp", ".lammps"}


def open_universe(
    topology: str | Path, trajectory: str | Path | None = None, *, dt_ps: float | None = None
) -> mda.Universe:
    """Open a trajectory of GROMACS, LAMMPS, AMBER, OpenMM or an extended-XYZ file.

    Parameters
    ----------
    topology
        Any topology or structure file that MDAnalysis or (extxyz) ASE reads.
    trajectory
        Frames; by default those of ``topology``.
    dt_ps
        Time between frames in picoseconds, for formats that do not hold it.

    Raises
    ------
    InputError
        If a file is absent or cannot be read, in one line.
    """
    files = [Path(topology)] if trajectory is None else [Path(topology), Path(trajectory)]
    for file in files:
        if not file.is_file():
            raise InputError("there is no such file", source=str(file))
    source = str(files[-1])
    options: dict[str, Any] = {} if dt_ps is None else {"dt": dt_ps}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if files[-1].suffix == ".extxyz":
                return _extxyz_universe(files, dt_ps)
            if files[0].suffix in _LAMMPS_DATA:
                options["topology_format"] = "DATA"
            if files[-1].suffix in _LAMMPS_DUMPS:
                options["format"] = "LAMMPSDUMP"
                if len(files) == 1:
                    options["topology_format"] = "LAMMPSDUMP"
            universe = mda.Universe(*(str(f) for f in files), **options)
            if dt_ps is not None and options.get("format") == "LAMMPSDUMP":
                # This reader's dt is the length of one MD step, not of one frame.
                steps = [universe.trajectory[i].data["step"] for i in range(2)]
                options["dt"] = dt_ps / (steps[1] - steps[0])
                universe = mda.Universe(*(str(f) for f in files), **options)
            return universe
    except InputError:
        raise
    except Exception as error:  # every reader raises its own kinds
        text = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(f"cannot be read as a trajectory: {text[0]}", source=source) from error


def _extxyz_universe(files: list[Path], dt_ps: float | None) -> mda.Universe:
    """Read an extended-XYZ trajectory (cell in every frame) into memory."""
    from ase.geometry import cell_to_cellpar
    from ase.io import iread

    frames = list(iread(files[-1], index=":"))
    if not frames or any(len(frame) != len(frames[0]) for frame in frames):
        raise InputError("frames must exist and have equal numbers of atoms", source=str(files[-1]))
    if len(files) == 2 and files[0].suffix != ".extxyz":
        universe = mda.Universe(str(files[0]))
    else:
        universe = mda.Universe.empty(len(frames[0]), trajectory=True)
        symbols = frames[0].get_chemical_symbols()
        universe.add_TopologyAttr("elements", symbols)
        universe.add_TopologyAttr("names", symbols)
        universe.add_TopologyAttr("types", symbols)
        universe.add_TopologyAttr("masses", frames[0].get_masses())
        universe.add_TopologyAttr("resnames", [""])
    # ASE rotates nothing, but MDAnalysis keeps only lengths and angles: turn the
    # positions with the cell into the lower-triangular orientation.
    positions, boxes = [], []
    for frame in frames:
        box = np.zeros(6)
        if frame.cell.rank == 3:
            box = np.asarray(cell_to_cellpar(frame.cell.array))
            standard = mda.lib.mdamath.triclinic_vectors(box).astype(float)
            positions.append(frame.get_scaled_positions(wrap=False) @ standard)
        else:
            positions.append(frame.positions)
        boxes.append(box)
    universe.load_new(
        np.asarray(positions, np.float32), dimensions=np.asarray(boxes, np.float32), dt=dt_ps or 1.0
    )
    if dt_ps is None:
        for name in ("dt", "time"):
            universe.trajectory.ts.data.pop(name, None)
    return universe


def times_known(universe: mda.Universe) -> bool:
    """Whether the trajectory holds (or was given) the time between its frames."""
    trajectory = universe.trajectory
    if trajectory.format == "LAMMPSDUMP":  # holds step numbers only
        return "dt" in trajectory.ts.data
    return "dt" in trajectory.ts.data or "time" in trajectory.ts.data


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
    for i, ts in enumerate(trajectory[slice(*_bounds(frames))]):
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
