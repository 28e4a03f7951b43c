"""Molecules as inputs of calculations: from SMILES, a catalogue species or a geometry file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from ase.data import atomic_numbers
from rdkit import Chem

from potash.catalog.species import Species
from potash.engines.levels import Level
from potash.errors import InputError, RefusedError
from potash.results.species import ConformerSearch, Geometry, MoleculeInputs
from potash.structures.files import read_molecule_xyz
from potash.structures.molecule import Structure
from potash.structures.smiles import parse_molecule, parse_smiles, written

SCREEN_COST_S = 0.6
DFT_COST_S = 40.0
_UNKNOWN_SIZE = 20

M = TypeVar("M", bound=MoleculeInputs)


def inputs_of_smiles(
    inputs: type[M],
    smiles: str,
    level: Level,
    *,
    seed: int = 1,
    search: ConformerSearch | None = None,
    source: str = "",
    field: str = "smiles",
) -> M:
    """Return the inputs of one closed-shell molecule or ion given by SMILES.

    Equal molecules give equal inputs, however their SMILES is written.

    Parameters
    ----------
    inputs
        Type of the inputs.
    smiles
        Of one molecule or ion.
    level
        Level of theory of property ``molecules``.
    seed, search
        Of the conformers.
    source, field
        Where the SMILES is from, for errors.

    Raises
    ------
    InputError
        See :func:`potash.structures.smiles.parse_molecule`.
    RefusedError
        If the level is not valid for such a molecule.
    """
    mol = parse_molecule(smiles, source=source, field=field)
    found = written(mol)
    elements = {a.GetSymbol() for a in mol.GetAtoms()}
    level.check(elements, charge=found.charge, n_atoms=found.n_atoms)
    return inputs(
        level=level.fingerprint,
        smiles=found.canonical,
        charge=found.charge,
        unpaired=found.unpaired,
        seed=seed,
        search=search or ConformerSearch(),
    )


def inputs_of_species(
    inputs: type[M],
    species: Species,
    level: Level,
    *,
    seed: int = 1,
    search: ConformerSearch | None = None,
    **more: Any,
) -> M:
    """Return the inputs of a catalogue species, with ``more`` of the kind's own.

    Species that no engine can treat (no structure given, several parts) get inputs
    too: their calculation is refused with the reason, so that they have a row.

    Parameters
    ----------
    inputs
        Type of the inputs.
    species
        Entry of the catalogue; its geometry, where there is one, comes before its SMILES.
    level
        Level of theory of property ``molecules``.
    seed, search
        Of the conformers.

    Raises
    ------
    InputError
        If the geometry file cannot be read.
    """
    common: dict[str, Any] = {
        "level": level.fingerprint,
        "seed": seed,
        "search": search or ConformerSearch(),
        **more,
    }
    found = species.written
    if found is not None and species.geometry is None:
        return inputs(
            smiles=found.canonical,
            charge=found.charge,
            unpaired=max(species.multiplicity - 1, found.unpaired),
            **common,
        )
    return inputs(
        smiles=None,
        charge=species.charge,
        unpaired=species.multiplicity - 1,
        formula=species.formula,
        geometry=geometry_of(species),
        **common,
    )


def planned_molecule(inputs: MoleculeInputs) -> Chem.Mol:
    """Return the molecule of a calculation's inputs.

    Raises
    ------
    RefusedError
        If there is no SMILES, or none that can be computed.
    """
    if inputs.smiles is None:
        raise RefusedError("this needs a SMILES, to tell which bonds there are")
    try:
        return parse_molecule(inputs.smiles, charge=inputs.charge, allow_radical=True)
    except InputError as error:
        raise RefusedError(error.message) from None


def size_of(smiles: str | None, geometry: Geometry | None) -> int:
    """Return the number of atoms of a molecule, hydrogens included; 20 where it is not known."""
    if smiles is not None:
        return int(parse_smiles(smiles).GetNumAtoms(onlyExplicit=False))
    return _UNKNOWN_SIZE if geometry is None else len(geometry.numbers)


def cost_s(n_atoms: int, level: Level) -> float:
    """Return about how many core-seconds energies of one molecule take."""
    if level.theory == "tight_binding":
        return SCREEN_COST_S * max(1.0, (n_atoms / 20) ** 2)
    factor = 8 if level.name == "reference" else 1
    return float(DFT_COST_S * max(0.1, (n_atoms / 16) ** 2.3) * factor)


def n_atoms_of(species: Species) -> int:
    """Return the number of atoms to reckon with for a species, hydrogens included.

    A geometry given atom by atom is of a cage, whose conformers are not searched: it
    counts like a molecule of unknown size.
    """
    if species.written is None or species.geometry is not None:
        return _UNKNOWN_SIZE
    return species.written.n_atoms


def geometry_of(species: Species) -> Geometry | None:
    """Return the geometry that the catalogue gives for a species, or ``None``.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    if species.geometry is None:
        return None
    return read_geometry(species.geometry, species.charge, species.multiplicity - 1)


def read_geometry(path: Path, charge: int, unpaired: int) -> Geometry:
    """Return the geometry in a plain XYZ file, coordinates rounded to 1e-6 angstrom.

    Raises
    ------
    InputError
        If the file cannot be read as XYZ.
    """
    symbols, positions = read_molecule_xyz(path)
    return Geometry(
        numbers=tuple(atomic_numbers[symbol] for symbol in symbols),
        positions_angstrom=tuple((float(x), float(y), float(z)) for x, y, z in positions.round(6)),
        charge=charge,
        unpaired=unpaired,
    )


def structure_of(geometry: Geometry) -> Structure:
    """Return a geometry as the structure that engines take."""
    return Structure(
        numbers=geometry.numbers,
        positions=np.array(geometry.positions_angstrom, dtype=float),
        charge=geometry.charge,
        unpaired=geometry.unpaired,
    )
