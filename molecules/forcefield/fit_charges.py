"""Fit atomic charges to the HF/6-31G* electrostatic potential, for species without published ones.

Usage: python molecules/forcefield/fit_charges.py SMILES [SMILES ...]

Geometry: RDKit ETKDG and MMFF94 (UFF where MMFF94 has no parameters), then GFN2-xTB.
Grid: Merz-Kollman shells at 1.4, 1.6, 1.8 and 2.0 van der Waals radii. Fit: least squares
with the total charge fixed, topologically equivalent atoms equal, and a weak harmonic
restraint to zero (5e-4 a.u.) on atoms other than hydrogen. Prints YAML for the
force-field file. HF/6-31G* overpolarises by about what a liquid does, which is why
force fields with OPLS-like Lennard-Jones terms use it.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

import numpy as np
from pyscf import gto, scf
from rdkit import Chem
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers

BOHR = 0.529177210903
RADII = {
    "H": 1.20, "C": 1.70, "N": 1.55, "O": 1.52, "F": 1.47, "P": 1.80, "S": 1.80,
}  # fmt: skip
POINTS_PER_SHELL = 60
RESTRAINT = 5e-4


def sphere(n: int) -> np.ndarray:
    """Return ``n`` nearly even points on the unit sphere (Fibonacci)."""
    k = np.arange(n) + 0.5
    polar, azimuth = np.arccos(1 - 2 * k / n), np.pi * (1 + 5**0.5) * k
    return np.column_stack(
        [np.cos(azimuth) * np.sin(polar), np.sin(azimuth) * np.sin(polar), np.cos(polar)]
    )


def grid(symbols: list[str], positions: np.ndarray) -> np.ndarray:
    """Return the points of all shells that lie inside no other atom's shell (angstrom)."""
    radii = np.array([RADII[s] for s in symbols])
    found = []
    for factor in (1.4, 1.6, 1.8, 2.0):
        for atom, radius in enumerate(radii):
            points = positions[atom] + factor * radius * sphere(POINTS_PER_SHELL)
            distance = np.linalg.norm(points[:, None] - positions[None], axis=2)
            keep = np.all(distance >= factor * radii - 1e-6, axis=1)
            found.append(points[keep])
    return np.vstack(found)


def geometry(mol: Any) -> np.ndarray:
    """Return relaxed positions in angstrom."""
    from ase import Atoms
    from ase.optimize import BFGS
    from tblite.ase import TBLite

    rdDistGeom.EmbedMolecule(mol, randomSeed=2025)
    if rdForceFieldHelpers.MMFFHasAllMoleculeParams(mol):
        rdForceFieldHelpers.MMFFOptimizeMolecule(mol, maxIters=1000)
    else:
        rdForceFieldHelpers.UFFOptimizeMolecule(mol, maxIters=1000)
    atoms = Atoms([a.GetSymbol() for a in mol.GetAtoms()], mol.GetConformer().GetPositions())
    atoms.calc = TBLite(method="GFN2-xTB", charge=Chem.GetFormalCharge(mol), verbosity=0)
    BFGS(atoms, logfile=None).run(fmax=0.01, steps=300)
    return np.array(atoms.positions)


def fit(smiles: str) -> tuple[list[str], np.ndarray, float]:
    """Return atom names, charges and the relative root-mean-square error of the potential."""
    mol = Chem.AddHs(Chem.MolFromSmiles(smiles))
    symbols = [a.GetSymbol() for a in mol.GetAtoms()]
    positions = geometry(mol)
    charge = Chem.GetFormalCharge(mol)
    cell = gto.M(
        atom=list(zip(symbols, positions, strict=True)), basis="6-31g*", charge=charge, verbose=0
    )
    mean_field = scf.RHF(cell).density_fit().run()
    density = mean_field.make_rdm1()
    points = grid(symbols, positions) / BOHR
    distance = np.linalg.norm(points[:, None] - positions[None] / BOHR, axis=2)
    potential = (cell.atom_charges() / distance).sum(axis=1)
    for start in range(0, len(points), 200):
        part = points[start : start + 200]
        integrals = gto.fakemol_for_charges(part)
        from pyscf import df

        values = df.incore.aux_e2(cell, integrals)
        potential[start : start + 200] -= np.einsum("ijp,ij->p", values, density)
    # Resonance forms (P=O and P-O of an anion) are one kind: the bond orders are left out.
    plain = Chem.Mol(mol)
    for bond in plain.GetBonds():
        bond.SetBondType(Chem.BondType.SINGLE)
        bond.SetIsAromatic(False)
    for atom in plain.GetAtoms():
        atom.SetFormalCharge(0)
        atom.SetIsAromatic(False)
        atom.SetNoImplicit(True)
    kinds = list(Chem.CanonicalRankAtoms(plain, breakTies=False))
    unique = sorted(set(kinds))
    member = np.array([[float(k == u) for u in unique] for k in kinds])
    design = (1 / distance) @ member
    heavy = np.array([sum(s != "H" and k == u for s, k in zip(symbols, kinds, strict=True))
                      for u in unique])  # fmt: skip
    n = len(unique)
    matrix = np.zeros((n + 1, n + 1))
    matrix[:n, :n] = design.T @ design + np.diag(RESTRAINT * heavy)
    matrix[n, :n] = matrix[:n, n] = member.sum(axis=0)
    right = np.append(design.T @ potential, charge)
    charges = member @ np.linalg.solve(matrix, right)[:n]
    charges = np.round(charges, 4)
    # The rounding remainder goes where it weighs least: to the atoms of the largest class.
    sizes = Counter(kinds)
    wide = max(sizes, key=lambda k: (sizes[k] == 1, -k))
    where = [i for i, k in enumerate(kinds) if k == wide]
    charges[where] += (charge - charges.sum()) / len(where)
    error = np.sqrt(((charges / distance).sum(axis=1) - potential).var() / (potential**2).mean())
    count: Counter[str] = Counter()
    names = []
    for s in symbols:
        count[s] += 1
        names.append(f"{s}{count[s]}")
    return names, charges, float(error)


def main() -> None:
    """Print the charges of every SMILES given."""
    for smiles in sys.argv[1:]:
        names, charges, error = fit(smiles)
        listed = ", ".join(f"{n}: {q:.6g}" for n, q in zip(names, charges, strict=True))
        print(f"# {smiles}: relative error of the potential {error:.2f}")
        print(f"    charges: {{{listed}}}", flush=True)


if __name__ == "__main__":
    main()
