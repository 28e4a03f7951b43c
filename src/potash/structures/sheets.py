"""Sheets: MXene monolayers and graphdiyne, as one cell and as supercells of it."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from potash.structures.recipes import GraphdiyneRecipe, MxeneRecipe
from potash.structures.surface import Surface, centred, top_layer

_STACK = {"A": (0.0, 0.0), "B": (1 / 3, 2 / 3), "C": (2 / 3, 1 / 3)}
_X_SPACING_ANGSTROM = 1.25
_T_HEIGHT_ANGSTROM = {"O": 0.98, "F": 1.25, "OH": 1.22, "S": 1.60, "Cl": 1.70}
_OH_BOND_ANGSTROM = 0.97
_RING_BOND_ANGSTROM = 1.43
_RING_TO_CHAIN_ANGSTROM = 1.40
_TRIPLE_BOND_ANGSTROM = 1.23


def mxene_cell(recipe: MxeneRecipe) -> Atoms:
    """Return one cell of the MXene monolayer.

    Close-packed M and X planes are stacked ABC; each termination continues the
    stacking, which puts it above the second metal layer below it, the hollow
    that is preferred for O, OH and F on Ti3C2. Layer distances are starting
    values.
    """
    letters = "ABC"
    n = len(recipe.x_layers)
    planes: list[tuple[str, int, float]] = []
    for k in range(n + 1):
        planes.append((recipe.metal, 2 * k, 2 * k * _X_SPACING_ANGSTROM))
        if k < n:
            planes.append((recipe.x_layers[k], 2 * k + 1, (2 * k + 1) * _X_SPACING_ANGSTROM))
    top = 2 * n * _X_SPACING_ANGSTROM
    if recipe.termination != "bare":
        height = _T_HEIGHT_ANGSTROM[recipe.termination]
        heavy = "O" if recipe.termination == "OH" else recipe.termination
        planes += [(heavy, -1, -height), (heavy, 2 * n + 1, top + height)]
        if recipe.termination == "OH":
            h = height + _OH_BOND_ANGSTROM
            planes += [("H", -1, -h), ("H", 2 * n + 1, top + h)]
    a = recipe.a
    cell = np.array([[a, 0, 0], [-a / 2, a * np.sqrt(3) / 2, 0], [0, 0, 1.0]])
    positions = []
    for _, letter, z in planes:
        u, v = _STACK[letters[letter % 3]]
        x, y, _ = u * cell[0] + v * cell[1]
        positions.append((x, y, z))
    atoms = Atoms([e for e, _, _ in planes], positions=positions, cell=cell)
    atoms.pbc = (True, True, False)
    return centred(atoms, recipe.vacuum_angstrom)


def graphdiyne_cell(recipe: GraphdiyneRecipe) -> Atoms:
    """Return one cell of graphdiyne: a benzene ring and diacetylene chains along the axes."""
    a = recipe.a
    cell = np.array([[a, 0, 0], [-a / 2, a * np.sqrt(3) / 2, 0], [0, 0, 1.0]])
    r1 = _RING_BOND_ANGSTROM
    r2 = r1 + _RING_TO_CHAIN_ANGSTROM
    r3 = r2 + _TRIPLE_BOND_ANGSTROM
    scale = a / 9.46
    positions = [
        (scale * r * np.cos(k * np.pi / 3), scale * r * np.sin(k * np.pi / 3), 0.0)
        for r in (r1, r2, r3)
        for k in range(6)
    ]
    atoms = Atoms("C18", positions=positions, cell=cell)
    atoms.positions += 0.5 * (cell[0] + cell[1])
    atoms.pbc = (True, True, False)
    return centred(atoms, recipe.vacuum_angstrom)


def sheet_surface(recipe: MxeneRecipe | GraphdiyneRecipe, cell: Atoms) -> Surface:
    """Return the supercell of a sheet as a surface.

    Parameters
    ----------
    recipe
        Termination, supercell and vacuum.
    cell
        One (relaxed) cell of the sheet.
    """
    n, m = recipe.supercell
    big = cell.repeat((n, m, 1))
    big.pbc = (True, True, False)
    big = centred(big, recipe.vacuum_angstrom)
    termination = str(big.symbols[top_layer(big)[0]])
    if isinstance(recipe, MxeneRecipe):
        if recipe.termination != "bare":
            termination = str(recipe.termination)
        tails = {"bare": "", "OH": "(OH)2"}
        tail = tails.get(recipe.termination, f"{recipe.termination}2")
        metals = f"{recipe.metal}{len(recipe.x_layers) + 1}"
        label = f"{metals}{_counted(recipe.x_layers)}{tail}"
    else:
        label = "graphdiyne"
    return Surface(
        atoms=big,
        bulk=cell,
        kind="sheet",
        facet="basal",
        termination=termination,
        polar=False,
        symmetric=len(set(getattr(recipe, "x_layers", ("C",)))) == 1,
        stoichiometric=True,
        layered=True,
        fixed=(),
        label=label,
    )


def _counted(elements: tuple[str, ...]) -> str:
    ordered = sorted(set(elements))
    return "".join(f"{e}{elements.count(e) if elements.count(e) > 1 else ''}" for e in ordered)
