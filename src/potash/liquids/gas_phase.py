"""Complexes in vacuum with the force field, to set beside those of quantum chemistry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import openmm
from numpy.typing import NDArray
from rdkit import Chem

from potash.engines.md import Settings
from potash.engines.openmm import build_system, energies_kj_mol, make_context
from potash.engines.topology import Molecule, PairTerm, Topology
from potash.errors import InputError
from potash.units import KJ_MOL_EV

BOND_TOLERANCE = 1.25
_TIGHT_KJ_MOL_NM = 0.5
_LARGE_BOX_ANGSTROM = 200.0


@dataclass(frozen=True)
class Binding:
    """A complex with the force field.

    Attributes
    ----------
    energy_ev
        Energy of the separate parts minus that of the complex; positive = bound.
    positions_angstrom
        Of the complex, ``(n_atoms, 3)``.
    """

    energy_ev: float
    positions_angstrom: NDArray[np.float64]


def binding(
    molecules: Sequence[Molecule],
    positions_angstrom: Sequence[NDArray[np.float64]],
    *,
    pairs: Sequence[PairTerm] = (),
    lennard_jones_14: float = 0.5,
    coulomb_14: float = 0.5,
    rigid: bool = False,
) -> Binding:
    """Return binding energy and geometry of a complex in vacuum, nothing cut off.

    Parameters
    ----------
    molecules
        The parts, with the charges that they are to have.
    positions_angstrom
        Start of each part, ``(n_atoms, 3)``.
    pairs
        Pair terms of cations.
    coulomb_14, lennard_jones_14
        Factors of atoms three bonds apart.
    rigid
        Keep the geometry, of the parts too: what is returned is then the interaction energy.
        Otherwise complex and parts are relaxed from it.
    """

    def settled(members: Sequence[int]) -> tuple[float, NDArray[np.float64]]:
        topology = Topology(
            tuple((molecules[m], 1) for m in members), coulomb_14, lennard_jones_14, tuple(pairs)
        )
        system = build_system(
            topology,
            np.eye(3) * _LARGE_BOX_ANGSTROM,
            Settings(),
            constrain_hydrogens=False,
            periodic=False,
        )
        context = make_context(system, openmm.VerletIntegrator(0.001), "Reference")
        context.setPositions(np.vstack([positions_angstrom[m] for m in members]) / 10)
        if not rigid:
            openmm.LocalEnergyMinimizer.minimize(context, _TIGHT_KJ_MOL_NM, 5000)
        state = context.getState(getPositions=True)
        where = np.asarray(state.getPositions(asNumpy=True)._value, float) * 10
        return energies_kj_mol(context)["total"] * KJ_MOL_EV, where

    energy, where = settled(range(len(molecules)))
    apart = sum(settled([m])[0] for m, part in enumerate(molecules) if part.n_atoms > 1)
    return Binding(apart - energy, where)


def in_order_of(
    molecule: Molecule, symbols: Sequence[str], positions_angstrom: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return positions of the same molecule from elsewhere in the order of ``molecule``.

    Raises
    ------
    InputError
        If elements and bonds (by distance) are not those of the molecule.
    """
    known = _graph(molecule.elements, [(i, j) for i, j, *_ in molecule.bonds])
    table = Chem.GetPeriodicTable()
    radii = np.array([table.GetRcovalent(s) for s in symbols])
    distance = np.linalg.norm(positions_angstrom[:, None] - positions_angstrom[None], axis=2)
    first, second = np.nonzero(np.triu(distance < BOND_TOLERANCE * np.add.outer(radii, radii), 1))
    light = {i for i, s in enumerate(symbols) if s == "H"}
    bonds = [
        (int(i), int(j))
        for i, j in zip(first, second, strict=True)
        if not {int(i), int(j)} <= light
    ]
    match = _graph(symbols, bonds).GetSubstructMatch(known)
    if len(match) != molecule.n_atoms or len(symbols) != molecule.n_atoms:
        raise InputError(f"the geometry is not one of {molecule.species}")
    return positions_angstrom[list(match)]


def _graph(symbols: Sequence[str], bonds: Sequence[tuple[int, int]]) -> Chem.Mol:
    graph = Chem.RWMol()
    for symbol in symbols:
        atom = Chem.Atom(symbol)
        atom.SetNoImplicit(True)
        graph.AddAtom(atom)
    for i, j in bonds:
        graph.AddBond(i, j, Chem.BondType.SINGLE)
    return graph.GetMol()
