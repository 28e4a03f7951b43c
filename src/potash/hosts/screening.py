"""Adsorption by a potential: relax the bulk, the surface, and K on its best sites."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.io import read

from potash.engines.levels import Level
from potash.engines.potentials import calculator, level_of
from potash.engines.relaxation import Relaxed, relax, relax_cell
from potash.errors import CalculationError, InputError, RefusedError
from potash.hosts.energies import (
    RANKED_K_K_ANGSTROM,
    REFERENCE_STATE,
    cost_s,
    k_k_distance_angstrom,
    matched_k_energy,
)
from potash.hosts.site_search import Placed, place
from potash.hosts.sites import find_sites
from potash.results.adsorption import (
    AdsorptionValues,
    SearchedSite,
    SiteSearch,
    SurfaceInputs,
)
from potash.results.calculation import Outcome, Progress
from potash.results.k_metal import KMetalValues
from potash.results.model import Fingerprint
from potash.structures.building import build, bulk_of
from potash.structures.checks import check_structure
from potash.structures.insulators import presumed_insulator
from potash.structures.plain_atoms import area_angstrom2, bare, extxyz
from potash.structures.surface import Surface
from potash.units import COHESIVE_ENERGY_K_EV, EV_ANGSTROM2_IN_J_M2

_KEPT = "clean.json"


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


def adsorption(
    inputs: SurfaceInputs, k_metal: KMetalValues, *, workdir: Path, progress: Progress
) -> Outcome[AdsorptionValues]:
    """Return the adsorption energy of one K by a potential; see :mod:`potash.hosts.adsorption`."""
    refuse_where_blind(inputs)
    e_k = matched_k_energy(k_metal, inputs.level)
    found = screen(inputs, inputs.level, workdir=workdir, progress=progress)
    (workdir / _KEPT).unlink(missing_ok=True)
    return _outcome(found, e_k, level_of(inputs.level))


def screen(
    inputs: SurfaceInputs,
    fingerprint: Fingerprint,
    *,
    workdir: Path,
    progress: Progress,
) -> Screened:
    """Relax bulk and surface, and search the sites of K.

    Parameters
    ----------
    inputs
        Recipe, termination, charge and search.
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
    start = bulk_of(inputs.recipe)
    bulk = None
    if start is not None:
        _validate(level, start, inputs)
        progress(0.02, "relaxing the bulk")
        bulk = relax_cell(start, engine)
        if not bulk.converged:
            raise CalculationError("the bulk cell did not relax")
    surface = termination_of(
        build(inputs.recipe, None if bulk is None else bulk.atoms), inputs.termination
    )
    _validate(level, surface.atoms, inputs)
    check_geometry(surface.atoms)
    progress(0.1, "relaxing the clean surface")
    clean = _clean(surface, engine, inputs.search, workdir)
    sites = find_sites(surface.atoms, "K", max_sites=inputs.search.max_sites)
    if not sites:
        raise RefusedError("no place on this surface can be reached by K")
    progress(0.3, f"{len(sites)} sites")
    placed, calls = place(
        clean.atoms,
        surface.atoms,
        sites,
        surface.fixed,
        engine,
        inputs.search,
        progress=lambda f, t: progress(0.35 + 0.6 * f, t),
    )
    calls += clean.force_calls + (0 if bulk is None else bulk.force_calls)
    return Screened(surface, bulk, clean, placed, calls)


def refuse_where_blind(inputs: SurfaceInputs) -> None:
    """Refuse a substrate that takes no electron, at a level that does not know electrons.

    Raises
    ------
    RefusedError
        It says why the substrate is presumed to be one, and what would tell.
    """
    if level_of(inputs.level).knows_electrons:
        return
    atoms = build(inputs.recipe)[0].atoms
    if inputs.electron_acceptor is None:
        why = presumed_insulator(atoms)
    else:
        why = "" if inputs.electron_acceptor else "so the catalogue says"
    if why:
        raise RefusedError(
            f"takes no electron from K: {why}; potentials cannot tell, and bind K to such "
            "substrates by up to 2 eV too strongly. DFT tells: level standard-lcao, about "
            f"{cost_s(len(atoms), 'dft') / 3600:.1f} core-hours"
        )


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


def _validate(level: Level, atoms: Atoms, inputs: SurfaceInputs) -> None:
    level.check({*atoms.get_chemical_symbols(), "K"}, charge=inputs.charge, n_atoms=len(atoms) + 1)


