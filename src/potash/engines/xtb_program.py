"""GFN2-xTB by the ``xtb`` program: a third backend, as a separate process.

Starting a process for each energy is slow, so it serves for checks and where neither
library is installed; its own optimiser is fast. The program looks for its parameter
files in the folder named by ``XTBPATH``, by default ``/usr/share/xtb``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase.data import chemical_symbols
from numpy.typing import NDArray

from potash.errors import CalculationError, RefusedError
from potash.units import BOHR_ANGSTROM

FloatArray = NDArray[np.float64]
_TIMEOUT_S = 600.0


def single_point(
    numbers: Sequence[int],
    positions: FloatArray,
    *,
    charge: int,
    unpaired: int,
    electronic_temperature_k: float,
) -> tuple[dict[str, Any], FloatArray]:
    """Return the program's JSON output and the gradient (hartree/bohr).

    Raises
    ------
    RefusedError
        If the program is not installed.
    CalculationError
        If it stops without a result.
    """
    with tempfile.TemporaryDirectory(prefix="potash-xtb-") as name:
        folder = Path(name)
        _run(
            ["--grad", "--json", "--etemp", str(electronic_temperature_k)],
            numbers,
            positions,
            charge=charge,
            unpaired=unpaired,
            folder=folder,
        )
        try:
            output = json.loads((folder / "xtbout.json").read_text(encoding="utf-8"))
            rows = [
                line.replace("D", "E").split()
                for line in (folder / "gradient").read_text(encoding="utf-8").splitlines()
            ]
            # The file's own coordinates carry four words, gradient rows three; energies in
            # the JSON text are cut to 1e-8 hartree, those of the gradient header are not.
            gradient = np.array([[float(w) for w in row] for row in rows if len(row) == 3])
            output["total energy"] = float(rows[1][rows[1].index("=", 3) + 1])
        except (OSError, ValueError, IndexError) as error:
            raise CalculationError(f"the xtb program left no usable result ({error})") from None
    return output, gradient


def relax(
    numbers: Sequence[int], positions: FloatArray, *, charge: int = 0, unpaired: int = 0
) -> FloatArray:
    """Return positions (A) relaxed with GFN2-xTB by the program's own optimiser.

    Raises
    ------
    RefusedError
        If the program is not installed.
    CalculationError
        If the optimisation fails.
    """
    with tempfile.TemporaryDirectory(prefix="potash-xtb-") as name:
        folder = Path(name)
        _run(["--opt"], numbers, positions, charge=charge, unpaired=unpaired, folder=folder)
        try:
            lines = (folder / "xtbopt.xyz").read_text(encoding="utf-8").splitlines()
            return np.array([[float(w) for w in line.split()[1:4]] for line in lines[2:]])
        except (OSError, ValueError) as error:
            raise CalculationError(f"the xtb program gave no geometry ({error})") from None


def _run(
    arguments: list[str],
    numbers: Sequence[int],
    positions: FloatArray,
    *,
    charge: int,
    unpaired: int,
    folder: Path,
) -> None:
    program = shutil.which("xtb")
    if program is None:
        raise RefusedError("the xtb program is not installed here; take the tblite library")
    bohr = np.asarray(positions) / BOHR_ANGSTROM
    rows = [
        f"{x:.14f} {y:.14f} {z:.14f} {chemical_symbols[int(n)].lower()}"
        for n, (x, y, z) in zip(numbers, bohr, strict=True)
    ]
    if "--opt" in arguments:
        head = [str(len(rows)), ""]
        body = [
            f"{chemical_symbols[int(n)]} {x:.10f} {y:.10f} {z:.10f}"
            for n, (x, y, z) in zip(numbers, np.asarray(positions), strict=True)
        ]
        source, text = "molecule.xyz", "\n".join([*head, *body]) + "\n"
    else:
        source, text = "molecule.coord", "\n".join(["$coord", *rows, "$end"]) + "\n"
    (folder / source).write_text(text, encoding="utf-8")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    environment.setdefault("XTBPATH", "/usr/share/xtb")
    command = [program, source, "--gfn", "2", "--chrg", str(charge), "--uhf", str(unpaired)]
    try:
        finished = subprocess.run(
            [*command, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CalculationError(f"the xtb program took more than {_TIMEOUT_S:.0f} s") from None
    if finished.returncode:
        last = [x for x in finished.stderr.splitlines() if x.strip()][-1:]
        raise CalculationError(f"the xtb program failed: {' '.join(last).strip()}")
