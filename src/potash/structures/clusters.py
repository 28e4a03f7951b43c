"""Molecules and structures that are given atom by atom."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms
from rdkit import Chem
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers

from potash.errors import InputError
from potash.structures.recipes import MoleculeRecipe, StructureRecipe
from potash.structures.smiles import parse_smiles
from potash.structures.surface import Surface, standard_cell, top_layer


def molecule_atoms(smiles: str, seed: int) -> Atoms:
    """Return a molecule's geometry: ETKDG embedding, relaxed with MMFF94 (or UFF).

    Raises
    ------
    InputError
        For a SMILES that RDKit cannot read or embed.
    """
    molecule = Chem.AddHs(parse_smiles(smiles))
    options: Any = rdDistGeom.ETKDGv3()
    options.randomSeed = seed
    if rdDistGeom.EmbedMolecule(molecule, options) != 0:
        raise InputError(f"no geometry found for '{smiles}'", field="smiles")
    if rdForceFieldHelpers.MMFFHasAllMoleculeParams(molecule):
        rdForceFieldHelpers.MMFFOptimizeMolecule(molecule, maxIters=2000)
    else:
        rdForceFieldHelpers.UFFOptimizeMolecule(molecule, maxIters=2000)
    positions = np.round(molecule.GetConformer().GetPositions(), 4)
    return Atoms([a.GetSymbol() for a in molecule.GetAtoms()], positions=positions)


def molecule_surface(recipe: MoleculeRecipe) -> Surface:
    """Return a molecule in a box."""
    atoms = molecule_atoms(recipe.smiles, recipe.seed)
    return _cluster(atoms, recipe.vacuum_angstrom, f"molecule {recipe.smiles}")


def structure_surface(recipe: StructureRecipe) -> Surface:
    """Return a structure given atom by atom: a cluster, or a slab with its cell."""
    atoms = Atoms(recipe.elements, positions=recipe.positions)
    formula = atoms.get_chemical_formula()
    if recipe.lattice is None:
        return _cluster(atoms, recipe.vacuum_angstrom, f"cluster {formula}")
    atoms.set_cell(recipe.lattice)
    atoms = standard_cell(atoms, (True, True, False))
    top = atoms[top_layer(atoms)]
    thin = float(np.ptp(atoms.positions[:, 2])) < 1.0
    return Surface(
        atoms=atoms,
        bulk=None,
        kind="sheet" if thin else "slab",
        facet=recipe.facet,
        termination=f"{Atoms(numbers=top.numbers).symbols.formula.reduce()[0]:hill}",
        polar=False,
        symmetric=False,
        stoichiometric=True,
        layered=thin,
        fixed=recipe.fixed,
        label=f"{formula} {recipe.facet}",
    )


def _cluster(atoms: Atoms, vacuum_angstrom: float, label: str) -> Surface:
    boxed = atoms.copy()
    boxed.center(vacuum=vacuum_angstrom)
    boxed.pbc = False
    return Surface(
        atoms=boxed,
        bulk=None,
        kind="molecule",
        facet="molecule",
        termination=atoms.get_chemical_formula(),
        polar=False,
        symmetric=False,
        stoichiometric=True,
        layered=True,
        fixed=(),
        label=label,
    )
