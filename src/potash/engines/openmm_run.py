"""Simulations with OpenMM that continue, to the bit, after being killed.

A stage is cut into segments of a few picoseconds. Each starts a fresh Context
from the saved positions, velocities and box (double precision), with random
seeds derived from the run's seed, the stage and the segment, so that a resumed
run and an undisturbed one go through the same numbers (one CPU thread). The
state file is replaced after the segment's frames are safely on disk; frames of
a segment that was not completed are dropped.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openmm
from MDAnalysis.lib.formats.libmdaxdr import XTCFile

from potash.engines.md import Floats, Progress, Settings, Stage, StageResult
from potash.engines.openmm import build_system, make_context
from potash.engines.openmm_platforms import usable_platform
from potash.engines.topology import Topology
from potash.errors import CalculationError
from potash.units import AVOGADRO_MOL, BOLTZMANN_J_K

SEGMENT_PS = 5.0
SAMPLE_PS = 0.2
BAROSTAT_INTERVAL = 25
GAS_CONSTANT_KJ_MOL_K = AVOGADRO_MOL * BOLTZMANN_J_K / 1000
MINIMISE_TOLERANCE_KJ_MOL_NM = 100.0
MINIMISE_STEPS = 400
_STATE, _PREVIOUS = "state.npz", "state.previous.npz"
_SERIES = ("time", "temperature", "potential", "total", "volume")


def run(
    topology: Topology,
    positions_angstrom: Floats,
    edge_angstrom: float,
    stages: Sequence[Stage],
    settings: Settings,
    *,
    workdir: Path,
    progress: Progress,
    platform: str = "",
) -> list[StageResult]:
    """Minimise, then run the stages one after another.

    Parameters
    ----------
    positions_angstrom, edge_angstrom
        Start in a cubic box.
    workdir
        Holds the state and the trajectory segments; a run that was killed
        there is continued.
    progress
        Called after every segment with the fraction done and a line of text.

    Raises
    ------
    CalculationError
        If the simulation becomes unstable.
    """
    workdir.mkdir(parents=True, exist_ok=True)
    if not platform:
        platform, passed_over = usable_platform()
        if passed_over:
            progress(0.0, passed_over)
    state = _load(workdir, progress)
    if state is None:
        progress(0.0, "minimising")
        state = _minimised(topology, positions_angstrom, edge_angstrom, settings, platform)
        _save(workdir, state)
    _drop_unfinished(workdir, stages, state)
    total_ps = sum(s.duration_ps for s in stages)
    for number, stage in enumerate(stages):
        segments = _segments(stage, settings)
        for segment, steps in enumerate(segments):
            if (number, segment) < (int(state["stage"]), int(state["segment"])):
                continue
            done_ps = sum(s.duration_ps for s in stages[:number])
            done_ps += sum(segments[:segment]) * settings.timestep_fs / 1000
            progress(done_ps / total_ps, f"{stage.name}: {done_ps:.0f} of {total_ps:.0f} ps")
            state = _run_segment(
                topology, state, stage, settings, (number, segment), steps, workdir, platform
            )
            last = segment + 1 == len(segments)
            state["stage"] = np.array(number + last)
            state["segment"] = np.array(0 if last else segment + 1)
            _save(workdir, state)
    return [_result(workdir, stage, n, state) for n, stage in enumerate(stages)]


def _segments(stage: Stage, settings: Settings) -> list[int]:
    """Return the steps of each segment; frames fall on segment ends."""
    step_ps = settings.timestep_fs / 1000
    unit = max(1, round((stage.frame_ps or SAMPLE_PS) / step_ps))
    total = max(unit, round(stage.duration_ps / step_ps / unit) * unit)
    size = max(unit, round(SEGMENT_PS / step_ps / unit) * unit)
    return [size] * (total // size) + ([total % size] if total % size else [])


def _seed(settings: Settings, *what: object) -> int:
    """Return a positive 31-bit seed that depends on the run's seed and the place in the run."""
    text = ":".join(str(w) for w in (settings.seed, *what))
    return 1 + int(hashlib.sha256(text.encode()).hexdigest()[:7], 16)


def _minimised(
    topology: Topology, positions: Floats, edge: float, settings: Settings, platform: str
) -> dict[str, Any]:
    box = np.eye(3) * edge
    system = build_system(topology, box, settings)
    context = make_context(system, openmm.VerletIntegrator(0.001), platform)
    context.setPositions(positions / 10)
    openmm.LocalEnergyMinimizer.minimize(context, MINIMISE_TOLERANCE_KJ_MOL_NM, MINIMISE_STEPS)
    found = context.getState(getPositions=True)
    return {
        "positions": np.asarray(found.getPositions(asNumpy=True)._value),
        "velocities": np.zeros(0),
        "box": box / 10,
        "stage": np.array(0),
        "segment": np.array(0),
    }


def _integrator(stage: Stage, settings: Settings, seed: int) -> Any:
    step_ps = settings.timestep_fs / 1000
    if stage.ensemble == "nve":
        integrator = openmm.VerletIntegrator(step_ps)
    else:
        integrator = openmm.LangevinMiddleIntegrator(
            stage.temperature_k, stage.friction_ps, step_ps
        )
        integrator.setRandomNumberSeed(seed)
    integrator.setConstraintTolerance(1e-6)
    return integrator


