"""Adsorption by a potential: relax the bulk, the surface, and K on its best sites."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.io import read

from potash.engines.levels import Level, level_sha256
from potash.engines.potentials import calculator, level_of
from potash.engines.relaxation import Relaxed, bcc_minimum, relax, relax_cell
from potash.errors import CalculationError, InputError, RefusedError
from potash.hosts.energies import (
    RANKED_K_K_ANGSTROM,
    REFERENCE_STATE,
    k_k_distance_angstrom,
    matched_k_energy,
)
from potash.hosts.placement import Placed, Plan, place
from potash.hosts.sites import find_sites
from potash.results.calculation import Outcome
from potash.structures.building import build, bulk_of
from potash.structures.checks import check_structure
from potash.structures.plain_atoms import bare, extxyz
from potash.structures.recipes import recipe_from_data
from potash.structures.surface import Surface
from potash.units import COHESIVE_ENERGY_K_EV

_KEPT = "clean.extxyz"
_BCC_K_ANGSTROM = (4.9, 5.8)
_EV_ANGSTROM2_IN_J_M2 = 16.021766

Progress = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Screened:
    """What the search on one surface gave.

    Attributes
    ----------
    surface
        As built on the relaxed bulk.
    bulk
        Relaxed bulk, where there is one.
    clean
        Relaxed surface.
    placed
        Sites, best first.
    force_calls
        All together.
    """

    surface: Surface
    bulk: Relaxed | None
    clean: Relaxed
    placed: list[Placed]
    force_calls: int


def k_metal(inputs: Mapping[str, Any]) -> Outcome:
    """Return energy per atom and lattice constant of bcc K by a potential.

    Raises
    ------
    CalculationError
        If there is no bcc minimum between 4.9 and 5.8 angstrom (experiment 5.33).
    """
    level = level_of(inputs["level"])
    level.check({"K"})
    low, high = _BCC_K_ANGSTROM
    a, energy = bcc_minimum("K", calculator(inputs["level"]), low=low, high=high)
    return Outcome(
        status="ok",
        values={
            "energy_ev_per_atom": energy,
            "lattice_constant_angstrom": a,
            "level_sha256": level_sha256(inputs["level"]),
        },
        reference_state="total energy of the level",
        engine=level.engine,
        engine_version=str(level.fingerprint.get("version", "")),
    )


def adsorption(
    inputs: Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Progress,
) -> Outcome:
    """Return the adsorption energy of one K by a potential; see :mod:`potash.hosts.adsorption`."""
    e_k = matched_k_energy(needs, inputs["level"])
    found = screen(inputs, inputs["level"], workdir=workdir, progress=progress)
    (workdir / _KEPT).unlink(missing_ok=True)
    return _outcome(found, e_k, level_of(inputs["level"]))


def screen(
    inputs: Mapping[str, Any],
    fingerprint: Mapping[str, Any],
    *,
    workdir: Path,
    progress: Progress,
) -> Screened:
    """Relax bulk and surface, and search the sites of K.

    Parameters
    ----------
    inputs
        ``recipe``, ``termination``, ``charge``, ``search``.
    fingerprint
        Of the potential.
    workdir
        The relaxed clean surface is kept there, for a restart.
    progress
        Called with a fraction and a text.

    Raises
    ------
    RefusedError
        Outside the validity of the level, no surface, overlapping atoms,
        missing vacuum, charged cell.
    CalculationError
        If the bulk or the clean surface does not relax.
    """
    level = level_of(fingerprint)
    engine = calculator(fingerprint)
    recipe = recipe_from_data(inputs["recipe"])
    start = bulk_of(recipe)
    bulk = None
    if start is not None:
        _validate(level, start, inputs)
        progress(0.02, "relaxing the bulk")
        bulk = relax_cell(start, engine)
        if not bulk.converged:
            raise CalculationError("the bulk cell did not relax")
    surface = termination_of(
        build(recipe, None if bulk is None else bulk.atoms), str(inputs["termination"])
    )
    _validate(level, surface.atoms, inputs)
    _check_geometry(surface.atoms)
    progress(0.1, "relaxing the clean surface")
    plan = Plan(**inputs["search"])
    clean = _clean(surface, engine, plan, workdir)
    sites = find_sites(surface.atoms, "K", max_sites=plan.max_sites)
    if not sites:
        raise RefusedError("no place on this surface can be reached by K")
    progress(0.3, f"{len(sites)} sites")
    placed, calls = place(
        clean.atoms,
        surface.atoms,
        sites,
        surface.fixed,
        engine,
        plan,
        progress=lambda f, t: progress(0.35 + 0.6 * f, t),
    )
    calls += clean.force_calls + (0 if bulk is None else bulk.force_calls)
    return Screened(surface, bulk, clean, placed, calls)


def termination_of(surfaces: list[Surface], termination: str) -> Surface:
    """Return the surface with a given termination.

    Raises
    ------
    CalculationError
        If the relaxed crystal does not have it.
    """
    for surface in surfaces:
        if surface.termination == termination:
            return surface
    known = ", ".join(s.termination for s in surfaces) or "none"
    raise CalculationError(f"no termination {termination!r} on the relaxed crystal (has {known})")


def _validate(level: Level, atoms: Atoms, inputs: Mapping[str, Any]) -> None:
    level.check(
        {*atoms.get_chemical_symbols(), "K"},
        charge=int(inputs.get("charge", 0)),
        n_atoms=len(atoms) + 1,
    )


def _check_geometry(atoms: Atoms) -> None:
    """Turn an impossible structure into a refusal: here it is a row, not the user's typing."""
    try:
        check_structure(atoms)
    except InputError as error:
        raise RefusedError(str(error)) from error


