"""Graphene: pristine, doped, defective and functionalised."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.build import graphene
from ase.geometry import get_distances
from numpy.typing import NDArray

from potash.errors import InputError
from potash.structures.recipes import GrapheneRecipe
from potash.structures.surface import Surface, centred

_BOND_TOLERANCE = 1.25
_PENTAGON_BOND_ANGSTROM = 1.50
_LARGE_DOPANT_HEIGHT_ANGSTROM = 0.8
_METAL_HEIGHT_ANGSTROM = {"metal_n4": 0.1, "metal_n3": 1.0, "metal_n2": 1.1}
_EPOXY_HEIGHT_ANGSTROM = 1.25
_HYDROXYL_BOND_ANGSTROM = 1.47
_FLUORINE_BOND_ANGSTROM = 1.45
_PUCKER_ANGSTROM = 0.35
_SMALL_DOPANTS = frozenset({"B", "N", "O"})


def graphene_cell(a: float, vacuum_angstrom: float) -> Atoms:
    """Return the two-atom cell of graphene, periodic in the plane.

    Parameters
    ----------
    a
        Lattice constant, angstrom.
    vacuum_angstrom
        Between periodic images of the sheet.
    """
    sheet = graphene("C2", a=a, vacuum=vacuum_angstrom / 2)
    sheet.pbc = (True, True, False)
    return centred(sheet, vacuum_angstrom)


def lattice_constant_angstrom(cell: Atoms) -> float:
    """Return the lattice constant of a (relaxed) graphene cell: mean of its two vectors."""
    return float(np.linalg.norm(cell.cell[:2], axis=1).mean())


def graphene_surface(recipe: GrapheneRecipe, cell: Atoms) -> Surface:
    """Return a graphene sheet with its motif and groups.

    The lattice constant of pristine graphene is kept: a dilute dopant does not
    strain the sheet it sits in. Positions around a motif are starting values.

    Parameters
    ----------
    recipe
        Motif, groups, layers and size.
    cell
        The (relaxed) cell of pristine graphene.
    """
    a = lattice_constant_angstrom(cell)
    flat = graphene_cell(a, recipe.vacuum_angstrom).repeat((*recipe.supercell, 1))
    flat = centred(flat, recipe.vacuum_angstrom)
    plane = float(flat.positions[:, 2].mean())
    sheet, anchors = _with_motif(recipe, flat, a / np.sqrt(3))
    for group in recipe.groups:
        sheet, place = _with_group(sheet, group, anchors, a / np.sqrt(3), plane)
        anchors = [*anchors, place]
    sheet.set_tags(0)
    for depth in range(1, recipe.layers):
        lower = flat.copy()
        shift = depth % 2 * (cell.cell[0] + 2 * cell.cell[1]) / 3
        lower.positions += shift - np.array([0, 0, depth * recipe.spacing_angstrom])
        lower.set_tags(1)
        sheet += lower
    sheet = centred(sheet, recipe.vacuum_angstrom)
    fixed = tuple(int(i) for i in np.flatnonzero(sheet.get_tags() == 1))
    sheet.set_tags(None)
    first = anchors[-1] if recipe.groups else (anchors[0] if anchors else None)
    return Surface(
        atoms=sheet,
        bulk=cell,
        kind="sheet",
        facet="basal",
        termination=_motif_name(recipe),
        polar=False,
        symmetric=recipe.motif in ("pristine", "monovacancy", "divacancy")
        and not recipe.groups
        and recipe.layers == 1,
        stoichiometric=True,
        layered=True,
        fixed=fixed,
        label=f"graphene {_motif_name(recipe)}",
        anchor=None if first is None else (float(first[0]), float(first[1])),
    )


def _motif_name(recipe: GrapheneRecipe) -> str:
    names = {
        "substitution": f"substitutional {recipe.element}",
        "pyridinic": f"pyridinic {recipe.count}{recipe.element}",
        "pyrrolic": "pyrrolic N",
        "vacancy_bridge": f"{recipe.element} bridging a divacancy",
        "metal_n4": f"{recipe.element}-N4",
        "metal_n3": f"{recipe.element}-N3",
        "metal_n2": f"{recipe.element}-N2",
    }
    motif = names.get(recipe.motif, recipe.motif)
    parts = [] if motif == "pristine" and recipe.groups else [motif]
    below = [] if recipe.layers == 1 else [f"{recipe.layers} sheets"]
    return " + ".join([*parts, *recipe.groups, *below])


def _neighbours(atoms: Atoms, index: int, bond: float) -> list[int]:
    distances = atoms.get_distances(index, range(len(atoms)), mic=True)
    near = np.flatnonzero((distances > 0.1) & (distances < _BOND_TOLERANCE * bond))
    return [int(i) for i in near]


def _with_motif(
    recipe: GrapheneRecipe, flat: Atoms, bond: float
) -> tuple[Atoms, list[NDArray[np.float64]]]:
    if recipe.motif == "pristine":
        return flat, []
    sheet = flat.copy()
    centre = 0.5 * (sheet.cell[0] + sheet.cell[1])
    offsets = np.round(np.linalg.norm((sheet.positions - centre)[:, :2], axis=1), 3)
    middle = int(np.argmin(offsets))
    ring = _neighbours(sheet, middle, bond)
    if recipe.motif == "substitution":
        sheet.symbols[middle] = recipe.element
        if recipe.element not in _SMALL_DOPANTS:
            sheet.positions[middle, 2] += _LARGE_DOPANT_HEIGHT_ANGSTROM
        return sheet, [sheet.positions[middle].copy()]
    double = recipe.motif in ("divacancy", "vacancy_bridge", "metal_n4") or recipe.count == 4
    if double:
        return _divacancy(recipe, sheet, middle, ring, bond)
    return _monovacancy(recipe, sheet, middle, ring)


def _divacancy(
    recipe: GrapheneRecipe, sheet: Atoms, middle: int, ring: list[int], bond: float
) -> tuple[Atoms, list[NDArray[np.float64]]]:
    partner = ring[0]
    vector = sheet.get_distance(middle, partner, mic=True, vector=True)
    place = sheet.positions[middle] + 0.5 * vector
    rim = [i for i in ring if i != partner]
    rim += [i for i in _neighbours(sheet, partner, bond) if i != middle]
    if recipe.motif in ("metal_n4", "pyridinic"):
        sheet.symbols[rim] = "N" if recipe.motif == "metal_n4" else recipe.element
    del sheet[[middle, partner]]
    if recipe.element is not None and recipe.motif != "pyridinic":
        height = _METAL_HEIGHT_ANGSTROM.get(recipe.motif, 0.3)
        sheet += Atoms([recipe.element], positions=[place + np.array([0, 0, height])])
    return sheet, [place]


def _monovacancy(
    recipe: GrapheneRecipe, sheet: Atoms, middle: int, ring: list[int]
) -> tuple[Atoms, list[NDArray[np.float64]]]:
    place = sheet.positions[middle].copy()
    if recipe.motif == "pyridinic":
        sheet.symbols[ring[: recipe.count]] = recipe.element
    elif recipe.motif == "pyrrolic":
        first, second = ring[0], ring[1]
        sheet.symbols[first] = "N"
        vector = sheet.get_distance(first, second, mic=True, vector=True)
        length = float(np.linalg.norm(vector))
        step = 0.5 * (length - _PENTAGON_BOND_ANGSTROM) * vector / length
        sheet.positions[first] += step
        sheet.positions[second] -= step
    elif recipe.motif in ("metal_n3", "metal_n2"):
        sheet.symbols[ring[: 3 if recipe.motif == "metal_n3" else 2]] = "N"
    del sheet[middle]
    if recipe.motif in ("metal_n3", "metal_n2"):
        height = _METAL_HEIGHT_ANGSTROM[recipe.motif]
        sheet += Atoms([recipe.element], positions=[place + np.array([0, 0, height])])
    return sheet, [place]


def _with_group(
    sheet: Atoms, group: str, anchors: list[NDArray[np.float64]], bond: float, plane: float
) -> tuple[Atoms, NDArray[np.float64]]:
    """Add a group on the upper side, on the intact C furthest from all anchors."""
    intact = [
        i
        for i in range(len(sheet))
        if sheet.symbols[i] == "C"
        and abs(sheet.positions[i, 2] - plane) < 0.05
        and [str(sheet.symbols[j]) for j in _neighbours(sheet, i, bond)] == ["C"] * 3
    ]
    if not intact:
        raise InputError("no carbon atom is left for another group", field="groups")
    references = anchors or [0.5 * (sheet.cell[0] + sheet.cell[1])]
    _, distances = get_distances(
        sheet.positions[intact] * (1, 1, 0),
        np.array(references) * (1, 1, 0),
        cell=sheet.cell,
        pbc=(True, True, False),
    )
    nearest = np.round(distances.min(axis=1), 2)
    carbon = intact[int(np.argmax(nearest) if anchors else np.argmin(nearest))]
    new = sheet.copy()
    if group == "epoxy":
        partner = next(j for j in _neighbours(new, carbon, bond) if j in intact)
        vector = new.get_distance(carbon, partner, mic=True, vector=True)
        place = new.positions[carbon] + 0.5 * vector
        new.positions[[carbon, partner], 2] += _PUCKER_ANGSTROM
        new += Atoms(
            "O", positions=[place + np.array([0, 0, _EPOXY_HEIGHT_ANGSTROM + _PUCKER_ANGSTROM])]
        )
        return new, place
    new.positions[carbon, 2] += _PUCKER_ANGSTROM
    place = new.positions[carbon].copy()
    if group == "fluorine":
        new += Atoms("F", positions=[place + np.array([0, 0, _FLUORINE_BOND_ANGSTROM])])
    else:
        oxygen = place + np.array([0, 0, _HYDROXYL_BOND_ANGSTROM])
        new += Atoms("OH", positions=[oxygen, oxygen + np.array([0.915, 0.0, 0.32])])
    return new, place
