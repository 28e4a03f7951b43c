"""Where a metal ion, or a counter-ion, may sit on a molecule: start geometries.

For ligands with a SMILES, ligand and ion are embedded together with bounds on the
ion-donor distances, so that a flexible chelate folds around the ion; donors are
tried one by one, in pairs and as whole chelating chains. Rigid cages and molecular
ion pairs are put in contact from many directions.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import networkx as nx
import numpy as np
from ase.data import covalent_radii, vdw_radii
from numpy.typing import NDArray
from rdkit import Chem, DistanceGeometry, rdBase
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers
from scipy.spatial.transform import Rotation

from potash.structures.molecule import Structure
from potash.structures.smiles import parse_smiles

FloatArray = NDArray[np.float64]

# Ion-donor distances (A) that bracket what crystal structures and gas-phase clusters show.
DONOR_DISTANCE_A: dict[str, tuple[float, float]] = {
    "Li": (1.85, 2.15),
    "Na": (2.20, 2.50),
    "K": (2.55, 2.95),
}
_DONORS = {"O", "N", "F", "Cl", "Br", "I", "S"}
_MOST_DONORS = 6


def donor_sets(mol: Chem.Mol, *, most: int = 8) -> list[tuple[int, ...]]:
    """Return sets of donor atoms (heavy-atom indices) that an ion may bind to.

    Whole chelating chains first (donors two to four bonds apart), then pairs, then
    single donors; symmetry-equivalent sets once. Atoms with a positive formal charge
    and nitrogens without a lone pair (amide, nitro) are no donors; fluorine on carbon
    donates only where there is nothing better.
    """
    strong, weak = _donors(mol)
    donors = strong or weak
    if not donors:
        return []
    rank = list(Chem.CanonicalRankAtoms(mol, breakTies=False))
    hops = Chem.GetDistanceMatrix(mol)
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(donors)
    graph.add_edges_from((i, j) for i, j in combinations(donors, 2) if 2 <= hops[i, j] <= 4)
    candidates: list[tuple[int, ...]] = []
    for component in nx.connected_components(graph):
        chain = tuple(sorted(component))
        if 2 < len(chain) <= _MOST_DONORS:
            candidates.append(chain)
    candidates += [tuple(sorted(edge)) for edge in graph.edges]
    singles: list[tuple[int, ...]] = [(i,) for i in donors]
    unique: dict[tuple[Any, ...], tuple[int, ...]] = {}
    for chosen in [*singles, *candidates]:
        spread = tuple(sorted(hops[i, j] for i, j in combinations(chosen, 2)))
        unique.setdefault((tuple(sorted(rank[i] for i in chosen)), spread), chosen)
    found = sorted(unique.values(), key=lambda c: (-len(c), c))
    lone = [c for c in found if len(c) == 1]
    return (
        found if len(found) <= most else [*[c for c in found if len(c) > 1][: most - 3], *lone[:3]]
    )


def _donors(mol: Chem.Mol) -> tuple[list[int], list[int]]:
    strong, weak = [], []
    amide = {i for match in mol.GetSubstructMatches(_AMIDE_N) for i in match[:1]}
    for atom in mol.GetAtoms():
        index, symbol = atom.GetIdx(), atom.GetSymbol()
        if symbol not in _DONORS or atom.GetFormalCharge() > 0 or index in amide:
            continue
        if symbol == "S" and (atom.GetFormalCharge() == 0 and atom.GetTotalDegree() > 2):
            continue
        if (
            symbol in ("F", "Cl", "Br", "I")
            and any(n.GetSymbol() in ("C", "S") for n in atom.GetNeighbors())
        ) or (symbol == "S" and atom.GetFormalCharge() == 0):
            weak.append(index)
        elif symbol == "N" and atom.GetIsAromatic() and atom.GetTotalNumHs():
            continue
        else:
            strong.append(index)
    return strong, weak


_AMIDE_N = Chem.MolFromSmarts("[NX3][CX3]=[OX1]")


def embed_around_ion(
    ligands: Sequence[Chem.Mol], metal: str, charge: int, *, seed: int, per_set: int = 3
) -> list[Structure]:
    """Return start geometries of one metal ion with all ``ligands`` bound to it.

    The ion is the first atom, the ligands follow in order with their hydrogens.
    All ligands use their k-th donor set together, for every k.

    Parameters
    ----------
    ligands
        Molecules without explicit hydrogens.
    metal, charge
        Symbol and charge of the ion; symbols outside ``DONOR_DISTANCE_A`` take
        distances from covalent radii.
    seed
        Of the embedding.
    per_set
        Conformers per combination of donor sets.
    """
    ion = parse_smiles(f"[{metal}+{charge}]")
    assembly = ion
    for ligand in ligands:
        assembly = Chem.CombineMols(assembly, Chem.AddHs(ligand))
    Chem.SanitizeMol(assembly)
    options = [donor_sets(ligand) for ligand in ligands]
    if any(not sets for sets in options):
        return []
    numbers = tuple(int(a.GetAtomicNum()) for a in assembly.GetAtoms())
    total = int(Chem.GetFormalCharge(assembly))
    found: list[Structure] = []
    for k in range(max(len(sets) for sets in options)):
        chosen = [sets[min(k, len(sets) - 1)] for sets in options]
        donors, offset = [], 1
        for ligand, members in zip(ligands, chosen, strict=True):
            donors += [offset + i for i in members]
            offset += Chem.AddHs(ligand).GetNumAtoms()
        for positions in _embed(assembly, donors, metal, seed=seed + 101 * k, count=per_set):
            found.append(Structure(numbers, positions, total))
    return found


def donor_distance(metal: str, donor: str) -> tuple[float, float]:
    """Return the bounds on an ion-donor distance in A."""
    low, high = DONOR_DISTANCE_A.get(metal, (0.0, 0.0))
    if not high:
        table = Chem.GetPeriodicTable()
        total = covalent_radii[table.GetAtomicNumber(metal)] + 0.66
        low, high = 0.95 * total, 1.15 * total
    heavier = {"S": 0.4, "Cl": 0.4, "Br": 0.55, "I": 0.75}.get(donor, 0.0)
    return low + heavier, high + heavier


def _embed(
    assembly: Chem.Mol, donors: Sequence[int], metal: str, *, seed: int, count: int
) -> list[FloatArray]:
    bounds = rdDistGeom.GetMoleculeBoundsMatrix(assembly)
    # RDKit keeps an ion as far away as a van der Waals contact, which no chelate can satisfy.
    low, _ = donor_distance(metal, "O")
    bounds[1:, 0] = np.minimum(bounds[1:, 0], low)
    for i in donors:
        low, high = donor_distance(metal, assembly.GetAtomWithIdx(i).GetSymbol())
        bounds[0, i], bounds[i, 0] = high, low  # the ion is atom 0: upper triangle holds maxima
    with rdBase.BlockLogs():
        if not DistanceGeometry.DoTriangleSmoothing(bounds):
            return []
        settings: Any = rdDistGeom.ETKDGv3()
        settings.randomSeed = seed
        settings.numThreads = 1
        settings.useRandomCoords = True
        settings.maxIterations = 30
        settings.embedFragmentsSeparately = False
        settings.SetBoundsMat(bounds)
        work = Chem.Mol(assembly)
        ids = list(rdDistGeom.EmbedMultipleConfs(work, count, settings))
        if ids and rdForceFieldHelpers.MMFFHasAllMoleculeParams(work):
            rdForceFieldHelpers.MMFFOptimizeMoleculeConfs(
                work, numThreads=1, maxIters=300, ignoreInterfragInteractions=False
            )
    return [np.array(work.GetConformer(i).GetPositions()) for i in ids]


def contacts(
    first: Structure, second: Structure, *, seed: int, directions: int = 16
) -> list[Structure]:
    """Return geometries with two rigid species in contact, from evenly spread directions.

    ``second`` is turned at random for each direction and moved in until the closest
    pair of atoms is at 0.85 times the sum of van der Waals radii.
    """
    generator = np.random.default_rng(seed)
    a = first.positions - first.positions.mean(axis=0)
    b = second.positions - second.positions.mean(axis=0)
    reach = 0.85 * (_vdw(first)[:, None] + _vdw(second)[None, :])
    numbers = first.numbers + second.numbers
    found = []
    for k in range(directions):
        height = 1 - (2 * k + 1) / directions
        angle = np.pi * (3 - np.sqrt(5)) * k
        side = np.sqrt(1 - height**2)
        direction = np.array([side * np.cos(angle), side * np.sin(angle), height])
        turned = b @ _random_rotation(generator).T
        distance = _touching(a, turned, direction, reach)
        found.append(
            Structure(
                numbers,
                np.vstack([a, turned + distance * direction]),
                first.charge + second.charge,
                first.unpaired + second.unpaired,
            )
        )
    return found


def _touching(a: FloatArray, b: FloatArray, direction: FloatArray, reach: FloatArray) -> float:
    """Return the displacement of ``b`` along ``direction`` at which it first touches ``a``."""
    # |b + t d - a| = reach for each pair: the largest root over all pairs is the contact.
    delta = b[None, :, :] - a[:, None, :]
    along = delta @ direction
    inside = along**2 - (delta**2).sum(axis=2) + reach**2
    roots = np.where(inside > 0, -along + np.sqrt(np.clip(inside, 0.0, None)), -np.inf)
    return float(roots.max()) if np.isfinite(roots.max()) else float(reach.max())


def _vdw(structure: Structure) -> FloatArray:
    radii = vdw_radii[list(structure.numbers)]
    return np.asarray(np.where(np.isfinite(radii), radii, 2.2))


def _random_rotation(generator: np.random.Generator) -> FloatArray:
    """Return a uniformly distributed rotation matrix (from a random quaternion)."""
    w, x, y, z = (q := generator.normal(size=4)) / np.linalg.norm(q)
    return np.asarray(Rotation.from_quat([x, y, z, w]).as_matrix())
