"""Run GPAW on structures as they come: a program of its own, never imported by Potash.

    python gpaw_driver.py LOG

It is started with the interpreter of the environment that holds GPAW. Each line of its
standard input is a point as JSON: ``name``, ``parameters`` (keywords of GPAW), ``functionals``
(evaluated on the density), ``numbers``, ``positions``, ``cell``, ``pbc``, optionally
``magnetic_moments``, ``relax`` (``max_force``, ``max_steps``, ``fixed``), ``forces`` (true for
those on all atoms) and ``charges`` (true for Hirshfeld charges). Each is answered with one
line of JSON on standard output, before the next is read.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
from typing import Any


def main(log: str) -> None:
    """Answer each point on standard input with its record, until the input ends."""
    # What libraries print must not be taken for an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    previous: Any = None
    for line in sys.stdin:
        point = json.loads(line)
        wall, cpu = time.monotonic(), time.process_time()
        record: dict[str, Any] = {"name": point["name"]}
        try:
            previous = atoms_of(point, previous, log)
            record |= computed(previous[0], point)
        except Exception as error:  # one unconverged point must not cost the others
            record["error"] = f"{type(error).__name__}: {error}".splitlines()[0]
            previous = None
        record["seconds"] = round(time.monotonic() - wall, 1)
        record["cpu_seconds"] = round(time.process_time() - cpu, 1)
        answers.write(json.dumps(record) + "\n")
        answers.flush()


def atoms_of(point: Any, previous: Any, log: str) -> Any:
    """Return the atoms of a point with their calculator, and what it was made with.

    The same atoms moved a little start from the last wave functions.
    """
    from ase import Atoms
    from gpaw import GPAW

    atoms = Atoms(
        numbers=point["numbers"],
        positions=point["positions"],
        cell=point["cell"],
        pbc=point["pbc"],
    )
    made_with = [point["parameters"], point.get("magnetic_moments"), point.get("charges")]
    if previous is not None and previous[1] == made_with and _continues(previous[0], atoms):
        previous[0].set_positions(atoms.positions)
        return previous
    if point.get("magnetic_moments") is not None:
        atoms.set_initial_magnetic_moments(point["magnetic_moments"])
    parameters = dict(point["parameters"])
    if atoms.pbc.tolist() == [True, True, False]:
        parameters["poissonsolver"] = {"dipolelayer": "xy"}
    if point.get("charges"):
        parameters["legacy_gpaw"] = True
    atoms.calc = GPAW(txt=log, **parameters)
    return atoms, made_with


def computed(atoms: Any, point: Any) -> dict[str, Any]:
    """Return what a point asks for, of atoms with their calculator."""
    import numpy as np
    from ase.constraints import FixAtoms
    from ase.optimize import BFGS

    record: dict[str, Any] = {}
    relax = point.get("relax")
    if relax is not None:
        atoms.set_constraint(FixAtoms(indices=relax["fixed"]))
        optimizer = BFGS(atoms, logfile=None, maxstep=0.1)
        record["relaxed"] = bool(optimizer.run(fmax=relax["max_force"], steps=relax["max_steps"]))
        record["steps"] = int(optimizer.nsteps)
    record["energy_ev"] = float(atoms.get_potential_energy())
    if point.get("forces"):
        forces = atoms.get_forces(apply_constraint=False)
        record["forces_ev_angstrom"] = np.round(forces, 5).tolist()
    record["functional_shift_ev"] = {
        name: float(atoms.calc.get_xc_difference(name)) for name in point["functionals"]
    }
    record["positions"] = np.round(atoms.positions, 6).tolist()
    record["fermi_ev"] = float(atoms.calc.get_fermi_level())
    if not atoms.pbc[2]:
        potential = atoms.calc.get_electrostatic_potential().mean(axis=(0, 1))
        record["vacuum_above_ev"] = float(potential[-1])
        record["vacuum_below_ev"] = float(potential[1])
    if point.get("magnetic_moments") is not None:
        record["magnetic_moment"] = float(atoms.calc.get_magnetic_moment())
    if point.get("charges"):
        from gpaw.analyse.hirshfeld import HirshfeldPartitioning

        charges = HirshfeldPartitioning(atoms.calc).get_charges()
        record["hirshfeld_charges_e"] = [float(q) for q in charges]
    return record


def die_with_parent() -> None:
    """Ask Linux to kill this process when the one that started it is gone."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def _continues(previous: Any, atoms: Any) -> bool:
    """Return whether only positions changed, and by little."""
    import numpy as np

    return bool(
        len(previous) == len(atoms)
        and np.array_equal(previous.numbers, atoms.numbers)
        and np.allclose(previous.cell.array, atoms.cell.array)
        and np.abs(previous.positions - atoms.positions).max() < 0.8
    )


if __name__ == "__main__":
    die_with_parent()
    main(sys.argv[1])
