"""Run GPAW on a list of structures: a program of its own, never imported by Potash.

    python gpaw_driver.py JOB.json RESULTS.jsonl

It is started with the interpreter of the environment that holds GPAW. The job
holds ``parameters`` (keywords of GPAW), ``functionals`` (evaluated on the density of
every point), ``log`` (a file) and ``points``: each
with ``name``, ``numbers``, ``positions``, ``cell``, ``pbc``, optionally
``magnetic_moments``, ``relax`` (``max_force``, ``max_steps``, ``fixed``) and
``charges`` (true for Hirshfeld charges). One line of JSON is appended to the
results per finished point; whoever starts a killed run again asks for the rest.
"""

from __future__ import annotations

import ctypes
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any


def main(job_file: str, result_file: str) -> None:
    """Compute every point of the job and append its record to the results."""
    import numpy as np
    from ase import Atoms
    from ase.constraints import FixAtoms
    from ase.optimize import BFGS
    from gpaw import GPAW

    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    results = Path(result_file)
    previous: Any = None
    for point in job["points"]:
        started = time.monotonic()
        atoms = Atoms(
            numbers=point["numbers"],
            positions=point["positions"],
            cell=point["cell"],
            pbc=point["pbc"],
        )
        moments = point.get("magnetic_moments")
        if moments is not None:
            atoms.set_initial_magnetic_moments(moments)
        if previous is not None and _continues(previous, atoms):
            # The same atoms moved a little: start from the last wave functions.
            previous.set_positions(atoms.positions)
            atoms = previous
        else:
            parameters = dict(job["parameters"])
            if atoms.pbc.tolist() == [True, True, False]:
                parameters["poissonsolver"] = {"dipolelayer": "xy"}
            if point.get("charges"):
                parameters["legacy_gpaw"] = True
            atoms.calc = GPAW(txt=job["log"], **parameters)
        record: dict[str, Any] = {"name": point["name"]}
        try:
            relax = point.get("relax")
            if relax is not None:
                atoms.set_constraint(FixAtoms(indices=relax["fixed"]))
                optimizer = BFGS(atoms, logfile=None, maxstep=0.1)
                record["relaxed"] = bool(
                    optimizer.run(fmax=relax["max_force"], steps=relax["max_steps"])
                )
                record["steps"] = int(optimizer.nsteps)
            record["energy_ev"] = float(atoms.get_potential_energy())
            record["functional_shift_ev"] = {
                name: float(atoms.calc.get_xc_difference(name)) for name in job["functionals"]
            }
            record["positions"] = np.round(atoms.positions, 6).tolist()
            record["fermi_ev"] = float(atoms.calc.get_fermi_level())
            if not atoms.pbc[2]:
                potential = atoms.calc.get_electrostatic_potential().mean(axis=(0, 1))
                record["vacuum_above_ev"] = float(potential[-1])
                record["vacuum_below_ev"] = float(potential[1])
            if moments is not None:
                record["magnetic_moment"] = float(atoms.calc.get_magnetic_moment())
            if point.get("charges"):
                from gpaw.analyse.hirshfeld import HirshfeldPartitioning

                charges = HirshfeldPartitioning(atoms.calc).get_charges()
                record["hirshfeld_charges_e"] = [float(q) for q in charges]
            previous = atoms
        except Exception as error:  # one unconverged point must not cost the others
            record["error"] = f"{type(error).__name__}: {error}".splitlines()[0]
            previous = None
        record["seconds"] = round(time.monotonic() - started, 1)
        with results.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(record) + "\n")


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
    main(sys.argv[1], sys.argv[2])