def check_geometry(atoms: Atoms) -> None:
    """Turn an impossible structure into a refusal: here it is a row, not the user's typing."""
    try:
        check_structure(atoms)
    except InputError as error:
        raise RefusedError(str(error)) from error


def _clean(surface: Surface, engine: Any, search: SiteSearch, workdir: Path) -> Relaxed:
    """Relax the clean surface, or take it from a run that was killed."""
    kept = workdir / _KEPT
    with contextlib.suppress(OSError, ValueError):  # none, or not written to its end
        record = json.loads(kept.read_text(encoding="utf-8"))
        atoms = bare(read(StringIO(record["atoms"]), format="extxyz"))
        if np.array_equal(atoms.numbers, surface.atoms.numbers):
            return Relaxed(atoms, record["energy_ev"], record["force_calls"], True)
    clean = relax(
        surface.atoms,
        engine,
        fixed=surface.fixed,
        max_force=search.max_force,
        max_steps=2 * search.max_steps,
    )
    if not clean.converged:
        raise CalculationError(
            f"the clean surface did not relax in {2 * search.max_steps} steps "
            f"(largest force {clean.max_force_ev_angstrom:.2f} eV/angstrom)"
        )
    workdir.mkdir(parents=True, exist_ok=True)
    record = {
        "atoms": extxyz(clean.atoms),
        "energy_ev": clean.energy_ev,
        "force_calls": clean.force_calls,
    }
    partial = workdir / "clean.partial"
    partial.write_text(json.dumps(record), encoding="utf-8")
    partial.replace(kept)
    return clean


def _outcome(found: Screened, e_k: float, level: Level) -> Outcome[AdsorptionValues]:
    surface, clean, placed = found.surface, found.clean, found.placed
    best, reference = placed[0], clean.energy_ev + e_k
    usable = best.energy_ev is not None and best.atoms is not None and best.verdict == "ok"
    energy = best.energy_ev - reference if usable and best.energy_ev is not None else None
    held = usable and best.held
    structures = {"clean": extxyz(clean.atoms, energy_ev=clean.energy_ev)}
    if usable and best.atoms is not None and best.energy_ev is not None:
        structures["best"] = extxyz(best.atoms, energy_ev=best.energy_ev)
    verdicts = sorted({p.verdict for p in placed if p.verdict != "not relaxed"})
    return Outcome(
        status="ok" if usable else "anomalous",
        values=AdsorptionValues(
            facet=surface.facet,
            plane=surface.plane,
            termination=surface.termination,
            polar=surface.polar,
            n_atoms=len(surface.atoms) + 1,
            e_k_metal_ev=e_k,
            e_slab_ev=clean.energy_ev,
            e_slab_k_ev=best.energy_ev if usable else None,
            adsorption_energy_ev=energy,
            binding_energy_ev=None if energy is None else COHESIVE_ENERGY_K_EV - energy,
            site=best.name if usable else None,
            height_angstrom=best.height_angstrom if usable else None,
            k_k_distance_angstrom=k_k_distance_angstrom(surface.atoms),
            surface_energy_j_m2=_surface_energy_j_m2(found),
            surface_held=True if held else None,
            reconstructed_energy_ev=_torn_ev(placed) - reference if held else None,
            force_calls=found.force_calls,
            sites=tuple(_site(p, reference) for p in placed),
        ),
        reason=remarks(found)
        if usable
        else f"no site is ok after relaxation: {', '.join(verdicts)}",
        reference_state=REFERENCE_STATE,
        engine=level.engine,
        engine_version=level.engine_version,
        structures=structures,
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


def _site(p: Placed, reference: float) -> SearchedSite:
    return SearchedSite(
        site=p.name,
        multiplicity=p.site.multiplicity,
        frozen_adsorption_energy_ev=p.frozen_energy_ev - reference,
        height_angstrom=p.height_angstrom,
        verdict=p.verdict,
        steps=p.steps,
        adsorption_energy_ev=None if p.energy_ev is None else p.energy_ev - reference,
        same_as=p.same_as or None,
    )


def _surface_energy_j_m2(found: Screened) -> float | None:
    """Return (E(slab) - n E(bulk)) / 2A of a stoichiometric slab, relaxed on its upper side."""
    surface, bulk = found.surface, found.bulk
    if bulk is None or surface.kind != "slab" or not surface.stoichiometric:
        return None
    area = area_angstrom2(surface.atoms.cell.array)
    n_bulk = len(surface.atoms) / len(bulk.atoms)
    excess = found.clean.energy_ev - bulk.energy_ev * n_bulk
    return excess / (2 * area) * EV_ANGSTROM2_IN_J_M2
