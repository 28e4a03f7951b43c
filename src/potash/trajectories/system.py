"""What a trajectory holds: its elements, molecules, species, ions, and whether they make sense."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import MDAnalysis as mda  # noqa: N813  (its documented short name)
import numpy as np
from numpy.typing import NDArray

from potash.errors import InputError
from potash.trajectories.elements import elements_of, hill_formula
from potash.trajectories.ions import (
    ANIONS,
    DONOR_ELEMENTS,
    METAL_IONS,
    donors_of_anion,
    known_charge,
    usual_name,
)
from potash.trajectories.molecules import NEVER_ALONE, bond_tree, molecules_of
from potash.trajectories.near import near_pairs

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_VAGUE_RESNAMES: Final = {"", "UNK", "MOL", "SYSTEM", "LIG", "RES", "XXX"}


@dataclass(frozen=True)
class System:
    """What a trajectory holds, atom by atom and molecule by molecule.

    Attributes
    ----------
    elements
        Element symbol of every atom, ``X`` for a virtual site.
    masses
        Masses in amu, shape (n_atoms,).
    molecule
        Molecule of every atom, shape (n_atoms,), numbered by first atom.
    atoms, start, parent
        Atoms of molecule ``m`` are ``atoms[start[m]:start[m + 1]]``, each after the atom that it
        is bonded to, which is ``parent`` (-1 for the first).
    species
        Species of every molecule, an index into ``names``.
    names
        Name of every species: its residue name, else its usual name or formula.
    formulas
        Chemical formula of every species in Hill order, lumped hydrogens counted.
    charges
        Net charge of one molecule of every species in e; empty when the
        topology has no charges.
    notes
        What a reader should know about how atoms and molecules were told apart.
    """

    elements: NDArray[np.str_]
    masses: Floats
    molecule: Ints
    atoms: Ints
    start: Ints
    parent: Ints
    species: Ints
    names: tuple[str, ...]
    formulas: tuple[str, ...]
    charges: tuple[float, ...]
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[int, ...]:
        """Number of molecules of every species."""
        return tuple(np.bincount(self.species, minlength=len(self.names)).tolist())


def describe(universe: mda.Universe, elements: Mapping[str, str] | None = None) -> System:
    """Return the molecules and species of ``universe``, from a few of its frames where needed.

    Elements are those of :func:`potash.trajectories.elements.elements_of`, molecules those of
    :func:`potash.trajectories.molecules.molecules_of`.

    Parameters
    ----------
    universe
        Any MDAnalysis universe.
    elements
        Element by atom name or type, where files do not tell; see there.

    Raises
    ------
    InputError
        If an element cannot be told.
    """
    near = near_pairs(universe)
    found = elements_of(universe, near, elements or {})
    molecule, bonds = molecules_of(universe, found, near)
    atoms, start, parent = bond_tree(molecule, bonds, near)
    resnames = residue_names(universe)[np.asarray(universe.atoms.resindices)]
    charges = universe.atoms.charges if hasattr(universe.atoms, "charges") else None
    first = np.full(len(start) - 1, len(atoms), np.int64)
    np.minimum.at(first, molecule, np.arange(len(molecule)))
    index: dict[tuple[str, str], int] = {}
    net: list[float] = []
    species = np.empty(len(start) - 1, np.int64)
    for m in range(len(start) - 1):
        own = np.sort(atoms[start[m] : start[m + 1]])
        formula = hill_formula([str(e) for e in found.symbols[own]], found.hydrogens[own].tolist())
        key = (str(resnames[first[m]]), formula)
        if key not in index:
            index[key] = len(index)
            net.append(float(np.sum(charges[own])) if charges is not None else 0.0)
        species[m] = index[key]
    if charges is None or not np.any(charges):
        net = []
    return System(
        found.symbols, found.masses, molecule, atoms, start, parent, species,
        _species_names(list(index)), tuple(formula for _, formula in index), tuple(net),
        found.notes,
    )  # fmt: skip


def find_cations(system: System) -> Ints:
    """Return the atoms of all metal ions that stand alone, of every metal.

    Raises
    ------
    InputError
        If there is none.
    """
    is_ion = np.isin(np.asarray(system.formulas), list(METAL_IONS))[system.species]
    found = np.flatnonzero(is_ion[system.molecule])
    if len(found):
        return found.astype(np.int64)
    charged = [
        name
        for name, q in zip(system.names, formal_charges_of(system), strict=True)
        if q is not None and q > 0
    ]
    raise InputError(
        f"no cation found (no free {', '.join(METAL_IONS)} ion among {', '.join(system.names)}"
        + (f"; of more than one atom: {', '.join(charged)}" if charged else "")
        + "); name the atoms that count as the cation, such as 'resname EMIM and name N*'",
        source="cation",
    )


def find_anions(system: System) -> Ints:
    """Return the species (indices into ``system.names``) that are anions. May be empty."""
    charges = formal_charges_of(system)
    return np.flatnonzero([q is not None and q < 0 for q in charges]).astype(np.int64)


def donor_atoms(system: System, molecules: NDArray[np.bool_], *, anions: bool) -> Ints:
    """Return the atoms that bind cations in these molecules, a mask over all molecules.

    O, N and F atoms; in anions those of :func:`potash.trajectories.ions.donors_of_anion`.
    """
    kinds = system.species[system.molecule]
    chosen = molecules[system.molecule]
    if not anions:
        return np.flatnonzero(chosen & np.isin(system.elements, DONOR_ELEMENTS)).astype(np.int64)
    donors = np.zeros(len(kinds), bool)
    for kind in np.unique(kinds[chosen]):
        own = chosen & (kinds == kind)
        elements = frozenset(str(e) for e in system.elements[own])
        donors |= own & np.isin(system.elements, donors_of_anion(system.formulas[kind], elements))
    return np.flatnonzero(donors).astype(np.int64)


def formal_charges_of(system: System) -> tuple[int | None, ...]:
    """Return the whole-number charge of every species, None where nothing tells it.

    That of the ion with its formula; of other species that of the topology, after undoing the
    factor by which it scales the known ions (force fields scale ions to 0.7 or 0.8 e).
    """
    known = [known_charge(formula) for formula in system.formulas]
    if not system.charges:
        return tuple(known)
    scales = [q / z for q, z in zip(system.charges, known, strict=True) if z]
    scale = float(np.median(scales)) if scales else 1.0
    if not 0.3 < scale < 1.2:
        scale = 1.0
    return tuple(
        z if z is not None else round(q / scale) for q, z in zip(system.charges, known, strict=True)
    )


def check_molecules(system: System) -> None:
    """Refuse molecules that cannot be: lone atoms of elements that never stand alone.

    Raises
    ------
    InputError
        It names the atoms, how many, and what would tell the molecules.
    """
    for formula, name, count in zip(system.formulas, system.names, system.counts, strict=True):
        if formula in NEVER_ALONE:
            raise InputError(
                f"{count} x {formula} ({name}) would be lone atoms, which are no molecules "
                f"(found: {listed(system)}); give a topology with bonds or with molecule numbers, "
                "or, where the element is another, the argument elements",
                source="topology",
            )


def check_neutral(system: System, charges: tuple[float, ...], *, chosen: bool) -> str:
    """Return a note where the charges of the ions do not add up to zero, else ''.

    Parameters
    ----------
    system
        The liquid.
    charges
        Formal charge of every species.
    chosen
        Whether the user named the anions; then a charge that is left over is a remark.

    Raises
    ------
    InputError
        If ions were found by their formula alone and their charges do not add up.
    """
    total = sum(n * q for n, q in zip(system.counts, charges, strict=True))
    if total == 0:
        return ""
    ions = ", ".join(
        f"{n} {name} ({q:+g})"
        for name, n, q in zip(system.names, system.counts, charges, strict=True)
        if q
    )
    text = f"the charges of the ions add up to {total:+g} e and not to 0: {ions}"
    if chosen:
        return text
    raise InputError(
        f"{text} (found: {listed(system)}); name the ions that are missing by the arguments "
        "cation and anion, such as 'resname FSI', or give a topology with charges",
        source="topology",
    )


def listed(system: System) -> str:
    """Return the species with their formulas and numbers, as ``40 K, 40 FSI (F2NO4S2)``."""
    parts = [
        f"{n} {name}" + ("" if name == formula else f" ({formula})")
        for name, formula, n in zip(system.names, system.formulas, system.counts, strict=True)
    ]
    return ", ".join(parts[:12]) + (" and so on" if len(parts) > 12 else "")


def residue_names(universe: mda.Universe) -> NDArray[Any]:
    """Return the residue names, empty strings where the topology has none."""
    residues = universe.residues
    names = residues.resnames if hasattr(residues, "resnames") else [""] * len(residues)
    return np.asarray([str(name).strip() for name in names])


def _species_names(keys: list[tuple[str, str]]) -> tuple[str, ...]:
    """Residue names where they are telling and unique, else formulas (ions by name)."""
    uses = Counter(resname for resname, _ in keys)
    names = []
    for resname, formula in keys:
        telling = resname.upper() not in _VAGUE_RESNAMES and not resname.isdigit()
        # A molecular cation has isomers: only anions go by name.
        plain = usual_name(formula) if formula in ANIONS else formula
        if telling:
            names.append(resname if uses[resname] == 1 else f"{resname}.{plain}")
        else:
            names.append(plain)
    return tuple(names)
