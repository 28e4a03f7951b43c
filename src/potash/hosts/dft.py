"""Adsorption by DFT on the geometry that the screening level found.

The best screened site is taken with its relaxed substrate. ``standard``: the
same frozen substrate with and without K, K at three or more heights; the
lowest energy is that of a parabola through the three lowest points. What the
substrate paid for its distortion is added from the potential (it is in the row
as ``distortion_energy_ev``). ``reference``: both structures relaxed by DFT.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.io import read

from potash.calculation import Outcome
from potash.engines.gpaw import Mode, Point, level_of, run_points
from potash.engines.potentials import calculator
from potash.errors import CalculationError
from potash.hosts.energies import (
    COHESIVE_ENERGY_K_EV,
    REFERENCE_STATE,
    extxyz,
    k_k_distance_angstrom,
    level_sha256,
    matched_k_energy,
)
from potash.hosts.relaxation import bare
from potash.hosts.screening import remarks, screen

Progress = Callable[[float, str], None]

HEIGHTS_ANGSTROM = (-0.2, 0.0, 0.25)
_FURTHER_ANGSTROM = 0.3
_MOST_HEIGHTS = 6
_K_LATTICES_ANGSTROM = (5.16, 5.28, 5.40)
_TIME_LIMIT_S = 3 * 3600.0


def choose_mode(atoms: Atoms, fingerprint: Mapping[str, Any]) -> Mode:
    """Return plane waves for small cells of metals, LCAO otherwise.

    Plane waves cost less than twice LCAO on a metal cell of up to 20 atoms and
    have no basis error; on sheets with vacuum or large cells they cost ten
    times more.
    """
    if "lcao" not in fingerprint["modes"]:
        return "pw"
    nonmetals = {"H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "Se", "Br", "Te", "I"}
    small_metal = len(atoms) <= 20 and not nonmetals & set(atoms.get_chemical_symbols())
    return "pw" if small_metal else "lcao"


def k_metal(inputs: Mapping[str, Any], *, workdir: Path) -> Outcome:
    """Return the energy per atom of bcc K in every mode of a DFT level.

    The lattice constant is that of a parabola through three plane-wave
    energies; LCAO is computed there.

    Raises
    ------
    CalculationError
        If the parabola has no minimum between 5.0 and 5.6 angstrom.
    """
    fingerprint = inputs["level"]
    level = level_of(fingerprint)

    def energy(mode: Mode, a: float) -> float:
        point = Point(f"K {a:.4f}", bulk("K", "bcc", a=a))
        folder = workdir / mode / point.name
        found = run_points([point], fingerprint, mode, folder, time_limit_s=_TIME_LIMIT_S)
        return float(found[point.name]["energy_ev"])

    lattices = _K_LATTICES_ANGSTROM
    a, lowest = parabola_minimum(lattices, [energy("pw", x) for x in lattices])
    if not 5.0 < a < 5.6:
        raise CalculationError(f"bcc K has no minimum near 5.3 angstrom (found {a:.2f})")
    values: dict[str, Any] = {
        "level_sha256": level_sha256(fingerprint),
        "lattice_constant_angstrom": a,
        "energy_ev_per_atom": lowest,
        "energy_pw_ev_per_atom": lowest,
    }
    if "lcao" in fingerprint["modes"]:
        values["energy_lcao_ev_per_atom"] = energy("lcao", a)
    return Outcome(
        status="ok",
        values=values,
        reference_state="GPAW total energy (relative to its atomic reference configurations)",
        engine=level.engine,
        engine_version=str(fingerprint["versions"]["gpaw"]),
    )


def adsorption(
    inputs: Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Progress,
) -> Outcome:
    """Return the adsorption energy by DFT; see :mod:`potash.hosts.adsorption`."""
    fingerprint, mode = inputs["level"], inputs["mode"]
    level = level_of(fingerprint)
    matched_k_energy(needs, fingerprint)
    e_k = float(needs["k_metal"][f"energy_{mode}_ev_per_atom"])
    start = screened(inputs, workdir, lambda f, t: progress(0.2 * f, t))
    level.check(
        start["best"].get_chemical_symbols(),
        charge=int(inputs.get("charge", 0)),
        n_atoms=len(start["best"]),
    )
    relaxing = fingerprint["name"] == "reference"
    run = _relaxed if relaxing else _frozen
    energies, extra, best = run(inputs, mode, start, workdir, progress)
    distortion = 0.0 if relaxing else start["distortion_energy_ev"]
    energy = energies[1] - energies[0] - e_k + distortion
    values = {
        **start["values"],
        "adsorption_energy_ev": energy,
        "binding_energy_ev": COHESIVE_ENERGY_K_EV - energy,
        "mode": mode,
        "e_slab_ev": energies[0],
        "e_slab_k_ev": energies[1],
        "e_k_metal_ev": e_k,
        **extra,
    }
    if not relaxing:
        values["distortion_energy_ev"] = distortion
    distance = k_k_distance_angstrom(best)
    return Outcome(
        status="ok",
        values=values,
        reason=start["remarks"],
        uncertainty={"adsorption_energy_ev": _half_width(mode, distortion)},
        reference_state=REFERENCE_STATE + (f"; K-K {distance:.2f} angstrom" if distance else ""),
        engine=level.engine,
        engine_version=str(fingerprint["versions"]["gpaw"]),
        structures={"best": extxyz(best), "clean": extxyz(start["clean"])},
    )


def _half_width(mode: str, distortion: float) -> float:
    """Return a plain estimate of what the numbers of one DFT row leave open.

    0.05 eV for cutoff, k-points and the parabola; 0.15 eV for the dzp basis
    (difference from plane waves on the same cells); half of the distortion
    energy, which is the potential's and not DFT's.
    """
    basis = 0.15 if mode == "lcao" else 0.0
    return float(np.sqrt(0.05**2 + basis**2 + (0.5 * distortion) ** 2))


def parabola_minimum(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Return the minimum of the parabola through the lowest point and its two neighbours.

    Raises
    ------
    CalculationError
        If these three points are not convex.
    """
    order = np.argsort(x)
    xs, ys = np.asarray(x, dtype=float)[order], np.asarray(y, dtype=float)[order]
    middle = int(np.clip(np.argmin(ys), 1, len(xs) - 2))
    part = slice(middle - 1, middle + 2)
    a, b, c = np.polyfit(xs[part] - xs[middle], ys[part], 2)
    if a <= 0:
        raise CalculationError("no minimum among the computed points")
    at = -b / (2 * a)
    return float(xs[middle] + at), float(c - b**2 / (4 * a))


