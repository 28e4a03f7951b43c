"""Gradients that a GFN2-xTB relaxation needs, beside other optimisers.

Usage: python benchmarks/molecules_relaxation.py [N]

Relaxes the lowest force-field conformer of N enumerated solvents (40 by default) to
0.02 eV/A with (a) the relaxer of this program from the force field's Hessian and (b) from
the model Hessian, (c) LBFGS and (d) BFGS of ASE, (e) geomeTRIC in its default coordinates
where it is installed (pip install geometric). All use the same engine, which keeps its
wave function from one geometry to the next. Prints gradients, CPU seconds, the share of
the CPU time outside the engine, and how far the end points lie above the lowest that any
of them found.
"""

# ruff: noqa: E402  (threads have to be set before numerical libraries are imported)

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator
from ase.optimize import BFGS, LBFGS
from molecules_throughput import FORCE_EV_A, enumerated
from numpy.typing import NDArray

from potash.engines.xtb import XtbEngine
from potash.errors import CalculationError
from potash.molecules.conformers import embed
from potash.molecules.force_field import force_field_hessian
from potash.molecules.library import LIBRARY_SEARCH
from potash.molecules.relax import relax
from potash.structures.smiles import parse_smiles
from potash.units import BOHR_ANGSTROM, HARTREE_EV

FloatArray = NDArray[np.float64]


class Counted:
    """GFN2-xTB energy and gradient of one molecule, counted and timed."""

    def __init__(self, numbers: list[int]) -> None:
        self.engine = XtbEngine(numbers)
        self.calls, self.seconds, self.energy = 0, 0.0, 0.0

    def __call__(self, x: FloatArray) -> tuple[float, FloatArray]:
        """Return energy (eV) and gradient (eV/A)."""
        start = time.process_time()
        result = self.engine.evaluate(x)
        self.seconds += time.process_time() - start
        self.calls += 1
        self.energy = result.energy_ev
        return result.energy_ev, result.gradient_ev_angstrom


class CountedCalculator(Calculator):  # type: ignore[misc]
    """The same as a calculator of ASE."""

    implemented_properties = ("energy", "forces")

    def __init__(self, counted: Counted) -> None:
        super().__init__()
        self.counted = counted

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:  # type: ignore[no-untyped-def]
        """Compute energy and forces."""
        super().calculate(atoms, properties, system_changes)
        energy, gradient = self.counted(self.atoms.positions)
        self.results = {"energy": energy, "forces": -gradient}


def with_ase(optimiser: type) -> Callable[[list[int], FloatArray, object, Counted], None]:
    """Return a relaxation by an optimiser of ASE."""

    def run(numbers: list[int], x: FloatArray, _mol: object, counted: Counted) -> None:
        atoms = Atoms(numbers, x, calculator=CountedCalculator(counted))
        optimiser(atoms, logfile=None).run(fmax=FORCE_EV_A, steps=500)

    return run


def with_geometric(numbers: list[int], x: FloatArray, _mol: object, counted: Counted) -> None:
    """Relax with geomeTRIC: largest force as for the others, no criterion on the step."""
    from geometric.engine import Engine
    from geometric.molecule import Molecule
    from geometric.optimize import run_optimizer

    class ThisEngine(Engine):  # type: ignore[misc]
        def calc_new(self, coords: FloatArray, _dirname: str) -> dict[str, object]:
            energy, gradient = counted(coords.reshape(-1, 3) * BOHR_ANGSTROM)
            scale = BOHR_ANGSTROM / HARTREE_EV
            return {"energy": energy / HARTREE_EV, "gradient": gradient.ravel() * scale}

    molecule = Molecule()
    molecule.elem = Atoms(numbers).get_chemical_symbols()
    molecule.xyzs = [x]
    largest = FORCE_EV_A * BOHR_ANGSTROM / HARTREE_EV
    with tempfile.TemporaryDirectory() as folder:
        run_optimizer(
            customengine=ThisEngine(molecule), input=str(Path(folder) / "in"),
            convergence_gmax=largest, convergence_grms=largest, convergence_energy=1.0,
            convergence_drms=10.0, convergence_dmax=10.0,
        )  # fmt: skip


def main() -> None:
    """Run all and print the comparison."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    ways: dict[str, Callable[..., object]] = {
        "this program, force-field Hessian": lambda z, x, mol, counted: relax(
            z, x, counted, hessian=force_field_hessian(mol, x)
        ),
        "this program, model Hessian": lambda z, x, _, counted: relax(z, x, counted),
        "ASE LBFGS": with_ase(LBFGS),
        "ASE BFGS": with_ase(BFGS),
    }
    if find_spec("geometric"):
        ways["geomeTRIC"] = with_geometric
    found: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name in ways}
    everything = enumerated(1000)
    for smiles in everything[:: max(1, len(everything) // n)][:n]:
        mol, energies = embed(parse_smiles(smiles), seed=1, search=LIBRARY_SEARCH)
        lowest = min(range(len(energies)), key=energies.__getitem__)
        x = np.array(mol.GetConformer(lowest).GetPositions())
        numbers = [a.GetAtomicNum() for a in mol.GetAtoms()]
        for name, way in ways.items():
            counted, start = Counted(numbers), time.process_time()
            try:
                way(numbers, x, mol, counted)
            except CalculationError as error:
                print(f"{smiles}: {name}: {error}")
            spent = time.process_time() - start
            found[name].append((counted.calls, spent, counted.seconds, counted.energy))
    best = np.min([[row[3] for row in rows] for rows in found.values()], axis=0)
    reference = np.mean([row[1] for row in found["this program, force-field Hessian"]])
    print(f"{len(best)} molecules")
    for name, rows in found.items():
        calls, spent, engine, energy = np.array(rows).T
        above = 1e3 * (energy - best)
        print(
            f"{name:34s} {calls.mean():6.1f} gradients (median {np.median(calls):.0f}, most "
            f"{calls.max():.0f})  {spent.mean():.3f} CPU-s ({spent.mean() / reference:.1f}x), "
            f"{100 * (1 - engine.sum() / spent.sum()):.0f} % outside the engine; above the lowest: "
            f"mean {above.mean():.1f}, most {above.max():.0f} meV"
        )


if __name__ == "__main__":
    main()
