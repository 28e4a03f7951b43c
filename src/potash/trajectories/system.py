"""What a trajectory holds: its elements, molecules, species and ions."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import MDAnalysis as mda  # noqa: N813  (its documented short name)
import numpy as np
from ase.data import atomic_masses, atomic_numbers, covalent_radii
from MDAnalysis.lib.distances import self_capped_distance
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from potash.errors import InputError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DONOR_ELEMENTS: Final = ("O", "N", "F")
CATION_ELEMENTS: Final = ("K", "Na", "Li", "Rb", "Cs", "Mg", "Ca")
# Formula (Hill order) of the usual anions, for topologies without charges.
ANION_FORMULAS: Final = {
    "F2NO4S2": "FSI",
    "C2F6NO4S2": "TFSI",
    "F6P": "PF6",
    "BF4": "BF4",
    "ClO4": "ClO4",
    "NO3": "NO3",
    "CF3O3S": "OTf",
    "C4BO8": "BOB",
    "C2BF2O4": "DFOB",
    "C3F6NO4S2": "HFDF",
    "Cl": "Cl",
    "Br": "Br",
    "I": "I",
}
_BY_MASS: Final = (
    *("Li", "B", "C", "N", "O", "F", "Na", "Mg", "Al", "Si", "P", "S", "Cl"),
    *("K", "Ca", "Zn", "Br", "Rb", "I", "Cs"),
)
_ION_NAMES: Final = {  # CHARMM's
    "POT": "K", "SOD": "Na", "LIT": "Li", "CES": "Cs", "RUB": "Rb", "CAL": "Ca", "CLA": "Cl",
}  # fmt: skip
_TWO_LETTER_IONS: Final = {*CATION_ELEMENTS, "Cl", "Br", "Zn", "Al", "Sr", "Ba"}
_VAGUE_RESNAMES: Final = {"", "UNK", "MOL", "SYSTEM", "LIG", "RES", "XXX"}


@dataclass(frozen=True)
class System:
    """What a trajectory holds, atom by atom and molecule by molecule.

    Attributes
    ----------
    elements
        Element symbol of every atom, ``X`` where it cannot be told.
    masses
        Masses in amu, shape (n_atoms,).
    molecule
        Molecule of every atom, shape (n_atoms,), numbered by first atom.
    atoms, start
        Atoms of molecule ``m`` are ``atoms[start[m]:start[m + 1]]``.
    species
        Species of every molecule, an index into ``names``.
    names
        Name of every species: its residue name, else its formula.
    formulas
        Chemical formula of every species in Hill order.
    charges
        Net charge of one molecule of every species in e; empty when the
        topology has no charges.
    """

    elements: NDArray[np.str_]
    masses: Floats
    molecule: Ints
    atoms: Ints
    start: Ints
    species: Ints
    names: tuple[str, ...]
    formulas: tuple[str, ...]
    charges: tuple[float, ...]


def describe(universe: mda.Universe) -> System:
    """Return the molecules and species of ``universe``, from its first frame where needed.

    Molecules are the connected fragments where the topology has bonds, else
    the residues (each alkali ion on its own), else (one residue for everything)
    fragments of bonds found from covalent radii in the current frame. Massless
    virtual sites belong to the molecule of the atom before them.
    """
    elements = _elements(universe)
    masses = _masses(universe, elements)
    molecule = _molecules(universe, elements, masses)
    atoms = np.argsort(molecule, kind="stable").astype(np.int64)
    start = np.searchsorted(molecule[atoms], np.arange(molecule.max() + 2)).astype(np.int64)
    resnames = residue_names(universe)[np.asarray(universe.atoms.resindices)]
    charges = universe.atoms.charges if hasattr(universe.atoms, "charges") else None
    index: dict[tuple[str, str], int] = {}
    net: list[float] = []
    species = np.empty(len(start) - 1, np.int64)
    for m in range(len(start) - 1):
        own = atoms[start[m] : start[m + 1]]
        key = (str(resnames[own[0]]), _hill_formula([str(e) for e in elements[own]]))
        if key not in index:
            index[key] = len(index)
            net.append(float(np.sum(charges[own])) if charges is not None else 0.0)
        species[m] = index[key]
    if charges is None or not np.any(charges):
        net = []
    return System(
        elements, masses, molecule, atoms, start, species,
        _species_names(list(index)), tuple(formula for _, formula in index), tuple(net),
    )  # fmt: skip


def find_cations(system: System) -> Ints:
    """Return the atoms of the monatomic alkali (or Mg, Ca) ions, K before Na before Li.

    Raises
    ------
    InputError
        If there is none.
    """
    sizes = np.diff(system.start)
    single = system.atoms[system.start[:-1][sizes == 1]]
    for element in CATION_ELEMENTS:
        found = single[system.elements[single] == element]
        if len(found):
            return np.asarray(found, dtype=np.int64)
    raise InputError(
        f"no cation found (no free {', '.join(CATION_ELEMENTS)} ion among "
        f"{', '.join(system.names)}); name it, as in --cation 'resname K'",
        source="--cation",
    )


def find_anions(system: System) -> Ints:
    """Return the species (indices into ``system.names``) that are anions.

    By net charge where the topology has charges, else by formula. May be empty.
    """
    if system.charges:
        return np.flatnonzero(np.asarray(system.charges) < -0.3).astype(np.int64)
    known = [formula in ANION_FORMULAS for formula in system.formulas]
    return np.flatnonzero(known).astype(np.int64)


def residue_names(universe: mda.Universe) -> NDArray[Any]:
    """Return the residue names, empty strings where the topology has none."""
    residues = universe.residues
    names = residues.resnames if hasattr(residues, "resnames") else [""] * len(residues)
    return np.asarray([str(name).strip() for name in names])


def _elements(universe: mda.Universe) -> NDArray[np.str_]:
    """Element of every atom: as given, else from its name, else from its mass."""
    atoms = universe.atoms
    given = [str(e).capitalize() for e in atoms.elements] if hasattr(atoms, "elements") else []
    if given and all(e in atomic_numbers for e in given):
        return np.asarray(given, dtype="U2")
    names = atoms.names if hasattr(atoms, "names") else atoms.types
    masses = atoms.masses if hasattr(atoms, "masses") else np.zeros(len(atoms))
    alone = np.bincount(atoms.resindices)[atoms.resindices] == 1
    cache: dict[tuple[str, float, bool], str] = {}
    result: list[str] = []
    for name, mass, single in zip(names, masses, alone, strict=True):
        key = (str(name), float(mass), bool(single))
        if key not in cache:
            cache[key] = _element_of_name(str(name), bool(single)) or _element_of_mass(float(mass))
        result.append(cache[key])
    return np.asarray(result, dtype="U2")


def _element_of_name(name: str, single: bool) -> str:
    """Element meant by an atom name such as ``O12``, ``CL3`` or (alone) ``NA+``; or ''."""
    letters = re.sub(r"^[0-9]+", "", name.strip())
    match = re.match(r"[A-Za-z]+", letters)
    if match is None:
        return ""
    word = match.group()
    if single and word.upper() in _ION_NAMES:
        return _ION_NAMES[word.upper()]
    two = word[:2].capitalize()
    # In a molecule CA, NA, HG... are numbered C, N, H; a mixed-case Li or Cl is meant.
    meant = two in ("Cl", "Br") or word[:2] in ("Si", "Li", "Na", "Al")
    meant = meant or (single and two in _TWO_LETTER_IONS)
    if len(word) >= 2 and meant and two in atomic_numbers:
        return two
    return word[0].upper() if word[0].upper() in atomic_numbers else ""


def _element_of_mass(mass: float) -> str:
    """Element of a mass in amu (hydrogen up to 4.1, for repartitioned masses), else ``X``."""
    if 0.9 <= mass <= 4.1:
        return "H"
    best = min(_BY_MASS, key=lambda e: abs(atomic_masses[atomic_numbers[e]] - mass))
    return best if abs(atomic_masses[atomic_numbers[best]] - mass) < 0.6 else "X"


def _masses(universe: mda.Universe, elements: NDArray[np.str_]) -> Floats:
    masses = np.zeros(len(universe.atoms))
    if hasattr(universe.atoms, "masses"):
        masses = np.nan_to_num(np.array(universe.atoms.masses, dtype=float))
    if not np.any(masses > 0):
        masses = np.array([atomic_masses[atomic_numbers[e]] if e != "X" else 0.0 for e in elements])
    return masses


def _molecules(universe: mda.Universe, elements: NDArray[np.str_], masses: Floats) -> Ints:
    n = len(universe.atoms)
    bonds = universe.atoms.bonds.indices if hasattr(universe.atoms, "bonds") else np.empty((0, 2))
    if not len(bonds) and len(universe.residues) > 1:
        labels = np.array(universe.atoms.resindices, dtype=np.int64)
        ions = np.flatnonzero(np.isin(elements, CATION_ELEMENTS))  # often one residue for all
        labels[ions] = labels.max() + 1 + np.arange(len(ions))
    else:
        if not len(bonds):
            bonds = _guessed_bonds(universe, elements)
        graph = coo_matrix((np.ones(len(bonds)), np.asarray(bonds, int).reshape(-1, 2).T), (n, n))
        labels = np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
        for i in np.flatnonzero(masses == 0.0):
            if i > 0 and np.any(masses > 0.0):
                labels[i] = labels[i - 1]
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)


def _guessed_bonds(universe: mda.Universe, elements: NDArray[np.str_]) -> NDArray[Any]:
    """Pairs of atoms closer than 1.25 times the sum of covalent radii; alkali ions have none."""
    radii = np.array([covalent_radii[atomic_numbers.get(str(e), 0)] for e in elements])
    bonding = ~np.isin(elements, [*CATION_ELEMENTS, "X"])
    box = universe.dimensions
    periodic = box is not None and np.all(box[:3] > 0)
    pairs, distances = self_capped_distance(
        universe.atoms.positions, 3.0, box=box if periodic else None
    )
    near = distances < 1.25 * (radii[pairs[:, 0]] + radii[pairs[:, 1]])
    hydrogens = (elements[pairs] == "H").all(axis=1)
    return np.asarray(pairs[near & bonding[pairs].all(axis=1) & ~hydrogens])


def _hill_formula(elements: list[str]) -> str:
    counts = Counter(e for e in elements if e != "X") or Counter(elements)
    order = sorted(counts)
    if "C" in counts:
        order = ["C", *(["H"] if "H" in counts else []), *(e for e in order if e not in "CH")]
    return "".join(f"{e}{counts[e] if counts[e] > 1 else ''}" for e in order)


def _species_names(keys: list[tuple[str, str]]) -> tuple[str, ...]:
    """Residue names where they are telling and unique, else formulas (anions by name)."""
    uses = Counter(resname for resname, _ in keys)
    names = []
    for resname, formula in keys:
        telling = resname.upper() not in _VAGUE_RESNAMES and not resname.isdigit()
        plain = ANION_FORMULAS.get(formula, formula)
        if telling:
            names.append(resname if uses[resname] == 1 else f"{resname}.{plain}")
        else:
            names.append(plain)
    return tuple(names)
