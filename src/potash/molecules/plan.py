"""Calculations of molecules, planned from catalogue entries or SMILES."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase.data import atomic_numbers
from rdkit import Chem

from potash.catalog.species import Salt, Species
from potash.engines.levels import Level
from potash.engines.pyscf import CONTINUUM
from potash.errors import InputError
from potash.molecules.conformers import Search, unpaired_electrons
from potash.molecules.redox import ABSOLUTE_SHE_V, absolute_potassium_v
from potash.results.calculation import Calculation
from potash.structures.molecule import Structure, structure_to_json
from potash.structures.smiles import canonical_smiles, parse_molecule, parse_smiles

SCREEN_COST_S = 0.6
STANDARD_COST_S = 40.0
ALKALI_METALS = ("Li", "Na", "K")


def smiles_calculation(
    smiles: str,
    level: Level,
    *,
    seed: int = 1,
    item: str = "",
    search: Search | None = None,
    source: str = "",
    field: str = "smiles",
) -> Calculation:
    """Return the calculation of one closed-shell molecule or ion given by SMILES.

    Equal molecules give equal keys, however their SMILES is written.

    Raises
    ------
    InputError
        See :func:`potash.structures.smiles.parse_molecule`.
    RefusedError
        If the level is not valid for such a molecule.
    """
    mol = parse_molecule(smiles, source=source, field=field)
    inputs = _from_mol(mol)
    _check(level, mol)
    return _calculation(item or inputs["smiles"], level, inputs, seed, search or Search(), mol)


def species_calculation(
    species: Species, level: Level, *, seed: int = 1, search: Search | None = None
) -> Calculation:
    """Return the calculation of one catalogue species at one level.

    Species that no engine can treat (no structure given, several parts) are planned
    too: their calculation is refused with the reason, so that they have a row.

    Raises
    ------
    InputError
        If the geometry file cannot be read.
    """
    search = search or Search()
    if species.smiles is not None and species.geometry is None:
        mol = parse_smiles(species.smiles, field=species.id)
        inputs = _from_mol(mol)
        inputs["unpaired"] = max(species.multiplicity - 1, inputs["unpaired"])
        return _calculation(species.id, level, inputs, seed, search, mol)
    inputs = {
        "smiles": None,
        "charge": species.charge,
        "unpaired": species.multiplicity - 1,
        "formula": species.formula,
    }
    if species.geometry is not None:
        inputs["geometry"] = structure_to_json(
            read_geometry(species.geometry, species.charge, species.multiplicity - 1)
        )
    return _calculation(species.id, level, inputs, seed, search, None)


def complex_calculation(
    metal: str,
    ligands: Sequence[Species],
    level: Level,
    *,
    item: str = "",
    seed: int = 1,
    search: Search | None = None,
) -> Calculation:
    """Return the calculation of [M(ligand)n]+ or of an ion pair with an alkali ion.

    Parameters
    ----------
    metal
        ``Li``, ``Na`` or ``K``: the bare cation, charge +1.
    ligands
        Solvents or anions around it; repeat one for n > 1.
    level
        ``screen`` or ``standard``.
    item
        Label; by default such as ``k_plus_dme`` or ``k_plus_dme_x2``.

    Raises
    ------
    InputError
        If the metal is not an alkali metal or there is no ligand.
    """
    if metal not in ALKALI_METALS:
        raise InputError(f"{metal!r} is no alkali metal handled here; give Li, Na or K")
    if not ligands:
        raise InputError(f"a complex of {metal}+ needs at least one ligand")
    ion = {"smiles": f"[{metal}+]", "charge": 1, "unpaired": 0, "label": metal}
    names = sorted({ligand.id for ligand in ligands})
    counts = [sum(ligand.id == name for ligand in ligands) for name in names]
    label = f"{metal.lower()}_plus_" + "_".join(
        name if n == 1 else f"{name}_x{n}" for name, n in zip(names, counts, strict=True)
    )
    parts = [ion, *[_part(ligand) for ligand in ligands]]
    return _complex(item or label, parts, [metal], level, seed, search)


def salt_calculation(
    salt: Salt,
    cation: Species,
    anion: Species,
    level: Level,
    *,
    seed: int = 1,
    search: Search | None = None,
) -> Calculation:
    """Return the calculation of a salt's neutral formula unit as a gas-phase ion pair."""
    parts = [_part(cation)] * salt.n_cation + [_part(anion)] * salt.n_anion
    symbols = list(cation.composition) if sum(cation.composition.values()) == 1 else []
    return _complex(salt.id, parts, symbols * salt.n_cation, level, seed, search)


def _part(species: Species) -> dict[str, Any]:
    part: dict[str, Any] = {
        "smiles": None,
        "charge": species.charge,
        "unpaired": species.multiplicity - 1,
        "label": species.id,
    }
    if species.geometry is not None:
        part["geometry"] = structure_to_json(
            read_geometry(species.geometry, species.charge, species.multiplicity - 1)
        )
    elif species.smiles is not None:
        part["smiles"] = canonical_smiles(parse_smiles(species.smiles, field=species.id))
    return part


