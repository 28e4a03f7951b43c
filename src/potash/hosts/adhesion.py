"""Work of adhesion of a potassium film on a surface (kind ``adhesion``): planned and computed.

W = (E(surface) + E(film) - E(both)) / A: what it costs to part the film from the surface, per
area, all three in the same cell. The cell is one of the surface that the film fits within a few
per cent (:mod:`potash.structures.coincidence`); the film carries the strain, and as the free film
has it as well, its energy is in neither side of the difference. By Young and Dupre,
W = gamma (1 + cos(theta)) with the surface energy gamma of K: potassium wets where W >= 2 gamma,
the work that parts it from itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import ArrayLike

from potash.engines.levels import Level
from potash.engines.potentials import calculator, level_of
from potash.engines.relaxation import relax, relax_cell
from potash.errors import CalculationError, InputError, RefusedError
from potash.hosts.adsorption import surface_inputs, surfaces
from potash.hosts.energies import cost_s, matched_k_energy
from potash.hosts.k_film import (
    VACUUM_ANGSTROM,
    contact_angle_deg,
    k_film,
    k_surface_energy_j_m2,
    knows_k_surfaces,
)
from potash.hosts.k_metal import k_metal_calculation
from potash.hosts.screening import check_geometry, refuse_where_blind, termination_of
from potash.hosts.site_search import rearranged
from potash.results.adhesion import AdhesionInputs, AdhesionNeeds, AdhesionValues, KFilm
from potash.results.adsorption import SiteSearch
from potash.results.calculation import Calculation, Outcome, Progress
from potash.structures.building import build, bulk_of
from potash.structures.coincidence import Coincidence, coincidence, smallest_cell
from potash.structures.plain_atoms import area_angstrom2, bare, extxyz
from potash.structures.recipes import Recipe
from potash.units import EV_ANGSTROM2_IN_J_M2

_GAPS_ANGSTROM = (2.0, 2.5, 3.0, 3.5, 4.0)
_THIRD = 1.0 / 3.0
_OFFSETS = (
    *((0.5, 0.0), (0.0, 0.5), (0.5, 0.5), (_THIRD, _THIRD), (2 * _THIRD, 2 * _THIRD)),
    *((_THIRD, 2 * _THIRD), (2 * _THIRD, _THIRD)),
)
_NUDGE_ANGSTROM = (0.04, 0.025, 0.0)
_INSIDE_ANGSTROM = 0.5
UNCALIBRATED = "uncalibrated: no DFT cell stands beside it"


@dataclass(frozen=True, eq=False)
class Adhered:
    """A film on a surface.

    Attributes
    ----------
    match
        The common cell.
    surface, both
        Relaxed geometries, the film last.
    e_surface_ev, e_film_ev, e_both_ev
        Total energies, all in the common cell; the film is strained.
    held
        Whether the film tears the surface apart, so that ``both`` is with the surface held.
    e_reconstructed_ev
        Energy of the surface that was torn apart.
    converged
        Whether all three relaxed.
    force_calls
        All together.
    """

    match: Coincidence
    surface: Atoms
    both: Atoms
    e_surface_ev: float
    e_film_ev: float
    e_both_ev: float
    held: bool
    e_reconstructed_ev: float | None
    converged: bool
    force_calls: int

    @property
    def area_angstrom2(self) -> float:
        """Area of the common cell."""
        return area_angstrom2(self.both.cell.array)

    def work_j_m2(self, e_both_ev: float | None = None) -> float:
        """Return the work of adhesion, J/m^2, with another energy of both where one is given."""
        both = self.e_both_ev if e_both_ev is None else e_both_ev
        gained = self.e_surface_ev + self.e_film_ev - both
        return gained / self.area_angstrom2 * EV_ANGSTROM2_IN_J_M2


def adhere(
    surface: Atoms,
    film: Atoms,
    engine: Any,
    *,
    fixed: tuple[int, ...] = (),
    settings: KFilm | None = None,
    search: SiteSearch | None = None,
    progress: Progress = lambda _fraction, _note: None,
) -> Adhered:
    """Return a film on a surface, relaxed together, and what both are without each other.

    The film starts at the gap, and over the point of the surface's cell (halves and thirds of
    it), where the two are lowest in energy while nothing is relaxed; a nudge lets it leave a
    saddle. Where it tears the surface apart it is relaxed once more on the surface held.

    Parameters
    ----------
    surface, film
        One cell of each, c along the normal.
    engine
        ASE calculator.
    fixed
        Atoms of the surface that do not move.
    settings
        Mismatch and atoms allowed; those of the K film by default.
    search
        Forces and steps of the relaxations.
    progress
        Called with a fraction and a text.

    Raises
    ------
    RefusedError
        If no common cell is small enough.
    CalculationError
        If the surface does not relax.
    """
    settings, search = settings or KFilm(), search or SiteSearch()
    relaxed = partial(relax, max_force=search.max_force, max_steps=2 * search.max_steps)
    small = relaxed(surface, engine, fixed=fixed)
    if not small.converged:
        raise CalculationError("the clean surface did not relax")
    small.atoms.set_tags([int(i in fixed) for i in range(len(surface))])
    match = coincidence(
        small.atoms, film, max_mismatch=settings.max_mismatch, max_atoms=settings.max_atoms
    )
    held = tuple(int(i) for i in np.flatnonzero(match.substrate.get_tags()))
    progress(0.2, f"{len(match.substrate)} + {len(match.film)} atoms")
    clean = relaxed(match.substrate, engine, fixed=held)
    free = relaxed(match.film, engine)
    start, tried = _start(clean.atoms, free.atoms, small.atoms, engine)
    progress(0.4, "relaxing the film on the surface")
    both = relaxed(start, engine, fixed=held)
    calls = tried + sum(r.force_calls for r in (small, clean, free, both))
    n, torn = len(match.substrate), None
    if rearranged(clean.atoms, both.atoms[:n]) or _inside(both.atoms, n):
        progress(0.8, "relaxing the film on the surface held")
        torn = both.energy_ev
        both = relaxed(start, engine, fixed=tuple(range(n)))
        calls += both.force_calls
    return Adhered(
        match=match,
        surface=clean.atoms,
        both=both.atoms,
        e_surface_ev=clean.energy_ev,
        e_film_ev=free.energy_ev,
        e_both_ev=both.energy_ev,
        held=torn is not None,
        e_reconstructed_ev=torn,
        converged=clean.converged and free.converged and both.converged,
        force_calls=calls,
    )


def _inside(both: Atoms, n_surface: int) -> bool:
    """Return whether an atom of the film is clearly below the highest of the surface."""
    z = both.positions[:, 2]
    return bool(z[n_surface:].min() < z[:n_surface].max() - _INSIDE_ANGSTROM)


def _start(surface: Atoms, film: Atoms, small: Atoms, engine: Any) -> tuple[Atoms, int]:
    """Return the stack to relax from, and how many were tried; nothing is relaxed here."""

    def energy(gap: float, offset: tuple[float, float]) -> float:
        stack = stacked(surface, film, gap, np.array(offset) @ small.cell.array[:2])
        stack.calc = engine
        return float(stack.get_potential_energy())

    by_gap = {gap: energy(gap, (0.0, 0.0)) for gap in _GAPS_ANGSTROM}
    gap = min(by_gap, key=by_gap.__getitem__)
    by_offset = {(0.0, 0.0): by_gap[gap]} | {o: energy(gap, o) for o in _OFFSETS}
    offset = min(by_offset, key=by_offset.__getitem__)
    at = np.array(offset) @ small.cell.array[:2] + _NUDGE_ANGSTROM
    best = stacked(surface, film, gap, at)
    return best, len(_GAPS_ANGSTROM) + len(_OFFSETS)


def stacked(surface: Atoms, film: Atoms, gap_angstrom: float, offset_angstrom: ArrayLike) -> Atoms:
    """Return a film above a surface of the same in-plane cell, the film last.

    Parameters
    ----------
    surface, film
        With c along the normal.
    gap_angstrom
        Lowest atom of the film above the highest of the surface.
    offset_angstrom
        Shift of the film in the plane, shape (3,).
    """
    below, above = bare(surface), bare(film)
    above.positions += np.asarray(offset_angstrom)
    below.positions[:, 2] -= below.positions[:, 2].min()
    above.positions[:, 2] += below.positions[:, 2].max() + gap_angstrom
    above.positions[:, 2] -= film.positions[:, 2].min()
    both = below + above
    both.cell[2] = [0.0, 0.0, 1.0]
    both.center(vacuum=VACUUM_ANGSTROM, axis=2)
    return both


def adhesion_calculation(
    recipe: Recipe,
    level: Level,
    *,
    item: str,
    model: str,
    film: KFilm | None = None,
    search: SiteSearch | None = None,
    electron_acceptor: bool | None = None,
) -> Calculation:
    """Return the calculation of the work of adhesion on the most credible termination.

    Parameters
    ----------
    recipe
        Of a surface.
    level
        A potential.
    item, model
        Labels of the row.
    film
        The film and the cells that are allowed.
    search
        Forces and steps of the relaxations.
    electron_acceptor
        Whether the substrate can take potassium's electron; None = presumed.

    Raises
    ------
    InputError
        For a bulk recipe, or a level that is not a potential (such cells hold a hundred
        atoms and take about a hundred force calls).
    """
    if level.theory != "potential":
        raise InputError(
            f"works of adhesion are computed with potentials, not at {level.name}", field="level"
        )
    label, surface = surfaces(recipe, model)[0]
    return Calculation(
        item=item,
        model=label,
        level=level.name,
        inputs=surface_inputs(
            AdhesionInputs,
            recipe,
            surface,
            level,
            search=search,
            electron_acceptor=electron_acceptor,
            film=film or KFilm(),
        ),
        needs={"k_metal": k_metal_calculation(level).key},
        cost_s=4 * cost_s(len(surface.atoms), level.theory),
    )


def compute_adhesion(
    inputs: AdhesionInputs, needs: AdhesionNeeds, *, workdir: Path, progress: Progress
) -> Outcome[AdhesionValues]:
    """Return the work of adhesion of a potassium film on one surface.

    Parameters
    ----------
    inputs
        As of an adsorption by a potential, and the film.
    needs
        Bulk potassium at the same level.
    workdir, progress
        As for every calculation.

    Raises
    ------
    RefusedError
        As for the adsorption; for what is no slab or sheet; and where no cell of the allowed
        size fits the film within the allowed mismatch.
    CalculationError
        If the bulk or the clean surface does not relax.
    """
    refuse_where_blind(inputs)
    e_k = matched_k_energy(needs.k_metal, inputs.level)
    lattice = needs.k_metal.lattice_constant_angstrom
    level, engine = level_of(inputs.level), calculator(inputs.level)
    recipe, bulk, calls = smallest_cell(inputs.recipe), bulk_of(inputs.recipe), 0
    level.check(
        {*build(recipe)[0].atoms.get_chemical_symbols(), "K"},
        charge=inputs.charge,
        n_atoms=inputs.film.max_atoms,
    )
    if bulk is not None:
        progress(0.02, "relaxing the bulk")
        relaxed = relax_cell(bulk, engine)
        if not relaxed.converged:
            raise CalculationError("the bulk cell did not relax")
        bulk, calls = relaxed.atoms, relaxed.force_calls
    surface = termination_of(build(recipe, bulk), inputs.termination)
    if surface.kind not in ("slab", "sheet"):
        raise RefusedError(f"a film needs a plane surface: this is a {surface.kind}")
    check_geometry(surface.atoms)
    film = k_film(lattice, inputs.film.layers)
    found = adhere(
        surface.atoms, film, engine,
        fixed=surface.fixed, settings=inputs.film, search=inputs.search, progress=progress,
    )  # fmt: skip
    gamma = k_surface_energy_j_m2(lattice, e_k, engine)
    unstrained = relax(film, engine, max_force=inputs.search.max_force)
    strain_ev = found.e_film_ev - unstrained.energy_ev * found.match.film_cells
    work, match = found.work_j_m2(), found.match
    n = len(match.substrate)
    z = found.both.positions[:, 2]
    known = knows_k_surfaces(gamma)
    wets = work >= 2 * gamma if known else None
    torn = found.e_reconstructed_ev
    return Outcome(
        status="ok" if found.converged else "anomalous",
        values=AdhesionValues(
            facet=surface.facet,
            termination=surface.termination,
            polar=surface.polar,
            work_of_adhesion_j_m2=work,
            k_surface_energy_j_m2=gamma,
            wets=wets,
            contact_angle_deg=contact_angle_deg(work, gamma) if wets is False else None,
            strain_energy_j_m2=strain_ev / found.area_angstrom2 * EV_ANGSTROM2_IN_J_M2,
            mismatch_a=match.mismatch_a,
            mismatch_b=match.mismatch_b,
            mismatch_angle_deg=match.mismatch_angle_deg,
            strain_smallest=match.principal_strains[0],
            strain_largest=match.principal_strains[1],
            area_angstrom2=found.area_angstrom2,
            n_atoms=len(found.both),
            n_film_atoms=len(match.film),
            gap_angstrom=float(z[n:].min() - z[:n].max()),
            surface_held=True if found.held else None,
            reconstructed_work_j_m2=None if torn is None else found.work_j_m2(torn),
            e_surface_ev=found.e_surface_ev,
            e_film_ev=found.e_film_ev,
            e_both_ev=found.e_both_ev,
            force_calls=calls + found.force_calls + unstrained.force_calls,
        ),
        reason=_remarks(found, gamma, polar=surface.polar),
        reference_state="the relaxed surface and the relaxed strained film, apart",
        engine=level.engine,
        engine_version=level.engine_version,
        structures={"surface": extxyz(found.surface), "both": extxyz(found.both)},
    )


def _remarks(found: Adhered, gamma_j_m2: float, *, polar: bool) -> str:
    texts = [UNCALIBRATED] if found.converged else ["the film did not relax"]
    if not knows_k_surfaces(gamma_j_m2):
        texts.append(
            f"whether K wets is not said: at this level K(110) has a surface energy of "
            f"{gamma_j_m2:.3f} J/m2, far from that of PBE"
        )
    if polar:
        texts.append("polar termination: shown, never the value of a host")
    if found.held:
        gain = found.work_j_m2(found.e_reconstructed_ev) - found.work_j_m2()
        texts.append(
            f"first contact: the film tears this surface apart and gains another {gain:.2f} "
            "J/m2; the value is that of the surface held"
        )
    return "; ".join(texts)
