"""Adsorption sites from geometry: complete up to symmetry, on any surface.

A sphere (the adsorbate) is rolled over the atoms; atom *i* is touched at the
contact distance d_i, the sum of the covalent radii. Where the sphere touches
three or more atoms there is a hollow, in the middle of an arc along which it
touches two a bridge, and on the outer pole of each accessible atom a top site.
This needs no surface normal, so it holds for slabs, sheets, ribbons, tubes and
clusters alike; on a flat lattice it gives the same sites as a Delaunay
triangulation of the top layer, with co-circular triangles merged.

Sites are equivalent when the sorted distances to all atoms around them agree,
element by element. Such an environment does not know the cell: the result
depends neither on vacuum nor on the supercell, and mirror images, which have
the same energy, count as one.
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

Vectors = NDArray[np.float64]

VACUUM_ANGSTROM = 6.0
ENVIRONMENT_ANGSTROM = 8.0
_SAME_DISTANCE = 0.05
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
    multiplicity
        Equivalent sites in this cell.
    below
        Symbol of the atom straight below a hollow in the next layer, or empty.
    """

    kind: str
    elements: tuple[str, ...]
    atoms: tuple[int, ...]
    position: Vectors
    normal: Vectors
    multiplicity: int = 1
    below: str = ""

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


def periodic_axes(atoms: Atoms, vacuum: float = VACUUM_ANGSTROM) -> NDArray[np.bool_]:
    """Return for each axis whether matter continues across the cell's border.

    An axis counts as periodic when its ``pbc`` is set and no layer of empty
    space thicker than ``vacuum`` angstrom crosses it.
    """
    periodic = np.array(atoms.pbc, dtype=bool)
    heights = _cell_heights(atoms)
    scaled = atoms.cell.scaled_positions(atoms.positions) if periodic.any() else None
    for axis in range(3):
        if periodic[axis] and scaled is not None:
            s = np.sort(scaled[:, axis] % 1.0)
            gap = np.diff(np.append(s, s[0] + 1.0)).max() * heights[axis]
            periodic[axis] = gap <= vacuum
    return periodic


def is_slab(atoms: Atoms) -> bool:
    """Return whether the atoms are periodic along a and b and end along c."""
    return bool(np.array_equal(periodic_axes(atoms), [True, True, False]))


def find_sites(atoms: Atoms, adsorbate: str = "K", max_sites: int | None = 32) -> list[Site]:
    """Return the inequivalent adsorption sites of a surface, hollows first.

    Parameters
    ----------
    atoms
        Slab or sheet (its upper side along c is used), ribbon, tube or cluster
        (all sides).
    adsorbate
        Its symbol.
    max_sites
        Keep at most so many: site labels take turns, and within a label the
        rarest comes first, as those are next to a defect. None keeps all.

    Raises
    ------
    RefusedError
        If there is no empty space, hence no surface.
    """
    periodic = periodic_axes(atoms)
    if periodic.all():
        raise RefusedError(
            f"no vacuum of at least {VACUUM_ANGSTROM:g} angstrom along any axis: not a surface"
        )
    slab = periodic.tolist() == [True, True, False]
    surface = _Surface(atoms, periodic, adsorbate)
    vertices, bridges, tops = surface.contacts(upward=slab)
    candidates = surface.merged(vertices, _MERGE_VERTICES) + bridges + tops
    found = [surface.site(p) for p in candidates]
    kept = [s for s in found if s is not None and (not slab or surface.reached_from_above(s))]
    kept.sort(key=lambda s: -len(s.atoms))
    distinct = surface.inequivalent(surface.apart(kept))
    return distinct if max_sites is None else _capped(distinct, max_sites)


def environment(
    position: Vectors, images: Vectors, numbers: NDArray[Any], radius: float = ENVIRONMENT_ANGSTROM
) -> dict[int, Vectors]:
    """Return the sorted distances to the atoms of each element within a radius.

    Parameters
    ----------
    position
        Point, shape (3,), angstrom.
    images, numbers
        Positions, shape (n, 3), and atomic numbers of atoms with their images.
    """
    distance = np.linalg.norm(images - position, axis=1)
    near = distance < radius
    return {int(z): np.sort(distance[near & (numbers == z)]) for z in np.unique(numbers[near])}


def same_environment(
    one: dict[int, Vectors],
    other: dict[int, Vectors],
    tolerance: float = _SAME_DISTANCE,
    radius: float = ENVIRONMENT_ANGSTROM,
) -> bool:
    """Return whether two environments agree; atoms at the rim may be in only one."""
    for z in one.keys() | other.keys():
        a, b = one.get(z, np.empty(0)), other.get(z, np.empty(0))
        n = min(len(a), len(b))
        if np.any(np.abs(a[:n] - b[:n]) > tolerance):
            return False
        rest = np.append(a[n:], b[n:])
        if np.any(rest < radius - tolerance):
            return False
    return True