def screened(inputs: Mapping[str, Any], workdir: Path, progress: Progress) -> dict[str, Any]:
    """Return the screened geometry with what belongs to it, from a killed run where possible."""
    kept = workdir / "screened.json"
    if not kept.is_file():
        found = screen(inputs, inputs["screen"], workdir=workdir, progress=progress)
        best = found.placed[0]
        if best.atoms is None or best.verdict != "ok":
            raise CalculationError(f"the screening level has no usable site ({best.verdict})")
        substrate = bare(best.atoms[:-1])
        substrate.calc = calculator(inputs["screen"])
        distorted = float(substrate.get_potential_energy())
        values: dict[str, Any] = {
            "facet": found.surface.facet,
            "termination": found.surface.termination,
            "polar": found.surface.polar,
            "n_atoms": len(best.atoms),
            "site": best.name,
            "screen_interaction_ev": float(best.energy_ev or 0.0) - distorted,
        }
        distance = k_k_distance_angstrom(found.surface.atoms)
        if distance is not None:
            values["k_k_distance_angstrom"] = distance
        record = {
            "values": values,
            "distortion_energy_ev": distorted - found.clean.energy_ev,
            "best": extxyz(best.atoms),
            "clean": extxyz(found.clean.atoms),
            "normal": [float(x) for x in best.site.normal],
            "height_angstrom": best.height_angstrom,
            "fixed": list(found.surface.fixed),
            "remarks": remarks(found.surface, distance),
        }
        workdir.mkdir(parents=True, exist_ok=True)
        partial = workdir / "screened.partial"
        partial.write_text(json.dumps(record), encoding="utf-8")
        partial.replace(kept)
    record = json.loads(kept.read_text(encoding="utf-8"))
    for name in ("best", "clean"):
        record[name] = bare(read(StringIO(record[name]), format="extxyz"))
    return dict(record)


