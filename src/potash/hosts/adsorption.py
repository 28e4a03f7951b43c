"""Adsorption of potassium on a surface, against bcc potassium at the same level.

``adsorption_energy_ev`` = E(surface + K) - E(surface) - E(K, bcc bulk, per
atom): negative where K binds more strongly than in its metal.
``binding_energy_ev`` counts from a free K atom: the cohesive energy of K metal
(0.934 eV per atom, experiment) minus the adsorption energy. A potential's own
free atom is never used.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.io import read, write

from potash.calculation import Outcome, canonical_json
from potash.catalog.recipes import recipe_from_data
from potash.engines.levels import Level
from potash.engines.potentials import calculator, level_of
from potash.errors import CalculationError, InputError, RefusedError
from potash.hosts.placement import Placed, Plan, place
from potash.hosts.relaxation import Relaxed, bare, bcc_minimum, relax, relax_cell
from potash.hosts.sites import find_sites, periodic_axes
from potash.hosts.surfaces import Surface, build, bulk_of, check_structure
from potash.hosts.surfaces.supercells import shortest_translation_angstrom

COHESIVE_ENERGY_K_EV = 0.934
"""Experimental cohesive energy of K metal per atom (Kittel, Solid State Physics)."""

REFERENCE_STATE = (
    "K metal (bcc bulk, same level and settings); binding energies from it by the experimental "
    "cohesive energy of 0.934 eV/atom"
)
RANKED_K_K_ANGSTROM = 8.0
_BCC_K_ANGSTROM = (4.9, 5.8)

Progress = Callable[[float, str], None]


def compute_k_metal(
    inputs: Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Progress,
) -> Outcome:
    """Return energy per atom and lattice constant of bcc potassium.

    ``inputs``: ``level`` (fingerprint) and ``structure`` (``bcc``).

    Raises
    ------
    CalculationError
        If the level has no bcc minimum near the experimental 5.33 angstrom
        (between 4.9 and 5.8).
    """
    del needs, workdir
    level = level_of(inputs["level"])
    level.check({"K"})
    progress(0.1, "bcc K")
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


def compute_adsorption(
    inputs: Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Progress,
) -> Outcome:
    """Return the adsorption energy of one K on one surface.

    Parameters
    ----------
    inputs
        ``level`` (fingerprint), ``recipe``, ``termination``, ``charge`` of the
        cell, and ``search``, the fields of :class:`~potash.hosts.placement.Plan`.
    needs
        ``k_metal``: the row of bcc K at the same level.
    workdir
        The relaxed clean surface is kept there, for a restart.
    progress
        Called with a fraction and a text.

    Raises
    ------
    RefusedError
        Outside the validity of the level, no surface, overlapping atoms,
        missing vacuum, charged cell, or a K reference of another level.
    CalculationError
        If the clean surface does not relax.
    """
    fingerprint = inputs["level"]
    level = level_of(fingerprint)
    e_k = matched_k_energy(needs, fingerprint)
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
    calls = 0 if bulk is None else bulk.force_calls
    _validate(level, surface.atoms, inputs)
    _check_geometry(surface.atoms)

    progress(0.1, "relaxing the clean surface")
    plan = Plan(**inputs["search"])
    clean, clean_calls = _clean(surface, engine, plan, workdir)
    calls += clean_calls
    sites = find_sites(surface.atoms, "K", max_sites=plan.max_sites)
    if not sites:
        raise RefusedError("no place on this surface can be reached by K")
    progress(0.3, f"{len(sites)} sites")
    placed, more = place(
        clean.atoms,
        surface.atoms,
        sites,
        surface.fixed,
        engine,
        plan,
        progress=lambda f, t: progress(0.35 + 0.6 * f, t),
    )
    outcome = _outcome(surface, clean, placed, e_k, calls + more, level)
    return replace(outcome, values={**outcome.values, **_surface_energy(surface, clean, bulk)})


def matched_k_energy(
    needs: Mapping[str, Mapping[str, Any]], fingerprint: Mapping[str, Any]
) -> float:
    """Return the energy per atom of bcc K, refusing a reference at other settings.

    Raises
    ------
    RefusedError
        If the reference row was not computed with this very fingerprint.
    """
    row = needs["k_metal"]
    if row.get("level_sha256") != level_sha256(fingerprint):
        raise RefusedError("the K reference was computed at other settings than this surface")
    return float(row["energy_ev_per_atom"])


def level_sha256(fingerprint: Mapping[str, Any]) -> str:
    """Return a hash of a level's fingerprint, by which energies are matched."""
    return hashlib.sha256(canonical_json(fingerprint).encode()).hexdigest()


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


def _clean(surface: Surface, engine: Any, plan: Plan, workdir: Path) -> tuple[Relaxed, int]:
    """Relax the clean surface, or take it from a run that was killed."""
    kept = workdir / "clean.extxyz"
    if kept.is_file():
        atoms = read(kept, format="extxyz")
        if np.array_equal(atoms.numbers, surface.atoms.numbers):
            return Relaxed(bare(atoms), float(atoms.info["energy_ev"]), 0, True), int(
                atoms.info["force_calls"]
            )
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
    return clean, clean.force_calls


def _outcome(
    surface: Surface, clean: Relaxed, placed: list[Placed], e_k: float, calls: int, level: Level
) -> Outcome:
    reference = clean.energy_ev + e_k
    rows = [_row(p, reference) for p in placed]
    values: dict[str, Any] = {
        "facet": surface.facet,
        "termination": surface.termination,
        "polar": surface.polar,
        "n_atoms": len(surface.atoms) + 1,
        "e_slab_ev": clean.energy_ev,
        "e_k_metal_ev": e_k,
        "force_calls": calls,
        "sites": rows,
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
    return Outcome(
        status="ok",
        values=values,
        reason=_remarks(surface, distance),
        structures=structures,
        **common,
    )


def _remarks(surface: Surface, distance: float | None) -> str:
    remarks = []
    if distance is not None and distance < RANKED_K_K_ANGSTROM - 0.05:
        remarks.append(f"K-K {distance:.1f} angstrom: too dense to be ranked")
    if surface.polar:
        remarks.append("polar termination: shown, never the value of a host")
    return "; ".join(remarks)


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


def _surface_energy(surface: Surface, clean: Relaxed, bulk: Relaxed | None) -> dict[str, float]:
    """Return (E(slab) - n E(bulk)) / 2A of a stoichiometric slab, relaxed on its upper side."""
    if bulk is None or surface.kind != "slab" or not surface.stoichiometric:
        return {}
    area = float(np.linalg.norm(np.cross(*surface.atoms.cell.array[:2])))
    excess = clean.energy_ev - bulk.energy_ev * len(surface.atoms) / len(bulk.atoms)
    return {"surface_energy_ev_angstrom2": excess / (2 * area)}


def k_k_distance_angstrom(atoms: Atoms) -> float | None:
    """Return the shortest distance between periodic images, or None for a cluster."""
    periodic = periodic_axes(atoms)
    vectors = atoms.cell.array[periodic]
    if len(vectors) == 0:
        return None
    if len(vectors) == 1:
        return float(np.linalg.norm(vectors[0]))
    return shortest_translation_angstrom(vectors)


def extxyz(atoms: Atoms, **info: float) -> str:
    """Return atoms as extended XYZ text with energies in its header."""
    copy = bare(atoms)
    copy.info.update(info)
    text = io.StringIO()
    write(text, copy, format="extxyz")
    return text.getvalue()


def search_settings(plan: Plan | None = None) -> dict[str, Any]:
    """Return a search plan as plain data for a calculation's inputs."""
    return asdict(plan or Plan())
