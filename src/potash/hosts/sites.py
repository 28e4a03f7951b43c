"""Adsorption sites from geometry: complete up to symmetry, on any surface.

A sphere (the adsorbate) is rolled over the atoms; atom *i* is touched at the
contact distance d_i, the sum of the covalent radii. Where the sphere touches
three or more atoms there is a hollow, in the middle of an arc along which it
touches two a bridge, and on the outer pole of each accessible atom a top site.
This needs no surface normal, so it holds for slabs, sheets, ribbons, tubes and
clusters alike; on a flat lattice it gives the same sites as a Delaunay
triangulation of the top layer, with co-circular triangles merged.

Sites are equivalent when a rotation or reflection maps the atoms around the one
onto those around the other. Such an environment does not know the cell: the
result depends neither on vacuum nor on the supercell, and mirror images, which
have the same energy, count as one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols, covalent_radii
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from potash.errors import RefusedError
from potash.structures.environments import (
    ENVIRONMENT_ANGSTROM,
    Cloud,
    environment,
    images_around,
    same_by_isometry,
    same_environment,
)
from potash.structures.spheres import Vectors, free_arcs, is_exposed, patch_poles

_Around = tuple[dict[int, Vectors], Cloud]

_MERGE_VERTICES = 0.3
_MERGE_SITES = 0.45
_SHORTEST_ARC = 0.1
_CONTACT_TOLERANCE = 0.2


@dataclass(frozen=True, eq=False)
class Site:
    """A place for an adsorbate.

    Attributes
    ----------
    kind
        ``top``, ``bridge`` or ``hollow-n`` (n atoms touched).
    elements
        Symbols of the touched atoms, sorted.
    atoms
        Their indices (with repeats where an atom is touched with its image).
    position
        Adsorbate position in angstrom, all contacts at their contact distance.
    normal
        Unit vector away from the surface.
    copies
        Positions of all equivalent sites in this cell, shape (multiplicity, 3).
    below
        Symbol of the atom straight below a hollow in the next layer, or empty.
    """

    kind: str
    elements: tuple[str, ...]
    atoms: tuple[int, ...]
    position: Vectors
    normal: Vectors
    copies: Vectors
    below: str = ""

    @property
    def multiplicity(self) -> int:
        """Number of equivalent sites in this cell."""
        return len(self.copies)

    @property
    def label(self) -> str:
        """Kind and elements, such as ``hollow-6(C6)`` or ``hollow-3(Cu3) over Cu``."""
        counts = Counter(self.elements)
        formula = "".join(f"{s}{n if n > 1 else ''}" for s, n in sorted(counts.items()))
        return f"{self.kind}({formula})" + (f" over {self.below}" if self.below else "")

    def moved_with(self, before: Atoms, after: Atoms) -> Vectors:
        """Return the position carried along by the touched atoms from one geometry to another."""
        index = list(self.atoms)
        shift = (after.positions[index] - before.positions[index]).mean(axis=0)
        return np.asarray(self.position + shift)


def contact_distances(numbers: Sequence[int] | NDArray[Any], adsorbate: str = "K") -> Vectors:
    """Return the sum of covalent radii of each atom and the adsorbate, in angstrom."""
    own = covalent_radii[chemical_symbols.index(adsorbate)]
    return np.asarray(covalent_radii[np.asarray(numbers)] + own, dtype=float)


def find_sites(atoms: Atoms, adsorbate: str = "K", max_sites: int | None = 32) -> list[Site]:
    """Return the inequivalent adsorption sites of a surface, hollows first.

    Parameters
    ----------
    atoms
        Slab or sheet (its upper side along c is used), ribbon, tube or cluster
        (all sides); ``pbc`` says which.
    adsorbate
        Its symbol.
    max_sites
        Keep at most so many: site labels take turns, and within a label the
        rarest comes first, as those are next to a defect. None keeps all.

    Raises
    ------
    RefusedError
        If it is periodic in all three directions, hence has no surface.
    """
    periodic = np.asarray(atoms.pbc, dtype=bool)
    if periodic.all():
        raise RefusedError("periodic in all three directions: a crystal, not a surface")
    slab = periodic.tolist() == [True, True, False]
    surface = _Surface(atoms, periodic, adsorbate)
    vertices, bridges, tops = surface.contacts(upward=slab)
    candidates = surface.merged(vertices, _MERGE_VERTICES) + bridges + tops
    found = [surface.site(p) for p in candidates]
    usable = [f for f in found if f is not None and (not slab or surface.reached_from_above(f[1]))]
    usable.sort(key=lambda f: -f[0])
    distinct = surface.inequivalent(surface.apart([site for _, site in usable]))
    distinct.sort(key=lambda s: -len(s.atoms))
    return distinct if max_sites is None else _capped(distinct, max_sites)


def _capped(sites: list[Site], limit: int) -> list[Site]:
    turns: dict[str, int] = {}
    ranked = []
    for order, site in enumerate(sorted(sites, key=lambda s: s.multiplicity)):
        turn = turns.get(site.label, 0)
        turns[site.label] = turn + 1
        ranked.append((turn, -len(site.atoms), order, site))
    kept = [entry[3] for entry in sorted(ranked, key=lambda e: e[:3])[:limit]]
    return sorted(kept, key=lambda s: -len(s.atoms))


class _Surface:
    """Atoms with images and contact spheres, for one search."""

    def __init__(self, atoms: Atoms, periodic: NDArray[np.bool_], adsorbate: str) -> None:
        self.atoms = atoms.copy()
        self.periodic = periodic
        self.atoms.positions = self._wrapped(atoms.positions)
        self.contact = contact_distances(atoms.numbers, adsorbate)
        margin = max(2 * float(self.contact.max()), ENVIRONMENT_ANGSTROM) + 6.0
        self.images, self.index = images_around(self.atoms, periodic, margin)
        self.image_contact = self.contact[self.index]
        self.image_numbers = atoms.numbers[self.index]
        self.tree = cKDTree(self.images)

    def contacts(self, *, upward: bool) -> tuple[list[Vectors], list[Vectors], list[Vectors]]:
        """Return positions with three or more, two, and one contact."""
        vertices: list[Vectors] = []
        bridges: list[Vectors] = []
        tops: list[Vectors] = []
        for i, centre in enumerate(self.atoms.positions):
            radius = self.contact[i]
            near = [
                k
                for k in self.tree.query_ball_point(centre, radius + self.contact.max())
                if np.linalg.norm(self.images[k] - centre) > 1e-6
            ]
            offsets, radii = self.images[near] - centre, self.image_contact[near]
            if not is_exposed(radius, offsets, radii, upward):
                continue
            arcs = [arc for j in range(len(near)) for arc in free_arcs(radius, offsets, radii, j)]
            for arc in arcs:
                if arc.closed:
                    continue
                vertices += [centre + arc.start, centre + arc.end]
                if arc.length > _SHORTEST_ARC and self._is_first(i, near[arc.partner]):
                    bridges.append(centre + arc.middle)
            poles = [np.array([0.0, 0.0, 1.0])] if upward else patch_poles(arcs, radius)
            for pole in poles:
                point = radius * pole
                if not len(radii) or np.all(np.linalg.norm(offsets - point, axis=1) > radii - 1e-6):
                    tops.append(centre + point)
        return vertices, bridges, tops

    def _is_first(self, i: int, image: int) -> bool:
        """Count each pair once: by index, and for an atom and its own image by direction."""
        j = int(self.index[image])
        if i != j:
            return i < j
        step = self.images[image] - self.atoms.positions[i]
        leading = step[np.abs(step) > 1e-6][0]
        return bool(leading > 0)

    def merged(self, points: list[Vectors], distance: float) -> list[Vectors]:
        """Replace each cloud of points (modulo the lattice) by its centre."""
        if not points:
            return []
        home = self._wrapped(np.array(points))
        cloud, owner = self._with_images(home)
        tree = cKDTree(cloud)
        done = np.zeros(len(home), dtype=bool)
        centres = []
        for p, point in enumerate(home):
            if done[p]:
                continue
            members = tree.query_ball_point(point, distance)
            done[owner[members]] = True
            centres.append(cloud[members].mean(axis=0))
        return centres

    def _wrapped(self, points: Vectors) -> Vectors:
        """Move points into the cell along its periodic axes."""
        if not self.periodic.any():
            return points
        scaled = self.atoms.cell.scaled_positions(points)
        return np.asarray(points - (np.floor(scaled) * self.periodic) @ self.atoms.cell.array)

    def _with_images(self, points: Vectors) -> tuple[Vectors, NDArray[np.int64]]:
        steps = [(-1, 0, 1) if flag else (0,) for flag in self.periodic]
        shifts = np.array([(a, b, c) for a in steps[0] for b in steps[1] for c in steps[2]])
        cloud = points[None] + (shifts @ self.atoms.cell.array)[:, None]
        return cloud.reshape(-1, 3), np.tile(np.arange(len(points)), len(shifts))

    def site(self, point: Vectors) -> tuple[int, Site] | None:
        """Return how many atoms a position touches and its description, or None inside matter."""
        near = self.tree.query_ball_point(point, self.contact.max() + _CONTACT_TOLERANCE)
        distance = np.linalg.norm(self.images[near] - point, axis=1)
        touched = [
            k
            for k, d in zip(near, distance, strict=True)
            if d < self.image_contact[k] + _CONTACT_TOLERANCE
        ]
        if not touched:
            return None
        away = point - self.images[touched]
        normal = (away / np.linalg.norm(away, axis=1)[:, None]).sum(axis=0)
        size = float(np.linalg.norm(normal))
        if size < 0.3:
            return None  # enclosed on all sides: inside the material, not on it
        normal = normal / size
        contacts = len(touched)
        straight = self._straight_below(point, normal, touched)
        if straight is not None:
            touched = [straight]  # as over O of a rock-salt (100): its four neighbours touch too
        kind = {1: "top", 2: "bridge"}.get(len(touched), f"hollow-{len(touched)}")
        atoms = tuple(int(self.index[k]) for k in touched)
        site = Site(
            kind=kind,
            elements=tuple(sorted(chemical_symbols[self.atoms.numbers[a]] for a in atoms)),
            atoms=atoms,
            position=point,
            normal=normal,
            copies=point[None],
            below=self._below(point, normal, touched) if len(touched) > 2 else "",
        )
        return contacts, site

    def _straight_below(self, point: Vectors, normal: Vectors, touched: list[int]) -> int | None:
        """Return the touched atom that lies on the normal through the point."""
        for k in touched:
            step = point - self.images[k]
            if np.linalg.norm(step - (step @ normal) * normal) < 0.3:
                return k
        return None

    def _below(self, point: Vectors, normal: Vectors, touched: list[int]) -> str:
        depth_of_layer = float(np.max((point - self.images[touched]) @ normal))
        near = self.tree.query_ball_point(point, depth_of_layer + 3.2)
        best, symbol = np.inf, ""
        for k in near:
            step = point - self.images[k]
            depth = float(step @ normal)
            aside = float(np.linalg.norm(step - depth * normal))
            if aside < 0.4 and depth_of_layer + 0.3 < depth < best:
                best, symbol = depth, chemical_symbols[self.image_numbers[k]]
        return symbol

    def reached_from_above(self, site: Site) -> bool:
        """Return whether the way up along c is free (not a cavity, not the lower side)."""
        if site.normal[2] < 0.2:
            return False
        step = self.images - site.position
        aside = np.linalg.norm(step[:, :2], axis=1)
        return not bool(np.any((step[:, 2] > 0.1) & (aside < 0.6 * self.image_contact)))

    def apart(self, sites: list[Site]) -> list[Site]:
        """Drop sites on top of one with more contacts, and repeats by the lattice."""
        if not sites:
            return []
        home = self._wrapped(np.array([s.position for s in sites]))
        cloud, owner = self._with_images(home)
        tree = cKDTree(cloud)
        dropped = np.zeros(len(sites), dtype=bool)
        kept = []
        for n, site in enumerate(sites):
            if dropped[n]:
                continue
            dropped[owner[tree.query_ball_point(home[n], _MERGE_SITES)]] = True
            kept.append(site)
        return kept

    def inequivalent(self, sites: list[Site]) -> list[Site]:
        """Keep one site of each environment, with its multiplicity."""
        groups: list[tuple[Site, _Around, list[Vectors]]] = []
        for site in sites:
            own = self._around(site)
            for first, theirs, copies in groups:
                if (
                    first.label == site.label
                    and same_environment(own[0], theirs[0])
                    and same_by_isometry(own[1], theirs[1])
                ):
                    copies.append(site.position)
                    break
            else:
                groups.append((site, own, [site.position]))
        return [replace(first, copies=np.array(copies)) for first, _, copies in groups]

    def _around(self, site: Site) -> _Around:
        near = self.tree.query_ball_point(site.position, ENVIRONMENT_ANGSTROM)
        points, numbers = self.images[near], self.image_numbers[near]
        distances = environment(site.position, points, numbers)
        return distances, Cloud(points - site.position, numbers, site.normal)
