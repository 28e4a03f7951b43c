"""Claims about ion pairing and transport in liquids, judged by simulation rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from potash.claims.grounds import Grounds, Judge
from potash.claims.redox import higher_ionisation
from potash.claims.verdict import Finding, Verdict, all_hold, joined, not_computed, within
from potash.evidence.liquids import LiquidEvidence, Measured, combine
from potash.results.liquid import LiquidValues

SHELL_CHANGE = 0.3
"""A change of the coordination number by more is a change of the shell (the claim's own)."""

_OXIDATION = "the oxidation potentials of the mixtures"


def separated(first: Measured, second: Measured) -> Verdict:
    """Judge "first is larger": agrees or disagrees only where the intervals do not overlap."""
    if first.low is None or first.high is None or second.low is None or second.high is None:
        return "unresolved"
    if first.low > second.high:
        return "agrees"
    return "disagrees" if first.high < second.low else "unresolved"


def _shown(m: Measured) -> str:
    if m.low is None or m.high is None:
        return f"{m.value:.3g} (interval unknown)"
    return f"{m.value:.3g} [{m.low:.3g}, {m.high:.3g}]"


def _tail(found: Sequence[LiquidEvidence]) -> str:
    open_ = [x.item for x in found if not x.converged]
    return f"; not converged: {', '.join(open_)}" if open_ else ""


def associated(liquid: LiquidEvidence) -> Measured | None:
    """Return the share of anions in contact with a cation: CIP + AGG = 1 - SSIP."""
    free = liquid.properties.get("per_anion_ssip")
    if free is None:
        return None
    low = None if free.high is None else 1 - free.high
    high = None if free.low is None else 1 - free.low
    return Measured(1 - free.value, low, high, free.note)


def aggregated(liquid: LiquidEvidence) -> Measured | None:
    """Return the share of anions in contact with two cations or more."""
    return liquid.properties.get("per_anion_agg")


def standing_in(judge: Judge, **substitutes: str) -> Judge:
    """Return a judge that takes another formulation of the same composition where one is absent.

    Parameters
    ----------
    judge
        Judge of the claim.
    substitutes
        Formulation of the claim to the one that may stand for it.
    """

    def judged(grounds: Grounds) -> Finding:
        used = {
            name: other
            for name, other in substitutes.items()
            if name not in grounds.liquids and other in grounds.liquids
        }
        liquids = {**grounds.liquids, **{n: grounds.liquids[o] for n, o in used.items()}}
        finding = judge(replace(grounds, liquids=liquids))
        notes = [f"; {other} stands for {name}" for name, other in used.items()]
        return replace(finding, reason=finding.reason + "".join(notes))

    return judged


def contacts_with(ligand: str, element: str = "") -> Callable[[LiquidEvidence], Measured | None]:
    """Return a getter of the coordination number of K to one species, summed over elements.

    Parameters
    ----------
    ligand
        Species as it is written in the pair's label, such as ``DME``.
    element
        Only this donor element.
    """

    def get(liquid: LiquidEvidence) -> Measured | None:
        found = [
            m
            for pair, m in liquid.coordination.items()
            if _is_to(pair, ligand)
            and (not element or pair.startswith(f"K-{element}("))
        ]  # fmt: skip
        if not found:
            return None
        lows = [m.low for m in found if m.low is not None]
        highs = [m.high for m in found if m.high is not None]
        whole = len(lows) == len(highs) == len(found)
        return Measured(
            sum(m.value for m in found),
            sum(lows) if whole else None,
            sum(highs) if whole else None,
        )

    return get


def _is_to(pair: str, ligand: str) -> bool:
    """Return whether a pair's label is that of K+ with an atom of the species."""
    return pair.startswith("K-") and pair.lower().endswith(f"({ligand.lower()})")


def conductivity(liquid: LiquidEvidence) -> Measured | None:
    """Return the conductivity (Einstein-Helfand, formal charges, S/m), joined over the runs."""
    values, halves = [], []
    for row in liquid.rows:
        found = row.read(LiquidValues).conductivity
        if found is not None and found.formal_charges is not None:
            entry = found.formal_charges.einstein_helfand_s_m
            values.append(entry.value)
            halves.append((entry.high - entry.low) / 2)
    return Measured.of(combine(values, halves)) if values else None


def best_conductor(grounds: Grounds) -> Finding:
    """Judge ``lhce_cond``: the middle mixture conducts better than both neighbours."""
    best, others = "lhce2_kfsi_dme_tte", ("lhce1_kfsi_dme_tte", "lhce3_kfsi_dme_tte")
    return joined(
        {
            f"against {other}": ordered([best, other], conductivity, "conductivity", "S/m")(grounds)
            for other in others
        }
    )


def ordered(
    order: Sequence[str], get: Callable[[LiquidEvidence], Measured | None], what: str, unit: str
) -> Judge:
    """Return a judge of "the property falls along this order of formulations"."""

    def judge(grounds: Grounds) -> Finding:
        missing = [f for f in order if f not in grounds.liquids]
        if missing:
            return not_computed(f"needs simulations of {', '.join(missing)} ({what})")
        found = [grounds.liquids[f] for f in order]
        values = [get(x) for x in found]
        lacking = [x.item for x, v in zip(found, values, strict=True) if v is None]
        if lacking:
            return not_computed(
                f"needs {what} of {', '.join(lacking)}, which their runs do not give"
                " (too short, or not analysed)"
            )
        measured = [v for v in values if v is not None]
        listed = ", ".join(f"{f} {_shown(m)}" for f, m in zip(order, measured, strict=True))
        return Finding(
            all_hold([separated(a, b) for a, b in pairwise(measured)]),
            f"{what}: {listed}{_tail(found)}",
            {f: m.value for f, m in zip(order, measured, strict=True)},
            unit,
            " and ".join(sorted({x.level for x in found})),
            tuple(r.key for x in found for r in x.rows),
            decided_by="intervals",
        )

    return judge


def diluent_outside(formulation: str, diluent: str, limit: float = 0.2) -> Judge:
    """Return a judge of "the diluent stays out of the first shell of K+".

    Where no g(r) of K+ with the diluent has a contact peak, the number within the cutoff
    is what a mixture has there by chance: it can be below the limit, but cannot refute.
    """

    def judge(grounds: Grounds) -> Finding:
        liquid = grounds.liquids.get(formulation)
        if liquid is None:
            return not_computed(f"needs a simulation of {formulation}")
        found = contacts_with(diluent)(liquid)
        if found is None:
            return not_computed(f"needs the coordination of K+ to {diluent} in {formulation}")
        by_chance = not _has_contact_peak(liquid, diluent)
        verdict = within(found.low, found.high, highest=limit)
        if by_chance and verdict == "disagrees":
            verdict = "unresolved"
        remark = f" (no contact peak of K-{diluent}: neighbours by chance)" if by_chance else ""
        return Finding(
            verdict,
            f"K-{diluent} coordination {_shown(found)}{remark}, limit {limit:g}{_tail([liquid])}",
            found.value,
            "1",
            liquid.level,
            tuple(r.key for r in liquid.rows),
            decided_by="intervals",
        )

    return judge


def _has_contact_peak(liquid: LiquidEvidence, ligand: str) -> bool:
    """Return whether a cutoff to a species is its own: first minima follow contact peaks."""
    return any(
        "no contact peak" not in entry.cutoff_source
        for row in liquid.rows
        for pair, entry in (row.read(LiquidValues).coordination or {}).items()
        if _is_to(pair, ligand)
    )


def free_anions(grounds: Grounds) -> Finding:
    """Judge ``fsi_free_dm_mb``: DBE lowers the share of free FSI- from 36.9 to 13.5 %.

    Both shares have to be within a factor of two, and the second lower. The shift of the
    oxidation potential of the same claim is not judged: potentials of single molecules do
    not rise because another molecule is added. So the claim can be refuted and not confirmed.
    """
    printed = {"dm": 0.369, "mb": 0.135}
    missing = [f for f in printed if f not in grounds.liquids]
    if missing:
        return not_computed(f"needs simulations of {', '.join(missing)}")
    found = {f: grounds.liquids[f].properties.get("per_anion_ssip") for f in printed}
    shares = {f: m for f, m in found.items() if m is not None}
    if len(shares) < len(printed):
        return not_computed("needs the share of free anions, which was not analysed")
    verdicts: list[Verdict] = ["not_computed", separated(shares["dm"], shares["mb"])]
    for name, value in printed.items():
        m = shares[name]
        verdicts.append(within(m.low, m.high, lowest=value / 2, highest=value * 2))
    both = [grounds.liquids[f] for f in printed]
    listed = ", ".join(f"{f} {_shown(m)} (review {printed[f]})" for f, m in shares.items())
    return Finding(
        all_hold(verdicts),
        f"free FSI-: {listed}{_tail(both)}; Raman and simulated shares are not one quantity; "
        f"not judged: {_OXIDATION}",
        {f: m.value for f, m in shares.items()},
        "1",
        " and ".join(sorted({x.level for x in both})),
        tuple(r.key for x in both for r in x.rows),
        decided_by="intervals",
    )


def same_shell(first: str, second: str, ligand: str) -> Judge:
    """Return a judge of "the ligand's coordination number to K+ is the same in both liquids"."""

    def judge(grounds: Grounds) -> Finding:
        missing = [f for f in (first, second) if f not in grounds.liquids]
        if missing:
            return not_computed(f"needs simulations of {', '.join(missing)} (shells)")
        found = [grounds.liquids[f] for f in (first, second)]
        a, b = (contacts_with(ligand)(x) for x in found)
        if a is None or b is None:
            return not_computed(f"needs the coordination of K+ to {ligand}, which was not analysed")
        change = b.value - a.value
        half = (
            None
            if (x := _half_width(a)) is None or (y := _half_width(b)) is None
            else (math.hypot(x, y))
        )
        low, high = (None, None) if half is None else (change - half, change + half)
        shown = _shown(Measured(change, low, high))
        return Finding(
            within(low, high, lowest=-SHELL_CHANGE, highest=SHELL_CHANGE),
            f"K-{ligand} number changes by {shown} from {first} to {second} (limit "
            f"{SHELL_CHANGE:g}){_tail(found)}",
            {f"change_of_{ligand.lower()}_number": change},
            "1",
            " and ".join(sorted({x.level for x in found})),
            tuple(r.key for x in found for r in x.rows),
            decided_by="intervals",
        )

    return judge


def _half_width(m: Measured) -> float | None:
    """Return the larger side of an interval, or None where it is unknown."""
    if m.low is None or m.high is None:
        return None
    return max(m.value - m.low, m.high - m.value)


def unchanged_shell(grounds: Grounds) -> Finding:
    """Judge ``tte_no_change``: TTE leaves the shell alone and is harder to oxidise than DME."""
    shell = same_shell("lhce1_kfsi_dme_tte", "lhce2_kfsi_dme_tte", "DME")
    return joined(
        {
            "oxidation": higher_ionisation(["tte", "dme"])(grounds),
            "with twice the TTE": shell(grounds),
        }
    )


JUDGES: Mapping[str, Judge] = {
    # Both EC/DEC entries are 1 M in 1:1 by volume; of the first that is our assumption.
    "ssip_13dx": standing_in(
        ordered(["e_13dx", "e_ecdec_266"], associated, "share of CIP and AGG", "1"),
        e_ecdec_266="kfsi_ecdec_1m",
    ),
    "cip_ktt": ordered(["ktt", "ntt", "ltt"], contacts_with("FSI"), "FSI- in the shell", "1"),
    "tftfe_ncoord": diluent_outside("tmp_lhce", "TFTFE"),
    "dme_kpf6_increase": ordered(
        ["kfsi_dme_kpf6", "kfsi_dme_1m"], contacts_with("DME"), "K-DME coordination", "1"
    ),
    "fsi_free_dm_mb": free_anions,
    "tte_no_change": unchanged_shell,
    "lhce_cond": best_conductor,
}
"""Claim id to the function that judges it."""

CHECKS: Mapping[str, Judge] = {
    "agg_rises_with_concentration": ordered(
        ["kfsi_dme_3m", "kfsi_dme_2m", "kfsi_dme_1m"], aggregated, "share of AGG", "1"
    ),
    "agg_rises_with_tte": ordered(
        ["lhce2_kfsi_dme_tte", "lhce1_kfsi_dme_tte"], aggregated, "share of AGG", "1"
    ),
}
"""Trends of the review that no single claim states, judged in the same way."""