def _frozen(
    inputs: Mapping[str, Any],
    mode: Mode,
    start: Mapping[str, Any],
    workdir: Path,
    progress: Progress,
) -> tuple[tuple[float, float], dict[str, Any], Atoms]:
    """Return energies of the frozen substrate and of K at its best height above it."""
    best: Atoms = start["best"]
    normal = np.asarray(start["normal"])
    fingerprint = inputs["level"]
    folder = workdir / mode

    def raised(by: float) -> Atoms:
        atoms = best.copy()
        atoms.positions[-1] += by * normal
        return atoms

    progress(0.25, "DFT: the surface")
    bare_point = Point("substrate", best[:-1])
    clean = run_points(
        [bare_point], fingerprint, mode, folder / "substrate", time_limit_s=_TIME_LIMIT_S
    )["substrate"]
    heights = sorted(inputs["heights_angstrom"])
    while True:
        progress(0.5, f"DFT: K at {len(heights)} heights")
        points = [Point(f"K {h:+.3f}", raised(h)) for h in heights]
        found = run_points(points, fingerprint, mode, folder / "k", time_limit_s=_TIME_LIMIT_S)
        energies = [found[p.name]["energy_ev"] for p in points]
        lowest = int(np.argmin(energies))
        if 0 < lowest < len(heights) - 1:
            break
        if len(heights) >= _MOST_HEIGHTS:
            raise CalculationError("the energy has no minimum in the height of K")
        step = -_FURTHER_ANGSTROM if lowest == 0 else _FURTHER_ANGSTROM
        heights = sorted([*heights, heights[lowest] + step])
    at, energy = parabola_minimum(heights, energies)
    record = found[points[lowest].name]
    extra: dict[str, Any] = {
        "height_angstrom": start["height_angstrom"] + at,
        "heights_angstrom": [start["height_angstrom"] + h for h in heights],
        "energies_ev": energies,
        **_work_functions(clean, record),
    }
    return (clean["energy_ev"], energy), extra, raised(at)


def _relaxed(
    inputs: Mapping[str, Any],
    mode: Mode,
    start: Mapping[str, Any],
    workdir: Path,
    progress: Progress,
) -> tuple[tuple[float, float], dict[str, Any], Atoms]:
    """Return energies of the clean surface and of K on it, both relaxed by DFT."""
    fingerprint = inputs["level"]
    records = []
    for name, atoms in (("clean", start["clean"]), ("best", start["best"])):
        progress(0.25 if name == "clean" else 0.6, f"DFT: relaxing the {name} structure")
        point = Point(name, atoms, fixed=tuple(start["fixed"]), relax_force=0.05)
        record = run_points(
            [point], fingerprint, mode, workdir / mode / name, time_limit_s=_TIME_LIMIT_S
        )[name]
        if not record["relaxed"]:
            raise CalculationError(f"the {name} structure did not relax by DFT")
        records.append(record)
    relaxed = start["best"].copy()
    relaxed.positions = np.asarray(records[1]["positions"])
    extra = {
        "force_calls": records[0]["steps"] + records[1]["steps"] + 2,
        **_work_functions(*records),
    }
    return (records[0]["energy_ev"], records[1]["energy_ev"]), extra, relaxed


def _work_functions(clean: Mapping[str, Any], with_k: Mapping[str, Any]) -> dict[str, float]:
    """Return the work function of the side that K is on, without and with it."""
    if "vacuum_above_ev" not in clean or "vacuum_above_ev" not in with_k:
        return {}
    return {
        "work_function_ev": clean["vacuum_above_ev"] - clean["fermi_ev"],
        "work_function_with_k_ev": with_k["vacuum_above_ev"] - with_k["fermi_ev"],
    }
