"""Reference campaign of the molecules; resumable, one calculation after another on one core.

Usage: python scripts/reference_molecules.py SCRATCH_FOLDER [PART ...]

Parts, in this order by default: ``screen`` (every species and salt, the ion complexes
of the neutral solvents, the molecules with measured ionisation energies), ``first``
(what claims are checked with, at ``standard``), ``redox`` (potentials at ``screen``),
``measured`` (molecules with measured ionisation energies at ``standard``) and ``rest``
(species, salts and complexes at ``standard``, the cheapest first). ``reference`` is
the range-separated hybrid on the smallest measured molecules, ``window`` the potentials
and the release of fluoride at ``standard`` of what the review orders by them.
Committed rows are taken over first, so that nothing is computed twice. Rows go into a
store in the scratch folder and are exported to ``results/reference/molecules/`` every few
minutes; a killed run goes on where it was.
"""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from potash.catalog.campaign_parts import MoleculesPart
from potash.catalog.catalog import Catalog, load_catalog
from potash.catalog.medium import dielectric_constant
from potash.catalog.species import Species
from potash.engines.levels import Level
from potash.engines.molecule_levels import reference_level, screen_level, standard_level
from potash.molecules.complexes import complex_calculation, salt_calculation
from potash.molecules.fluoride import fluoride_release_calculation
from potash.molecules.orbitals import smiles_calculation, species_calculation
from potash.molecules.redox import redox_calculation
from potash.resources import data_dir
from potash.results.calculation import Calculation
from potash.running.limits import Limit, Limits
from potash.running.local import compute_in_processes
from potash.store import Row, Store, export_rows, import_rows

TARGET = Path(__file__).resolve().parents[1] / "results" / "reference" / "molecules"
ELECTROLYTE_ROLES = {"solvent", "diluent", "additive", "salt_anion"}
SOLVENT_ROLES = {"solvent", "diluent", "additive", "neutral_ligand"}
STANDARD_COMPLEXES = [
    *[(m, "tmp") for m in ("Li", "Na", "K")],
    *[("K", s) for s in ("water", "nh3", "dmso", "thf", "ec", "vc", "dtd", "dx13", "dma", "dme")],
    *[("K", s) for s in ("dimethyl_sulfone", "pc", "methylamine", "urea", "adn", "dec", "g2")],
    *[(m, s) for m in ("Li", "Na") for s in ("water", "ec", "dme", "dmso")],
    *[(m, "tep") for m in ("K", "Na", "Li")],
    *[("K", s) for s in ("tte", "tftfe", "dbe", "didbe")],
    ("Na", "dma"),
]
# The ion pairs that a solvent joins, compared by the review.
STANDARD_PAIRS = [("pf6_minus", "dme"), ("fsi_minus", "dme")]
METALS = ("K", "Na", "Li")
# The review's order of the three alkali ions is that with triethyl phosphate.
CHECKED = ("k_plus_tep", "na_plus_tep", "li_plus_tep")
# Smallest phosphoryl donor: stands for the phosphate esters, at a tenth of their cost.
PHOSPHORYL = Species(id="phosphine_oxide", name="phosphine oxide", smiles="O=[PH3]")
FIRST_SPECIES = ("pf6_minus", "ec", "k_plus", "na_plus", "li_plus", "fsi_minus", "dme")
# Anions and ethers that the review orders by their orbitals.
WINDOW_SPECIES = ("tftfe", "tte", "tfsi_minus", "hfdf_minus")
WINDOW_REDOX = ("pf6_minus", "fsi_minus", "ec", "dme", "hfdf_minus", "tfsi_minus")
FLUORIDE_SPECIES = ("pf6_minus", "fsi_minus", "tfsi_minus", "tfb", "tte", "hfdf_minus")
FIRST_LIGANDS = ("nh3", "vc", "urea", "methylamine", "ec", "dmso")
# Potentials are computed in the dielectric constant of this solvent, as campaigns do.
MEDIUM = MoleculesPart().medium
MOST_REFERENCE = 18
EXPORT_EVERY_S = 300.0
TIMEOUT_S = 3600.0


