"""A surface: atoms, and what must be known about them to trust a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from ase import Atoms
from numpy.typing import NDArray
from pymatgen.core import Composition

from potash.structures.miller import CrystalPlane

SurfaceKind = Literal["bulk", "slab", "sheet", "ribbon", "tube", "molecule"]


@dataclass(frozen=True)
class Surface:
    """What potassium is put on.

    Attributes
    ----------
    atoms
        The structure; ``pbc`` says which directions are periodic. Potassium goes
        on the side of larger z.
    bulk
        The cell it is made of (the relaxed one where one was given); None for
        molecules and structures given atom by atom.
    kind
        Dimension and periodicity.
    facet
        Such as ``(111)``, in hexagonal axes ``(10-10)``, or ``basal``.
    termination
        Composition of the top atomic layer, numbered where a facet has several
        of the same composition.
    polar
        Formal charges leave a dipole along the normal or a net charge; such a
        surface is not stable as cut, and its numbers are not a host's value.
    symmetric
        Both sides are the same by symmetry.
    stoichiometric
        The slab has the composition of its bulk, so that its surface energy
        needs no chemical potential.
    layered
        Energies do not have to converge with thickness (sheets, van der Waals
        crystals, molecules).
    fixed
        Indices of atoms that stay where they are (the lower half of a slab).
    label
        One line for tables.
    anchor
        In-plane position (angstrom) of the motif, dopant or group, where there is one.
    plane
        The crystal plane of a slab that was cut from a crystal; in the recipe's lattice.
    """

    atoms: Atoms
    bulk: Atoms | None
    kind: SurfaceKind
    facet: str
    termination: str
    polar: bool
    symmetric: bool
    stoichiometric: bool
    layered: bool
    fixed: tuple[int, ...]
    label: str
    anchor: tuple[float, float] | None = None
    plane: CrystalPlane | None = None


def formula_text(atoms: Atoms) -> str:
    """Return the reduced formula as chemists write it, such as ``SiO2`` or ``K3Bi``."""
    counts = {str(e): int(n) for e, n in atoms.symbols.formula.count().items()}
    text, _ = Composition(counts).get_reduced_formula_and_factor()
    return str(text)


def top_layer(atoms: Atoms, *, depth_angstrom: float = 0.3) -> NDArray[np.intp]:
    """Return the indices of the atoms of the top layer.

    Parameters
    ----------
    atoms
        With z along the normal.
    depth_angstrom
        Atoms within this of the highest one count.
    """
    z = atoms.positions[:, 2]
    return np.flatnonzero(z > z.max() - depth_angstrom)


def standard_cell(atoms: Atoms, pbc: Any) -> Atoms:
    """Return atoms with a along x, b in the xy plane and clean bookkeeping.

    A left-handed cell is first made right-handed by reversing b, so that the
    structure is turned and never mirrored.

    Parameters
    ----------
    atoms
        With three cell vectors.
    pbc
        Of the result, as :class:`ase.Atoms` takes it.
    """
    copy = Atoms(atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=pbc)
    if atoms.has("initial_magmoms"):
        copy.set_initial_magnetic_moments(atoms.get_initial_magnetic_moments())
    if np.linalg.det(copy.cell.array) < 0:
        cell = copy.cell.array
        cell[1] *= -1
        copy.set_cell(cell, scale_atoms=False)
    turned, _ = copy.cell.standard_form()
    copy.set_cell(turned, scale_atoms=True)
    return copy


def centred(atoms: Atoms, vacuum_angstrom: float, axes: tuple[int, ...] = (2,)) -> Atoms:
    """Return atoms sorted by height, with ``vacuum_angstrom`` along ``axes`` in all.

    In periodic directions atoms are wrapped into the cell. The order (z, then
    y, then x, then element) makes equal structures equal atom by atom.

    Parameters
    ----------
    atoms
        The structure.
    vacuum_angstrom
        Both sides together.
    axes
        Cell vectors along which there is vacuum.
    """
    copy = atoms.copy()
    for axis in axes:
        copy.center(vacuum=vacuum_angstrom / 2, axis=axis)
    copy.wrap(eps=1e-4)
    p = np.round(copy.positions, 4)
    return copy[np.lexsort((copy.numbers, p[:, 0], p[:, 1], p[:, 2]))]


def lower_half(atoms: Atoms) -> tuple[int, ...]:
    """Return the indices of the atoms below the middle of a slab."""
    z = atoms.positions[:, 2]
    middle = 0.5 * (z.min() + z.max())
    return tuple(int(i) for i in np.flatnonzero(z < middle - 0.05))