def _run_segment(
    topology: Topology,
    state: dict[str, Any],
    stage: Stage,
    settings: Settings,
    place: tuple[int, int],
    steps: int,
    workdir: Path,
    platform: str,
) -> dict[str, Any]:
    seed = _seed(settings, *place)
    system = build_system(topology, state["box"] * 10, settings)
    if stage.ensemble == "npt":
        barostat = openmm.MonteCarloBarostat(
            stage.pressure_bar, stage.temperature_k, BAROSTAT_INTERVAL
        )
        barostat.setRandomNumberSeed(seed)
        system.addForce(barostat)
    context = make_context(system, _integrator(stage, settings, seed), platform)
    context.setPositions(state["positions"])
    if len(state["velocities"]):
        context.setVelocities(state["velocities"])
    else:
        context.setVelocitiesToTemperature(stage.temperature_k, seed)
    freedom = 3 * topology.n_atoms - system.getNumConstraints()
    step_ps = settings.timestep_fs / 1000
    stride = max(1, round((stage.frame_ps or SAMPLE_PS) / step_ps))
    start_ps = sum(_segments(stage, settings)[: place[1]]) * step_ps
    series: list[list[float]] = []
    frames: list[tuple[Floats, Floats, float]] = []
    try:
        for done in range(stride, steps + 1, stride):
            context.getIntegrator().step(stride)
            found = context.getState(getEnergy=True, getPositions=bool(stage.frame_ps))
            kinetic = float(found.getKineticEnergy()._value)
            potential = float(found.getPotentialEnergy()._value)
            time = start_ps + done * step_ps
            volume = float(found.getPeriodicBoxVolume()._value) * 1000
            temperature = 2 * kinetic / (freedom * GAS_CONSTANT_KJ_MOL_K)
            series.append([time, temperature, potential, kinetic + potential, volume])
            if stage.frame_ps:
                box = np.asarray(found.getPeriodicBoxVectors(asNumpy=True)._value)
                frames.append((np.asarray(found.getPositions(asNumpy=True)._value), box, time))
    except openmm.OpenMMException as error:
        raise CalculationError(
            f"the simulation became unstable in stage {stage.name}: {error}"
        ) from None
    if not np.all(np.isfinite(series)):
        raise CalculationError(f"energies of stage {stage.name} are not finite")
    if frames:
        _write_frames(workdir / _segment_file(stage, place[1]), frames)
    end = context.getState(getPositions=True, getVelocities=True)
    known = state.get(f"series_{place[0]}")
    rows = np.asarray(series) if known is None else np.vstack([known, series])
    return state | {
        "positions": np.asarray(end.getPositions(asNumpy=True)._value),
        "velocities": np.asarray(end.getVelocities(asNumpy=True)._value),
        "box": np.asarray(end.getPeriodicBoxVectors(asNumpy=True)._value),
        f"series_{place[0]}": rows,
        f"end_{place[0]}": np.asarray(end.getPositions(asNumpy=True)._value),
        f"end_box_{place[0]}": np.asarray(end.getPeriodicBoxVectors(asNumpy=True)._value),
    }


def _segment_file(stage: Stage, segment: int) -> str:
    return f"{stage.name}_{segment:05d}.xtc"


def _write_frames(path: Path, frames: Sequence[tuple[Floats, Floats, float]]) -> None:
    part = path.with_suffix(".part")
    with XTCFile(str(part), "w") as file:
        for number, (positions, box, time) in enumerate(frames):
            file.write(positions.astype(np.float32), box.astype(np.float32), number, time, 1000.0)
    os.replace(part, path)


def _load(workdir: Path, progress: Progress) -> dict[str, Any] | None:
    """Return the saved state, or the one before where that is damaged; None where none is whole.

    The file holds a checksum of each of its arrays (it is a zip archive).
    """
    for name in (_STATE, _PREVIOUS):
        try:
            with np.load(workdir / name) as data:
                return dict(data)
        except FileNotFoundError:
            continue
        except (OSError, EOFError, ValueError, zipfile.BadZipFile):
            progress(0.0, f"{name} is damaged; going on from before it")
            (workdir / name).unlink()
    return None


def _save(workdir: Path, state: dict[str, Any]) -> None:
    part = workdir / "state.part"
    with part.open("wb") as file:
        np.savez(file, **state)
        file.flush()
        os.fsync(file.fileno())
    if (workdir / _STATE).is_file():
        os.replace(workdir / _STATE, workdir / _PREVIOUS)
    os.replace(part, workdir / _STATE)


def _drop_unfinished(workdir: Path, stages: Sequence[Stage], state: dict[str, Any]) -> None:
    """Cut the trajectory back to the saved state."""
    reached = (int(state["stage"]), int(state["segment"]))
    for number, stage in enumerate(stages):
        for path in workdir.glob(f"{stage.name}_[0-9]*.xtc"):
            if (number, int(path.stem.rsplit("_", 1)[1])) >= reached:
                path.unlink()


def _result(workdir: Path, stage: Stage, number: int, state: dict[str, Any]) -> StageResult:
    columns = dict(zip(_SERIES, state[f"series_{number}"].T, strict=True))
    trajectory = None
    if stage.frame_ps:
        # XTC frames follow each other without a header: files can be joined byte by byte.
        trajectory = workdir / f"{stage.name}.xtc"
        with trajectory.open("wb") as whole:
            for path in sorted(workdir.glob(f"{stage.name}_[0-9]*.xtc")):
                whole.write(path.read_bytes())
    return StageResult(
        stage=stage,
        time_ps=columns["time"],
        temperature_k=columns["temperature"],
        potential_kj_mol=columns["potential"],
        total_kj_mol=columns["total"],
        volume_angstrom3=columns["volume"],
        trajectory=trajectory,
        positions_angstrom=state[f"end_{number}"] * 10,
        box_angstrom=state[f"end_box_{number}"] * 10,
    )
