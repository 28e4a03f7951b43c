"""Molecules and clusters in a box of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms
from rdkit import Chem
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers

from potash.errors import InputError
from potash.structures.recipes import MoleculeRecipe
from potash.structures.smiles import parse_smiles
from potash.structures.surface import Surface


def molecule_atoms(smiles: str, seed: int) -> Atoms:
    """Return a molecule's geometry: ETKDG embedding, relaxed with MMFF94 (or UFF).

    Parameters
    ----------
    smiles
        The molecule.
    seed
        Of the embedding.

    Returns
    -------
    Atoms
        With hydrogens, without a cell; positions rounded to 1e-4 angstrom.

    Raises
    ------
    InputError
        For a SMILES that RDKit cannot read or embed.

    Examples
    --------
    >>> str(molecule_atoms("O", seed=1).symbols)
    'OH2'
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
    return boxed(atoms, recipe.vacuum_angstrom, f"molecule {recipe.smiles}")


def boxed(atoms: Atoms, vacuum_angstrom: float, label: str) -> Surface:
    """Return a molecule or cluster in a box.

    Parameters
    ----------
    atoms
        In one piece; its cell does not count.
    vacuum_angstrom
        On every side.
    label
        Of the surface, for tables.
    """
    copy = atoms.copy()
    copy.center(vacuum=vacuum_angstrom)
    copy.pbc = False
    return Surface(
        atoms=copy,
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
