"""Ribbons with functional edges, and nanotubes: carbon that is periodic along x only."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.build import graphene_nanoribbon, nanotube
from numpy.typing import NDArray

from potash.structures.carbon import lattice_constant_angstrom
from potash.structures.recipes import NanotubeRecipe, RibbonRecipe
from potash.structures.surface import Surface, centred

_Group = list[tuple[str, NDArray[np.float64]]]


def ribbon_surface(recipe: RibbonRecipe, cell: Atoms) -> Surface:
    """Return a hydrogen-closed graphene ribbon with one or two edge groups.

    The ribbon lies in the xy plane, periodic along x; the groups sit on its
    edge of larger y.

    Parameters
    ----------
    recipe
        Edge, size and groups.
    cell
        The (relaxed) cell of pristine graphene, whose lattice constant counts.
    """
    a = lattice_constant_angstrom(cell)
    raw = graphene_nanoribbon(
        recipe.width,
        recipe.length,
        type=recipe.edge,
        saturated=True,
        C_C=a / np.sqrt(3),
        C_H=1.09,
        vacuum=0.0,
    )
    length = float(raw.cell[2, 2])
    atoms = Atoms(
        raw.numbers,
        positions=raw.positions[:, [2, 0, 1]],
        cell=[length, 1.0, 1.0],
        pbc=(True, False, False),
    )
    anchor: NDArray[np.float64] | None = None
    used: list[int] = []
    for group in (recipe.group, recipe.second_group):
        if group != "hydrogen":
            atoms, place, used = _with_edge_group(atoms, group, used)
            anchor = place if anchor is None else anchor
    before = atoms.positions[0].copy()
    atoms.center(vacuum=recipe.vacuum_angstrom / 2, axis=(1, 2))
    moved = atoms.positions[0] - before
    atoms = centred(atoms, recipe.vacuum_angstrom, axes=(1, 2))
    groups = [g for g in (recipe.group, recipe.second_group) if g != "hydrogen"]
    name = " + ".join(groups) or "hydrogen"
    return Surface(
        atoms=atoms,
        bulk=cell,
        kind="ribbon",
        facet=f"{recipe.edge} edge",
        termination=name,
        polar=False,
        symmetric=not groups,
        stoichiometric=True,
        layered=True,
        fixed=(),
        label=f"{recipe.edge} graphene ribbon, {name} edge",
        anchor=None if anchor is None else (float((anchor + moved)[0]), float((anchor + moved)[1])),
    )


def tube_surface(recipe: NanotubeRecipe, cell: Atoms) -> Surface:
    """Return a carbon nanotube along x, rolled from graphene of the given lattice.

    Parameters
    ----------
    recipe
        Chiral indices and length.
    cell
        The (relaxed) cell of pristine graphene.
    """
    a = lattice_constant_angstrom(cell)
    raw = nanotube(recipe.n, recipe.m, length=recipe.length, bond=a / np.sqrt(3), vacuum=0.0)
    atoms = Atoms(
        raw.numbers,
        positions=raw.positions[:, [2, 0, 1]],
        cell=[float(raw.cell[2, 2]), 1.0, 1.0],
        pbc=(True, False, False),
    )
    return Surface(
        atoms=centred(atoms, recipe.vacuum_angstrom, axes=(1, 2)),
        bulk=cell,
        kind="tube",
        facet="outer wall",
        termination="C",
        polar=False,
        symmetric=True,
        stoichiometric=True,
        layered=True,
        fixed=(),
        label=f"({recipe.n},{recipe.m}) carbon nanotube",
    )


def _with_edge_group(
    atoms: Atoms, group: str, used: list[int]
) -> tuple[Atoms, NDArray[np.float64], list[int]]:
    """Replace the upper-edge H nearest to the middle (or to the last group) by a group.

    Replaced atoms stay in the list as their carbon's index, which does not move:
    ribbon carbons come before all additions.
    """
    hydrogens = [i for i, s in enumerate(atoms.symbols) if s == "H" and i not in used]
    top = max(float(atoms.positions[i, 1]) for i in hydrogens)
    edge = [i for i in hydrogens if atoms.positions[i, 1] > top - 0.1]
    goal = atoms.cell[0, 0] / 2 if not used else float(atoms.positions[used[-1], 0])
    gaps = [round(abs(float(atoms.positions[i, 0]) - goal), 3) for i in edge]
    hydrogen = edge[int(np.argmin(gaps))]
    carbons = [i for i, s in enumerate(atoms.symbols) if s == "C"]
    distances = atoms.get_distances(hydrogen, carbons, mic=True)
    carbon = carbons[int(np.argmin(distances))]
    outward = atoms.get_distance(carbon, hydrogen, mic=True, vector=True)
    outward = outward / np.linalg.norm(outward)
    start = atoms.positions[carbon]
    parts = [(e, start + p) for e, p in _group(group, outward)]
    new = atoms.copy()
    new.symbols[hydrogen] = parts[0][0]
    new.positions[hydrogen] = parts[0][1]
    if parts[1:]:
        new += Atoms([e for e, _ in parts[1:]], positions=[p for _, p in parts[1:]])
    hidden = [len(atoms) + k for k in range(len(parts) - 1)]
    return new, parts[0][1], [*used, *hidden, hydrogen]


def _group(group: str, outward: NDArray[np.float64]) -> _Group:
    """Return the atoms of a group relative to its edge carbon (first one bonded to it).

    Bond lengths are usual ones; every group is tilted out of the plane so that
    it does not start against its neighbours.
    """
    normal = np.array([0.0, 0.0, 1.0])
    along = np.cross(normal, outward)
    side = np.cos(np.pi / 4) * along + np.sin(np.pi / 4) * normal

    def step(length: float, degrees: float) -> NDArray[np.float64]:
        angle = np.deg2rad(degrees)
        return np.asarray(length * (np.cos(angle) * outward + np.sin(angle) * side))

    if group == "carbonyl":
        return [("O", step(1.24, 0))]
    if group == "hydroxyl":
        oxygen = step(1.37, 0)
        return [("O", oxygen), ("H", oxygen + step(0.97, 70))]
    if group == "amine":
        nitrogen = step(1.40, 0)
        return [
            ("N", nitrogen),
            ("H", nitrogen + step(1.01, 62)),
            ("H", nitrogen + step(1.01, -62)),
        ]
    if group == "phosphonic":
        phosphorus = step(1.80, 0)
        across = np.cross(outward, side)
        third = np.asarray(phosphorus + 1.60 * (0.33 * outward + 0.94 * across))
        fourth = phosphorus + step(1.60, -70) - 0.8 * across
        return [
            ("P", phosphorus),
            ("O", phosphorus + step(1.48, 70)),
            ("O", third),
            ("H", third + 0.97 * outward),
            ("O", fourth),
            ("H", fourth + 0.97 * outward),
        ]
    carbon = step(1.49, 0)
    double = carbon + step(1.22, 60)
    single = carbon + step(1.34, -60)
    if group == "carboxyl":
        return [("C", carbon), ("O", double), ("O", single), ("H", single + step(0.98, 10))]
    if group == "amide":
        hydrogens = [single + step(1.01, 0), single + step(1.01, -120)]
        return [("C", carbon), ("O", double), ("N", single), *(("H", h) for h in hydrogens)]
    nitrogen = carbon + step(3.3, 0)
    across = np.cross(outward, side)
    return [
        ("C", carbon),
        ("O", carbon + step(1.26, 60)),
        ("O", carbon + step(1.26, -60)),
        ("N", nitrogen),
        ("H", nitrogen + step(1.04, 135)),
        ("H", nitrogen + step(1.04, -135)),
        ("H", nitrogen + step(0.60, 0) + 0.85 * across),
        ("H", nitrogen + step(0.60, 0) - 0.85 * across),
    ]
