"""Putting one adsorbate on a surface: order the sites cheaply, relax the best, judge the outcome.

1. On the frozen clean surface the adsorbate is brought to its height at each
   site. The first site is solved by a secant search along the normal, which
   also gives the stiffness k; every other site costs one force call, from
   which its lowest energy follows as E - F^2 / 2k (two calls where the force is
   still large).
2. Sites are relaxed in the order of these energies, until the next one lies
   higher than the best by more than a window, or enough were relaxed. As long
   as none is usable (``ok``), the window does not end the search and twice as
   many are tried, unless K tore the surface apart on all of them.
3. Where K tears every surface apart that it was relaxed on, it is relaxed once more
   on the best of these sites with the surface held: its first contact.
4. Relaxed sites with the same surroundings count once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from ase.neighborlist import neighbor_list

from potash.engines.relaxation import relax
from potash.hosts.sites import Site, contact_distances
from potash.results.adsorption import SiteSearch, Verdict
from potash.structures.environments import (
    Vectors,
    environment,
    images_around,
    same_environment,
)
from potash.structures.plain_atoms import bare

_SECANT_CALLS = 4
_SMALL_FORCE = 0.15
_LARGE_FORCE = 0.6
_LARGEST_STEP = 0.6
_SOFTEST = 0.5
_DESORBED = 1.45
_BONDED = 1.25
_BROKEN = 1.45
_MOVED_ANGSTROM = 0.6
_SAME_RELAXED = 0.2


@dataclass(frozen=True, eq=False)
class Placed:
    """One site after the search.

    Attributes
    ----------
    site, name
        Candidate and its unique name in this search.
    frozen_energy_ev
        Estimated lowest energy over the frozen surface, total.
    energy_ev
        Relaxed total energy; None where it was not relaxed.
    atoms
        Relaxed geometry, adsorbate last.
    verdict
        What became of it.
    steps
        Force calls of the relaxation.
    same_as
        Name of a better site that it relaxed into.
    height_angstrom
        Adsorbate above the atoms that it touched, along the normal.
    held
        Whether the surface was held while the adsorbate relaxed.
    """

    site: Site
    name: str
    frozen_energy_ev: float
    energy_ev: float | None
    atoms: Atoms | None
    verdict: Verdict
    steps: int
    same_as: str
    height_angstrom: float
    held: bool = False


def names_of(sites: Sequence[Site]) -> list[str]:
    """Return the sites' labels, numbered where several sites share one."""
    labels = [s.label for s in sites]
    seen: dict[str, int] = {}
    names = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        names.append(label if labels.count(label) == 1 else f"{label} #{seen[label]}")
    return names


def frozen_energies(
    clean: Atoms,
    starts: Sequence[Vectors],
    normals: Sequence[Vectors],
    calculator: Any,
    symbol: str,
) -> tuple[list[float], list[Vectors], int]:
    """Return each site's estimated energy over the frozen surface, its position, and force calls.

    Parameters
    ----------
    clean
        Relaxed surface.
    starts, normals
        Adsorbate positions (angstrom) and unit vectors away from the surface.
    calculator
        ASE calculator.
    symbol
        Adsorbate.
    """
    work = bare(clean) + Atoms(symbol, [starts[0]])
    work.calc = calculator
    calls = 0

    def probe(point: Vectors, normal: Vectors) -> tuple[float, float]:
        nonlocal calls
        calls += 1
        work.positions[-1] = point
        force = float(work.get_forces()[-1] @ normal)
        return float(work.get_potential_energy()), force

    height, stiffness = 0.0, 2.0
    energies, positions = [], []
    for number, (start, normal) in enumerate(zip(starts, normals, strict=True)):
        at = height
        energy, force = probe(start + at * normal, normal)
        limit = _SMALL_FORCE if number == 0 else _LARGE_FORCE
        for _ in range(_SECANT_CALLS - 1 if number == 0 else 1):
            if abs(force) < limit:
                break
            step = float(np.clip(force / stiffness, -_LARGEST_STEP, _LARGEST_STEP))
            following, next_force = probe(start + (at + step) * normal, normal)
            slope = -(next_force - force) / step
            if number == 0 and slope > _SOFTEST:
                stiffness = slope
            at, energy, force = at + step, following, next_force
        if number == 0:
            height = at
        rest = float(np.clip(force / stiffness, -_LARGEST_STEP, _LARGEST_STEP))
        energies.append(energy - 0.5 * stiffness * rest**2)
        positions.append(np.asarray(start + (at + rest) * normal))
    return energies, positions, calls


