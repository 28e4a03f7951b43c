"""Complexes put together: separate parts relaxed, the ion placed, the lowest kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase.data import chemical_symbols
from rdkit import Chem

from potash.engines import xtb
from potash.errors import CalculationError, InputError, RefusedError
from potash.molecules.conformers import bonds_kept, relaxed_conformers
from potash.molecules.coordination import contacts, embed_around_ion
from potash.molecules.inputs import structure_of
from potash.molecules.tight_binding import relax_gfn2
from potash.results.complex_ import ComplexPart
from potash.results.species import ConformerSearch
from potash.structures.molecule import Structure
from potash.structures.smiles import parse_molecule

_MIN_ION_DISTANCE_A = 1.5


@dataclass(frozen=True)
class Part:
    """One constituent of a complex, relaxed on its own.

    Attributes
    ----------
    structure
        Geometry; a bare ion has one atom.
    mol
        RDKit molecule without hydrogens, ``None`` for cages given by geometry.
    """

    structure: Structure
    mol: Chem.Mol | None


@dataclass(frozen=True)
class Assembly:
    """A relaxed complex.

    Attributes
    ----------
    structure
        Parts in order, atoms of each part contiguous.
    slices
        Atom range of each part.
    electronic
        GFN2-xTB result.
    n_tried
        Start geometries tried.
    """

    structure: Structure
    slices: tuple[slice, ...]
    electronic: xtb.XtbResult
    n_tried: int


def separate_part(
    part: ComplexPart, search: ConformerSearch, seed: int, backend: xtb.Backend
) -> Part:
    """Return one planned part of a complex, relaxed on its own with GFN2-xTB.

    Raises
    ------
    RefusedError
        If its structure is not known, or it is not one molecule.
    CalculationError
        If it cannot be relaxed.
    """
    if part.smiles is None:
        if part.geometry is None:
            raise RefusedError(f"no SMILES and no geometry are known for {part.label}")
        start = structure_of(part.geometry)
        positions, _ = relax_gfn2(start, backend=backend)
        return Part(Structure(start.numbers, positions, start.charge, start.unpaired), None)
    try:
        mol = parse_molecule(part.smiles, charge=part.charge, allow_radical=True)
    except InputError as error:
        raise RefusedError(f"{part.label}: {error.message}") from None
    if mol.GetNumAtoms() == 1 and mol.GetAtomWithIdx(0).GetTotalNumHs() == 0:
        z = int(mol.GetAtomWithIdx(0).GetAtomicNum())
        return Part(Structure((z,), np.zeros((1, 3)), part.charge), mol)
    found = relaxed_conformers(
        mol, seed=seed, search=search, backend=backend, unpaired=part.unpaired
    )
    return Part(found.structures[0], mol)


def assemble(
    parts: Sequence[Part], *, seed: int, relaxed: int = 3, backend: xtb.Backend = "tblite"
) -> Assembly:
    """Return the lowest GFN2-xTB geometry found for the parts together.

    One bare metal ion with ligands of known bonding: embedded around the ion. Else
    each part is brought into contact with the ones before, from 16 directions.

    Raises
    ------
    CalculationError
        If no start geometry relaxes to an intact complex.
    """
    slices, offset = [], 0
    for part in parts:
        slices.append(slice(offset, offset + len(part.structure.numbers)))
        offset = slices[-1].stop
    starts = _starts(parts, seed)
    ranked: list[tuple[float, int, Structure]] = []
    trouble = "no start geometry"
    for index, start in enumerate(starts):
        try:
            _check_ion(start, slices)
            energy = xtb.single_point(start, backend=backend).energy_ev
            ranked.append((energy, index, start))
        except CalculationError as error:
            trouble = str(error)
    ranked.sort(key=lambda item: item[:2])
    best: tuple[xtb.XtbResult, Structure] | None = None
    for _, _, start in ranked[:relaxed]:
        try:
            positions, result = relax_gfn2(start, backend=backend)
        except CalculationError as error:
            trouble = str(error)
            continue
        broken = [
            part.mol is not None
            and len(part.structure.numbers) > 1
            and not bonds_kept(Chem.AddHs(part.mol), positions[where])
            for part, where in zip(parts, slices, strict=True)
        ]
        if any(broken):
            trouble = "the ligand rearranges when the ion binds (GFN2-xTB)"
        elif best is None or result.energy_ev < best[0].energy_ev:
            best = (result, Structure(start.numbers, positions, start.charge, start.unpaired))
    if best is None:
        raise CalculationError(trouble)
    return Assembly(best[1], tuple(slices), best[0], len(starts))


def _starts(parts: Sequence[Part], seed: int) -> list[Structure]:
    first, rest = parts[0], parts[1:]
    symbol = chemical_symbols[first.structure.numbers[0]]
    bare = len(first.structure.numbers) == 1 and first.structure.charge > 0
    ligands = [part.mol for part in rest if part.mol is not None]
    if (
        bare
        and len(ligands) == len(rest)
        and all(m.GetNumAtoms() > 1 or _hydride(m) for m in ligands)
    ):
        found = embed_around_ion(ligands, symbol, first.structure.charge, seed=seed)
        if found:
            return found
    found = [first.structure]
    for part in rest:
        found = [
            contact
            for start in found
            for contact in contacts(
                start, part.structure, seed=seed, directions=16 if len(found) == 1 else 4
            )
        ]
    return found


def _hydride(mol: Chem.Mol) -> bool:
    return bool(mol.GetAtomWithIdx(0).GetTotalNumHs())


def _check_ion(structure: Structure, slices: Sequence[slice]) -> None:
    """Refuse a start with a bare ion on top of a donor: tight binding would not converge."""
    for where in slices:
        if where.stop - where.start == 1:
            distance = np.linalg.norm(structure.positions - structure.positions[where], axis=1)
            others = np.delete(distance, where.start)
            if others.min() < _MIN_ION_DISTANCE_A and min(structure.numbers) > 1:
                raise CalculationError(f"the ion starts {others.min():.2f} A from an atom")
