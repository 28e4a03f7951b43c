"""Force fields for organic molecules (MMFF94, else UFF), by RDKit.

They clean and rank embedded conformers, and give the Hessian from which relaxations at
dearer levels start. MMFF94: doi:10.1002/(SICI)1096-987X(199604)17:5/6<490::AID-JCC1>3.0.CO;2-P.
UFF: doi:10.1021/ja00051a040.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase
from rdkit.Chem import rdForceFieldHelpers

from potash.molecules.relax import positive_definite
from potash.units import KCAL_MOL_EV

FloatArray = NDArray[np.float64]

_DISPLACEMENT_A = 0.005


def clean_conformers(mol: Chem.Mol) -> list[float]:
    """Minimise every conformer of ``mol`` (with hydrogens) in place; return energies in eV.

    Zeros, and nothing moved, where neither force field has types for the molecule.
    """
    with rdBase.BlockLogs():  # missing force-field types are expected, and handled
        if rdForceFieldHelpers.MMFFHasAllMoleculeParams(mol):
            cleaned = rdForceFieldHelpers.MMFFOptimizeMoleculeConfs(mol, 1, 500)
        elif rdForceFieldHelpers.UFFHasAllMoleculeParams(mol):
            cleaned = rdForceFieldHelpers.UFFOptimizeMoleculeConfs(mol, 1, 500)
        else:
            return [0.0] * mol.GetNumConformers()
    return [energy * KCAL_MOL_EV for _, energy in cleaned]


def force_field_hessian(mol: Chem.Mol, positions: FloatArray) -> FloatArray | None:
    """Return a positive definite Hessian in eV/A^2, shape (3 n_atoms, 3 n_atoms).

    Finite differences of the gradient, made definite by
    :func:`potash.molecules.relax.positive_definite`. ``None`` where neither force field
    has types for ``mol``.

    Parameters
    ----------
    mol
        Molecule with hydrogens and a conformer.
    positions
        Geometry in A, shape (n_atoms, 3).
    """
    with rdBase.BlockLogs():
        if rdForceFieldHelpers.MMFFHasAllMoleculeParams(mol):
            types = rdForceFieldHelpers.MMFFGetMoleculeProperties(mol)
            field = rdForceFieldHelpers.MMFFGetMoleculeForceField(mol, types)
        elif rdForceFieldHelpers.UFFHasAllMoleculeParams(mol):
            field = rdForceFieldHelpers.UFFGetMoleculeForceField(mol)
        else:
            return None
    field.Initialize()

    def gradient(x: FloatArray) -> FloatArray:
        flat = x.tolist()
        # The force field keeps interatomic distances, and only the energy brings them
        # up to date: a gradient alone would be one of the former positions.
        field.CalcEnergy(flat)
        return np.array(field.CalcGrad(flat)) * KCAL_MOL_EV

    start = np.asarray(positions, dtype=float).ravel()
    origin = gradient(start)
    rows = []
    for i in range(len(start)):
        moved = start.copy()
        moved[i] += _DISPLACEMENT_A
        rows.append((gradient(moved) - origin) / _DISPLACEMENT_A)
    return positive_definite(np.array(rows))