def _complex(
    item: str,
    parts: list[dict[str, Any]],
    metals: list[str],
    level: Level,
    seed: int,
    search: Search | None,
) -> Calculation:
    size = sum(_part_size(part) for part in parts)
    if level.fingerprint.get("theory") == "xtb":
        cost = 4 * SCREEN_COST_S * max(1.0, (size / 20) ** 2) * len(parts)
    else:
        cost = 8 * STANDARD_COST_S * max(0.1, (size / 16) ** 2.3)
    return Calculation(
        kind="complex",
        item=item,
        model="lowest of several starts",
        level=level.name,
        inputs={
            "parts": parts,
            "metals": metals,
            "seed": seed,
            "search": (search or Search()).as_json(),
            "relaxed": 3,
            "level": dict(level.fingerprint),
        },
        cost_s=cost,
    )


def _part_size(part: dict[str, Any]) -> int:
    if part["smiles"] is not None:
        return _n_atoms(parse_smiles(part["smiles"]))
    return len(part["geometry"]["numbers"]) if "geometry" in part else 20


def redox_calculation(
    species: Species,
    level: Level,
    *,
    dielectric_constant: float,
    absolute_she_v: float = ABSOLUTE_SHE_V,
    seed: int = 1,
    search: Search | None = None,
) -> Calculation:
    """Return the calculation of oxidation and reduction potentials in one medium.

    Parameters
    ----------
    species
        A molecule or ion with a SMILES.
    level
        ``screen`` or ``standard``.
    dielectric_constant
        Of the electrolyte; that of 1,2-dimethoxyethane is 7.22.
    absolute_she_v
        Absolute potential of the hydrogen electrode.

    Raises
    ------
    InputError
        If the dielectric constant or the absolute potential makes no sense.
    """
    if not 1.0 < dielectric_constant < 250.0:
        raise InputError(f"{dielectric_constant} is no dielectric constant of a liquid")
    absolute_potassium_v(absolute_she_v)
    plain = species_calculation(species, level, seed=seed, search=search)
    return Calculation(
        kind="redox",
        item=species.id,
        model="conformer",
        level=level.name,
        inputs={
            **plain.inputs,
            "continuum": {"model": "ddCOSMO"}
            if level.fingerprint.get("theory") == "xtb"
            else CONTINUUM,
            "dielectric_constant": dielectric_constant,
            "absolute_she_v": absolute_she_v,
        },
        cost_s=8 * plain.cost_s,
    )


def fluoride_release_calculation(
    species: Species, level: Level, *, seed: int = 1, search: Search | None = None
) -> Calculation:
    """Return the calculation of the energy at which K takes fluorine from a species."""
    plain = species_calculation(species, level, seed=seed, search=search)
    return Calculation(
        kind="fluoride_release",
        item=species.id,
        model="conformer",
        level=level.name,
        inputs=plain.inputs,
        cost_s=6 * plain.cost_s,
    )


def read_geometry(path: Path, charge: int, unpaired: int) -> Structure:
    """Return the structure in a plain XYZ file.

    Raises
    ------
    InputError
        If the file cannot be read as XYZ.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        rows = [line.split() for line in lines[2 : 2 + int(lines[0])]]
        numbers = tuple(atomic_numbers[row[0]] for row in rows)
        positions = np.array([[float(v) for v in row[1:4]] for row in rows])
    except (OSError, ValueError, IndexError, KeyError) as error:
        raise InputError(f"not a readable XYZ geometry ({error})", source=str(path)) from None
    return Structure(numbers, positions, charge, unpaired)


def _from_mol(mol: Chem.Mol) -> dict[str, Any]:
    return {
        "smiles": canonical_smiles(mol),
        "charge": int(Chem.GetFormalCharge(mol)),
        "unpaired": unpaired_electrons(mol),
    }


def _n_atoms(mol: Chem.Mol) -> int:
    return int(mol.GetNumAtoms(onlyExplicit=False))


def _check(level: Level, mol: Chem.Mol) -> None:
    level.check(
        {a.GetSymbol() for a in mol.GetAtoms()},
        charge=int(Chem.GetFormalCharge(mol)),
        n_atoms=_n_atoms(mol),
    )


def _calculation(
    item: str,
    level: Level,
    inputs: dict[str, Any],
    seed: int,
    search: Search,
    mol: Chem.Mol | None,
) -> Calculation:
    size = _n_atoms(mol) if mol is not None else 20
    if level.fingerprint.get("theory") == "xtb":
        cost = SCREEN_COST_S * max(1.0, (size / 20) ** 2)
    else:
        cost = STANDARD_COST_S * max(0.1, (size / 16) ** 2.3)
        cost *= 8 if level.name == "reference" else 1
    return Calculation(
        kind="species",
        item=item,
        model="conformer",
        level=level.name,
        inputs={
            **inputs,
            "seed": seed,
            "search": search.as_json(),
            "level": dict(level.fingerprint),
        },
        cost_s=cost,
    )