def images_around(
    atoms: Atoms, periodic: NDArray[np.bool_], margin: float
) -> tuple[Vectors, NDArray[np.int64]]:
    """Return positions and indices of all atoms with their images within ``margin`` of the cell."""
    heights = _cell_heights(atoms)
    reach = [int(np.ceil(margin / heights[i])) if periodic[i] else 0 for i in range(3)]
    shifts = np.array(
        [
            (a, b, c)
            for a in range(-reach[0], reach[0] + 1)
            for b in range(-reach[1], reach[1] + 1)
            for c in range(-reach[2], reach[2] + 1)
        ]
    )
    moved = atoms.positions[None] + (shifts @ atoms.cell.array)[:, None]
    index = np.tile(np.arange(len(atoms)), len(shifts))
    positions = moved.reshape(-1, 3)
    # Atoms may lie outside their cell, so the box is around the atoms, not the cell.
    low, high = atoms.positions.min(0) - margin, atoms.positions.max(0) + margin
    near = np.all((positions >= low) & (positions <= high), axis=1)
    return positions[near], index[near]


def _cell_heights(atoms: Atoms) -> Vectors:
    """Distance between opposite faces of the cell, per axis (infinite without a cell)."""
    volume = atoms.cell.volume
    if volume < 1e-9:
        return np.full(3, np.inf)
    a, b, c = atoms.cell.array
    areas = [np.linalg.norm(np.cross(*pair)) for pair in ((b, c), (c, a), (a, b))]
    return np.array([volume / area for area in areas])


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
        self.atoms = atoms
        self.periodic = periodic
        self.contact = contact_distances(atoms.numbers, adsorbate)
        margin = max(2 * float(self.contact.max()), ENVIRONMENT_ANGSTROM) + 4.0
        self.images, self.index = images_around(atoms, periodic, margin)
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
            if not _exposed(radius, offsets, radii, upward):
                continue
            arcs = [arc for j in range(len(near)) for arc in _arcs(radius, offsets, radii, j)]
            for arc in arcs:
                if arc.closed:
                    continue
                vertices += [centre + arc.start, centre + arc.end]
                if arc.length > _SHORTEST_ARC and self._is_first(i, near[arc.partner]):
                    bridges.append(centre + arc.middle)
            poles = [np.array([0.0, 0.0, 1.0])] if upward else _poles(arcs, radius)
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
        home = np.array(points)
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

    def _with_images(self, points: Vectors) -> tuple[Vectors, NDArray[np.int64]]:
        steps = [(-1, 0, 1) if flag else (0,) for flag in self.periodic]
        shifts = np.array([(a, b, c) for a in steps[0] for b in steps[1] for c in steps[2]])
        cloud = points[None] + (shifts @ self.atoms.cell.array)[:, None]
        return cloud.reshape(-1, 3), np.tile(np.arange(len(points)), len(shifts))

    def site(self, point: Vectors) -> Site | None:
        """Describe a position by the atoms that it touches."""
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
        straight = self._straight_below(point, normal, touched)
        if straight is not None:
            touched = [straight]  # as over O of a rock-salt (100): its four neighbours touch too
        kind = {1: "top", 2: "bridge"}.get(len(touched), f"hollow-{len(touched)}")
        atoms = tuple(int(self.index[k]) for k in touched)
        return Site(
            kind=kind,
            elements=tuple(sorted(chemical_symbols[self.atoms.numbers[a]] for a in atoms)),
            atoms=atoms,
            position=point,
            normal=normal,
            below=self._below(point, normal, touched) if len(touched) > 2 else "",
        )

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
        home = np.array([s.position for s in sites])
        cloud, owner = self._with_images(home)
        tree = cKDTree(cloud)
        dropped = np.zeros(len(sites), dtype=bool)
        kept = []
        for n, site in enumerate(sites):
            if dropped[n]:
                continue
            dropped[owner[tree.query_ball_point(site.position, _MERGE_SITES)]] = True
            kept.append(site)
        return kept

    def inequivalent(self, sites: list[Site]) -> list[Site]:
        """Keep one site of each environment, with its multiplicity."""
        groups: list[tuple[Site, dict[int, Vectors], int]] = []
        for site in sites:
            own = environment(site.position, self.images, self.image_numbers)
            for n, (first, theirs, count) in enumerate(groups):
                if first.label == site.label and same_environment(own, theirs):
                    groups[n] = (first, theirs, count + 1)
                    break
            else:
                groups.append((site, own, 1))
        return [replace(first, multiplicity=count) for first, _, count in groups]


