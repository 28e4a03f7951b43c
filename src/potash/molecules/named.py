"""Species that a user names by catalogue id or by SMILES."""

from __future__ import annotations

import hashlib
import re

from potash.catalog.catalog import Catalog
from potash.catalog.consistency import unknown_id
from potash.catalog.species import Species
from potash.errors import InputError
from potash.structures.smiles import parse_molecule, written

_LOOKS_LIKE_AN_ID = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")


def species_named(name: str, catalog: Catalog) -> Species:
    """Return the species of a catalogue id or a SMILES.

    A SMILES of a molecule that the catalogue has gives the catalogue's species; any other
    one gives a species whose id follows from its canonical SMILES, so that equal molecules
    are one species however they are written.

    Parameters
    ----------
    name
        Id, such as ``dme``, or SMILES, such as ``COCCOC``.
    catalog
        Where ids are looked up, and molecules recognised.

    Raises
    ------
    InputError
        If it is neither; a near match among the ids is named.

    Examples
    --------
    >>> from potash.catalog import load_catalog
    >>> species_named("C(COC)OC", load_catalog()).id
    'dme'
    """
    if name in catalog.species:
        return catalog.species[name]
    try:
        molecule = parse_molecule(name)
    except InputError:
        if _LOOKS_LIKE_AN_ID.fullmatch(name):
            raise InputError(unknown_id("species or SMILES", name, catalog.species)) from None
        raise
    found = written(molecule)
    smiles = found.canonical
    for species in catalog.species.values():
        if species.canonical_smiles == smiles:
            return species
    return Species(
        id="smiles_" + hashlib.sha256(smiles.encode()).hexdigest()[:12],
        name=smiles,
        smiles=smiles,
        charge=found.charge,
        multiplicity=found.unpaired + 1,
    )
