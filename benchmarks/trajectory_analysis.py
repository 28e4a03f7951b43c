"""Speed of the trajectory analysis against other programs, on the same files in one run.

    python benchmarks/trajectory_analysis.py [--topology T --trajectory X] [--tile 2]
        [--solvation-analysis PYTHON] [--json]

Without files it takes ``kfsi_dme_md`` from the folder named by
POTASH_REFERENCE_DATA. ``--tile N`` also measures the box repeated N x N x 1.
``--solvation-analysis`` names the Python of an environment that holds that
package (GPL): it runs there, in a process of its own. Times are processor
seconds, so that a busy machine does not favour anyone, the best of several
rounds in which the programs take turns; compilation is not counted.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import MDAnalysis as mda  # noqa: N813
import numpy as np
from MDAnalysis.analysis.rdf import InterRDF

from potash.trajectories.analysis import analyze_files
from potash.trajectories.diffusion import mean_squared_displacement
from potash.trajectories.opening import open_universe
from potash.trajectories.solvation import Speciation
from potash.trajectories.structure import RadialDistribution
from potash.trajectories.system import describe

K = TypeVar("K")

# Runs in the other environment; prints frames per second and what it counted.
OTHER_PROGRAM = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import MDAnalysis as mda
from solvation_analysis.networking import Networking
from solvation_analysis.solute import Solute
topology, trajectory, cutoff = sys.argv[1], sys.argv[2], float(sys.argv[3])
u = mda.Universe(topology, trajectory)
radii = {"FSI": cutoff, "DME": cutoff}
best = None
for _ in range(2):
    solute = Solute.from_atoms(
        u.select_atoms("name K"),
        {"FSI": u.select_atoms("resname FSI"), "DME": u.select_atoms("resname DME")},
        radii=radii, solute_name="K",
    )
    begin = time.process_time()
    solute.run()
    Networking.from_solute(solute, "FSI")
    elapsed = time.process_time() - begin
    best = elapsed if best is None else min(best, elapsed)
print(json.dumps({"seconds": best, "fsi": solute.coordination.coordination_numbers["FSI"]}))
"""


def best_of(functions: Mapping[K, Callable[[], Any]], rounds: int = 4) -> dict[K, float]:
    """Processor seconds of the fastest call of each function, after one that is not counted."""
    best: dict[K, float] = {}
    for function in functions.values():
        function()
    for _ in range(rounds):
        for name, function in functions.items():
            begin = time.process_time()
            function()
            elapsed = time.process_time() - begin
            best[name] = min(elapsed, best.get(name, elapsed))
    return best


def tiled(topology: Path, trajectory: Path, n: int, folder: Path) -> tuple[Path, Path]:
    """Write the box repeated n x n x 1 along the whole trajectory."""
    one = mda.Universe(str(topology), str(trajectory))
    copies = mda.Merge(*[one.atoms] * n**2)
    resids = np.arange(1, len(copies.residues) + 1)
    copies.residues.resids = resids
    files = folder / f"tile{n}.gro", folder / f"tile{n}.xtc"
    with mda.Writer(str(files[1]), copies.atoms.n_atoms) as writer:
        first = np.array([r.atoms[0].index for r in one.residues])[one.atoms.resindices]
        for ts in one.trajectory:
            lengths = ts.dimensions[:3]  # orthorhombic; molecules must be whole to be repeated
            from_first = ts.positions - ts.positions[first]
            whole = ts.positions - lengths * np.round(from_first / lengths)
            shifts = [np.array([i, j, 0]) * lengths for i in range(n) for j in range(n)]
            copies.atoms.positions = np.concatenate([whole + s for s in shifts])
            copies.dimensions = ts.dimensions * np.array([n, n, 1, 1, 1, 1])
            copies.trajectory.ts.time = ts.time
            writer.write(copies.atoms)
            if ts.frame == 0:
                copies.atoms.write(str(files[0]))
    return files


