"""Hop of potassium between neighbouring equivalent sites (kind ``hop``): planned and computed.

By a nudged elastic band with a climbing image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms

from potash.engines.band import climb
from potash.engines.levels import Level
from potash.engines.potentials import calculator, level_of
from potash.engines.relaxation import relax
from potash.errors import CalculationError, InputError
from potash.hosts.adsorption import surface_inputs, surfaces
from potash.hosts.energies import cost_s
from potash.hosts.screening import refuse_where_blind, screen
from potash.hosts.site_search import Placed
from potash.hosts.sites import Site
from potash.results.adsorption import SiteSearch
from potash.results.calculation import Calculation, Outcome, Progress
from potash.results.hop import HopInputs, HopValues
from potash.results.model import NoNeeds
from potash.structures.environments import Vectors
from potash.structures.plain_atoms import bare, extxyz
from potash.structures.recipes import Recipe

RESOLUTION_EV = 0.05
"""Barriers below this are not told apart from zero by a screening potential."""

_SAME_END_EV = 0.03


@dataclass(frozen=True, eq=False)
class Hop:
    """A hop from a site to the nearest equivalent one.

    Attributes
    ----------
    barrier_ev
        Highest energy along the path less that of the start.
    distance_angstrom
        Between the two sites.
    energies_ev
        Along the path, from the start.
    images
        Geometries of the path.
    converged
        Whether the band's forces fell below the limit.
    force_calls
        Evaluations, without those of the start.
    """

    barrier_ev: float
    distance_angstrom: float
    energies_ev: tuple[float, ...]
    images: tuple[Atoms, ...]
    converged: bool
    force_calls: int


def nearest_copy(site: Site, atoms: Atoms) -> Vectors:
    """Return the vector from a site to the nearest equivalent one, images included.

    Raises
    ------
    CalculationError
        If the surface has no second such site.
    """
    shifts = np.array(list(product(*[(-1, 0, 1) if p else (0,) for p in atoms.pbc])))
    steps = (site.copies[:, None] - site.position + shifts @ atoms.cell.array).reshape(-1, 3)
    # A hop to the other side of a sheet or through a tube's wall is not one along the surface.
    steps = steps[np.abs(steps @ site.normal) < 1.0]
    length = np.linalg.norm(steps, axis=1)
    far = length > 0.5
    if not far.any():
        raise CalculationError(f"there is no second {site.label} site to hop to")
    order = np.lexsort((*np.round(steps[far], 3).T, np.round(length[far], 3)))
    return np.asarray(steps[far][order[0]])


def hop(
    start: Atoms,
    step: Vectors,
    fixed: tuple[int, ...],
    engine: Any,
    *,
    n_images: int = 5,
    max_force: float = 0.05,
    max_steps: int = 80,
) -> Hop:
    """Return the minimum-energy path of the last atom by a vector.

    The band (improved tangent) is relaxed first without, then with a climbing
    image; images in between start on a straight line.

    Parameters
    ----------
    start
        Relaxed surface with the adsorbate last.
    step
        To the equivalent site, angstrom.
    fixed
        Atoms that do not move.
    engine
        ASE calculator.
    n_images
        Between the ends.
    max_force, max_steps
        Convergence of the band and its limit.

    Raises
    ------
    CalculationError
        If the other end does not relax to the energy of the start, or relaxes to its place.
    """
    other = bare(start)
    other.positions[-1] += step
    end = relax(other, engine, fixed=fixed, max_force=max_force)
    first = bare(start)
    first.calc = engine
    reference = float(first.get_potential_energy())
    if not end.converged or abs(end.energy_ev - reference) > _SAME_END_EV:
        raise CalculationError(
            f"the other end of the hop lies {end.energy_ev - reference:+.2f} eV from the start"
        )
    moved = end.atoms.positions[-1] - start.positions[-1]
    if np.linalg.norm(moved) < 0.5 * np.linalg.norm(step):
        raise CalculationError("both ends of the hop relax to one place")
    images = []
    for fraction in np.linspace(0.0, 1.0, n_images + 2):
        image = bare(start)
        image.positions += fraction * (end.atoms.positions - start.positions)
        image.set_constraint(FixAtoms(indices=list(fixed)))
        image.calc = engine
        images.append(image)
    band = climb(images, max_force=max_force, max_steps=max_steps)
    energies = [energy - reference for energy in band.energies_ev]
    return Hop(
        barrier_ev=max(energies),
        distance_angstrom=float(np.linalg.norm(step)),
        energies_ev=tuple(energies),
        images=tuple(bare(image) for image in images),
        converged=band.converged,
        force_calls=end.force_calls + band.force_calls,
    )


def home(placed: Sequence[Placed]) -> Placed:
    """Return the best site under the name of the candidate that it lies nearest to.

    Several candidates may relax into one place, which is one of them; the copies of
    another would relax into that place as well.
    """
    best = placed[0]

    def drift(found: Placed) -> float:
        if found.atoms is None:
            return np.inf
        way = found.atoms.positions[-1] - found.site.position
        return float(np.linalg.norm(way - (way @ found.site.normal) * found.site.normal))

    return min((p for p in placed if p is best or p.same_as == best.name), key=drift)


def hop_calculation(
    recipe: Recipe,
    level: Level,
    *,
    item: str,
    model: str,
    n_images: int = 5,
    search: SiteSearch | None = None,
    electron_acceptor: bool | None = None,
) -> Calculation:
    """Return the calculation of K's hop barrier on the most credible termination.

    Raises
    ------
    InputError
        For a bulk recipe, or a level that is not a potential (a band costs
        hundreds of force calls).
    """
    if level.theory != "potential":
        raise InputError(
            f"hop barriers are computed with potentials, not at {level.name}", field="level"
        )
    label, surface = surfaces(recipe, model)[0]
    return Calculation(
        item=item,
        model=label,
        level=level.name,
        inputs=surface_inputs(
            HopInputs,
            recipe,
            surface,
            level,
            search=search,
            electron_acceptor=electron_acceptor,
            n_images=n_images,
        ),
        cost_s=4 * cost_s(len(surface.atoms), level.theory),
    )


def compute_hop(
    inputs: HopInputs, _needs: NoNeeds, *, workdir: Path, progress: Progress
) -> Outcome[HopValues]:
    """Return the barrier of K hopping between its best sites.

    Parameters
    ----------
    inputs
        As of an adsorption by a potential, and the number of images.
    workdir, progress
        As for every calculation.

    Raises
    ------
    RefusedError
        As for the adsorption.
    CalculationError
        If there is no usable site, or no second one to hop to.
    """
    level = level_of(inputs.level)
    refuse_where_blind(inputs)
    found = screen(
        inputs, inputs.level, workdir=workdir, progress=lambda f, t: progress(0.5 * f, t)
    )
    best = home(found.placed)
    if best.atoms is None or best.verdict != "ok":
        raise CalculationError(f"no site is ok after relaxation ({best.verdict})")
    step = nearest_copy(best.site, found.surface.atoms)
    progress(0.5, f"hop of {np.linalg.norm(step):.2f} angstrom")
    path = hop(
        best.atoms,
        step,
        found.surface.fixed,
        calculator(inputs.level),
        n_images=inputs.n_images,
    )
    below = path.barrier_ev < RESOLUTION_EV
    remark = f"below the resolution of {RESOLUTION_EV:g} eV" if below else ""
    return Outcome(
        status="ok" if path.converged else "anomalous",
        values=HopValues(
            hop_barrier_ev=path.barrier_ev,
            below_resolution=below,
            hop_distance_angstrom=path.distance_angstrom,
            site=best.name,
            facet=found.surface.facet,
            termination=found.surface.termination,
            path_energies_ev=path.energies_ev,
            force_calls=found.force_calls + path.force_calls,
        ),
        reason=remark if path.converged else "the band did not converge",
        uncertainty={"hop_barrier_ev": RESOLUTION_EV},
        reference_state="energy of K on its best site",
        engine=level.engine,
        engine_version=level.engine_version,
        structures={f"path_{n}": extxyz(image) for n, image in enumerate(path.images)},
    )
