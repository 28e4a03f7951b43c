"""The parameters of a species: Potash's own force field, else GAFF2 for neutral molecules."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache

from rdkit import Chem

from potash.engines import ambertools
from potash.engines.topology import Molecule
from potash.errors import CalculationError, PotashError, RefusedError
from potash.liquids.forcefield import ForceField, load_force_field
from potash.liquids.typing import (
    EMBED_SEED,
    atom_names,
    embed,
    parameterise,
    read_molecule,
    residue_name,
)
from potash.results.calculation import canonical_json

FALLBACK_NOTE = (
    "GAFF2/AM1-BCC, unvalidated; Lorentz-Berthelot among itself, geometric mixing with the"
    " species of other force fields"
)
PAIRS = "cation pairs"
"""Beside the species in a calculation's ``parameters``: the hash of their pair terms."""
# Absent from the hash where they say nothing, so that older results stay known.
_OPTIONAL = {
    "constraints": (),
    "mixing": "geometric",
    "coulomb_14": None,
    "lennard_jones_14": None,
}


def molecule_of(
    species: str, force_field: ForceField, *, smiles: str = "", charge_scale: float | None = None
) -> Molecule:
    """Return a species with every term: from the force field, else GAFF2 if it is neutral.

    Parameters
    ----------
    species, force_field, smiles, charge_scale
        As :func:`potash.liquids.typing.parameterise` takes them.

    Raises
    ------
    InputError
        If neither an entry nor a readable SMILES is given.
    RefusedError
        If it is an ion without parameters, or GAFF2 cannot describe it either, or
        AmberTools is missing; with both reasons.
    """
    try:
        return parameterise(species, force_field, smiles=smiles, charge_scale=charge_scale)
    except RefusedError as error:
        _check_fallback(species, smiles, error)
        try:
            return _gaff2(species, smiles)
        except (RefusedError, CalculationError) as second:
            raise RefusedError(f"{error}; GAFF2: {second}") from None


def is_fallback(molecule: Molecule) -> bool:
    """Return whether a molecule's parameters are GAFF2's."""
    return molecule.mixing != "geometric"


def _check_fallback(species: str, smiles: str, reason: RefusedError) -> None:
    """Raise unless GAFF2 may describe a species that the force field refuses."""
    if not smiles:
        raise reason
    mol = read_molecule(smiles, species)
    if Chem.GetFormalCharge(mol) or len(Chem.GetMolFrags(mol)) > 1:
        raise reason
    others = {a.GetSymbol() for a in mol.GetAtoms()} - ambertools.ELEMENTS
    if others:
        raise RefusedError(f"{reason}; GAFF2 has no {', '.join(sorted(others))}")
    if mol.GetNumAtoms() > ambertools.MAX_ATOMS:
        raise RefusedError(
            f"{reason}; {mol.GetNumAtoms()} atoms are too many for AM1-BCC"
            f" (at most {ambertools.MAX_ATOMS})"
        )
    if any(a.GetNumRadicalElectrons() for a in mol.GetAtoms()):
        raise RefusedError(f"{reason}; GAFF2 describes closed shells only")
    try:
        ambertools.needed()
    except RefusedError as missing:
        raise RefusedError(f"{reason}; GAFF2: {missing}") from None


@lru_cache(maxsize=64)
def _gaff2(species: str, smiles: str) -> Molecule:
    mol = read_molecule(smiles, species)
    positions = embed(mol, species)
    conformer = Chem.Conformer(mol.GetNumAtoms())
    for index, position in enumerate(positions):
        conformer.SetAtomPosition(index, position)
    mol.AddConformer(conformer, assignId=True)
    names, block = atom_names(mol), Chem.MolToMolBlock(mol, kekulize=True)
    return ambertools.gaff2_molecule(species, residue_name(species), names, block, positions)


def parameter_hash(species: str, smiles: str, charge_scale: float) -> str:
    """Return a hash of what determines a species' parameters, or why it has none.

    Of the force field's own species every term enters (but nothing of others: adding
    a species makes no known result unknown); of GAFF2's the recipe, because charges from
    a quantum-chemical program may differ in the last digit between machines.
    """
    try:
        molecule = parameterise(
            species, load_force_field(), smiles=smiles, charge_scale=charge_scale
        )
    except RefusedError as error:
        try:
            _check_fallback(species, smiles, error)
        except PotashError as refused:
            return f"none: {refused}"
        recipe = {
            "force_field": "GAFF2/AM1-BCC",
            "ambertools": ambertools.version(ambertools.needed()),
            "smiles": Chem.MolToSmiles(Chem.RemoveHs(read_molecule(smiles, species))),
            "embed_seed": EMBED_SEED,
        }
        return hashlib.sha256(canonical_json(recipe).encode()).hexdigest()[:16]
    except PotashError as error:
        return f"none: {error}"
    return molecule_hash(molecule)


def pair_hash(smiles: Mapping[str, str], force_field: ForceField) -> str:
    """Return a hash of the cation pairs among species; empty where there are none.

    Parameters
    ----------
    smiles
        Species to SMILES. What the force field does not type has no pairs.
    """
    types: set[str] = set()
    for species, text in smiles.items():
        with contextlib.suppress(PotashError):
            types.update(parameterise(species, force_field, smiles=text).types)
    terms = [asdict(t) for t in force_field.pair_terms(types)]
    return hashlib.sha256(canonical_json(terms).encode()).hexdigest()[:16] if terms else ""


def molecule_hash(molecule: Molecule) -> str:
    """Return 16 hexadecimal digits of the hash of a molecule's terms (not of its geometry)."""
    left_out = {"positions_angstrom", "species", "types"}
    left_out |= {name for name, plain in _OPTIONAL.items() if getattr(molecule, name) == plain}
    terms = {k: v for k, v in asdict(molecule).items() if k not in left_out}
    return hashlib.sha256(canonical_json(terms).encode()).hexdigest()[:16]
