"""From a structure to force-field terms: SMARTS typing, or a refusal that says what is missing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

from rdkit import Chem, rdBase
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers

from potash.engines.topology import Molecule
from potash.errors import InputError, RefusedError
from potash.liquids.forcefield import AtomType, DihedralTerm, ForceField, ImproperTerm, SpeciesEntry
from potash.structures.smiles import parse_smiles

EMBED_SEED = 2025
TRANS_ANGLE_DEG = 135.0


@lru_cache(maxsize=256)
def parameterise(
    species: str,
    force_field: ForceField,
    *,
    smiles: str = "",
    charge_scale: float | None = None,
) -> Molecule:
    """Return one molecule with every force-field term.

    Parameters
    ----------
    species
        Identifier; the force field's own entry is used where it has one.
    smiles
        Structure of a species without an entry, typed by the same rules.
    charge_scale
        Factor on the charges of ions; by default the force field's.

    Raises
    ------
    InputError
        If neither an entry nor a readable SMILES is given.
    RefusedError
        If an atom has no type, a bonded term is missing, or the charges of
        the types do not add up to the formal charge.
    """
    if reason := force_field.not_parameterised.get(species):
        raise RefusedError(f"{species} is not parameterised: {reason}")
    entry = force_field.species.get(species)
    mol = read_molecule(entry.smiles if entry else smiles, species)
    types = _types(mol, species, force_field)
    names = atom_names(mol)
    charges = _charges(names, types, entry)
    formal = Chem.GetFormalCharge(mol)
    if abs(sum(charges) - formal) > 1e-6:
        raise RefusedError(
            f"{species}: the charges of its atom types add up to {sum(charges):+.3f},"
            f" not {formal:+d}; it needs charges of its own"
        )
    scale = force_field.ion_charge_scale if charge_scale is None else charge_scale
    classes = [t.bonded_class for t in types]
    positions = entry.positions if entry and entry.positions else embed(mol, species)
    neighbours = [sorted(n.GetIdx() for n in a.GetNeighbors()) for a in mol.GetAtoms()]
    bond_pairs = sorted(
        (min(b.GetBeginAtomIdx(), b.GetEndAtomIdx()), max(b.GetBeginAtomIdx(), b.GetEndAtomIdx()))
        for b in mol.GetBonds()
    )
    table = Chem.GetPeriodicTable()
    bonds = _bonds(bond_pairs, classes, species, force_field)
    angles = _angles(neighbours, classes, positions, species, force_field)
    rigid = entry is not None and entry.rigid
    return Molecule(
        species=species,
        residue=entry.residue if entry else residue_name(species),
        names=names,
        elements=tuple(a.GetSymbol() for a in mol.GetAtoms()),
        masses_u=tuple(float(table.GetAtomicWeight(a.GetAtomicNum())) for a in mol.GetAtoms()),
        charges_e=tuple(q * scale if formal else q for q in charges),
        sigma_angstrom=tuple(t.sigma for t in types),
        epsilon_kj_mol=tuple(t.epsilon for t in types),
        bonds=bonds,
        angles=() if rigid else angles,
        constraints=_closed(bonds, angles) if rigid else (),
        dihedrals=_dihedrals(bond_pairs, neighbours, classes, species, force_field),
        impropers=_impropers(neighbours, classes, force_field),
        positions_angstrom=tuple((float(x), float(y), float(z)) for x, y, z in positions),
        formal_charge=formal,
        types=tuple(t.name for t in types),
    )


def residue_name(species: str) -> str:
    """Return a residue name of at most 5 characters for a species without an entry."""
    return "".join(c for c in species.upper() if c.isalnum())[:5] or "MOL"


def read_molecule(smiles: str, species: str) -> Any:
    """Return the RDKit molecule of a SMILES with every hydrogen.

    Raises
    ------
    InputError
        If the SMILES is empty or unreadable.
    """
    return Chem.AddHs(parse_smiles(smiles, field=f"species {species}"))


def atom_names(mol: Any) -> tuple[str, ...]:
    """Return unique atom names: the element, numbered where there are several atoms."""
    count: Counter[str] = Counter()
    names = []
    single = mol.GetNumAtoms() == 1
    for atom in mol.GetAtoms():
        count[atom.GetSymbol()] += 1
        names.append(atom.GetSymbol() if single else f"{atom.GetSymbol()}{count[atom.GetSymbol()]}")
    return tuple(names)


def _types(mol: Any, species: str, force_field: ForceField) -> list[AtomType]:
    found: list[AtomType | None] = [None] * mol.GetNumAtoms()
    for rule in force_field.atom_types:
        pattern = _pattern(rule.smarts)
        for match in mol.GetSubstructMatches(pattern, uniquify=False, maxMatches=100000):
            if mol.GetAtomWithIdx(match[0]).GetSymbol() == rule.element:
                found[match[0]] = rule
    missing = sorted({a.GetSymbol() for a in mol.GetAtoms() if found[a.GetIdx()] is None})
    if missing:
        raise RefusedError(
            f"{species} is not parameterised: no atom type in {force_field.name} for its"
            f" {', '.join(missing)} ({Chem.MolToSmiles(Chem.RemoveHs(mol))})"
        )
    return [rule for rule in found if rule is not None]


@lru_cache(maxsize=1024)
def _pattern(smarts: str) -> Any:
    with rdBase.BlockLogs():
        pattern = Chem.MolFromSmarts(smarts)
    if pattern is None:
        raise InputError(f"an atom type has an unreadable SMARTS: {smarts!r}")
    return pattern


def _charges(
    names: Sequence[str], types: Sequence[AtomType], entry: SpeciesEntry | None
) -> list[float]:
    if entry is None or not entry.charges:
        return [t.charge for t in types]
    if set(entry.charges) != set(names):
        raise InputError(
            f"charges of residue {entry.residue} name other atoms than its SMILES gives:"
            f" {sorted(set(entry.charges) ^ set(names))}"
        )
    return [entry.charges[name] for name in names]


def embed(mol: Any, species: str) -> list[tuple[float, float, float]]:
    """Return a reproducible 3D geometry (angstrom), ``(n_atoms, 3)``.

    Raises
    ------
    RefusedError
        If none can be embedded.
    """
    if mol.GetNumAtoms() == 1:
        return [(0.0, 0.0, 0.0)]
    work = Chem.Mol(mol)
    if rdDistGeom.EmbedMolecule(work, randomSeed=EMBED_SEED) != 0:
        raise RefusedError(f"{species}: no 3D geometry could be embedded; give positions")
    if rdForceFieldHelpers.MMFFHasAllMoleculeParams(work):
        rdForceFieldHelpers.MMFFOptimizeMolecule(work, maxIters=500)
    return [tuple(p) for p in work.GetConformer().GetPositions().tolist()]


def _missing(kind: str, classes: Sequence[str], species: str) -> RefusedError:
    return RefusedError(f"{species} is not parameterised: no {kind} term for {'-'.join(classes)}")


def _bonds(
    pairs: Sequence[tuple[int, int]], classes: Sequence[str], species: str, ff: ForceField
) -> tuple[tuple[int, int, float, float], ...]:
    table = {frozenset(t.classes): t for t in ff.bonds}
    out = []
    for i, j in pairs:
        term = table.get(frozenset((classes[i], classes[j])))
        if term is None:
            raise _missing("bond", (classes[i], classes[j]), species)
        out.append((i, j, term.r0, term.k))
    return tuple(out)


def _angles(
    neighbours: Sequence[Sequence[int]],
    classes: Sequence[str],
    positions: Sequence[Sequence[float]],
    species: str,
    ff: ForceField,
) -> tuple[tuple[int, int, int, float, float], ...]:
    table = {}
    for term in ff.angles:
        table[term.classes] = table[term.classes[::-1]] = term
    out = []
    for j, around in enumerate(neighbours):
        for i, k in combinations(around, 2):
            # Opposite ligands of an octahedron have no angle term of their own.
            if len(around) == 6 and _angle_deg(positions, i, j, k) > TRANS_ANGLE_DEG:
                continue
            found = table.get((classes[i], classes[j], classes[k]))
            if found is None:
                raise _missing("angle", (classes[i], classes[j], classes[k]), species)
            out.append((i, j, k, found.theta0, found.k))
    return tuple(out)


def _closed(
    bonds: Sequence[tuple[int, int, float, float]],
    angles: Sequence[tuple[int, int, int, float, float]],
) -> tuple[tuple[int, int, float], ...]:
    """Return the distances that fix angles at their equilibrium (law of cosines)."""
    length = {frozenset((i, j)): r0 for i, j, r0, _ in bonds}
    out = []
    for i, j, k, theta0, _ in angles:
        a, b = length[frozenset((i, j))], length[frozenset((j, k))]
        squared = a * a + b * b - 2 * a * b * math.cos(math.radians(theta0))
        out.append((i, k, math.sqrt(squared)))
    return tuple(out)


def _angle_deg(positions: Sequence[Sequence[float]], i: int, j: int, k: int) -> float:
    a = [p - q for p, q in zip(positions[i], positions[j], strict=True)]
    b = [p - q for p, q in zip(positions[k], positions[j], strict=True)]
    cosine = sum(p * q for p, q in zip(a, b, strict=True)) / (math.hypot(*a) * math.hypot(*b))
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))


def _matches(pattern: Sequence[str], classes: Sequence[str]) -> bool:
    return all(p in ("X", c) for p, c in zip(pattern, classes, strict=True))


def _dihedrals(
    pairs: Sequence[tuple[int, int]],
    neighbours: Sequence[Sequence[int]],
    classes: Sequence[str],
    species: str,
    ff: ForceField,
) -> tuple[tuple[int, int, int, int, float, float, float, float], ...]:
    ranked = sorted(ff.dihedrals, key=lambda t: t.classes.count("X"))
    known: dict[tuple[str, ...], DihedralTerm] = {}
    out = []
    for j, k in pairs:
        for i in neighbours[j]:
            for last in neighbours[k]:
                if i == k or last in (j, i):
                    continue
                names = tuple(classes[n] for n in (i, j, k, last))
                if names not in known:
                    known[names] = _first_match(ranked, names, species)
                term = known[names]
                if any(term.v):
                    out.append((i, j, k, last, *term.v))
    return tuple(out)


def _first_match(
    ranked: Sequence[DihedralTerm], names: tuple[str, ...], species: str
) -> DihedralTerm:
    for term in ranked:
        if _matches(term.classes, names) or _matches(term.classes[::-1], names):
            return term
    raise _missing("dihedral", names, species)


def _impropers(
    neighbours: Sequence[Sequence[int]], classes: Sequence[str], ff: ForceField
) -> tuple[tuple[int, int, int, int, float], ...]:
    """Return one improper per planar centre that a term describes, neighbours in term order."""
    out = []
    for centre, around in enumerate(neighbours):
        if len(around) != 3:
            continue
        for term in ff.impropers:
            order = _arrange(term, around, classes[centre], lambda n: classes[n])
            if order:
                i, j, last = order
                out.append((i, j, centre, last, term.v2))
                break
    return tuple(out)


def _arrange(
    term: ImproperTerm, around: Sequence[int], centre: str, class_of: Callable[[int], str]
) -> tuple[int, int, int] | None:
    a, b, c, d = term.classes
    if c not in ("X", centre):
        return None
    for i in around:
        for j in around:
            for last in around:
                if len({i, j, last}) == 3 and _matches(
                    (a, b, d), (class_of(i), class_of(j), class_of(last))
                ):
                    return i, j, last
    return None
