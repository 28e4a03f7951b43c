"""Claims about phases and reactions with potassium, judged by energies of bulk phases.

Energies are compared per atom: formation energies per atom of the phase, reaction energies
per atom that takes part (:mod:`potash.bulk.thermodynamics`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pymatgen.core import Composition

from potash.bulk.contact import contact_verdict
from potash.bulk.hull import HullPoint, lowest_compound, lowest_phase
from potash.bulk.thermodynamics import elements_of, reaction
from potash.calibration.resolution import Resolution, resolution
from potash.claims.grounds import Grounds, Judge
from potash.claims.verdict import Finding, Verdict, by_margin, joined, not_computed, noted, within
from potash.errors import CalculationError, InputError
from potash.evidence.phases import PhaseSet

NO_COMPOUND_EV_PER_ATOM = -0.005
"""A formation energy above this is no stable compound (the claims' own tolerance)."""

METASTABLE_EV_PER_ATOM = 0.010
"""A formation energy this close to zero is what the claim on Na2K calls metastable."""

_UNIT = "eV/atom"


def _phases(grounds: Grounds, formulas: Sequence[str]) -> PhaseSet | Finding:
    """Return the set that holds all the formulas, or what is missing."""
    wanted = {Composition(f).reduced_formula for f in formulas}
    lacking = wanted
    for found in grounds.phases:
        lacking = wanted - {p.reduced for p in found.phases}
        if not lacking:
            return found
    return not_computed(f"needs the energies of bulk {', '.join(sorted(lacking))}")


def _resolution(found: PhaseSet) -> Resolution:
    return resolution("phase_energy", found.level)


def _finding(
    verdict: Verdict, reason: str, value: float, found: PhaseSet, formulas: Sequence[str]
) -> Finding:
    stated = _resolution(found)
    return Finding(
        verdict,
        reason,
        value,
        _UNIT,
        found.level,
        found.keys(formulas),
        margin=stated.half_width if stated.decides else None,
        decided_by="margin",
    )


def _point(found: PhaseSet, formula: str) -> HullPoint | Finding:
    """Return the phase of a composition, or why it has no formation energy."""
    try:
        return lowest_phase(found.phases, formula)
    except InputError as error:
        return not_computed(str(error))


def no_compound(metal: str) -> Judge:
    """Return a judge of "K forms no compound with this metal", over the prototypes computed."""

    def judge(grounds: Grounds) -> Finding:
        found = _phases(grounds, ["K", metal])
        if isinstance(found, Finding):
            return found
        tried = [p for p in found.phases if p.elements == {"K", metal}]
        lowest = lowest_compound(found.phases, ("K", metal))
        if lowest is None:
            return not_computed(f"needs energies of K-{metal} prototypes")
        energy = lowest.formation_energy_ev_per_atom
        stated = _resolution(found)
        return _finding(
            by_margin(energy - NO_COMPOUND_EV_PER_ATOM, stated.half_width),
            f"lowest of {len(tried)} K-{metal} prototypes: {lowest.formula} {energy:+.3f} eV/atom "
            f"({stated}); other structures were not tried",
            energy,
            found,
            [p.formula for p in tried],
        )

    return judge


def metastable_sodium_alloy(grounds: Grounds) -> Finding:
    """Judge ``kna2``: the formation energy of Na2K is zero within 10 meV/atom."""
    formulas = ["KNa2", "K", "Na"]
    found = _phases(grounds, formulas)
    if isinstance(found, Finding):
        return found
    point = _point(found, "KNa2")
    if isinstance(point, Finding):
        return point
    energy, stated = point.formation_energy_ev_per_atom, _resolution(found)
    return _finding(
        within(
            energy - stated.half_width,
            energy + stated.half_width,
            lowest=-METASTABLE_EV_PER_ATOM,
            highest=METASTABLE_EV_PER_ATOM,
        ),
        f"formation energy of Na2K {energy:+.3f} eV/atom ({stated}); the review calls it "
        f"metastable: within {METASTABLE_EV_PER_ATOM:g} eV/atom of zero",
        energy,
        found,
        formulas,
    )


def forms(formula: str, note: str = "") -> Judge:
    """Return a judge of "this phase forms from its elements"."""
    elements = sorted(elements_of(Composition(formula)))

    def judge(grounds: Grounds) -> Finding:
        found = _phases(grounds, [formula, *elements])
        if isinstance(found, Finding):
            return found
        point = _point(found, formula)
        if isinstance(point, Finding):
            return point
        energy, stated = point.formation_energy_ev_per_atom, _resolution(found)
        return _finding(
            by_margin(-energy, stated.half_width),
            noted(
                f"formation energy of {formula} {energy:+.3f} eV/atom ({stated}), "
                f"{1000 * point.above_hull_ev_per_atom:.0f} meV/atom above the hull of the "
                "phases computed",
                note,
            ),
            energy,
            found,
            [formula, *elements],
        )

    return judge


def exothermic(reactants: Sequence[str], products: Sequence[str], note: str = "") -> Judge:
    """Return a judge of "this reaction gains energy".

    Parameters
    ----------
    reactants, products
        Formulas; the reaction is balanced.
    note
        Remark that ends the reason.
    """

    def judge(grounds: Grounds) -> Finding:
        found = _phases(grounds, [*reactants, *products])
        if isinstance(found, Finding):
            return found
        try:
            result = reaction(reactants, products, found.phases)
        except (InputError, CalculationError) as error:
            return not_computed(str(error))
        energy, stated = result.energy_ev_per_atom, _resolution(found)
        return _finding(
            by_margin(-energy, stated.half_width),
            noted(
                f"{result.equation}: {result.energy_ev:+.2f} eV, {energy:+.3f} eV per atom that "
                f"takes part ({stated})",
                note,
            ),
            energy,
            found,
            [*reactants, *products],
        )

    return judge


def survives(formula: str) -> Judge:
    """Return a judge of "this phase survives K"."""
    words: Mapping[str, Verdict] = {"survives": "agrees", "reacts": "disagrees"}

    def judge(grounds: Grounds) -> Finding:
        found = _phases(grounds, [formula, "K"])
        if isinstance(found, Finding):
            return found
        reduced = Composition(formula).reduced_formula
        host = min(
            (p for p in found.phases if p.reduced == reduced), key=lambda p: p.energy_per_reduced_ev
        )
        try:
            result = contact_verdict(host, found.phases)
        except (InputError, CalculationError) as error:
            return not_computed(str(error))
        if result.reaction is None:
            return not_computed(f"needs the phases that {formula} and K can form")
        return _finding(
            words.get(result.verdict, "unresolved"),
            f"{formula} {result.verdict} ({result.reason})",
            result.reaction.energy_ev_per_atom,
            found,
            [formula, "K", *result.reaction.products],
        )

    return judge


def tellurium_reservoir(grounds: Grounds) -> Finding:
    """Judge ``cu14te``: a Cu-Te phase forms from the elements, and turns into K2Te with K."""
    return joined(
        {
            "formation": forms("Cu3Te2", "stands for amorphous Cu1.4Te")(grounds),
            "reaction": exothermic(["Cu3Te2", "K"], ["K2Te", "Cu"])(grounds),
        }
    )


JUDGES: Mapping[str, Judge] = {
    "k_ag_none": no_compound("Ag"),
    "k_al_none": no_compound("Al"),
    "k_cu_none": no_compound("Cu"),
    "k_sn_alloy": forms("KSn"),
    "k_bi_alloy": forms("K3Bi"),
    "k_ge_alloy": forms("KGe"),
    "k_p_alloy": forms("K3P"),
    "k_sb_alloy": forms("K3Sb"),
    "kna2": metastable_sodium_alloy,
    "kc8_form": forms("KC8", "dispersion between layers is not in the level"),
    "k4co4": exothermic(
        ["K4CO4"],
        ["K2CO3", "K2O"],
        "metastable if it decomposes; a trial structure, and a better one would gain less",
    ),
    "cu14te": tellurium_reservoir,
    "cu6sn5_stab": survives("Cu6Sn5"),
    "cu3pt_stab": survives("Cu3Pt"),
    "cuse_k": exothermic(["CuSe", "K"], ["K2Se", "Cu"]),
    "biocl_k": exothermic(["BiOCl", "K"], ["K3Bi", "K3OCl"]),
    "bivo4_k": exothermic(["BiVO4", "K"], ["K3Bi", "K3VO4"]),
    "alf3_k": exothermic(["AlF3", "K"], ["KF", "Al"]),
    "vs2_k": exothermic(["VS2", "K"], ["K2S", "V"], "VS2 assumed"),
    "geo2_k": exothermic(["GeO2", "K"], ["KGe", "K2O"]),
    "k4bii7_k": exothermic(["BiI3", "K"], ["K3Bi", "KI"], "BiI3 stands for K4BiI7"),
}
"""Claim id to the function that judges it."""
