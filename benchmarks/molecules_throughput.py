"""Throughput of the `screen` level on enumerated solvents, beside two plain loops.

Usage: python benchmarks/molecules_throughput.py FOLDER [N [N_PLAIN [PROCESSES]]]

Screens N enumerated solvents (1,000 by default) with PROCESSES worker processes of
one thread, through a store in FOLDER (so a killed run resumes: start it again), then
N_PLAIN of the same molecules (40 by default) one after another with
(a) RDKit conformers + ASE LBFGS + the same GFN2-xTB library + IPEA1, and
(b) the `xtb` program (GFN2 optimisation, then --vipea), where it is installed.
All three use the same conformer search and the same force threshold. Prints wall
times, molecules per hour and CPU seconds per molecule; the CPU figures are the fair
ones on a machine that others use, too.
"""

# ruff: noqa: E402  (threads have to be set before numerical libraries are imported)

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from ase import Atoms
from ase.optimize import LBFGS
from rdkit import Chem

from potash.engines.molecule_levels import screen_level
from potash.engines.xtb import XtbEngine, vertical_ip_ea
from potash.engines.xtb_ase import XtbCalculator
from potash.molecules.conformers import embed
from potash.molecules.library import LIBRARY_SEARCH, library_calculations
from potash.running.limits import Limit, Limits
from potash.running.local import compute_in_processes
from potash.store import Store
from potash.structures.library import read_library
from potash.structures.molecule import Structure
from potash.structures.smiles import parse_smiles

FORCE_EV_A = 0.02


def enumerated(n: int) -> list[str]:
    """Return n distinct ether, carbonate, ester, nitrile, sulfone and phosphate SMILES."""
    ends = ["C", "CC", "CCC", "C(C)C", "CC(F)(F)F", "CC(F)F", "CCF", "CCOC", "CC=C", "C1CC1"]
    cores = [
        "{a}O{b}", "{a}OCCO{b}", "{a}OC(=O)O{b}", "{a}OC(=O){b}", "{a}S(=O)(=O){b}",
        "{a}OCO{b}", "{a}OCCOCCO{b}", "{a}N(C)C(=O)O{b}", "{a}OP(=O)(OC)O{b}", "{a}OS(=O)O{b}",
        "{a}OCC(F)(F)O{b}", "{a}OCCCO{b}", "{a}OCC(C)O{b}", "{a}C(=O)N(C){b}", "{a}OCCC#N",
        "{a}OC(C)O{b}", "{a}OCC(=O)O{b}", "{a}S(=O){b}", "{a}O[Si](C)(C)O{b}", "{a}OCCS(=O)(=O){b}",
    ]  # fmt: skip
    heads = {
        "C(C)C": "CC(C)", "CC(F)(F)F": "FC(F)(F)C", "CC(F)F": "FC(F)C", "CCF": "FCC",
        "CCOC": "COCC", "CC=C": "C=CC", "C1CC1": "C1CC1",
    }  # fmt: skip
    found: dict[str, None] = {}
    for a, b, core in itertools.product(ends, ends, cores):
        mol = Chem.MolFromSmiles(core.format(a=heads.get(a, a), b=b))
        if mol is not None:
            found.setdefault(Chem.MolToSmiles(mol))
    if len(found) < n:
        raise SystemExit(f"only {len(found)} molecules can be enumerated")
    return list(found)[:n]


def screened(path: Path, folder: Path, processes: int) -> tuple[int, float, float]:
    """Screen the library; return molecules computed now, wall and CPU seconds."""
    planned, _ = library_calculations(read_library(path), screen_level())
    start, before = time.monotonic(), os.times()
    n_done = compute_in_processes(
        planned,
        Store(folder / "throughput.sqlite"),
        folder / "work",
        processes=processes,
        limits=Limits(Limit(300.0)),
    )
    after = os.times()
    return n_done, time.monotonic() - start, sum(after[:4]) - sum(before[:4])


def plain_ase(smiles: list[str]) -> tuple[float, float]:
    """Run the plain loop; return wall and CPU seconds."""
    start, cpu = time.monotonic(), time.process_time()
    for text in smiles:
        full, energies = embed(parse_smiles(text), seed=1, search=LIBRARY_SEARCH)
        numbers = [a.GetAtomicNum() for a in full.GetAtoms()]
        lowest = min(range(len(energies)), key=energies.__getitem__)
        atoms = Atoms(numbers, full.GetConformer(lowest).GetPositions())
        atoms.calc = XtbCalculator()
        LBFGS(atoms, logfile=None).run(fmax=FORCE_EV_A, steps=500)
        XtbEngine(numbers).evaluate(atoms.positions)
        vertical_ip_ea(Structure(tuple(numbers), atoms.positions))
    return time.monotonic() - start, time.process_time() - cpu


def plain_program(smiles: list[str]) -> tuple[float, float]:
    """Run the ``xtb`` program on each; return wall and CPU seconds."""
    environment = os.environ | {"XTBPATH": os.environ.get("XTBPATH", "/usr/share/xtb")}
    start, before = time.monotonic(), os.times()
    for text in smiles:
        full, energies = embed(parse_smiles(text), seed=1, search=LIBRARY_SEARCH)
        lowest = min(range(len(energies)), key=energies.__getitem__)
        positions = full.GetConformer(lowest).GetPositions()
        with tempfile.TemporaryDirectory() as folder:
            lines = [
                f"{a.GetSymbol()} {x:.8f} {y:.8f} {z:.8f}"
                for a, (x, y, z) in zip(full.GetAtoms(), positions, strict=True)
            ]
            (Path(folder) / "in.xyz").write_text(f"{len(lines)}\n\n" + "\n".join(lines) + "\n")
            for arguments in (["in.xyz", "--opt"], ["xtbopt.xyz", "--vipea"]):
                subprocess.run(
                    ["xtb", *arguments], cwd=folder, env=environment, capture_output=True,
                    check=False,
                )  # fmt: skip
    after = os.times()
    cpu = sum(after[:4]) - sum(before[:4])
    return time.monotonic() - start, cpu


def main() -> None:
    """Run the three and print the comparison."""
    folder = Path(sys.argv[1])
    n, n_plain, processes = (
        int(sys.argv[i]) if len(sys.argv) > i else default
        for i, default in ((2, 1000), (3, 40), (4, 2))
    )
    folder.mkdir(parents=True, exist_ok=True)
    smiles = enumerated(n)
    path = folder / "enumerated.smi"
    path.write_text("\n".join(smiles) + "\n")
    n_done, wall, cpu = screened(path, folder, processes)
    rows = list(Store(folder / "throughput.sqlite").rows())
    statuses = {s: sum(r.status == s for r in rows) for s in ("ok", "anomalous", "failed")}
    print(f"{len(smiles)} enumerated, {n_done} computed now, {len(rows)} in the store: {statuses}")
    report = [("screen level, this program", n_done, wall, cpu)]
    sample = smiles[:: max(1, len(smiles) // n_plain)][:n_plain]
    report.append(("plain loop, ASE + same engine", len(sample), *plain_ase(sample)))
    if shutil.which("xtb"):
        report.append(("plain loop, xtb program", len(sample), *plain_program(sample)))
    for label, count, seconds, cpu_seconds in report:
        if count:
            print(
                f"{label:32s} {count:5d} molecules  {seconds:8.1f} s wall  "
                f"{3600 * count / seconds:9.0f} per hour  {cpu_seconds / count:6.3f} CPU-s each"
            )


if __name__ == "__main__":
    main()