def _clean(surface: Surface, engine: Any, plan: Plan, workdir: Path) -> Relaxed:
    """Relax the clean surface, or take it from a run that was killed."""
    kept = workdir / _KEPT
    if kept.is_file():
        atoms = read(kept, format="extxyz")
        if np.array_equal(atoms.numbers, surface.atoms.numbers):
            info = atoms.info
            return Relaxed(bare(atoms), float(info["energy_ev"]), int(info["force_calls"]), True)
    clean = relax(
        surface.atoms,
        engine,
        fixed=surface.fixed,
        max_force=plan.max_force,
        max_steps=2 * plan.max_steps,
    )
    if not clean.converged:
        raise CalculationError(
            f"the clean surface did not relax in {2 * plan.max_steps} steps "
            f"(largest force {clean.max_force_ev_angstrom:.2f} eV/angstrom)"
        )
    workdir.mkdir(parents=True, exist_ok=True)
    partial = workdir / "clean.partial"
    partial.write_text(
        extxyz(clean.atoms, energy_ev=clean.energy_ev, force_calls=clean.force_calls)
    )
    partial.replace(kept)
    return clean


def _outcome(found: Screened, e_k: float, level: Level) -> Outcome:
    surface, clean, placed = found.surface, found.clean, found.placed
    reference = clean.energy_ev + e_k
    rows = [_row(p, reference) for p in placed]
    values: dict[str, Any] = {
        "facet": surface.facet,
        "termination": surface.termination,
        "polar": surface.polar,
        "n_atoms": len(surface.atoms) + 1,
        "e_slab_ev": clean.energy_ev,
        "e_k_metal_ev": e_k,
        "force_calls": found.force_calls,
        "sites": rows,
        **_surface_energy(found),
    }
    distance = k_k_distance_angstrom(surface.atoms)
    if distance is not None:
        values["k_k_distance_angstrom"] = distance
    structures = {"clean": extxyz(clean.atoms, energy_ev=clean.energy_ev)}
    common: dict[str, Any] = {
        "reference_state": REFERENCE_STATE,
        "engine": level.engine,
        "engine_version": str(level.fingerprint.get("version", "")),
    }
    best = placed[0]
    if best.energy_ev is None or best.atoms is None or best.verdict != "ok":
        verdicts = sorted({p.verdict for p in placed if p.verdict != "not relaxed"})
        return Outcome(
            status="anomalous",
            values=values,
            reason=f"no site is ok after relaxation: {', '.join(verdicts)}",
            structures=structures,
            **common,
        )
    energy = best.energy_ev - reference
    values |= {
        "adsorption_energy_ev": energy,
        "binding_energy_ev": COHESIVE_ENERGY_K_EV - energy,
        "site": best.name,
        "height_angstrom": best.height_angstrom,
        "e_slab_k_ev": best.energy_ev,
    }
    structures["best"] = extxyz(best.atoms, energy_ev=best.energy_ev)
    if best.held:
        values |= {"surface_held": True, "reconstructed_energy_ev": _torn_ev(placed) - reference}
    return Outcome(
        status="ok",
        values=values,
        reason=remarks(found),
        structures=structures,
        **common,
    )


def remarks(found: Screened) -> str:
    """Return what a reader must know about a row, or an empty text."""
    texts = []
    distance = k_k_distance_angstrom(found.surface.atoms)
    if distance is not None and distance < RANKED_K_K_ANGSTROM - 0.05:
        texts.append(f"K-K {distance:.1f} angstrom: too dense to be ranked")
    if found.surface.polar:
        texts.append("polar termination: shown, never the value of a host")
    if found.placed[0].held:
        gain = (found.placed[0].energy_ev or 0.0) - _torn_ev(found.placed)
        texts.append(
            f"first contact: K tears this surface apart and gains another {gain:.2f} eV; "
            "the value is that of the surface held"
        )
    return "; ".join(texts)


def _torn_ev(placed: Sequence[Placed]) -> float:
    """Return the lowest energy of K on a surface that it tore apart."""
    return min(
        p.energy_ev for p in placed if p.verdict == "reconstructed" and p.energy_ev is not None
    )


def _row(p: Placed, reference: float) -> dict[str, Any]:
    row: dict[str, Any] = {
        "site": p.name,
        "multiplicity": p.site.multiplicity,
        "frozen_adsorption_energy_ev": p.frozen_energy_ev - reference,
        "height_angstrom": p.height_angstrom,
        "verdict": p.verdict,
        "steps": p.steps,
    }
    if p.energy_ev is not None:
        row["adsorption_energy_ev"] = p.energy_ev - reference
    if p.same_as:
        row["same_as"] = p.same_as
    return row


def _surface_energy(found: Screened) -> dict[str, float]:
    """Return (E(slab) - n E(bulk)) / 2A of a stoichiometric slab, relaxed on its upper side."""
    surface, bulk = found.surface, found.bulk
    if bulk is None or surface.kind != "slab" or not surface.stoichiometric:
        return {}
    area = float(np.linalg.norm(np.cross(*surface.atoms.cell.array[:2])))
    n_bulk = len(surface.atoms) / len(bulk.atoms)
    excess = found.clean.energy_ev - bulk.energy_ev * n_bulk
    return {"surface_energy_j_m2": excess / (2 * area) * _EV_ANGSTROM2_IN_J_M2}


def search_settings(plan: Plan | None = None) -> dict[str, Any]:
    """Return a search plan as plain data for a calculation's inputs."""
    return asdict(plan or Plan())
