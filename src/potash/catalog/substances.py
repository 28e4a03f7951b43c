"""What is known of substances in bottles: densities, registry numbers, flash points."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ase.data import atomic_masses, atomic_numbers

from potash.catalog.catalog import Catalog
from potash.errors import InputError
from potash.resources import data_dir


@dataclass(frozen=True)
class Density:
    """Measured density of a pure liquid.

    Attributes
    ----------
    value_g_ml, temperature_k
        The density and its temperature.
    source, reference
        Where it was read, and its DOI or address ('' where there is none).
    verified
        False: recalled, and no source was read.
    """

    value_g_ml: float
    temperature_k: float
    source: str
    reference: str
    verified: bool


@dataclass(frozen=True)
class Identity:
    """Registry number and sourced hazard data of a substance; None or '' where no source has it.

    Attributes
    ----------
    cas
        CAS registry number.
    flash_point_k, flash_point_source
        Flash point and who gives it.
    iarc
        Group in IARC's list of carcinogens.
    """

    cas: str
    flash_point_k: float | None
    flash_point_source: str
    iarc: str


def table_lines(path: Path) -> list[dict[str, str]]:
    """Return the lines of a CSV file of the data folder, without its comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if line and not line.startswith("#")))


@lru_cache(maxsize=1)
def densities() -> Mapping[str, Density]:
    """Return the density of each species that has one in ``densities.csv``.

    >>> densities()["dme"].value_g_ml
    0.861
    """
    return {
        r["species"]: Density(
            float(r["density_g_ml"]),
            float(r["temperature_k"]),
            r["source"],
            r["doi_or_url"],
            r["verified"] == "yes",
        )
        for r in table_lines(data_dir("molecules") / "densities.csv")
    }


@lru_cache(maxsize=1)
def identities() -> Mapping[str, Identity]:
    """Return what ``identities.csv`` has of each species or salt.

    >>> identities()["dme"].cas
    '110-71-4'
    """
    return {
        r["species"]: Identity(
            r["cas"],
            float(r["flash_point_k"]) if r["flash_point_k"] else None,
            r["flash_point_source"],
            r["iarc"],
        )
        for r in table_lines(data_dir("molecules") / "identities.csv")
    }


@lru_cache(maxsize=1)
def known_to_dissolve_mol_l() -> Mapping[tuple[str, str], float]:
    """Return salt and solvent to the highest concentration at which they are known to mix.

    >>> known_to_dissolve_mol_l()["kfsi", "dme"]
    5.0
    """
    rows = table_lines(data_dir("molecules") / "solubilities.csv")
    return {(r["salt"], r["solvent"]): float(r["at_least_mol_l"]) for r in rows}


def composition_of(name: str, catalog: Catalog) -> dict[str, int]:
    """Return the number of atoms of each element in a species, or in a formula unit of a salt.

    >>> from potash.catalog.catalog import load_catalog
    >>> composition_of("kfsi", load_catalog())["F"]
    2
    """
    salt = catalog.salts.get(name)
    if salt is None:
        return dict(catalog.get_species(name).composition)
    found: dict[str, int] = {}
    for ion, number in ((salt.cation, salt.n_cation), (salt.anion, salt.n_anion)):
        for symbol, n in catalog.get_species(ion).composition.items():
            found[symbol] = found.get(symbol, 0) + number * n
    return found


def formula_of(name: str, catalog: Catalog) -> str:
    """Return the formula of a species or salt: carbon, hydrogen, then the alphabet (Hill).

    >>> from potash.catalog.catalog import load_catalog
    >>> formula_of("dme", load_catalog()), formula_of("kfsi", load_catalog())
    ('C4H10O2', 'F2KNO4S2')
    """
    counts = composition_of(name, catalog)
    first = [s for s in ("C", "H") if "C" in counts and s in counts]
    order = [*first, *sorted(s for s in counts if s not in first)]
    return "".join(f"{s}{counts[s] if counts[s] > 1 else ''}" for s in order)


def molar_mass_g_mol(name: str, catalog: Catalog) -> float:
    """Return the molar mass of a species or a formula unit of a salt, from IUPAC's atomic masses.

    >>> from potash.catalog.catalog import load_catalog
    >>> round(molar_mass_g_mol("kfsi", load_catalog()), 2)
    219.22
    """
    counts = composition_of(name, catalog)
    return float(sum(n * atomic_masses[atomic_numbers[s]] for s, n in counts.items()))


def repeat_unit_mass_g_mol(name: str, catalog: Catalog) -> float:
    """Return the molar mass of a polymer's repeat unit.

    Raises
    ------
    InputError
        If the species has no repeat unit.

    Examples
    --------
    >>> from potash.catalog.catalog import load_catalog
    >>> round(repeat_unit_mass_g_mol("peo_model", load_catalog()), 2)
    44.05
    """
    from rdkit import Chem

    smiles = catalog.get_species(name).repeat_unit_smiles
    if not smiles:
        raise InputError(f"{name} is counted by repeat units, and the catalogue has none of it")
    atoms = Chem.AddHs(Chem.MolFromSmiles(smiles)).GetAtoms()
    return float(sum(atomic_masses[a.GetAtomicNum()] for a in atoms if a.GetAtomicNum()))