def measured() -> Iterator[tuple[str, str]]:
    """Yield name and SMILES of the molecules with a verified ionisation energy."""
    path = data_dir("molecules") / "ionization_energies.csv"
    lines = [x for x in path.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
    for record in csv.DictReader(lines):
        if record["verified"] == "yes" and record["smiles"] != "[K]":
            yield record["name"].replace(" ", "_"), record["smiles"]


def screen(catalog: Catalog, level: Level) -> Iterator[Calculation]:
    """Yield everything at the cheap level."""
    for species in catalog.species.values():
        yield species_calculation(species, level)
        if "F" in species.composition and species.smiles and len(species.composition) > 1:
            yield fluoride_release_calculation(species, level)
    for salt in catalog.salts.values():
        yield salt_calculation(
            salt, catalog.species[salt.cation], catalog.species[salt.anion], level
        )
    for name, smiles in measured():
        yield smiles_calculation(smiles, level, item=name)
    for anion in ("pf6_minus", "fsi_minus", "tfsi_minus"):
        pair = [catalog.species[anion], catalog.species["dme"]]
        yield complex_calculation("K", pair, level)
    for species in catalog.species.values():
        if species.charge == 0 and SOLVENT_ROLES & set(species.roles) and species.smiles:
            for metal in ("K", "Na", "Li"):
                yield complex_calculation(metal, [species], level)


def standard(catalog: Catalog, level: Level, part: str) -> list[Calculation]:
    """Return one part of the campaign at the DFT level."""
    if part in ("measured", "reference"):
        found = [smiles_calculation(s, level, item=n) for n, s in measured()]
        found.sort(key=lambda c: c.cost_s)
        return found[:MOST_REFERENCE] if part == "reference" else found
    if part == "redox":
        active = {s.id for s in catalog.species.values() if ELECTROLYTE_ROLES & set(s.roles)}
        epsilon = dielectric_constant(MEDIUM, catalog)
        solvents = (s for s in catalog.species.values() if s.smiles and len(s.composition) > 1)
        return sorted(
            (redox_calculation(s, level, dielectric_constant=epsilon) for s in solvents),
            key=lambda c: (c.item not in active, c.cost_s),
        )
    if part == "window":
        epsilon = dielectric_constant(MEDIUM, catalog)
        species = (catalog.species[s] for s in WINDOW_REDOX)
        return [
            *(fluoride_release_calculation(catalog.species[s], level) for s in FLUORIDE_SPECIES),
            *(redox_calculation(s, level, dielectric_constant=epsilon) for s in species),
        ]
    if part == "first":
        found = [complex_calculation(m, [catalog.species["water"]], level) for m in METALS]
        found += [species_calculation(catalog.species[s], level) for s in FIRST_SPECIES]
        found += [complex_calculation(m, [PHOSPHORYL], level) for m in METALS]
        found += [complex_calculation("K", [catalog.species[s]], level) for s in FIRST_LIGANDS]
        found += [species_calculation(catalog.species[s], level) for s in WINDOW_SPECIES]
        return found
    found = [species_calculation(s, level) for s in catalog.species.values()]
    found += [
        salt_calculation(s, catalog.species[s.cation], catalog.species[s.anion], level)
        for s in catalog.salts.values()
    ]
    found += [
        complex_calculation(metal, [catalog.species[name]], level)
        for metal, name in STANDARD_COMPLEXES
    ]
    found += [
        complex_calculation("K", [catalog.species[name] for name in pair], level)
        for pair in STANDARD_PAIRS
    ]

    def urgency(calculation: Calculation) -> float:
        """Sort key: cheap before dear, what a check of the order needs before the rest."""
        if calculation.item in CHECKED:
            return calculation.cost_s / 100
        return calculation.cost_s / (3 if calculation.kind == "complex" else 1)

    return sorted(found, key=urgency)


def main() -> None:
    """Run what is missing and export."""
    scratch = Path(sys.argv[1])
    scratch.mkdir(parents=True, exist_ok=True)
    parts = sys.argv[2:] or ["screen", "first", "redox", "measured", "rest"]
    catalog, store = load_catalog(), Store(scratch / "molecules.sqlite")
    store.forget([row.key for row in store.rows() if row.status == "failed"])
    store.add_missing(import_rows(TARGET))
    exported = time.monotonic()

    def finished(row: Row) -> None:
        nonlocal exported
        print(row.item, row.level, row.status, f"{row.seconds:.0f} s", row.reason, flush=True)
        if time.monotonic() - exported > EXPORT_EVERY_S:
            export_rows(store.rows(), TARGET, file_format="csv")
            exported = time.monotonic()

    for part in parts:
        factories = {"screen": screen_level, "redox": screen_level, "reference": reference_level}
        level = factories.get(part, standard_level)()
        planned = screen(catalog, level) if part == "screen" else standard(catalog, level, part)
        compute_in_processes(
            planned,
            store,
            scratch,
            processes=1,
            limits=Limits(Limit(TIMEOUT_S)),
            finished=finished,
        )
        export_rows(store.rows(), TARGET, file_format="csv")


if __name__ == "__main__":
    main()
