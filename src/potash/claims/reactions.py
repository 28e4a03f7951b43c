"""Claims about phases and reactions with potassium, judged by energies of bulk phases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pymatgen.core import Composition

from potash.bulk.thermodynamics import (
    RESOLUTION_EV_PER_ATOM,
    HullPoint,
    contact_verdict,
    convex_hull,
    reaction,
)
from potash.claims.evidence import Evidence
from potash.claims.verdict import Finding, Verdict, all_of, not_computed
from potash.errors import CalculationError, InputError
from potash.evidence.phases import PhaseSet, phase_sets

Judge = Callable[[Evidence], Finding]
NO_COMPOUND_EV_PER_ATOM = -0.005
"""A formation energy above this is no stable compound (tolerance of the claims)."""


def _phases(evidence: Evidence, formulas: Sequence[str]) -> PhaseSet | Finding:
    """Return the set that holds all the formulas, or what is missing."""
    wanted = {Composition(f).reduced_formula for f in formulas}
    lacking = wanted
    for found in phase_sets(evidence.phases):
        lacking = wanted - {p.reduced for p in found.phases}
        if not lacking:
            return found
    return not_computed(f"needs the energies of bulk {', '.join(sorted(lacking))}")


def _sign(energy_ev_per_atom: float) -> Verdict:
    """Judge "exothermic" against the resolution of the energies."""
    if abs(energy_ev_per_atom) < RESOLUTION_EV_PER_ATOM:
        return "unresolved"
    return "agrees" if energy_ev_per_atom < 0 else "disagrees"


def no_compound(metal: str) -> Judge:
    """Return a judge of "K forms no compound with this metal", over the prototypes computed."""

    def judge(evidence: Evidence) -> Finding:
        found = _phases(evidence, ["K", metal])
        if isinstance(found, Finding):
            return found
        chosen = [
            p for p in found.phases if {str(e) for e in p.composition.elements} <= {"K", metal}
        ]
        mixed = [h for h in convex_hull(chosen) if len(Composition(h.formula).elements) == 2]
        if not mixed:
            return not_computed(f"needs energies of K-{metal} prototypes")
        lowest = min(mixed, key=lambda h: h.formation_energy_ev_per_atom)
        energy = lowest.formation_energy_ev_per_atom
        if energy > NO_COMPOUND_EV_PER_ATOM:
            verdict: Verdict = "agrees"
        else:
            verdict = "disagrees" if energy < -RESOLUTION_EV_PER_ATOM else "unresolved"
        return Finding(
            verdict,
            f"lowest of {len(mixed)} K-{metal} prototypes: {lowest.formula} "
            f"{1000 * energy:+.0f} meV/atom; other structures were not tried",
            energy,
            "eV/atom",
            found.level,
            found.keys([h.formula for h in mixed]),
        )

    return judge


def _best_point(found: PhaseSet, reduced: str) -> HullPoint:
    """Return the lowest phase of a composition on the hull of its own elements."""
    elements = {str(e) for e in Composition(reduced).elements}
    chosen = [p for p in found.phases if {str(e) for e in p.composition.elements} <= elements]
    points = [h for h in convex_hull(chosen) if h.formula == reduced]
    return min(points, key=lambda h: h.formation_energy_ev_per_atom)


def metastable_sodium_alloy(evidence: Evidence) -> Finding:
    """Judge ``kna2``: the formation energy of Na2K is zero within 10 meV/atom."""
    found = _phases(evidence, ["KNa2", "K", "Na"])
    if isinstance(found, Finding):
        return found
    energy = _best_point(found, Composition("KNa2").reduced_formula).formation_energy_ev_per_atom
    if abs(energy) <= 0.010:
        verdict: Verdict = "agrees"
    else:
        verdict = "disagrees" if abs(energy) > 0.010 + RESOLUTION_EV_PER_ATOM else "unresolved"
    return Finding(
        verdict,
        f"formation energy of Na2K {1000 * energy:+.0f} meV/atom; the review calls it metastable",
        energy,
        "eV/atom",
        found.level,
        found.keys(["KNa2", "K", "Na"]),
    )


def forms(formula: str, note: str = "") -> Judge:
    """Return a judge of "this phase forms from its elements"."""
    elements = [str(e) for e in Composition(formula).elements]

    def judge(evidence: Evidence) -> Finding:
        found = _phases(evidence, [formula, *elements])
        if isinstance(found, Finding):
            return found
        chosen = [
            p for p in found.phases if {str(e) for e in p.composition.elements} <= {*elements}
        ]
        reduced = Composition(formula).reduced_formula
        points = [h for h in convex_hull(chosen) if h.formula == reduced]
        best = min(points, key=lambda h: h.formation_energy_ev_per_atom)
        energy = best.formation_energy_ev_per_atom
        tail = f"; {note}" if note else ""
        return Finding(
            _sign(energy),
            f"formation energy of {reduced} {energy:+.3f} eV/atom, "
            f"{1000 * best.above_hull_ev_per_atom:.0f} meV/atom above the hull of the phases "
            f"computed{tail}",
            energy,
            "eV/atom",
            found.level,
            found.keys([formula, *elements]),
        )

    return judge


def exothermic(
    reactants: Sequence[str],
    products: Sequence[str],
    *,
    expected: str = "exothermic",
    note: str = "",
) -> Judge:
    """Return a judge of a named reaction's sign.

    Parameters
    ----------
    reactants, products
        Formulas; the reaction is balanced and given per formula of the first reactant.
    expected
        ``exothermic`` or ``endothermic``.
    note
        Remark that ends the reason.
    """

    def judge(evidence: Evidence) -> Finding:
        found = _phases(evidence, [*reactants, *products])
        if isinstance(found, Finding):
            return found
        try:
            result = reaction(reactants, products, found.phases)
        except (InputError, CalculationError) as error:
            return not_computed(str(error))
        per_atom = result.energy_ev / Composition(reactants[0]).num_atoms
        tail = f"; {note}" if note else ""
        return Finding(
            _sign(per_atom),
            f"{result.equation}: {result.energy_ev:+.2f} eV{tail}",
            result.energy_ev,
            "eV per formula",
            found.level,
            found.keys([*reactants, *products]),
        )

    return judge


def survives(formula: str) -> Judge:
    """Return a judge of whether a phase survives K, a companion question without claimed sign."""

    def judge(evidence: Evidence) -> Finding:
        found = _phases(evidence, [formula, "K"])
        if isinstance(found, Finding):
            return found
        reduced = Composition(formula).reduced_formula
        host = min(
            (p for p in found.phases if p.reduced == reduced), key=lambda p: p.energy_per_reduced_ev
        )
        result = contact_verdict(host, found.phases)
        if result.reaction is None:
            return not_computed(f"needs the phases that {reduced} and K can form")
        return Finding(
            "unresolved",
            f"the review claims no sign; computed: {reduced} {result.verdict} ({result.reason})",
            result.reaction.energy_ev,
            "eV per formula",
            found.level,
            found.keys([formula, "K", *result.reaction.products]),
        )

    return judge


def both(first: Judge, second: Judge) -> Judge:
    """Return a judge of a claim with two halves."""

    def judge(evidence: Evidence) -> Finding:
        parts = [first(evidence), second(evidence)]
        missing = [p for p in parts if p.verdict == "not_computed"]
        if missing:
            return missing[0]
        return Finding(
            all_of([p.verdict for p in parts]),
            "; ".join(p.reason for p in parts),
            {
                name: p.value
                for name, p in zip(("first", "second"), parts, strict=True)
                if isinstance(p.value, float)
            },
            ", ".join(p.unit for p in parts),
            parts[0].level,
            tuple(dict.fromkeys(k for p in parts for k in p.keys)),
        )

    return judge


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
    "k4co4": exothermic(["K4CO4"], ["K2CO3", "K2O"], note="metastable if it decomposes"),
    "cu14te": both(
        forms("Cu3Te2", "stands for amorphous Cu1.4Te"), exothermic(["Cu3Te2", "K"], ["K2Te", "Cu"])
    ),
    "cu6sn5_stab": survives("Cu6Sn5"),
    "cu3pt_stab": survives("Cu3Pt"),
    "cuse_k": exothermic(["CuSe", "K"], ["K2Se", "Cu"]),
    "biocl_k": exothermic(["BiOCl", "K"], ["K3Bi", "K3OCl"]),
    "bivo4_k": exothermic(["BiVO4", "K"], ["K3Bi", "K3VO4"]),
    "alf3_k": exothermic(["AlF3", "K"], ["KF", "Al"]),
    "vs2_k": exothermic(["VS2", "K"], ["K2S", "V"], note="VS2 assumed"),
    "geo2_k": exothermic(["GeO2", "K"], ["KGe", "K2O"]),
    "k4bii7_k": exothermic(["BiI3", "K"], ["K3Bi", "KI"], note="BiI3 stands for K4BiI7"),
}
"""Claim id to the function that judges it."""