def measure(
    topology: Path, trajectory: Path, cutoff: float, other_python: str | None
) -> list[dict[str, Any]]:
    """Frames per second of every program on one trajectory."""
    universe = open_universe(topology, trajectory)
    system = describe(universe)
    n_frames = universe.trajectory.n_frames
    cation = universe.select_atoms("name K")
    donors = universe.select_atoms("resname FSI and name O* N* F*")
    solvent = universe.select_atoms("resname DME and name O*")
    rows = []

    def row(work: str, program: str, seconds: float) -> dict[str, Any]:
        return {
            "n_atoms": len(universe.atoms),
            "work": work,
            "program": program,
            "frames_per_s": n_frames / seconds,
        }

    def read() -> None:
        for _ in universe.trajectory:
            pass

    every_atom = Speciation(
        cation,
        universe.select_atoms("resname FSI"),
        universe.select_atoms("resname DME"),
        cutoff=cutoff,
        system=system,
    )
    pairs = {"K-O": (cation, solvent)}
    g_of_r = "radial distribution K-O, 10 A"
    everything = {"cutoff": cutoff, "temperature_k": 298.15}
    work: dict[tuple[str, str], Callable[[], Any]] = {
        ("read", "MDAnalysis reader"): read,
        ("speciation, donor atoms", "potash"): Speciation(
            cation, donors, solvent, cutoff=cutoff, system=system
        ).run,
        ("speciation, every atom", "potash"): every_atom.run,
        (g_of_r, "potash"): RadialDistribution(pairs, r_max=10.0, system=system).run,
        (g_of_r, "MDAnalysis InterRDF"): InterRDF(
            cation, solvent, nbins=200, range=(0.0, 10.0)
        ).run,
        ("everything", "potash"): lambda: analyze_files(topology, trajectory, **everything),
    }
    rows += [row(*key, seconds) for key, seconds in best_of(work).items()]
    if other_python:
        finished = subprocess.run(
            [other_python, "-c", OTHER_PROGRAM, str(topology), str(trajectory), str(cutoff)],
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        other = json.loads(finished.stdout.splitlines()[-1])
        rows.append(row("speciation, every atom", "solvation-analysis", other["seconds"]))
        ours = sum(v["value"] for k, v in every_atom.results.coordination.items() if "(FSI)" in k)
        # It counts ligand molecules, we count donor atoms and molecules.
        molecules = every_atom.results.ligands["FSI"]
        print(
            f"FSI per K: solvation-analysis {other['fsi']:.4f}, potash {molecules:.4f} molecules "
            f"({ours:.4f} donor atoms)",
            file=sys.stderr,
        )
    return rows


def measure_msd(n_frames: int = 2000, n_molecules: int = 200) -> list[dict[str, Any]]:
    """Seconds for the mean squared displacement of random walks."""
    walk = np.cumsum(np.random.default_rng(0).normal(size=(n_frames, n_molecules, 3)), axis=0)
    work: dict[str, Callable[[], Any]] = {"potash": lambda: mean_squared_displacement(walk)}
    with contextlib.suppress(ImportError):
        import tidynamics

        def theirs() -> Any:
            return np.mean([tidynamics.msd(walk[:, i]) for i in range(n_molecules)], axis=0)

        np.testing.assert_allclose(theirs(), mean_squared_displacement(walk), rtol=1e-6, atol=1e-6)
        work["tidynamics"] = theirs
    return [{"program": name, "seconds": seconds} for name, seconds in best_of(work).items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--topology", type=Path)
    parser.add_argument("--trajectory", type=Path)
    parser.add_argument("--cutoff", type=float, default=3.6)
    parser.add_argument("--tile", type=int, default=0)
    parser.add_argument("--solvation-analysis", metavar="PYTHON")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    folder = Path(os.environ.get("POTASH_REFERENCE_DATA", ".")) / "kfsi_dme_md"
    topology = chosen.topology or folder / "kfsi_dme.gro"
    trajectory = chosen.trajectory or folder / "kfsi_dme.xtc"
    if not topology.is_file():
        parser.error("no trajectory: give --topology and --trajectory, or POTASH_REFERENCE_DATA")
    with tempfile.TemporaryDirectory() as scratch:
        # Readers leave index files beside a trajectory; the original may be read-only.
        rows = measure(topology, trajectory, chosen.cutoff, chosen.solvation_analysis)
        if chosen.tile > 1:
            files = tiled(topology, trajectory, chosen.tile, Path(scratch))
            rows += measure(*files, chosen.cutoff, chosen.solvation_analysis)
    displacement = measure_msd()
    if chosen.json:
        machine = {"python": platform.python_version(), "processor": platform.machine()}
        print(json.dumps({"machine": machine, "rows": rows, "msd": displacement}, indent=1))
        return
    print("| atoms | work | program | frames/s |\n|---|---|---|---|")
    for entry in rows:
        print(
            f"| {entry['n_atoms']} | {entry['work']} | {entry['program']} "
            f"| {entry['frames_per_s']:.0f} |"
        )
    print("\n| mean squared displacement, 2000 frames x 200 | s |\n|---|---|")
    for entry in displacement:
        print(f"| {entry['program']} | {entry['seconds']:.4f} |")


if __name__ == "__main__":
    main()
