"""From SMILES to a relaxed geometry: parsing, embedding, conformer search.

ETKDGv3 embedding (doi:10.1021/acs.jcim.0c00025), a force field to clean and rank
(MMFF94, else UFF), GFN2-xTB single points to re-rank, GFN2-xTB relaxation of the
lowest few. Deterministic for a given seed and RDKit version. Stereochemistry that
the SMILES states is kept, what it leaves open is embedded as it falls; protonation
states and tautomers are taken as written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ase.data import covalent_radii
from numpy.typing import NDArray
from rdkit import Chem, rdBase
from rdkit.Chem import rdDistGeom, rdMolDescriptors

from potash.engines.xtb import Backend, XtbEngine, XtbResult
from potash.errors import CalculationError
from potash.molecules.force_field import clean_conformers, force_field_hessian
from potash.molecules.tight_binding import relax_gfn2
from potash.results.species import ConformerSearch, MoleculeInputs
from potash.structures.molecule import Structure
from potash.structures.smiles import written
from potash.units import BOLTZMANN_EV_K, KCAL_MOL_EV

FloatArray = NDArray[np.float64]

_ENERGY_WINDOW_EV = 6.0 * KCAL_MOL_EV
_SAME_CONFORMER_EV = 0.02 * KCAL_MOL_EV
_STARTS = 3
_S = 3.0**0.5 / 2.0
_STARS = {
    5: ((0, 0, 1), (0, 0, -1), (1, 0, 0), (-0.5, _S, 0), (-0.5, -_S, 0)),
    6: ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)),
}
"""Directions of five ligands (trigonal bipyramid) and of six (octahedron)."""


@dataclass(frozen=True)
class Conformers:
    """Relaxed conformers, lowest first.

    Attributes
    ----------
    structures
        Distinct relaxed geometries.
    energies_ev
        GFN2-xTB energies.
    electronic
        GFN2-xTB result at the first (orbitals, charges, dipole).
    n_embedded
        How many conformers were embedded.
    """

    structures: tuple[Structure, ...]
    energies_ev: tuple[float, ...]
    electronic: XtbResult
    n_embedded: int

    def weights(self, temperature_k: float = 298.15) -> FloatArray:
        """Return Boltzmann weights of the energies (no vibrations, no degeneracies)."""
        relative = np.array(self.energies_ev) - min(self.energies_ev)
        factors = np.exp(-relative / (BOLTZMANN_EV_K * temperature_k))
        return np.asarray(factors / factors.sum())


def n_conformers(mol: Chem.Mol, search: ConformerSearch) -> int:
    """Return how many conformers to embed for ``mol``."""
    rotors = rdMolDescriptors.CalcNumRotatableBonds(mol)
    rings = rdMolDescriptors.CalcNumAliphaticRings(mol)
    if rotors == 0 and rings == 0:
        return 1
    return int(min(4 + search.per_rotor * rotors + 2 * rings, search.most))


def embed(mol: Chem.Mol, *, seed: int, search: ConformerSearch) -> tuple[Chem.Mol, list[float]]:
    """Return the molecule with hydrogens and force-field conformers, and their energies (eV).

    Raises
    ------
    CalculationError
        If no conformer could be embedded.
    """
    full = Chem.AddHs(mol)
    if full.GetNumAtoms() == 1:
        full.AddConformer(Chem.Conformer(1), assignId=True)
        return full, [0.0]
    settings: Any = rdDistGeom.ETKDGv3()
    settings.randomSeed = seed
    settings.numThreads = 1
    wanted = n_conformers(mol, search)
    with rdBase.BlockLogs():  # atoms without a type are expected, and do no harm here
        ids = list(rdDistGeom.EmbedMultipleConfs(full, wanted, settings))
        if not ids:
            settings.useRandomCoords = True
            ids = list(rdDistGeom.EmbedMultipleConfs(full, wanted, settings))
    if not ids:
        raise CalculationError("no three-dimensional structure could be embedded")
    energies = clean_conformers(full)
    for conformer in full.GetConformers():
        ideal = _ideal_star(full, conformer.GetPositions())
        if ideal is not None:
            conformer.SetPositions(ideal)
    return full, energies


def _ideal_star(mol: Chem.Mol, positions: FloatArray) -> FloatArray | None:
    """Return the octahedron or bipyramid of a centre with five or six single atoms, if needed.

    Distance geometry has no template for hypervalent centres (PF6-, AsF6-, SF6, PCl6-) and
    places their ligands on each other by some seeds; no relaxation mends that. ``None`` for
    other molecules, and where no two ligands are closer than 1.4 times the sum of their radii.
    """
    centre = next((a for a in mol.GetAtoms() if a.GetDegree() in _STARS), None)
    if centre is None or mol.GetNumAtoms() != centre.GetDegree() + 1:
        return None
    radii = covalent_radii[[a.GetAtomicNum() for a in mol.GetAtoms()]]
    ligands = [a.GetIdx() for a in centre.GetNeighbors()]
    apart = np.linalg.norm(positions[ligands][:, None] - positions[ligands][None], axis=2)
    least = 1.4 * (radii[ligands][:, None] + radii[ligands][None])
    if not (apart < least)[~np.eye(len(ligands), dtype=bool)].any():
        return None
    ideal = np.zeros((mol.GetNumAtoms(), 3))
    for ligand, direction in zip(ligands, _STARS[len(ligands)], strict=True):
        ideal[ligand] = (radii[ligand] + radii[centre.GetIdx()]) * np.array(direction)
    return ideal


def relaxed_conformers(
    mol: Chem.Mol,
    *,
    seed: int,
    search: ConformerSearch,
    backend: Backend = "tblite",
    unpaired: int | None = None,
) -> Conformers:
    """Return the lowest conformers of ``mol``, relaxed with GFN2-xTB in vacuum.

    Where every conformer of a start with atoms on each other fails, two other starts are tried.

    Raises
    ------
    CalculationError
        If embedding, self-consistency or relaxation fail for every conformer, or if
        the relaxation changed the bonding that the SMILES states.
    """
    for start in range(_STARTS):
        full, energies = embed(mol, seed=seed + 7919 * start, search=search)
        try:
            return _relaxed(full, energies, mol, search, backend, unpaired)
        except CalculationError:
            if start == _STARTS - 1 or not _crowded(full):
                raise
    raise AssertionError  # the loop returns or raises


def _crowded(mol: Chem.Mol) -> bool:
    """Whether two atoms that are not bonded lie on each other in any conformer."""
    radii = covalent_radii[[a.GetAtomicNum() for a in mol.GetAtoms()]]
    apart = Chem.GetDistanceMatrix(mol) >= 2
    for conformer in mol.GetConformers():
        p = conformer.GetPositions()
        ratio = np.linalg.norm(p[:, None] - p[None], axis=2) / (radii[:, None] + radii[None])
        if (apart & (ratio < 1.05)).any():
            return True
    return False


def _relaxed(
    full: Chem.Mol,
    energies: list[float],
    mol: Chem.Mol,
    search: ConformerSearch,
    backend: Backend,
    unpaired: int | None,
) -> Conformers:
    """Relax the conformers of one embedding; see :func:`relaxed_conformers`."""
    numbers = tuple(int(a.GetAtomicNum()) for a in full.GetAtoms())
    charge = int(Chem.GetFormalCharge(full))
    spin = written(mol).unpaired if unpaired is None else unpaired
    ranked: list[tuple[float, FloatArray]] = []
    trouble = ""
    # One engine for all: each conformer starts from the wave function of the last.
    engine = XtbEngine(numbers, charge=charge, unpaired=spin, backend=backend)
    for start in _distinct(full, energies):
        try:
            ranked.append((engine.evaluate(start).energy_ev, start))
        except (CalculationError, np.linalg.LinAlgError) as error:
            trouble = str(error)
    ranked.sort(key=lambda pair: pair[0])
    found: list[tuple[float, FloatArray, XtbResult]] = []
    for _, start in ranked[: search.relaxed]:
        try:
            positions, result = relax_gfn2(
                Structure(numbers, start, charge, spin),
                backend=backend,
                hessian=force_field_hessian(full, start),
            )
        except (CalculationError, np.linalg.LinAlgError) as error:
            trouble = str(error)
            continue
        if not bonds_kept(full, positions):
            trouble = "GFN2-xTB breaks or forms a bond that the SMILES does not have"
            continue
        if all(abs(result.energy_ev - e) > 1e-3 for e, _, _ in found):
            found.append((result.energy_ev, positions, result))
    if not found:
        raise CalculationError(trouble or "no conformer survived")
    found.sort(key=lambda item: item[0])
    return Conformers(
        structures=tuple(Structure(numbers, p, charge, spin) for _, p, _ in found),
        energies_ev=tuple(e for e, _, _ in found),
        electronic=found[0][2],
        n_embedded=len(energies),
    )


def planned_conformers(
    inputs: MoleculeInputs, mol: Chem.Mol, *, backend: Backend = "tblite"
) -> Conformers:
    """Return :func:`relaxed_conformers` with a calculation's own seed, search and spin."""
    return relaxed_conformers(
        mol,
        seed=inputs.seed,
        search=inputs.search,
        backend=backend,
        unpaired=inputs.unpaired,
    )


