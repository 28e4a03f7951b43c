"""Which atoms can touch which: cations, donor atoms, and the pairs they form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from potash.errors import InputError
from potash.trajectories.system import System

Ints = NDArray[np.int64]

MOST_SPECIES = 12  # five bits each in the code of a shell


@dataclass(frozen=True)
class Contacts:
    """Which atoms can touch which: cations, donor atoms and the pairs they form.

    Attributes
    ----------
    cation_atoms, cation_of_atom, class_of_atom
        Atoms of the cations ordered by cation, the cation (0, 1, ...) and the
        element class of each.
    donors, ligand_of_donor, group_of_donor
        Donor atoms, the ligand molecule (0, 1, ...) and the donor group
        (element and species) of each.
    anion_of_ligand
        Number of the anion that a ligand is, or -1 for solvent.
    species_of_ligand, species
        Species of every ligand and the species' names.
    labels
        Name of every (class, group) pair, such as ``K-O(DME)``.
    kind_of_cation, cation_kinds, kind_of_anion, anion_kinds
        Species of every cation and anion, an index into the names beside it.
    """

    cation_atoms: Ints
    cation_of_atom: Ints
    class_of_atom: Ints
    donors: Ints
    ligand_of_donor: Ints
    group_of_donor: Ints
    anion_of_ligand: Ints
    species_of_ligand: Ints
    species: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    kind_of_cation: Ints
    cation_kinds: tuple[str, ...]
    kind_of_anion: Ints
    anion_kinds: tuple[str, ...]

    @property
    def n_cations(self) -> int:
        """Number of cations."""
        return int(self.cation_of_atom[-1]) + 1

    @property
    def n_anions(self) -> int:
        """Number of anions."""
        return int(np.sum(self.anion_of_ligand >= 0))

    @property
    def pairs(self) -> dict[str, tuple[Ints, Ints]]:
        """Atoms of every pair of cation class and donor group, by label."""
        return {
            label: (
                self.cation_atoms[self.class_of_atom == kind],
                self.donors[self.group_of_donor == group],
            )
            for kind, row in enumerate(self.labels)
            for group, label in enumerate(row)
        }

    @property
    def anion_labels(self) -> frozenset[str]:
        """Labels of the pairs whose donor belongs to an anion."""
        groups = {
            int(g)
            for g, ligand in zip(self.group_of_donor, self.ligand_of_donor, strict=True)
            if self.anion_of_ligand[ligand] >= 0
        }
        return frozenset(row[g] for row in self.labels for g in groups)


def contacts(system: System, cation: Ints, anion: Ints, solvent: Ints) -> Contacts:
    """Return the numbered ions, ligands and donor groups of the given atoms.

    Parameters
    ----------
    system
        Molecules and species of the trajectory.
    cation, anion, solvent
        Atom indices; every atom given is a donor (or cation) atom. ``anion``
        or ``solvent`` may be empty, not both.

    Raises
    ------
    InputError
        If a set is empty or an atom's molecule is in two of the sets.
    """
    if len(cation) == 0:
        raise InputError("the cation selection holds no atom", source="cation")
    if len(anion) + len(solvent) == 0:
        raise InputError("neither anion nor solvent has a donor atom", source="anion")
    for one, other, text in (
        (cation, anion, "cation and anion"),
        (cation, solvent, "cation and solvent"),
        (anion, solvent, "anion and solvent"),
    ):
        common = np.intersect1d(system.molecule[one], system.molecule[other])
        if len(common):
            name = system.names[system.species[common[0]]]
            raise InputError(f"the {text} selections share a molecule ({name})", source="anion")
    cation = cation[np.argsort(system.molecule[cation], kind="stable")]
    cations, cation_of_atom = np.unique(system.molecule[cation], return_inverse=True)
    cation_kinds, kind_of_cation = np.unique(system.species[cations], return_inverse=True)
    elements, class_of_atom = np.unique(system.elements[cation], return_inverse=True)

    donors = np.concatenate([anion, solvent]).astype(np.int64)
    molecules, ligand_of_donor = np.unique(system.molecule[donors], return_inverse=True)
    is_anion = np.isin(molecules, system.molecule[anion])
    anion_of_ligand = np.where(is_anion, np.cumsum(is_anion) - 1, -1)
    if len(np.unique(system.species[molecules])) > MOST_SPECIES:
        raise InputError(f"more than {MOST_SPECIES} kinds of ligands", source="solvent")
    anions = np.unique(system.molecule[anion])
    anion_kinds, kind_of_anion = np.unique(system.species[anions], return_inverse=True)
    kinds, species_of_ligand = np.unique(system.species[molecules], return_inverse=True)
    keys = list(zip(system.elements[donors], system.species[system.molecule[donors]], strict=True))
    groups = sorted(set(keys), key=lambda key: (int(key[1]), str(key[0])))
    place = {key: i for i, key in enumerate(groups)}
    return Contacts(
        cation_atoms=cation.astype(np.int64),
        cation_of_atom=cation_of_atom.astype(np.int64),
        class_of_atom=class_of_atom.astype(np.int64),
        donors=donors,
        ligand_of_donor=ligand_of_donor.astype(np.int64),
        group_of_donor=np.array([place[key] for key in keys], dtype=np.int64),
        anion_of_ligand=anion_of_ligand.astype(np.int64),
        species_of_ligand=species_of_ligand.astype(np.int64),
        species=tuple(system.names[k] for k in kinds),
        labels=tuple(
            tuple(f"{c}-{element}({system.names[kind]})" for element, kind in groups)
            for c in elements
        ),
        kind_of_cation=kind_of_cation.astype(np.int64),
        cation_kinds=tuple(system.names[k] for k in cation_kinds),
        kind_of_anion=kind_of_anion.astype(np.int64),
        anion_kinds=tuple(system.names[k] for k in anion_kinds),
    )
