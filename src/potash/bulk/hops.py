"""Hops between sites of a crystal, up to symmetry, and the networks that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import spglib
from ase import Atoms
from ase.neighborlist import neighbor_list
from numpy.typing import NDArray
from pymatgen.analysis.dimensionality import get_dimensionality_larsen
from pymatgen.analysis.graphs import StructureGraph
from pymatgen.io.ase import AseAtomsAdaptor

SYMMETRY_ANGSTROM = 0.02
"""Within which a relaxed crystal has the symmetry of the ideal one."""

LONGER_HOPS = 1.1
"""Hops up to so many times the longest that a network in all directions needs are looked at too."""

_MATCH = 0.02


@dataclass(frozen=True)
class SiteHop:
    """A hop between two sites of a crystal.

    Attributes
    ----------
    start, end
        Indices of the sites.
    image
        Cell of the end, counted from that of the start.
    distance_angstrom
        Between the two sites.
    """

    start: int
    end: int
    image: tuple[int, int, int]
    distance_angstrom: float

    @property
    def key(self) -> tuple[int, ...]:
        """The hop as numbers; the way back has others."""
        return (self.start, self.end, *self.image)

    @property
    def back(self) -> SiteHop:
        """The same hop the other way."""
        x, y, z = self.image
        return SiteHop(self.end, self.start, (-x, -y, -z), self.distance_angstrom)


def distinct_hops(
    crystal: Atoms, sites: Sequence[int], max_angstrom: float
) -> list[tuple[SiteHop, ...]]:
    """Return hops between sites as sets that the crystal's symmetry maps onto each other.

    Parameters
    ----------
    crystal
        Periodic in all directions.
    sites
        Indices of its atoms between which is hopped.
    max_angstrom
        Longest hop.

    Returns
    -------
    list
        The shortest first; a hop and the way back are one, and sites are indices into
        ``sites``.

    Examples
    --------
    >>> from ase.build import bulk
    >>> [len(kind) for kind in distinct_hops(bulk("Cu"), [0], 3.7)]
    [6, 3]
    """
    first, second, cells, lengths = neighbor_list("ijSd", crystal[list(sites)], max_angstrom)
    hops = {
        hop.key: hop
        for i, j, cell, length in zip(first, second, cells, lengths, strict=True)
        for hop in [SiteHop(int(i), int(j), _whole(cell), float(length))]
    }
    mapped = _site_maps(crystal, sites)
    kinds: list[tuple[SiteHop, ...]] = []
    seen: set[tuple[int, ...]] = set()
    for hop in sorted(hops.values(), key=lambda h: (round(h.distance_angstrom, 3), h.key)):
        if hop.key in seen:
            continue
        kind: dict[tuple[int, ...], SiteHop] = {}
        for rotation, to_site, to_cell in mapped:
            cell = rotation @ hop.image + to_cell[hop.end] - to_cell[hop.start]
            key = (int(to_site[hop.start]), int(to_site[hop.end]), *_whole(cell))
            if key in hops and hops[key].back.key not in kind:
                kind[key] = hops[key]
        seen |= kind.keys() | {h.back.key for h in kind.values()}
        kinds.append(tuple(kind.values()))
    return kinds


def spanned(crystal: Atoms, sites: Sequence[int], hops: Sequence[SiteHop]) -> int:
    """Return in how many directions a network of hops spans the crystal (0 to 3).

    By the rank of the closed ways through the periodic network (Larsen et al., Phys. Rev.
    Materials 3, 034003, 2019, doi:10.1103/PhysRevMaterials.3.034003), as pymatgen counts it.

    Examples
    --------
    >>> from ase.build import bulk
    >>> copper = bulk("Cu", "fcc", a=3.6, cubic=True)
    >>> chain = [SiteHop(0, 1, (0, 0, 0), 2.5), SiteHop(1, 0, (1, 0, 0), 2.5)]
    >>> spanned(copper, [0, 1, 2, 3], chain)
    1
    """
    if not hops:
        return 0
    structure = AseAtomsAdaptor.get_structure(crystal[list(sites)])
    edges = {(h.start, h.end, (0, 0, 0), h.image): None for h in hops}
    return int(get_dimensionality_larsen(StructureGraph.from_edges(structure, edges)))


def nearest_kinds(
    crystal: Atoms, sites: Sequence[int], max_angstrom: float
) -> list[tuple[SiteHop, ...]]:
    """Return the shortest kinds of hops that make a network in all directions.

    Kinds are added by their length until the network spans three directions; those up to
    10 % longer than the last of them are looked at as well. Where no network does (ions
    between layers) all up to ``max_angstrom`` are returned.

    Parameters are those of :func:`distinct_hops`.
    """
    kinds = distinct_hops(crystal, sites, max_angstrom)
    for n in range(1, len(kinds) + 1):
        if spanned(crystal, sites, [h for kind in kinds[:n] for h in kind]) == 3:
            limit = LONGER_HOPS * kinds[n - 1][0].distance_angstrom
            return [k for k in kinds if k[0].distance_angstrom <= limit]
    return kinds


def percolation(
    crystal: Atoms,
    sites: Sequence[int],
    kinds: Sequence[Sequence[SiteHop]],
    saddles_ev: Mapping[int, float],
) -> tuple[float | None, float | None, float | None]:
    """Return the lowest saddle energy at which hops span one, two and three directions.

    Parameters
    ----------
    crystal, sites
        As for :func:`distinct_hops`.
    kinds
        Hops, by kind.
    saddles_ev
        Index of a kind to the energy of its saddle, all from one zero; kinds without one
        are not used.

    Returns
    -------
    tuple
        In eV, each None where no network of these hops spans so many directions.
    """
    found: list[float | None] = [None, None, None]
    network: list[SiteHop] = []
    for kind, saddle in sorted(saddles_ev.items(), key=lambda x: x[1]):
        network += kinds[kind]
        for n in range(spanned(crystal, sites, network)):
            if found[n] is None:
                found[n] = saddle
    return found[0], found[1], found[2]


def _whole(cell: NDArray[np.float64]) -> tuple[int, int, int]:
    x, y, z = (int(n) for n in np.rint(cell))
    return x, y, z


def _site_maps(
    crystal: Atoms, sites: Sequence[int]
) -> list[tuple[NDArray[np.int_], NDArray[np.int_], NDArray[np.int_]]]:
    """Return for each symmetry operation its rotation, and where it takes each site, with cell."""
    scaled = crystal.get_scaled_positions(wrap=False)
    found = spglib.get_symmetry(
        (crystal.cell.array, scaled, crystal.numbers), symprec=SYMMETRY_ANGSTROM
    )
    identity = (np.eye(3, dtype=int), np.arange(len(sites)), np.zeros((len(sites), 3), dtype=int))
    if found is None:
        return [identity]
    maps, own = [], scaled[list(sites)]
    for rotation, translation in zip(found["rotations"], found["translations"], strict=True):
        gaps = (own @ rotation.T + translation)[:, None, :] - own[None, :, :]
        cells = np.rint(gaps)
        off = np.abs(gaps - cells).max(axis=-1)
        to_site = off.argmin(axis=1)
        if off.min(axis=1).max() < _MATCH:
            rows = np.arange(len(own))
            maps.append((rotation, to_site, cells[rows, to_site].astype(int)))
    return maps or [identity]