@dataclass(frozen=True, eq=False)
class _Arc:
    """Part of the circle where two contact spheres meet that no third one covers.

    ``vector_area`` is its share of the vector area of the accessible patch.
    """

    partner: int
    start: Vectors
    middle: Vectors
    end: Vectors
    length: float
    closed: bool
    vector_area: Vectors


def _exposed(radius: float, offsets: Vectors, radii: Vectors, upward: bool) -> bool:
    """Return whether any of 300 evenly spread points of a sphere is accessible."""
    n = np.arange(300) + 0.5
    z = 1 - 2 * n / 300
    turn = np.pi * (1 + 5**0.5) * n
    ring = np.sqrt(1 - z**2)
    points = radius * np.column_stack((ring * np.cos(turn), ring * np.sin(turn), z))
    if upward:
        points = points[z > -0.2]
    if not len(radii):
        return True
    inside = np.linalg.norm(points[:, None] - offsets[None], axis=2) < radii
    return bool(np.any(~inside.any(axis=1)))


def _arcs(radius: float, offsets: Vectors, radii: Vectors, j: int) -> list[_Arc]:
    """Return the free arcs between the sphere at the origin and its neighbour ``j``."""
    separation = float(np.linalg.norm(offsets[j]))
    if not abs(radius - radii[j]) < separation < radius + radii[j]:
        return []
    axis = offsets[j] / separation
    height = (separation**2 + radius**2 - radii[j] ** 2) / (2 * separation)
    rho = float(np.sqrt(radius**2 - height**2))
    u = np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))])
    u /= np.linalg.norm(u)
    v = np.cross(axis, u)
    others = np.delete(offsets, j, axis=0)
    # A point of the circle is inside sphere k where amplitude*cos(phi - centre) > level.
    level = (
        radius**2
        + np.sum(others**2, axis=1)
        - 2 * height * (others @ axis)
        - np.delete(radii, j) ** 2
    ) / (2 * rho)
    along_u, along_v = others @ u, others @ v
    amplitude = np.hypot(along_u, along_v)
    if np.any(level <= -amplitude):
        return []
    cuts = level < amplitude
    half = np.arccos(np.clip(level[cuts] / amplitude[cuts], -1, 1))
    centre = np.arctan2(along_v[cuts], along_u[cuts])

    def point(phi: float) -> Vectors:
        return np.asarray(height * axis + rho * (u * np.cos(phi) + v * np.sin(phi)))

    arcs = []
    for low, high in _free_intervals(centre - half, centre + half):
        chord = u * (np.sin(high) - np.sin(low)) - v * (np.cos(high) - np.cos(low))
        area = 0.5 * (height * rho * chord - rho**2 * axis * (high - low))
        arcs.append(
            _Arc(
                partner=j,
                start=point(low),
                middle=point(0.5 * (low + high)),
                end=point(high),
                length=rho * (high - low),
                closed=high - low > 2 * np.pi - 1e-9,
                vector_area=area,
            )
        )
    return arcs


def _free_intervals(lows: Vectors, highs: Vectors) -> list[tuple[float, float]]:
    """Return the angles in [0, 2 pi) that no blocked interval covers, joined across zero."""
    full = 2 * np.pi
    if not len(lows):
        return [(0.0, full)]
    start = np.mod(lows, full)
    order = np.argsort(start)
    start, end = start[order], (start + (highs - lows))[order]
    # Walk once around from the first blocked interval, so that no gap is split.
    origin, reach = start[0], end[0]
    gaps = []
    for low, high in zip(start[1:], end[1:], strict=True):
        if low > reach:
            gaps.append((reach, low))
        reach = max(reach, high)
    # Intervals that run past a full turn cover the beginning of the walk again.
    if reach < origin + full:
        gaps.append((reach, origin + full))
    wrapped = max(0.0, float(end.max()) - full)
    free = [(max(a, wrapped), b) for a, b in gaps if b > max(a, wrapped)]
    return [(float(a), float(b)) for a, b in free]


def _poles(arcs: list[_Arc], radius: float) -> list[Vectors]:
    """Return the centre of each accessible patch of a sphere as a unit vector.

    The vector area of a patch is half the integral of r x dr along its border
    (Stokes), so it follows exactly from the arcs. Arcs that share an end belong
    to one patch.
    """
    if not arcs:
        return [np.array([0.0, 0.0, 1.0])]
    ends = np.array([[arc.start, arc.end] for arc in arcs])
    group = np.arange(len(arcs))
    for a in range(len(arcs)):
        for b in range(a):
            gap = np.linalg.norm(ends[a][:, None] - ends[b][None], axis=2).min()
            if gap < 1e-3:
                group[group == group[a]] = group[b]
    poles = []
    for g in np.unique(group):
        area = np.sum([arcs[k].vector_area for k in np.flatnonzero(group == g)], axis=0)
        size = float(np.linalg.norm(area))
        if size > 1e-3 * radius**2:
            poles.append(area / size)
    return poles