def bonds_kept(mol: Chem.Mol, positions: FloatArray) -> bool:
    """Return whether a geometry still has the bonds of ``mol``, and no others.

    A bond is broken beyond 1.35 times the sum of covalent radii; two atoms that are
    not bonded, nor neighbours of a common atom, have joined below 1.05 times it.
    """
    radii = covalent_radii[[a.GetAtomicNum() for a in mol.GetAtoms()]]
    distance = np.sqrt(((positions[:, None] - positions[None, :]) ** 2).sum(axis=2))
    ratio = distance / (radii[:, None] + radii[None, :])
    for bond in mol.GetBonds():
        if ratio[bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()] > 1.35:
            return False
    hops = Chem.GetDistanceMatrix(mol)
    return not bool(((hops > 2) & (ratio < 1.05)).any())


def _distinct(mol: Chem.Mol, energies: list[float]) -> list[FloatArray]:
    """Return geometries within the energy window, lowest first, without energetic duplicates."""
    order = sorted(range(len(energies)), key=lambda i: (energies[i], i))
    kept: list[FloatArray] = []
    last = -np.inf
    for index in order:
        if energies[index] > energies[order[0]] + _ENERGY_WINDOW_EV:
            break
        if energies[index] - last > _SAME_CONFORMER_EV or not kept:
            kept.append(np.array(mol.GetConformer(index).GetPositions()))
            last = energies[index]
    return kept[:12]
