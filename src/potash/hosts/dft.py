"""Adsorption by DFT on the geometry that the screening level found.

The best screened site is taken with its relaxed substrate. ``standard``: the
same frozen substrate with and without K, K at the height of least energy, which
its force finds (:mod:`potash.hosts.height`), or in rows of before a parabola through
three or more heights. What the substrate paid for its distortion is added from
the potential (it is in the row as ``distortion_energy_ev``). ``reference``: both
structures relaxed by DFT.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.build import bulk
from numpy.typing import NDArray

from potash.engines.dispersion import dispersion_energy_ev
from potash.engines.gpaw import Point, hubbard_elements, level_of, relaxes, run_points, session
from potash.engines.potentials import calculator
from potash.errors import CalculationError, InputError, RefusedError
from potash.hosts.energies import REFERENCE_STATE, k_k_distance_angstrom, matched_k_energy
from potash.hosts.height import find_height
from potash.hosts.parabola import parabola_minimum
from potash.hosts.screened_site import ScreenedSite, screened
from potash.results.adsorption import AdsorptionInputs, AdsorptionValues, ComputedPoint
from potash.results.calculation import Outcome, Progress
from potash.results.k_metal import KMetalValues
from potash.results.model import Fingerprint
from potash.structures.plain_atoms import extxyz
from potash.structures.symmetry import symmetric_about_last
from potash.units import COHESIVE_ENERGY_K_EV

HEIGHTS_ANGSTROM = (-0.2, 0.0, 0.25)
_FURTHER_ANGSTROM = 0.3
_MOST_HEIGHTS = 6
_TIME_LIMIT_S = 3 * 3600.0
# From the convergence series of the reference rows: k-points change K on Al(111) by 0.05 eV, 4
# angstrom more vacuum change K on graphene by 0.04 eV, the cutoff changes nothing above 0.005 eV.
_NUMERICAL_EV = 0.07
_HEIGHT_EV = 0.02
"""Of the height that forces find, against the parabola: see the validation page of the hosts."""
_STIFFNESS_STEP_ANGSTROM = 0.1


@dataclass(frozen=True, eq=False)
class Pair:
    """What DFT gave for a surface without and with K.

    Attributes
    ----------
    clean, with_k
        Total energies, eV.
    shift, shift_with_k
        Functional to its energy minus that of PBE, eV.
    best
        Geometry with K.
    work_function, work_function_with_k
        Of the side that K is on, eV; ``None`` without vacuum.
    height_angstrom, heights_angstrom, energies_ev
        Of the minimum, and of the heights that were computed; ``None`` where K was relaxed.
    force_calls
        Of the relaxations; ``None`` where nothing was relaxed.
    k_forces, stiffness
        On K along the normal at the heights, and what the search began with; ``None`` where
        heights are not searched by forces.
    points
        With all forces; ``None`` where none were computed.
    magnetic_moment
        With K; ``None`` without spin.
    """

    clean: float
    with_k: float
    shift: Mapping[str, float]
    shift_with_k: Mapping[str, float]
    best: Atoms
    work_function: float | None
    work_function_with_k: float | None
    height_angstrom: float | None = None
    heights_angstrom: tuple[float, ...] | None = None
    energies_ev: tuple[float, ...] | None = None
    force_calls: int | None = None
    k_forces: tuple[float, ...] | None = None
    stiffness: float | None = None
    points: tuple[ComputedPoint, ...] | None = None
    magnetic_moment: float | None = None


def adsorption(
    inputs: AdsorptionInputs, k_metal: KMetalValues, *, workdir: Path, progress: Progress
) -> Outcome[AdsorptionValues]:
    """Return the adsorption energy by DFT; see :mod:`potash.hosts.adsorption`.

    Raises
    ------
    RefusedError
        If energies of other settings would be subtracted, the surface is outside the level's
        validity, or `reference` is asked of a surface that K tears apart.
    CalculationError
        If the screening level has no usable site, or DFT does not converge.
    """
    level = level_of(inputs.level)
    e_k = matched_k_energy(k_metal, inputs.level)
    if inputs.screen is None:
        raise InputError("DFT needs the potential that gives the geometry", field="screen")
    start = screened(inputs, inputs.screen, workdir, lambda f, t: progress(0.2 * f, t))
    atoms = start.best_atoms
    level.check(atoms.get_chemical_symbols(), charge=inputs.charge, n_atoms=len(atoms))
    relaxing = relaxes(inputs.level)
    if relaxing and start.held:
        raise RefusedError(
            "K tears this surface apart, and `reference` relaxes it; its value at first contact "
            "is that of `standard`"
        )
    run = _relaxed if relaxing else parabola_pair if inputs.height_search is None else newton_pair
    pair = run(inputs, start, workdir, progress)
    distortion = 0.0 if relaxing else start.distortion_energy_ev
    energy = pair.with_k - pair.clean - e_k + distortion
    shifts = {
        name: pair.shift_with_k[name] - pair.shift[name] - shift
        for name, shift in (k_metal.functional_shift_ev or {}).items()
    }
    dispersion = dispersion_shift_ev(pair.best, k_metal.lattice_constant_angstrom)
    distance = k_k_distance_angstrom(pair.best)
    height = 0.0 if pair.k_forces is None else _HEIGHT_EV
    return Outcome(
        status="ok",
        values=AdsorptionValues(
            facet=start.facet,
            plane=start.plane,
            termination=start.termination,
            polar=start.polar,
            n_atoms=len(atoms),
            e_k_metal_ev=e_k,
            e_slab_ev=pair.clean,
            e_slab_k_ev=pair.with_k,
            adsorption_energy_ev=energy,
            binding_energy_ev=COHESIVE_ENERGY_K_EV - energy,
            site=start.site,
            height_angstrom=pair.height_angstrom,
            k_k_distance_angstrom=start.k_k_distance_angstrom,
            surface_held=True if start.held else None,
            force_calls=pair.force_calls,
            functional_shift_ev=shifts,
            dispersion_shift_ev=dispersion,
            distortion_energy_ev=None if relaxing else distortion,
            screen_interaction_ev=start.interaction_ev,
            hubbard_u_ev=hubbard_elements(inputs.level, pair.best) or None,
            heights_angstrom=pair.heights_angstrom,
            energies_ev=pair.energies_ev,
            work_function_ev=pair.work_function,
            k_forces_ev_angstrom=pair.k_forces,
            k_stiffness_ev_angstrom2=pair.stiffness,
            points=pair.points,
            magnetic_moment_mu_b=pair.magnetic_moment,
            work_function_with_k_ev=pair.work_function_with_k,
        ),
        reason=start.remarks,
        uncertainty={"adsorption_energy_ev": half_width_ev(shifts, dispersion, distortion, height)},
        reference_state=REFERENCE_STATE + (f"; K-K {distance:.2f} angstrom" if distance else ""),
        engine=level.engine,
        engine_version=level.engine_version,
        structures={"best": extxyz(pair.best), "clean": extxyz(start.clean_atoms)},
    )


def half_width_ev(
    shifts: Mapping[str, float], dispersion: float, distortion: float, height: float = 0.0
) -> float:
    """Return a 95 % half-width of what one DFT row leaves open, in eV.

    The root of the summed squares of 0.07 eV for k-points, vacuum and cutoff (from
    the convergence series of the reference rows), the largest shift by another
    functional, the shift by dispersion, half of the distortion energy, which is
    the potential's and not DFT's, and what the height of K leaves open.

    Parameters
    ----------
    shifts
        Functional to its adsorption energy minus that of PBE, eV.
    dispersion
        Shift of the adsorption energy by D3(BJ), eV.
    distortion
        What the substrate paid for its distortion, eV.
    height
        What the way of finding the height of K leaves open, eV.
    """
    functional = max((abs(x) for x in shifts.values()), default=0.0)
    parts = (_NUMERICAL_EV, functional, dispersion, 0.5 * distortion, height)
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


def newton_pair(
    inputs: AdsorptionInputs, start: ScreenedSite, workdir: Path, progress: Progress
) -> Pair:
    """Compute the frozen substrate, and K above it at the height that its forces find."""
    assert inputs.height_search is not None
    assert inputs.screen is not None
    best: Atoms = symmetric_about_last(start.best_atoms)
    normal = np.asarray(start.normal)
    unpaired = len(best) - 1 if inputs.unpaired_electron else None
    stiffness = stiffness_ev_angstrom2(best, normal, inputs.screen)
    points: list[ComputedPoint] = []

    def point_at(height: float, *, last: bool = False) -> Point:
        # The other functionals once, at the last height: no further SCF cycle.
        name = f"K {height:+.4f}" + (", functionals" if last else "")
        atoms = _raised(best, height, normal)
        return Point(name, atoms, forces=True, functionals=last, unpaired=unpaired)

    with session(inputs.level, workdir / "points", time_limit_s=_TIME_LIMIT_S) as compute:

        def energy_and_force(height: float) -> tuple[float, float]:
            progress(0.5, f"DFT: K at height {len(points)}")
            record = compute(point_at(height))
            points.append(_point(record, start.height_angstrom + height))
            force = np.asarray(record["forces_ev_angstrom"])[-1]
            return float(record["energy_ev"]), float(force @ normal)

        progress(0.25, "DFT: the surface")
        clean = compute(Point("substrate", best[:-1], forces=True))
        points.append(_point(clean))
        found = find_height(
            energy_and_force,
            stiffness,
            max_force=inputs.height_search.max_force,
            max_gain=inputs.height_search.max_gain,
            max_points=inputs.height_search.max_points,
        )
        with_k = compute(point_at(found.points[-1].height_angstrom, last=True))
    return Pair(
        clean=clean["energy_ev"],
        with_k=found.energy_ev,
        shift=clean["functional_shift_ev"],
        shift_with_k=with_k["functional_shift_ev"],
        best=_raised(best, found.height_angstrom, normal),
        work_function=_work_function_ev(clean),
        work_function_with_k=_work_function_ev(with_k),
        height_angstrom=start.height_angstrom + found.height_angstrom,
        heights_angstrom=tuple(start.height_angstrom + p.height_angstrom for p in found.points),
        energies_ev=tuple(p.energy_ev for p in found.points),
        k_forces=tuple(p.force_ev_angstrom for p in found.points),
        stiffness=stiffness,
        points=tuple(points),
        magnetic_moment=with_k.get("magnetic_moment"),
    )


def stiffness_ev_angstrom2(
    with_k: Atoms, normal: NDArray[np.float64], screen: Fingerprint
) -> float:
    """Return the second derivative of the energy of K along a normal, by a potential.

    From the forces 0.1 angstrom above and below.

    Parameters
    ----------
    with_k
        Surface with K, the last atom.
    normal
        Unit vector.
    screen
        Fingerprint of the potential.
    """
    forces = []
    for by in (-_STIFFNESS_STEP_ANGSTROM, _STIFFNESS_STEP_ANGSTROM):
        atoms = _raised(with_k, by, normal)
        atoms.calc = calculator(screen)
        forces.append(float(atoms.get_forces()[-1] @ normal))
    return (forces[0] - forces[1]) / (2 * _STIFFNESS_STEP_ANGSTROM)


def _raised(with_k: Atoms, by: float, normal: NDArray[np.float64]) -> Atoms:
    atoms: Atoms = with_k.copy()
    atoms.positions[-1] += by * normal
    return atoms


def _point(record: Mapping[str, Any], height: float | None = None) -> ComputedPoint:
    return ComputedPoint(
        k_height_angstrom=height,
        energy_ev=record["energy_ev"],
        forces_ev_angstrom=tuple((x, y, z) for x, y, z in record["forces_ev_angstrom"]),
    )


def parabola_pair(
    inputs: AdsorptionInputs, start: ScreenedSite, workdir: Path, progress: Progress
) -> Pair:
    """Compute the frozen substrate, and K above it at heights that bracket the best one."""
    best: Atoms = symmetric_about_last(start.best_atoms)
    normal = np.asarray(start.normal)
    progress(0.25, "DFT: the surface")
    bare_point = Point("substrate", best[:-1])
    clean = run_points(
        [bare_point], inputs.level, workdir / "substrate", time_limit_s=_TIME_LIMIT_S
    )["substrate"]
    heights = sorted(inputs.heights_angstrom or HEIGHTS_ANGSTROM)
    while True:
        progress(0.5, f"DFT: K at {len(heights)} heights")
        points = [Point(f"K {h:+.3f}", _raised(best, h, normal)) for h in heights]
        found = run_points(points, inputs.level, workdir / "k", time_limit_s=_TIME_LIMIT_S)
        energies = [float(found[p.name]["energy_ev"]) for p in points]
        lowest = int(np.argmin(energies))
        if 0 < lowest < len(heights) - 1:
            break
        if len(heights) >= _MOST_HEIGHTS:
            raise CalculationError("the energy has no minimum in the height of K")
        step = -_FURTHER_ANGSTROM if lowest == 0 else _FURTHER_ANGSTROM
        heights = sorted([*heights, heights[lowest] + step])
    at, energy = parabola_minimum(heights, energies)
    with_k = found[points[lowest].name]
    return Pair(
        clean=clean["energy_ev"],
        with_k=energy,
        shift=clean["functional_shift_ev"],
        shift_with_k=with_k["functional_shift_ev"],
        best=_raised(best, at, normal),
        work_function=_work_function_ev(clean),
        work_function_with_k=_work_function_ev(with_k),
        height_angstrom=start.height_angstrom + at,
        heights_angstrom=tuple(start.height_angstrom + h for h in heights),
        energies_ev=tuple(energies),
    )


def _relaxed(
    inputs: AdsorptionInputs, start: ScreenedSite, workdir: Path, progress: Progress
) -> Pair:
    """Relax the clean surface, and K on it."""
    records = []
    best: Atoms = symmetric_about_last(start.best_atoms)
    for name, atoms in (("clean", start.clean_atoms), ("best", best)):
        progress(0.25 if name == "clean" else 0.6, f"DFT: relaxing the {name} structure")
        unpaired = len(atoms) - 1 if name == "best" and inputs.unpaired_electron else None
        point = Point(name, atoms, fixed=start.fixed, relax_force=0.05, unpaired=unpaired)
        record = run_points([point], inputs.level, workdir / name, time_limit_s=_TIME_LIMIT_S)[name]
        if not record["relaxed"]:
            raise CalculationError(f"the {name} structure did not relax by DFT")
        records.append(record)
    clean, with_k = records
    relaxed = best.copy()
    relaxed.positions = np.asarray(with_k["positions"])
    return Pair(
        clean=clean["energy_ev"],
        with_k=with_k["energy_ev"],
        shift=clean["functional_shift_ev"],
        shift_with_k=with_k["functional_shift_ev"],
        best=relaxed,
        work_function=_work_function_ev(clean),
        work_function_with_k=_work_function_ev(with_k),
        force_calls=clean["steps"] + with_k["steps"] + 2,
        magnetic_moment=with_k.get("magnetic_moment"),
    )


def _work_function_ev(record: Mapping[str, Any]) -> float | None:
    """Return the work function of the side that K is on, where there is vacuum."""
    if "vacuum_above_ev" not in record:
        return None
    return float(record["vacuum_above_ev"] - record["fermi_ev"])
