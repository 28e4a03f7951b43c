"""Checks of ions and molecules that the review raises, with verdicts, from committed rows.

Usage: python benchmarks/molecules_review.py [FOLDER_OF_ROWS]

Prints the binding of K+ to water like with like (electronic energy, with counterpoise, and
enthalpy at 298 K), the order in which solvents bind K+ at each level, and one line for each
of the review's checks: verdict, and the numbers with margins or probabilities behind it. A
check whose rows are missing says which.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from potash.catalog.catalog import Catalog, load_catalog
from potash.claims.evidence import gather
from potash.claims.molecules import (
    MARGIN_EV,
    Judge,
    easier_reduction,
    higher_ionisation,
    potentials,
    stronger_binding,
)
from potash.claims.verdict import by_margin
from potash.evidence.potentials import SCALE_HALF_WIDTH_V, active_species, column
from potash.molecules.redox import first_to_react
from potash.resources import data_dir
from potash.store import Row, import_rows

# (what is compared, how it is judged). Anions are compared in solution, where they are stable;
# the review gives HFDF- a lower LUMO than TFSI- and FSI-, the other anion orders are ours.
CHECKS: tuple[tuple[str, Judge], ...] = (
    ("TEP binds Li+ > Na+ > K+", stronger_binding([("Li", "tep"), ("Na", "tep"), ("K", "tep")])),
    (
        "the same with O=PH3 for TEP",
        stronger_binding([(m, "phosphine_oxide") for m in ("Li", "Na", "K")]),
    ),
    ("[Na(TEP)]+ is reduced before [K(TEP)]+", easier_reduction([("Na", "tep"), ("K", "tep")])),
    (
        "the same with O=PH3 for TEP",
        easier_reduction([("Na", "phosphine_oxide"), ("K", "phosphine_oxide")]),
    ),
    ("TTE is harder to oxidise than DME", higher_ionisation(["tte", "dme"])),
    ("TFTFE is harder to oxidise than DME", higher_ionisation(["tftfe", "dme"])),
    (
        "oxidation potential PF6- > TFSI-",
        potentials(
            ["pf6_minus", "tfsi_minus"],
            "oxidation",
            gas_phase=higher_ionisation(["pf6_minus", "tfsi_minus"]),
        ),
    ),
    (
        "oxidation potential TFSI- > FSI-",
        potentials(
            ["tfsi_minus", "fsi_minus"],
            "oxidation",
            gas_phase=higher_ionisation(["tfsi_minus", "fsi_minus"]),
        ),
    ),
    (
        "reduction potential FSI- > TFSI-",
        potentials(
            ["fsi_minus", "tfsi_minus"],
            "reduction",
            gas_phase=easier_reduction(["fsi_minus", "tfsi_minus"]),
        ),
    ),
    (
        "reduction potential HFDF- > TFSI-",
        potentials(
            ["hfdf_minus", "tfsi_minus"],
            "reduction",
            gas_phase=easier_reduction(["hfdf_minus", "tfsi_minus"]),
        ),
    ),
)
SALTS = {"kpf6": "pf6_minus", "kfsi": "fsi_minus", "ktfsi": "tfsi_minus"}


def binding_order(rows: Sequence[Row], level: str) -> list[tuple[str, float, str]]:
    """Return ligand, K+ binding energy (eV) and its basis for the 1:1 complexes, strongest first.

    Counterpoise-corrected where the row has that.
    """
    found = {}
    for row in rows:
        ligands = row.values.get("ligands", [])
        if row.level != level or row.values.get("metal") != "K" or row.values["charge"] != 1:
            continue
        if len(ligands) != 1 or row.status != "ok":
            continue
        column = "binding_energy_counterpoise_ev"
        column = column if column in row.values else "binding_energy_ev"
        found[ligands[0]] = (ligands[0], float(row.values[column]), column)
    return sorted(found.values(), key=lambda item: -item[1])


def solvent_binding(rows: Sequence[Row], level: str) -> Mapping[str, float]:
    """Return, by salt, the energy (eV) gained when DME joins the ion pair KX.

    E(KX) + E(DME) - E(KX DME), from the binding energies of both complexes relative to
    the separate ions and solvent; positive = bound.
    """
    energies = {
        tuple(sorted(row.values.get("ligands", []))): float(row.values["binding_energy_ev"])
        for row in rows
        if row.level == level and row.status == "ok" and row.values.get("metal") == "K"
    }
    return {
        salt: energies[tuple(sorted(("dme", anion)))] - energies[(anion,)]
        for salt, anion in SALTS.items()
        if (anion,) in energies and tuple(sorted(("dme", anion))) in energies
    }


def windows(redox: Mapping[str, Row], catalog: Catalog) -> list[tuple[str, str, str]]:
    """Return formulation, what is oxidised first and what is reduced first, with verdicts.

    Only formulations all of whose components have both potentials: an unknown component
    may give way first. The half-width of the common scale moves all components together
    and is left out of the comparison.
    """
    found = []
    for formulation in catalog.electrolytes:
        species = active_species(formulation, catalog)
        texts = []
        for side in ("oxidation", "reduction"):
            name = column(side)  # type: ignore[arg-type]
            values = {
                s: (
                    float(redox[s].values[name]),
                    max(float(redox[s].uncertainty[name]) ** 2 - SCALE_HALF_WIDTH_V**2, 0.0) ** 0.5,
                )
                for s in species
                if s in redox and name in redox[s].values
            }
            if species and len(values) == len(species):
                limit = first_to_react(values, side=side)
                kind = "anion" if catalog.species[limit.component].charge < 0 else "molecule"
                done = "oxidised" if side == "oxidation" else "reduced"
                verdict = (
                    f"{done} first: {kind} {limit.component}"
                    if not limit.rivals
                    else f"unresolved ({limit.component} or {', '.join(limit.rivals)})"
                )
                texts.append(f"{verdict}, {limit.low_v:.1f} to {limit.high_v:.1f} V")
        if len(texts) == 2:
            found.append((formulation, texts[0], texts[1]))
    return found


def main() -> None:
    """Print the tables."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else data_dir("results/reference") / "molecules"
    rows = import_rows(folder)
    complexes = [r for r in rows if r.kind == "complex"]
    print("K+-OH2 (eV)")
    for row in complexes:
        if row.values.get("metal") == "K" and row.values.get("ligands") == ["water"]:
            shown = ", ".join(
                f"{label} {row.values[column]:.3f}"
                for label, column in (
                    ("electronic", "binding_energy_ev"),
                    ("with counterpoise", "binding_energy_counterpoise_ev"),
                    ("enthalpy at 298 K", "binding_enthalpy_298k_ev"),
                )
                if column in row.values
            )
            print(f"  {row.level:10s} {shown}")
    for level in ("screen", "standard", "reference"):
        order = binding_order(complexes, level)
        if order:
            margin = MARGIN_EV["binding", level]
            print(f"\nK+ binding, {level}, {len(order)} ligands (differences under {margin} eV")
            print("count as unresolved), eV")
            for name, value, column in order:
                corrected = "counterpoise" if "counterpoise" in column else ""
                print(f"  {name:24s}{value:7.3f} {corrected}")
        joined = solvent_binding(complexes, level)
        if {"kpf6", "kfsi"} <= set(joined):
            # Differences of one level between like systems; the margin is that of one complex.
            found = by_margin(joined["kfsi"] - joined["kpf6"], MARGIN_EV["binding", level])
            listed = ", ".join(f"{salt} {value:.2f}" for salt, value in joined.items())
            print(f"\nDME joins the ion pair, {level} (eV): {listed}")
            print(f"  {found}: DME holds KFSI more than KPF6 (review: 0.53 and 0.49 eV)")
    catalog = load_catalog()
    evidence = gather(rows, catalog)
    print("\nChecks")
    for statement, judge in CHECKS:
        finding = judge(evidence)
        print(f"  {finding.verdict:13s} {statement}\n{'':16s}{finding.reason}")
    # One level for all components: that of most species.
    level = max(evidence.redox, key=lambda name: len(evidence.redox[name]))
    limits = windows(evidence.redox[level], catalog)
    print(
        f"\nWindows of {len(limits)} formulations at {level}, V vs K/K+ (the scale's 0.2 V "
        "not included)"
    )
    for formulation, oxidation, reduction in limits:
        print(f"  {formulation}\n    {oxidation}\n    {reduction}")


if __name__ == "__main__":
    main()
