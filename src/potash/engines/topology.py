"""A force-field topology that every MD engine is fed from: molecules, terms, counts.

One topology gives the OpenMM system and the GROMACS files, so that both
engines evaluate the same energy function:

* bonds and angles ``k/2 (x - x0)^2``,
* dihedrals ``V1/2 (1 + cos p) + V2/2 (1 - cos 2p) + V3/2 (1 + cos 3p) + V4/2 (1 - cos 4p)``,
* impropers ``V2/2 (1 - cos 2p)``,
* Lennard-Jones 12-6 with geometric means of sigma and epsilon, Coulomb, and
  both scaled for atoms three bonds apart (OPLS: 0.5 and 0.5).

Molecules of a force field with other rules say so: among themselves sigma is the
arithmetic mean (Lorentz-Berthelot), and their own factors hold three bonds apart.
With all others they mix geometrically. Pair terms replace the mixed parameters between
a monatomic cation and the atoms of one type.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from potash.units import AVOGADRO_MOL

KJ_PER_A2_TO_NM2 = 100.0
U_PER_A3_TO_G_ML = AVOGADRO_MOL**-1 * 1e24


@dataclass(frozen=True)
class Molecule:
    """One kind of molecule with its force-field terms; atoms count from 0.

    Attributes
    ----------
    species
        Identifier of the species.
    residue
        Residue name in every file written, at most 5 characters.
    names, elements
        Atom names (unique in the molecule) and element symbols.
    masses_u, charges_e, sigma_angstrom, epsilon_kj_mol
        Per atom; charges already scaled.
    bonds
        ``(i, j, r0_angstrom, k_kj_mol_a2)``.
    angles
        ``(i, j, k, theta0_deg, k_kj_mol_rad2)``.
    dihedrals
        ``(i, j, k, l, V1, V2, V3, V4)`` in kJ/mol.
    impropers
        ``(i, j, k, l, V2)`` in kJ/mol, central atom third.
    constraints
        ``(i, j, distance_angstrom)`` of rigid distances that are no bonds: with
        bonds to hydrogen rigid too, they make a water molecule rigid.
    positions_angstrom
        A reasonable starting geometry, ``(n_atoms, 3)``.
    formal_charge
        Integer charge before scaling.
    mixing
        How Lennard-Jones parameters combine with those of molecules of the same rule.
    coulomb_14, lennard_jones_14
        Factors for atoms exactly three bonds apart, where they are not the topology's.
    types
        Name of each atom's type, by which pair terms find their atoms.
    """

    species: str
    residue: str
    names: tuple[str, ...]
    elements: tuple[str, ...]
    masses_u: tuple[float, ...]
    charges_e: tuple[float, ...]
    sigma_angstrom: tuple[float, ...]
    epsilon_kj_mol: tuple[float, ...]
    bonds: tuple[tuple[int, int, float, float], ...] = ()
    angles: tuple[tuple[int, int, int, float, float], ...] = ()
    dihedrals: tuple[tuple[int, int, int, int, float, float, float, float], ...] = ()
    impropers: tuple[tuple[int, int, int, int, float], ...] = ()
    constraints: tuple[tuple[int, int, float], ...] = ()
    positions_angstrom: tuple[tuple[float, float, float], ...] = ()
    formal_charge: int = 0
    mixing: Literal["geometric", "lorentz-berthelot"] = "geometric"
    coulomb_14: float | None = None
    lennard_jones_14: float | None = None
    types: tuple[str, ...] = ()

    @property
    def n_atoms(self) -> int:
        """Number of atoms of one molecule."""
        return len(self.names)

    @property
    def mass_u(self) -> float:
        """Mass of one molecule (u, equal to g/mol)."""
        return sum(self.masses_u)

    def lennard_jones(self, i: int, other: Molecule, j: int) -> tuple[float, float]:
        """Return sigma (angstrom) and epsilon (kJ/mol) between an atom and one of ``other``."""
        first, second = self.sigma_angstrom[i], other.sigma_angstrom[j]
        arithmetic = self.mixing == other.mixing == "lorentz-berthelot"
        sigma = (first + second) / 2 if arithmetic else math.sqrt(first * second)
        return sigma, math.sqrt(self.epsilon_kj_mol[i] * other.epsilon_kj_mol[j])

    def pairs_by_distance(self) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
        """Return the pairs one or two bonds apart, and those exactly three apart."""
        neighbours: list[set[int]] = [set() for _ in self.names]
        for i, j, *_ in self.bonds:
            neighbours[i].add(j)
            neighbours[j].add(i)
        near: set[tuple[int, int]] = set()
        third: set[tuple[int, int]] = set()
        for start in range(self.n_atoms):
            reached, front = {start}, {start}
            for distance in (1, 2, 3):
                front = {n for atom in front for n in neighbours[atom]} - reached
                reached |= front
                target = near if distance < 3 else third
                target.update((start, other) for other in front if start < other)
        return near, third


@dataclass(frozen=True)
class PairTerm:
    """Interaction of a cation with the atoms of one type, instead of the mixed one.

    ``4 epsilon ((sigma/r)^12 - (sigma/r)^6) - c4/r^4``

    Attributes
    ----------
    cation, donor
        Names of atom types.
    sigma_angstrom, epsilon_kj_mol
        Of the 12-6 part.
    c4_kj_mol_a4
        Attraction of a charge and an induced dipole (kJ/mol A^4), with OpenMM only.
    """

    cation: str
    donor: str
    sigma_angstrom: float
    epsilon_kj_mol: float
    c4_kj_mol_a4: float = 0.0


@dataclass(frozen=True)
class Topology:
    """Molecules of a box in order, each kind with its number.

    Attributes
    ----------
    molecules
        ``(molecule, count)`` in the order of the coordinates.
    coulomb_14, lennard_jones_14
        Factors for atoms exactly three bonds apart, unless a molecule has its own.
    pairs
        Interactions of cations that do not follow from mixing.
    """

    molecules: tuple[tuple[Molecule, int], ...]
    coulomb_14: float = 0.5
    lennard_jones_14: float = 0.5
    pairs: tuple[PairTerm, ...] = ()
    title: str = field(default="liquid")

    def scale_14(self, molecule: Molecule) -> tuple[float, float]:
        """Return the factors on Coulomb and Lennard-Jones three bonds apart in a molecule."""
        coulomb, lj = molecule.coulomb_14, molecule.lennard_jones_14
        return (
            self.coulomb_14 if coulomb is None else coulomb,
            self.lennard_jones_14 if lj is None else lj,
        )

    @property
    def n_atoms(self) -> int:
        """Number of atoms in the box."""
        return sum(m.n_atoms * n for m, n in self.molecules)

    @property
    def n_molecules(self) -> int:
        """Number of molecules in the box."""
        return sum(n for _, n in self.molecules)

    @property
    def mass_u(self) -> float:
        """Total mass (u)."""
        return sum(m.mass_u * n for m, n in self.molecules)

    @property
    def charge_e(self) -> float:
        """Total (scaled) charge, zero for a neutral box."""
        return sum(sum(m.charges_e) * n for m, n in self.molecules)

    def instances(self) -> Iterator[tuple[Molecule, int]]:
        """Yield each molecule of the box with the index of its first atom."""
        first = 0
        for molecule, count in self.molecules:
            for _ in range(count):
                yield molecule, first
                first += molecule.n_atoms

    def per_atom(self, name: str) -> NDArray[np.float64]:
        """Return a per-atom property of :class:`Molecule` for the whole box, ``(n_atoms,)``."""
        parts = [np.tile(np.asarray(getattr(m, name), float), n) for m, n in self.molecules]
        return np.concatenate(parts) if parts else np.zeros(0)

    def types(self) -> NDArray[np.str_]:
        """Return the atom type of each atom of the box, empty where a molecule names none."""
        names = [np.tile(m.types or ("",) * m.n_atoms, n) for m, n in self.molecules]
        return np.concatenate(names) if names else np.zeros(0, dtype="<U1")

    def density_g_ml(self, volume_angstrom3: float) -> float:
        """Return the mass density of the box."""
        return self.mass_u / volume_angstrom3 * U_PER_A3_TO_G_ML
