"""Adsorption by DFT on the geometry that the screening level found.

The best screened site is taken with its relaxed substrate. ``standard``: the
same frozen substrate with and without K, K at three or more heights; the
lowest energy is that of a parabola through the three lowest points. What the
substrate paid for its distortion is added from the potential (it is in the row
as ``distortion_energy_ev``). ``reference``: both structures relaxed by DFT.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.io import read

from potash.engines.dispersion import dispersion_energy_ev
from potash.engines.gpaw import Point, hubbard_elements, level_of, run_points
from potash.engines.levels import level_sha256
from potash.engines.potentials import calculator
from potash.errors import CalculationError, RefusedError
from potash.hosts.energies import REFERENCE_STATE, k_k_distance_angstrom, matched_k_energy
from potash.hosts.screening import remarks, screen
from potash.results.calculation import Outcome, canonical_json
from potash.structures.plain_atoms import bare, extxyz
from potash.structures.symmetry import symmetric_about_last
from potash.units import COHESIVE_ENERGY_K_EV

Progress = Callable[[float, str], None]

HEIGHTS_ANGSTROM = (-0.2, 0.0, 0.25)
_FURTHER_ANGSTROM = 0.3
_MOST_HEIGHTS = 6
_K_LATTICES_ANGSTROM = (5.16, 5.28, 5.40)
_TIME_LIMIT_S = 3 * 3600.0
# From the convergence series of the reference rows: k-points change K on Al(111) by 0.05 eV, 4
# angstrom more vacuum change K on graphene by 0.04 eV, the cutoff changes nothing above 0.005 eV.
_NUMERICAL_EV = 0.07


def k_metal(inputs: Mapping[str, Any], *, workdir: Path) -> Outcome:
    """Return energy per atom and lattice constant of bcc K at a DFT level.

    Both are those of a parabola through three energies; what other functionals
    give on the density is that at the lattice constant nearest to the minimum.

    Raises
    ------
    CalculationError
        If the parabola has no minimum between 5.0 and 5.6 angstrom.
    """
    fingerprint = inputs["level"]
    level = level_of(fingerprint)

    found = []
    for a in _K_LATTICES_ANGSTROM:
        point = Point(f"K {a:.4f}", bulk("K", "bcc", a=a))
        folder = workdir / point.name
        run = run_points([point], fingerprint, folder, time_limit_s=_TIME_LIMIT_S)
        found.append(run[point.name])
    energies = [float(record["energy_ev"]) for record in found]
    a, lowest = parabola_minimum(_K_LATTICES_ANGSTROM, energies)
    if not 5.0 < a < 5.6:
        raise CalculationError(f"bcc K has no minimum near 5.3 angstrom (found {a:.2f})")
    nearest = int(np.argmin(np.abs(np.asarray(_K_LATTICES_ANGSTROM) - a)))
    values: dict[str, Any] = {
        "level_sha256": level_sha256(fingerprint),
        "lattice_constant_angstrom": a,
        "energy_ev_per_atom": lowest,
        "functional_shift_ev": found[nearest]["functional_shift_ev"],
    }
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
    """Return the adsorption energy by DFT; see :mod:`potash.hosts.adsorption`.

    Raises
    ------
    RefusedError
        If energies of other settings would be subtracted, the surface is outside the level's
        validity, or `reference` is asked of a surface that K tears apart.
    CalculationError
        If the screening level has no usable site, or DFT does not converge.
    """
    fingerprint = inputs["level"]
    level = level_of(fingerprint)
    e_k = matched_k_energy(needs, fingerprint)
    start = screened(inputs, workdir, lambda f, t: progress(0.2 * f, t))
    level.check(
        start["best"].get_chemical_symbols(),
        charge=int(inputs.get("charge", 0)),
        n_atoms=len(start["best"]),
    )
    relaxing = fingerprint["name"] == "reference"
    if relaxing and start["values"].get("surface_held"):
        raise RefusedError(
            "K tears this surface apart, and `reference` relaxes it; its value at first contact "
            "is that of `standard`"
        )
    run = _relaxed if relaxing else _frozen
    pair, extra, best = run(inputs, start, workdir, progress)
    distortion = 0.0 if relaxing else start["distortion_energy_ev"]
    energy = pair.energy_k_ev - pair.energy_ev - e_k + distortion
    shifts = {
        name: pair.shift_k_ev[name] - pair.shift_ev[name] - shift
        for name, shift in needs["k_metal"]["functional_shift_ev"].items()
    }
    dispersion = dispersion_shift_ev(best, needs["k_metal"]["lattice_constant_angstrom"])
    values = {
        **start["values"],
        "adsorption_energy_ev": energy,
        "binding_energy_ev": COHESIVE_ENERGY_K_EV - energy,
        "e_slab_ev": pair.energy_ev,
        "e_slab_k_ev": pair.energy_k_ev,
        "e_k_metal_ev": e_k,
        "functional_shift_ev": shifts,
        "dispersion_shift_ev": dispersion,
        **extra,
    }
    if not relaxing:
        values["distortion_energy_ev"] = distortion
    corrected = hubbard_elements(fingerprint, best)
    if corrected:
        values["hubbard_u_ev"] = corrected
    distance = k_k_distance_angstrom(best)
    return Outcome(
        status="ok",
        values=values,
        reason=start["remarks"],
        uncertainty={"adsorption_energy_ev": half_width_ev(shifts, dispersion, distortion)},
        reference_state=REFERENCE_STATE + (f"; K-K {distance:.2f} angstrom" if distance else ""),
        engine=level.engine,
        engine_version=str(fingerprint["versions"]["gpaw"]),
        structures={"best": extxyz(best), "clean": extxyz(start["clean"])},
    )


def half_width_ev(shifts: Mapping[str, float], dispersion: float, distortion: float) -> float:
    """Return a 95 % half-width of what one DFT row leaves open, in eV.

    The root of the summed squares of 0.07 eV for k-points, vacuum and cutoff (from
    the convergence series of the reference rows), the largest shift by another
    functional, the shift by dispersion, and half of the distortion energy, which is
    the potential's and not DFT's.

    Parameters
    ----------
    shifts
        Functional to its adsorption energy minus that of PBE, eV.
    dispersion
        Shift of the adsorption energy by D3(BJ), eV.
    distortion
        What the substrate paid for its distortion, eV.
    """
    functional = max((abs(x) for x in shifts.values()), default=0.0)
    parts = (_NUMERICAL_EV, functional, dispersion, 0.5 * distortion)
    return float(np.sqrt(sum(x**2 for x in parts)))


def dispersion_shift_ev(with_k: Atoms, k_lattice_angstrom: float) -> float:
    """Return what D3(BJ) for PBE would add to an adsorption energy, in eV.

    Of the adsorbed K (last atom) minus that of an atom in bcc K. D3 treats K as
    neutral and overestimates the dispersion of ions on metals, so the shift
    widens the interval and is not added.

    Parameters
    ----------
    with_k
        Surface with K, the substrate as in the row.
    k_lattice_angstrom
        Lattice constant of bcc K, angstrom.
    """
    metal = dispersion_energy_ev(bulk("K", "bcc", a=k_lattice_angstrom))
    return dispersion_energy_ev(with_k) - dispersion_energy_ev(with_k[:-1]) - metal


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
    # All DFT calculations on one surface start from one screened geometry.
    same = {k: inputs[k] for k in ("screen", "recipe", "termination", "search")}
    digest = hashlib.sha256(canonical_json(same).encode()).hexdigest()
    kept = workdir.parent / f"screened-{digest[:16]}.json"
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
        if best.held:
            values["surface_held"] = True
        record = {
            "values": values,
            "distortion_energy_ev": distorted - found.clean.energy_ev,
            "best": extxyz(best.atoms),
            "clean": extxyz(found.clean.atoms),
            "normal": [float(x) for x in best.site.normal],
            "height_angstrom": best.height_angstrom,
            "fixed": list(found.surface.fixed),
            "remarks": remarks(found),
        }
        workdir.mkdir(parents=True, exist_ok=True)
        partial = workdir / "screened.partial"
        partial.write_text(json.dumps(record), encoding="utf-8")
        partial.replace(kept)
    record = json.loads(kept.read_text(encoding="utf-8"))
    for name in ("best", "clean"):
        record[name] = bare(read(StringIO(record[name]), format="extxyz"))
    return dict(record)


@dataclass(frozen=True)
class _Pair:
    """Total energies of a surface without and with K, and their shifts by other functionals."""

    energy_ev: float
    energy_k_ev: float
    shift_ev: Mapping[str, float]
    shift_k_ev: Mapping[str, float]


def _frozen(
    inputs: Mapping[str, Any], start: Mapping[str, Any], workdir: Path, progress: Progress
) -> tuple[_Pair, dict[str, Any], Atoms]:
    """Return energies of the frozen substrate and of K at its best height above it."""
    best: Atoms = symmetric_about_last(start["best"])
    normal = np.asarray(start["normal"])
    fingerprint = inputs["level"]

    def raised(by: float) -> Atoms:
        atoms = best.copy()
        atoms.positions[-1] += by * normal
        return atoms

    progress(0.25, "DFT: the surface")
    bare_point = Point("substrate", best[:-1])
    clean = run_points(
        [bare_point], fingerprint, workdir / "substrate", time_limit_s=_TIME_LIMIT_S
    )["substrate"]
    heights = sorted(inputs["heights_angstrom"])
    while True:
        progress(0.5, f"DFT: K at {len(heights)} heights")
        points = [Point(f"K {h:+.3f}", raised(h)) for h in heights]
        found = run_points(points, fingerprint, workdir / "k", time_limit_s=_TIME_LIMIT_S)
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
    pair = _Pair(
        clean["energy_ev"], energy, clean["functional_shift_ev"], record["functional_shift_ev"]
    )
    return pair, extra, raised(at)


def _relaxed(
    inputs: Mapping[str, Any], start: Mapping[str, Any], workdir: Path, progress: Progress
) -> tuple[_Pair, dict[str, Any], Atoms]:
    """Return energies of the clean surface and of K on it, both relaxed by DFT."""
    records = []
    best: Atoms = symmetric_about_last(start["best"])
    for name, atoms in (("clean", start["clean"]), ("best", best)):
        progress(0.25 if name == "clean" else 0.6, f"DFT: relaxing the {name} structure")
        point = Point(name, atoms, fixed=tuple(start["fixed"]), relax_force=0.05)
        record = run_points([point], inputs["level"], workdir / name, time_limit_s=_TIME_LIMIT_S)[
            name
        ]
        if not record["relaxed"]:
            raise CalculationError(f"the {name} structure did not relax by DFT")
        records.append(record)
    clean, with_k = records
    relaxed = best.copy()
    relaxed.positions = np.asarray(with_k["positions"])
    extra = {"force_calls": clean["steps"] + with_k["steps"] + 2, **_work_functions(*records)}
    pair = _Pair(
        clean["energy_ev"],
        with_k["energy_ev"],
        clean["functional_shift_ev"],
        with_k["functional_shift_ev"],
    )
    return pair, extra, relaxed


def _work_functions(clean: Mapping[str, Any], with_k: Mapping[str, Any]) -> dict[str, float]:
    """Return the work function of the side that K is on, without and with it."""
    if "vacuum_above_ev" not in clean or "vacuum_above_ev" not in with_k:
        return {}
    return {
        "work_function_ev": clean["vacuum_above_ev"] - clean["fermi_ev"],
        "work_function_with_k_ev": with_k["vacuum_above_ev"] - with_k["fermi_ev"],
    }