def place(
    clean: Atoms,
    ideal: Atoms,
    sites: Sequence[Site],
    fixed: Sequence[int],
    calculator: Any,
    search: SiteSearch,
    symbol: str = "K",
    progress: Callable[[float, str], None] | None = None,
) -> tuple[list[Placed], int]:
    """Search the sites of a relaxed surface; return them, best first, and the force calls.

    Parameters
    ----------
    clean
        Relaxed surface.
    ideal
        The same atoms before relaxation, on which ``sites`` were found.
    sites
        Candidates.
    fixed
        Indices of atoms that do not move.
    calculator
        ASE calculator.
    search
        How thorough.
    symbol
        Adsorbate.
    progress
        Called with a fraction and what is going on.
    """
    names = names_of(sites)
    starts = [s.moved_with(ideal, clean) for s in sites]
    frozen, positions, calls = frozen_energies(
        clean, starts, [s.normal for s in sites], calculator, symbol
    )
    placed: list[Placed] = []
    relaxed = 0
    for n in np.argsort(frozen, kind="stable"):
        site, name = sites[n], names[n]
        usable = any(p.verdict == "ok" for p in placed)
        # More sites are tried where none was usable, but not of a surface that K tears apart.
        torn = all(p.verdict in ("reconstructed", "not relaxed") for p in placed)
        enough = relaxed >= search.relax_sites * (1 if usable or torn else 2)
        if enough or (usable and frozen[n] - min(frozen) > search.window_ev):
            placed.append(
                Placed(
                    site,
                    name,
                    frozen[n],
                    None,
                    None,
                    "not relaxed",
                    0,
                    "",
                    _height(clean, positions[n], site),
                )
            )
            continue
        if progress is not None:
            progress(relaxed / (search.relax_sites + 1), f"relaxing {symbol} on {name}")
        # A step off the symmetric point lets the adsorbate leave a saddle.
        nudge = 0.04 * _in_plane(site.normal)
        start = bare(clean) + Atoms(symbol, [positions[n] + nudge])
        end = relax(
            start, calculator, fixed=fixed, max_force=search.max_force, max_steps=search.max_steps
        )
        relaxed += 1
        calls += end.force_calls
        verdict = judge(clean, end.atoms, converged=end.converged)
        placed.append(
            Placed(
                site,
                name,
                frozen[n],
                end.energy_ev,
                end.atoms,
                verdict,
                end.force_calls,
                "",
                _height(end.atoms[:-1], end.atoms.positions[-1], site),
            )
        )
    if not any(p.verdict == "ok" for p in placed):
        contact = _first_contact(clean, placed, positions, names, calculator, search, symbol)
        if contact is not None:
            placed.append(contact)
            calls += contact.steps
    return _deduplicated(placed), calls


def _first_contact(
    clean: Atoms,
    placed: Sequence[Placed],
    positions: Sequence[Vectors],
    names: Sequence[str],
    calculator: Any,
    search: SiteSearch,
    symbol: str,
) -> Placed | None:
    """Relax the adsorbate alone on the best site whose surface it tears apart."""
    torn = [p for p in placed if p.verdict == "reconstructed"]
    if not torn:
        return None
    best = min(torn, key=lambda p: p.frozen_energy_ev)
    start = bare(clean) + Atoms(symbol, [positions[names.index(best.name)]])
    end = relax(
        start,
        calculator,
        fixed=range(len(clean)),
        max_force=search.max_force,
        max_steps=search.max_steps,
    )
    return Placed(
        best.site,
        f"{best.name}, surface held",
        best.frozen_energy_ev,
        end.energy_ev,
        end.atoms,
        judge(clean, end.atoms, converged=end.converged),
        end.force_calls,
        "",
        _height(clean, end.atoms.positions[-1], best.site),
        held=True,
    )


