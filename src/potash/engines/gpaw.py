"""PBE with GPAW: levels of theory, and running it as a separate program.

GPAW is GPL-licensed and is not imported. It lives in an environment of its own
(``make dft``), whose Python runs :mod:`potash.engines.gpaw_driver` as a child
process with a time limit. The environment is looked for in the variable
``POTASH_GPAW_PYTHON`` (an interpreter), then ``.venv-dft`` in the checkout and
in the current folder.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from potash.engines.levels import Level
from potash.engines.magnetism import starting_moments
from potash.errors import CalculationError, RefusedError
from potash.resources import in_checkout

DFT_LEVELS = ("standard", "standard-lcao", "reference")
_DRIVER = Path(__file__).with_name("gpaw_driver.py")
_MISSING = (
    "GPAW is not installed here; `make dft` "
    f"{'' if in_checkout() else 'in the sources of Potash '}builds it in an environment of its own"
)

_COMMON: Mapping[str, Any] = {
    "xc": "PBE",
    "occupations": {"name": "fermi-dirac", "width": 0.1},
    "convergence": {"energy": 1e-5, "density": 1e-4},
    "symmetry": {"tolerance": 1e-3},
    "maxiter": 120,
}
_BASES: Mapping[str, Mapping[str, Any]] = {
    "standard": {"mode": {"name": "pw", "ecut": 400}},
    "standard-lcao": {"mode": "lcao", "basis": "dzp", "h": 0.2},
    "reference": {"mode": {"name": "pw", "ecut": 500}},
}
_KPOINT_LENGTH = {"standard": 25.0, "standard-lcao": 25.0, "reference": 30.0}
_BULK_KPOINT_LENGTH = 37.0
_MAX_ATOMS = {"standard": 70, "standard-lcao": 120, "reference": 40}
# Of the Materials Project's PBE+U (Jain et al., doi:10.1103/PhysRevB.84.045115), on which
# 7net-0 and chgnet were trained: on d states of these metals in oxides and fluorides only.
_HUBBARD_U_EV = {
    "Co": 3.32, "Cr": 3.7, "Fe": 5.3, "Mn": 3.9, "Mo": 4.38, "Ni": 6.2, "V": 3.25, "W": 6.2,
}  # fmt: skip
# With +U and moments the default mixing of GPAW wanders: NiO(100) was not done in 90 iterations.
# The way to the density, not the density: no part of a level's fingerprint.
_SPIN_MIXER = {
    "method": "difference", "backend": "pulay", "beta": 0.05, "nmaxold": 5, "weight": 100,
    "beta_m": 0.5, "nmaxold_m": 2, "weight_m": 10,
}  # fmt: skip
_HUBBARD_ANIONS = frozenset({"O", "F"})
FUNCTIONALS = ("RPBE", "PBEsol")
"""Evaluated on the PBE density of every point: their spread is part of the error."""


def interpreter() -> Path | None:
    """Return the Python that has GPAW, or None."""
    named = os.environ.get("POTASH_GPAW_PYTHON")
    candidates = [Path(named)] if named else []
    checkout = Path(__file__).resolve().parents[3]
    candidates += [folder / ".venv-dft" / "bin" / "python" for folder in (checkout, Path.cwd())]
    return next((path for path in candidates if path.is_file()), None)


@lru_cache(maxsize=4)
def versions(python: Path) -> Mapping[str, str]:
    """Return the versions of GPAW and its PAW data in an environment.

    Raises
    ------
    RefusedError
        If that environment has no GPAW.
    """
    code = (
        "import importlib.metadata as m, json;"
        "print(json.dumps({p: m.version(p) for p in ('gpaw', 'gpaw-data')}))"
    )
    run = subprocess.run(
        [str(python), "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    if run.returncode != 0:
        raise RefusedError(f"{_MISSING} ({python} has none)")
    found: Mapping[str, str] = json.loads(run.stdout)
    return found


def dft_level(name: str) -> Level:
    """Return a DFT level of theory for adsorption.

    ``standard``: PBE single points on the geometry of the screening level in
    plane waves of 400 eV. ``standard-lcao``: the same in the LCAO dzp basis, for
    cells too large for plane waves; its basis error is corrected like that of
    any other level. ``reference``: relaxed with plane waves of 500 eV.

    Raises
    ------
    RefusedError
        If GPAW is not installed; the message says how to get it.
    """
    python = interpreter()
    if python is None:
        raise RefusedError(_MISSING)
    found = versions(python)
    fingerprint = {
        "engine": "gpaw",
        "name": name,
        "versions": dict(found),
        "parameters": {**_COMMON, **_BASES[name]},
        "hubbard_u_ev": _HUBBARD_U_EV,
        "kpoint_length_angstrom": _KPOINT_LENGTH[name],
        "bulk_kpoint_length_angstrom": _BULK_KPOINT_LENGTH,
    }
    return level_of(fingerprint)


def level_of(fingerprint: Mapping[str, Any]) -> Level:
    """Return the level of a fingerprint that :func:`dft_level` made."""
    name = str(fingerprint["name"])
    version = fingerprint["versions"]["gpaw"]
    mode = fingerprint["parameters"]["mode"]
    basis = "LCAO dzp" if mode == "lcao" else f"plane waves {mode['ecut']} eV"
    return Level(
        property="adsorption",
        name=name,
        theory="dft",
        engine="gpaw",
        engine_version=str(version),
        method=f"PBE, {basis} (GPAW {version})",
        fingerprint=fingerprint,
        max_atomic_number=83,
        excluded_elements=frozenset({"Tc", "Pm", "Po", "At", "Rn"}),
        max_atoms=_MAX_ATOMS[name],
    )


def relaxes(fingerprint: Mapping[str, Any]) -> bool:
    """Return whether a level of this module relaxes geometries, rather than take them."""
    return str(fingerprint["name"]) == "reference"


@dataclass(frozen=True, eq=False)
class Point:
    """One structure to be computed.

    Attributes
    ----------
    name
        Unique in a run.
    atoms
        Structure; ``pbc`` of (True, True, False) switches on the dipole correction.
    fixed
        With ``relax_force``, the atoms that stay.
    relax_force
        Relax to this largest force (eV/angstrom); None for a single point.
    charges
        Compute Hirshfeld charges, too.
    forces
        Give the forces on all atoms, too: ``forces_ev_angstrom``, shape (n_atoms, 3).
    functionals
        Evaluate the other functionals on the density.
    unpaired
        Index of an atom whose electron starts unpaired: K over a substrate that does not take
        it. The calculation is then spin-polarised.
    """

    name: str
    atoms: Atoms
    fixed: tuple[int, ...] = ()
    relax_force: float | None = None
    charges: bool = False
    forces: bool = False
    functionals: bool = True
    unpaired: int | None = None


Compute = Callable[[Point], Mapping[str, Any]]
"""Returns the record of a point; see :func:`session`."""


def parameters(fingerprint: Mapping[str, Any], atoms: Atoms) -> dict[str, Any]:
    """Return the keywords of GPAW for a structure at a level.

    The k-point grid is centred on Gamma with ceil(L / a_i) points along each
    periodic axis of length a_i, L being the level's k-point length (a longer
    one for bulk crystals, which are cheap and whose energy must match slabs).
    Hubbard corrections go on the d states that :func:`hubbard_elements` names; where
    these carry moments, total and spin density are mixed apart.
    """
    bulk = bool(np.all(atoms.pbc))
    length = fingerprint["bulk_kpoint_length_angstrom" if bulk else "kpoint_length_angstrom"]
    grid = [
        math.ceil(length / float(np.linalg.norm(vector))) if periodic else 1
        for vector, periodic in zip(atoms.cell.array, atoms.pbc, strict=True)
    ]
    found = {**fingerprint["parameters"], "kpts": {"size": grid, "gamma": True}}
    corrected = hubbard_elements(fingerprint, atoms)
    if corrected:
        found["setups"] = {e: f":d,{u}" for e, u in corrected.items()}
        if starting_moments(atoms, corrected).any():
            found["mixer"] = dict(_SPIN_MIXER)
    return found


def hubbard_elements(fingerprint: Mapping[str, Any], atoms: Atoms) -> dict[str, float]:
    """Return the elements of a structure whose d states carry a +U, with U in eV.

    A clean surface and the same surface with K have the same; K metal has none,
    so that an adsorption energy is a difference at one functional.
    """
    symbols = set(atoms.get_chemical_symbols())
    if not symbols & _HUBBARD_ANIONS:
        return {}
    values: Mapping[str, float] = fingerprint["hubbard_u_ev"]
    return {e: values[e] for e in sorted(symbols & set(values))}


def run_points(
    points: Sequence[Point],
    fingerprint: Mapping[str, Any],
    folder: Path,
    *,
    time_limit_s: float,
) -> dict[str, Mapping[str, Any]]:
    """Compute points one after the other; continue where a killed run stopped.

    Parameters
    ----------
    points
        Structures, each with a name of its own.
    fingerprint, folder, time_limit_s
        As for :func:`session`.

    Returns
    -------
    dict
        Point name to its record, as :func:`session` gives it.

    Raises
    ------
    RefusedError, CalculationError
        As :func:`session`; nothing is computed after the first point that fails.
    """
    with session(fingerprint, folder, time_limit_s=time_limit_s) as compute:
        return {point.name: compute(point) for point in points}


@contextlib.contextmanager
def session(
    fingerprint: Mapping[str, Any], folder: Path, *, time_limit_s: float
) -> Iterator[Compute]:
    """Hold one GPAW that computes points as they are asked for.

    A point with the same atoms as the one before, moved a little, starts from its wave functions
    and density; the same atoms again cost no SCF cycle. What the folder holds from a run
    before is not computed again, unless it failed or its line was not written to its end.

    Parameters
    ----------
    fingerprint
        Of a level of this module.
    folder
        Scratch, stable per calculation.
    time_limit_s
        Wall-clock limit for all points together; past it the child is killed.

    Yields
    ------
    callable
        Returns the record of a :class:`Point`: ``energy_ev``, ``fermi_ev``, ``positions``,
        ``seconds`` and ``cpu_seconds``, ``functional_shift_ev`` (functional to its energy minus
        that of PBE, on the PBE density), for slabs ``vacuum_above_ev`` and ``vacuum_below_ev``,
        with spin ``magnetic_moment``, and what the point asks for beyond that. It raises
        CalculationError if the point did not converge, the child died, or time ran out.

    Raises
    ------
    RefusedError
        If GPAW is missing, or of another version than the level's.
    """
    python = interpreter()
    if python is None:
        raise RefusedError(_MISSING)
    if dict(versions(python)) != dict(fingerprint["versions"]):
        raise RefusedError(
            f"GPAW {versions(python)['gpaw']} is installed, the calculation was planned for "
            f"{fingerprint['versions']['gpaw']}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    child = _Child(python, folder, time_limit_s)
    try:
        yield lambda point: child.compute(point.name, _point_data(point, fingerprint))
    finally:
        child.close()


class _Child:
    """The program that holds GPAW, started with the first point that is not known."""

    def __init__(self, python: Path, folder: Path, time_limit_s: float) -> None:
        self._python, self._folder, self._limit_s = python, folder, time_limit_s
        self._results = folder / "results.jsonl"
        self._known = {n: r for n, r in _read(self._results).items() if "error" not in r}
        self._process: subprocess.Popen[str] | None = None
        self._timer = threading.Timer(time_limit_s, self._out_of_time)
        self._late = False

    def compute(self, name: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the record of a point."""
        if name not in self._known:
            record = self._asked(data)
            with self._results.open("a", encoding="utf-8") as handle:
                handle.write(json.dumps(record) + "\n")
            if "error" in record:
                raise CalculationError(f"GPAW failed on {name}: {record['error']}")
            self._known[name] = record
        return self._known[name]

    def close(self) -> None:
        """End the child."""
        self._timer.cancel()
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def _asked(self, data: Mapping[str, Any]) -> dict[str, Any]:
        process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(data) + "\n")
            process.stdin.flush()
        answer = process.stdout.readline()
        if answer.endswith("\n"):
            record: dict[str, Any] = json.loads(answer)
            return record
        code = process.wait()
        if self._late:
            raise CalculationError(f"GPAW was killed after {self._limit_s:.0f} s")
        lines = (self._folder / "stderr.txt").read_text(errors="replace").strip().splitlines()
        last = (lines or ["no message"])[-1]
        raise CalculationError(f"GPAW ended with code {code}: {last}")

    def _started(self) -> subprocess.Popen[str]:
        _rewrite(self._results, self._known.values())
        threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        with (self._folder / "stderr.txt").open("w") as errors:
            self._process = subprocess.Popen(
                # Isolated: else this folder, on the path of a script, would shadow GPAW itself.
                [str(self._python), "-I", str(_DRIVER), str(self._folder / "gpaw.txt")],
                env={**os.environ, **threads},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._timer.daemon = True
        self._timer.start()
        return self._process

    def _out_of_time(self) -> None:
        self._late = True
        if self._process is not None:
            self._process.kill()


def _point_data(point: Point, fingerprint: Mapping[str, Any]) -> dict[str, Any]:
    atoms = point.atoms
    data: dict[str, Any] = {
        "name": point.name,
        "parameters": parameters(fingerprint, atoms),
        "functionals": list(FUNCTIONALS) if point.functionals else [],
        "numbers": [int(z) for z in atoms.numbers],
        "positions": atoms.positions.tolist(),
        "cell": atoms.cell.array.tolist(),
        "pbc": [bool(p) for p in atoms.pbc],
    }
    moments = starting_moments(atoms, hubbard_elements(fingerprint, atoms))
    if point.unpaired is not None:
        moments[point.unpaired] += 1.0
    if moments.any():
        data["magnetic_moments"] = moments.tolist()
    if point.relax_force is not None:
        data["relax"] = {
            "max_force": point.relax_force,
            "max_steps": 40,
            "fixed": list(point.fixed),
        }
    for what in ("forces", "charges"):
        if getattr(point, what):
            data[what] = True
    return data


def _read(results: Path) -> dict[str, dict[str, Any]]:
    """Return point name to its last record; a line that is not whole is none."""
    found: dict[str, dict[str, Any]] = {}
    if results.is_file():
        for line in results.read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(json.JSONDecodeError, KeyError, TypeError):
                record = json.loads(line)
                found[record["name"]] = record
    return found


def _rewrite(results: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Leave only these records in a file, so that the child appends to whole lines."""
    partial = results.with_suffix(".partial")
    partial.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    partial.replace(results)
