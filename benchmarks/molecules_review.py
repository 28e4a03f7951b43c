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

from potash.calibration.resolution import POTASSIUM_SCALE_HALF_WIDTH_V, resolution
from potash.catalog.catalog import Catalog, load_catalog
from potash.claims.binding import binding_energy_ev, solvent_holds_pair, stronger_binding
from potash.claims.grounds import Judge, gather
from potash.claims.redox import easier_reduction, higher_ionisation, potential_v, potentials
from potash.evidence.potentials import Which, active_species, column
from potash.resources import data_dir
from potash.results.complex_ import ComplexValues
from potash.store import Row, import_rows

# (what is compared, how it is judged). Anions are compared in solution, where they are stable;
# the review gives HFDF- a lower LUMO than TFSI- and FSI-, the other anion orders are ours.
SIDES: tuple[Which, ...] = ("oxidation", "reduction")
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
    ("DME holds KFSI more than KPF6", solvent_holds_pair("dme", "fsi_minus", "pf6_minus")),
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


def binding_order(rows: Sequence[Row], level: str) -> list[tuple[str, float, str]]:
    """Return ligand, K+ binding energy (eV) and its basis for the 1:1 complexes, strongest first.

    Counterpoise-corrected where the row has that.
    """
    found = {}
    for row in rows:
        if row.level != level or row.status != "ok":
            continue
        values = row.read(ComplexValues)
        if values.metal == "K" and values.charge == 1 and len(values.ligands) == 1:
            basis = "counterpoise" if values.binding_energy_counterpoise_ev is not None else ""
            (ligand,) = values.ligands
            found[ligand] = (ligand, binding_energy_ev(row), basis)
    return sorted(found.values(), key=lambda item: -item[1])


def first_to_react(
    potentials: Mapping[str, tuple[float, float]], side: Which
) -> tuple[str, tuple[str, ...]]:
    """Return the component with the extreme potential, and those whose intervals overlap its."""
    sign = 1.0 if side == "oxidation" else -1.0
    first = min(potentials, key=lambda n: (sign * potentials[n][0], n))
    value, half = potentials[first]
    rivals = tuple(
        other
        for other, (v, w) in sorted(potentials.items())
        if other != first and sign * (v - value) < half + w
    )
    return first, rivals


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
        for side in SIDES:
            values = {
                s: (
                    potential,
                    max(
                        float(redox[s].uncertainty[column(side)]) ** 2
                        - POTASSIUM_SCALE_HALF_WIDTH_V**2,
                        0.0,
                    )
                    ** 0.5,
                )
                for s in species
                if s in redox and (potential := potential_v(redox[s], side)) is not None
            }
            if species and len(values) == len(species):
                first, rivals = first_to_react(values, side)
                kind = "anion" if catalog.species[first].charge < 0 else "molecule"
                done = "oxidised" if side == "oxidation" else "reduced"
                verdict = (
                    f"unresolved ({first} or {', '.join(rivals)})"
                    if rivals
                    else f"{done} first: {kind} {first}"
                )
                value, half = values[first]
                texts.append(f"{verdict}, {value - half:.1f} to {value + half:.1f} V")
        if len(texts) == 2:
            found.append((formulation, texts[0], texts[1]))
    return found


def main() -> None:
    """Print the tables."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else data_dir("results/reference") / "molecules"
    rows = import_rows(folder)
    complexes = [r for r in rows if r.kind == "complex" and r.status == "ok"]
    print("K+-OH2 (eV)")
    for row in complexes:
        values = row.read(ComplexValues)
        if values.metal == "K" and values.ligands == ("water",):
            shown = ", ".join(
                f"{label} {value:.3f}"
                for label, value in (
                    ("electronic", values.binding_energy_ev),
                    ("with counterpoise", values.binding_energy_counterpoise_ev),
                    ("enthalpy at 298 K", values.binding_enthalpy_298k_ev),
                )
                if value is not None
            )
            print(f"  {row.level:10s} {shown}")
    for level in ("screen", "standard", "reference"):
        order = binding_order(complexes, level)
        if order:
            print(f"\nK+ binding, {level}, {len(order)} ligands, eV (a difference counts beyond")
            print(f"the resolution of {resolution('ion_binding', level)})")
            for name, value, basis in order:
                print(f"  {name:24s}{value:7.3f} {basis}")
    catalog = load_catalog()
    grounds = gather(rows, catalog)
    print("\nChecks")
    for statement, judge in CHECKS:
        finding = judge(grounds)
        print(f"  {finding.verdict:13s} {statement}\n{'':16s}{finding.reason}")
    # One level for all components: that of most species.
    level = max(grounds.redox, key=lambda name: len(grounds.redox[name]))
    limits = windows(grounds.redox[level], catalog)
    print(
        f"\nWindows of {len(limits)} formulations at {level}, V vs K/K+ (the scale's 0.2 V "
        "not included)"
    )
    for formulation, oxidation, reduction in limits:
        print(f"  {formulation}\n    {oxidation}\n    {reduction}")


if __name__ == "__main__":
    main()