def judge(clean: Atoms, relaxed: Atoms, *, converged: bool) -> Verdict:
    """Return what became of the adsorbate, the last atom of ``relaxed``.

    ``desorbed``: every atom is further than 1.45 contact distances (covalent
    radii). ``K absorbed into the bulk``: on a slab, six or more atoms touch it
    on all sides. ``reconstructed``: a bond of the surface was made or broken
    and an atom moved by more than 0.6 angstrom against the clean surface.
    """
    surface = relaxed[:-1]
    point = relaxed.positions[-1]
    images, index = images_around(surface, clean.pbc, 8.0)
    away = point - images
    distance = np.linalg.norm(away, axis=1)
    ratio = distance / contact_distances(relaxed.numbers[:-1], relaxed.symbols[-1])[index]
    if ratio.min() > _DESORBED:
        return "desorbed"
    touching = ratio < _BONDED
    if clean.pbc.tolist() == [True, True, False] and touching.sum() >= 6:
        mean = (away[touching] / distance[touching][:, None]).mean(axis=0)
        if np.linalg.norm(mean) < 0.25:
            return "K absorbed into the bulk"
    if rearranged(clean, surface):
        return "reconstructed"
    return "ok" if converged else "not converged"


def rearranged(before: Atoms, after: Atoms) -> bool:
    """Return whether a bond of a surface was made or broken and an atom moved by over 0.6 A."""
    moved = after.positions - before.positions
    moved -= np.median(moved, axis=0)
    far = np.linalg.norm(moved, axis=1).max() > _MOVED_ANGSTROM
    return bool(far and _bonds_changed(before, after))


def _bonds_changed(before: Atoms, after: Atoms) -> bool:
    """Return whether a bond of one geometry is clearly absent in the other."""

    def pairs(atoms: Atoms, factor: float) -> set[tuple[int, ...]]:
        radii = [factor * covalent_radii[z] for z in atoms.numbers]
        first, second, shift = neighbor_list("ijS", atoms, radii)
        return {
            (int(i), int(j), *map(int, s)) for i, j, s in zip(first, second, shift, strict=True)
        }

    broken = pairs(before, _BONDED) - pairs(after, _BROKEN)
    made = pairs(after, _BONDED) - pairs(before, _BROKEN)
    return bool(broken or made)


def _in_plane(normal: Vectors) -> Vectors:
    """Return a unit vector across a normal, along no symmetry direction."""
    across = np.cross(normal, [0.36, 0.48, 0.8] if abs(normal[2]) < 0.9 else [0.83, 0.55, 0.0])
    return np.asarray(across / np.linalg.norm(across))


def _height(surface: Atoms, point: Vectors, site: Site) -> float:
    """Return the height above the mean plane of the surface atoms nearest to a point."""
    images, _ = images_around(surface, surface.pbc, 8.0)
    distance = np.linalg.norm(images - point, axis=1)
    nearest = images[distance < distance.min() + 0.4]
    return float(((point - nearest) @ site.normal).mean())


def _deduplicated(placed: list[Placed]) -> list[Placed]:
    """Sort by energy, usable sites first, and mark those that relaxed into a better one."""
    order = sorted(
        placed,
        key=lambda p: (
            p.energy_ev is None,
            p.verdict != "ok",
            p.energy_ev if p.energy_ev is not None else p.frozen_energy_ev,
        ),
    )
    result: list[Placed] = []
    known: list[tuple[str, dict[int, Vectors]]] = []
    for p in order:
        if p.atoms is None:
            result.append(p)
            continue
        surface = p.atoms[:-1]
        images, index = images_around(surface, surface.pbc, 8.0)
        own = environment(p.atoms.positions[-1], images, surface.numbers[index], radius=6.0)
        twin = next(
            (
                name
                for name, theirs in known
                if same_environment(own, theirs, tolerance=_SAME_RELAXED, radius=6.0)
            ),
            "",
        )
        if not twin:
            known.append((p.name, own))
        result.append(replace(p, same_as=twin))
    return result
