"""GROMACS: the same topology as OpenMM's, as its files, and simulations that continue.

Optional: used where a ``gmx`` program is installed, with one thread.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from potash.engines.gromacs_files import (
    SAMPLE_PS,
    force_options,
    mdp,
    mdp_text,
    read_gro,
    write_gro,
    write_topology,
)
from potash.engines.md import (
    Floats,
    Progress,
    Settings,
    Stage,
    StageResult,
)
from potash.engines.topology import Topology
from potash.errors import CalculationError, RefusedError

CHECKPOINT_MINUTES = 1.0
POLL_S = 2.0
MINIMISE_STEPS = 1000
_PR_SET_PDEATHSIG = 1
_TERMS = {
    "Potential": "potential",
    "Total-Energy": "total",
    "Temperature": "temperature",
    "Volume": "volume",
}


def program() -> str:
    """Return the path of ``gmx``.

    Raises
    ------
    RefusedError
        If GROMACS is not installed.
    """
    found = shutil.which("gmx")
    if found is None:
        raise RefusedError("GROMACS (the program gmx) is not installed; use the engine openmm")
    return found


def version() -> str:
    """Return the GROMACS version."""
    done = subprocess.run([program(), "--version"], capture_output=True, text=True, check=True)
    match = re.search(r"GROMACS version:\s*(\S+)", done.stdout)
    return match.group(1) if match else "unknown"


def run(
    topology: Topology,
    positions_angstrom: Floats,
    edge_angstrom: float,
    stages: Sequence[Stage],
    settings: Settings,
    *,
    workdir: Path,
    progress: Progress,
) -> list[StageResult]:
    """Minimise, then run the stages one after another; same contract as OpenMM's ``run``.

    A killed run goes on from GROMACS' own checkpoint (every minute), which cuts
    the trajectory back itself. Where that cannot be read it goes on from the one before,
    else the stage begins again.

    Raises
    ------
    CalculationError
        If GROMACS fails; with the last line of its message.
    RefusedError
        If GROMACS is not installed.
    """
    program()
    workdir.mkdir(parents=True, exist_ok=True)
    if not (workdir / "minimised.gro").is_file():
        progress(0.0, "minimising")
        _minimise(topology, positions_angstrom, edge_angstrom, settings, workdir)
    total_ps = sum(s.duration_ps for s in stages)
    done_ps, before = 0.0, "minimised"
    results = []
    for number, stage in enumerate(stages):
        if not (workdir / f"{stage.name}.gro").is_file():
            _run_stage(stage, settings, number, before, workdir, (done_ps, total_ps), progress)
        results.append(_result(stage, settings, workdir))
        done_ps, before = done_ps + stage.duration_ps, stage.name
    return results


def _minimise(
    topology: Topology, positions: Floats, edge: float, settings: Settings, workdir: Path
) -> None:
    write_topology(workdir / "topol.top", topology, settings)
    write_gro(workdir / "packed.gro", topology, positions, np.eye(3) * edge)
    options = force_options(settings) | {
        "integrator": "steep",
        "emtol": "200",
        "nsteps": str(MINIMISE_STEPS),
    }
    (workdir / "minimise.mdp").write_text(mdp_text(options))
    _gmx(
        _grompp("minimise", "packed.gro"),
        workdir,
    )
    _gmx(["mdrun", "-nt", "1", "-pin", "off", "-s", "minimise.tpr", "-deffnm", "minimise"], workdir)
    os.replace(workdir / "minimise.gro", workdir / "minimised.gro")


def _run_stage(
    stage: Stage,
    settings: Settings,
    number: int,
    before: str,
    workdir: Path,
    done_total_ps: tuple[float, float],
    progress: Progress,
) -> None:
    name = stage.name
    if not (workdir / f"{name}.tpr").is_file():
        seed = 1 + (settings.seed * 1009 + number * 7919) % 2_000_000_000
        text = mdp(stage, settings, first=before == "minimised", seed=seed)
        (workdir / f"{name}.mdp").write_text(text)
        arguments = _grompp(name, f"{before}.gro", f"{name}.part.tpr")
        end = workdir / f"{before}.cpt"
        try:
            _gmx([*arguments, "-t", end.name] if end.is_file() else arguments, workdir)
        except CalculationError:
            if not end.is_file():
                raise
            _gmx(arguments, workdir)  # that was damaged; the .gro file holds fewer digits
        os.replace(workdir / f"{name}.part.tpr", workdir / f"{name}.tpr")
    arguments = ["mdrun", "-nt", "1", "-pin", "off", "-deffnm", name, "-c", f"{name}.end.gro"]
    arguments += ["-cpt", str(CHECKPOINT_MINUTES)]
    done_ps, total_ps = done_total_ps

    def report() -> None:
        now_ps = done_ps + _reached_ps(workdir / f"{name}.log")
        progress(now_ps / total_ps, f"{name}: {now_ps:.0f} of {total_ps:.0f} ps")

    for checkpoint in (f"{name}.cpt", f"{name}_prev.cpt"):
        if not (workdir / checkpoint).is_file():
            continue
        reached = _reached_ps(workdir / f"{name}.log")
        try:
            _gmx([*arguments, "-cpi", checkpoint, "-append"], workdir, poll=report)
            break
        except CalculationError:
            if _reached_ps(workdir / f"{name}.log") > reached:
                raise  # it could be read: it is the run that fails
        progress(done_ps / total_ps, f"{name}: {checkpoint} is damaged; going on from before it")
    else:
        for file in workdir.glob(f"{name}*"):
            if file.suffix in (".cpt", ".edr", ".log", ".trr", ".xtc"):
                file.unlink()
        _gmx(arguments, workdir, poll=report)
    os.replace(workdir / f"{name}.end.gro", workdir / f"{name}.gro")


def _grompp(name: str, start: str, output: str = "") -> list[str]:
    arguments = ["grompp", "-f", f"{name}.mdp", "-c", start, "-p", "topol.top"]
    return [*arguments, "-o", output or f"{name}.tpr", "-po", f"{name}.out.mdp", "-maxwarn", "5"]


def _reached_ps(log: Path) -> float:
    """Return the time that mdrun last wrote to its log."""
    if not log.is_file():
        return 0.0
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        tail = file.read().decode(errors="replace")
    times = re.findall(r"Step +Time\n +\d+ +([0-9.]+)", tail)
    return float(times[-1]) if times else 0.0


def _die_with_parent() -> None:
    """Ask Linux to kill this child when its parent goes: no orphan may hold the files."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _gmx(
    arguments: Sequence[str], workdir: Path, poll: Callable[[], None] | None = None, given: str = ""
) -> str:
    """Run gmx, calling ``poll`` now and then, and return what it printed."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "GMX_MAXBACKUP": "-1"}
    log = workdir / f"{arguments[0]}.out"
    with log.open("w") as out:
        process = subprocess.Popen(
            [program(), "-quiet", "-nobackup", *arguments],
            cwd=workdir,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
            text=True,
            preexec_fn=_die_with_parent,
        )
        try:
            if given and process.stdin:
                process.stdin.write(given)
            if process.stdin:
                process.stdin.close()
            while process.poll() is None:
                time.sleep(0.05 if poll is None else POLL_S)
                if poll is not None:
                    poll()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    text = log.read_text(errors="replace")
    if process.returncode != 0:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        error = next((k for k, line in enumerate(lines) if line.startswith("Fatal error")), None)
        message = " ".join(lines[error : error + 4]) if error is not None else lines[-1:]
        raise CalculationError(f"gmx {arguments[0]} failed: {message}")
    return text


def _series(name: str, workdir: Path, terms: Sequence[str]) -> Floats:
    """Return time and the named energy terms, ``(n, 1 + n_terms)``."""
    _gmx(
        ["energy", "-f", f"{name}.edr", "-o", f"{name}.xvg", "-dp"],
        workdir,
        given="\n".join(terms) + "\n\n",
    )
    rows = [
        [float(v) for v in line.split()]
        for line in (workdir / f"{name}.xvg").read_text().splitlines()
        if line and line[0] not in "#@"
    ]
    return np.array(rows)


def _result(stage: Stage, settings: Settings, workdir: Path) -> StageResult:
    positions, box = read_gro(workdir / f"{stage.name}.gro")
    # Terms come in the order of the energy file, not of the request.
    terms = ["Potential", "Total-Energy", "Temperature"]
    if stage.ensemble == "npt":
        terms.append("Volume")
    rows = _series(stage.name, workdir, terms)[1:]
    legend = re.findall(r'@ s\d+ legend "(.*)"', (workdir / f"{stage.name}.xvg").read_text())
    columns = {
        _TERMS[title.replace("Total Energy", "Total-Energy")]: rows[:, k + 1]
        for k, title in enumerate(legend)
    }
    volume = columns.get("volume")
    stress = None
    if stage.stress_ps:
        tensor = _series(stage.name, workdir, [f"Pres-{a}{b}" for a in "XYZ" for b in "XYZ"])
        stress = tensor[1:, 1:].reshape(-1, 3, 3)
    return StageResult(
        stage=stage,
        time_ps=rows[:, 0] - rows[0, 0] + SAMPLE_PS,
        temperature_k=columns["temperature"],
        potential_kj_mol=columns["potential"],
        total_kj_mol=columns["total"],
        volume_angstrom3=(
            np.full(len(rows), float(np.linalg.det(box))) if volume is None else volume * 1000
        ),
        trajectory=workdir / f"{stage.name}.xtc" if stage.frame_ps else None,
        positions_angstrom=positions,
        box_angstrom=box,
        stress_bar=stress,
    )


def energies_kj_mol(
    topology: Topology,
    positions_angstrom: Floats,
    box_angstrom: Floats,
    settings: Settings,
    workdir: Path,
) -> dict[str, float]:
    """Return the potential energy of one configuration, by GROMACS' own terms and in total."""
    workdir.mkdir(parents=True, exist_ok=True)
    write_topology(workdir / "topol.top", topology, settings)
    write_gro(workdir / "point.gro", topology, positions_angstrom, box_angstrom)
    options = force_options(settings) | {
        "integrator": "md",
        "nsteps": "0",
        "nstenergy": "1",
        "continuation": "yes",
        "ewald-rtol": "1e-6",
        "fourierspacing": "0.06",
    }
    (workdir / "point.mdp").write_text(mdp_text(options))
    _gmx(
        _grompp("point", "point.gro"),
        workdir,
    )
    _gmx(["mdrun", "-nt", "1", "-pin", "off", "-deffnm", "point"], workdir)
    listing = " ".join(str(k) for k in range(1, 30))
    rows = _series("point", workdir, [listing])
    legend = re.findall(r'@ s\d+ legend "(.*)"', (workdir / "point.xvg").read_text())
    return dict(zip(legend, (float(v) for v in rows[0, 1:]), strict=True))
