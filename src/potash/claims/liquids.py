"""Claims about ion pairing and transport in liquids, judged by simulation rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from potash.claims.evidence import Evidence
from potash.claims.verdict import Finding, Verdict, all_of, by_margin, not_computed
from potash.evidence.liquids import LiquidEvidence, Measured, combine

Judge = Callable[[Evidence], Finding]


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

    def judged(evidence: Evidence) -> Finding:
        used = {
            name: other
            for name, other in substitutes.items()
            if name not in evidence.liquids and other in evidence.liquids
        }
        liquids = {**evidence.liquids, **{n: evidence.liquids[o] for n, o in used.items()}}
        finding = judge(replace(evidence, liquids=liquids))
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
        table = (row.values.get("conductivity") or {}).get("formal_charges") or {}
        entry = table.get("einstein_helfand_s_m")
        if entry:
            values.append(float(entry["value"]))
            halves.append((float(entry["high"]) - float(entry["low"])) / 2)
    return combine(values, halves) if values else None


def best_conductor(evidence: Evidence) -> Finding:
    """Judge ``lhce_cond``: the middle mixture conducts better than both neighbours."""
    best, others = "lhce2_kfsi_dme_tte", ("lhce1_kfsi_dme_tte", "lhce3_kfsi_dme_tte")
    found = [ordered([best, x], conductivity, "conductivity", "S/m")(evidence) for x in others]
    missing = [f for f in found if f.verdict == "not_computed"]
    if missing:
        return not_computed("; ".join(dict.fromkeys(f.reason for f in missing)))
    values: dict[str, float] = {}
    for finding in found:
        if isinstance(finding.value, Mapping):
            values.update(finding.value)
    return Finding(
        all_of([f.verdict for f in found]),
        "; ".join(f.reason for f in found),
        values,
        "S/m",
        found[0].level,
        tuple(dict.fromkeys(k for f in found for k in f.keys)),
    )


def ordered(
    order: Sequence[str], get: Callable[[LiquidEvidence], Measured | None], what: str, unit: str
) -> Judge:
    """Return a judge of "the property falls along this order of formulations"."""

    def judge(evidence: Evidence) -> Finding:
        missing = [f for f in order if f not in evidence.liquids]
        if missing:
            return not_computed(f"needs simulations of {', '.join(missing)} ({what})")
        found = [evidence.liquids[f] for f in order]
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
            all_of([separated(a, b) for a, b in pairwise(measured)]),
            f"{what}: {listed}{_tail(found)}",
            {f: m.value for f, m in zip(order, measured, strict=True)},
            unit,
            " and ".join(sorted({x.level for x in found})),
            tuple(r.key for x in found for r in x.rows),
        )

    return judge


def diluent_outside(formulation: str, diluent: str, limit: float = 0.2) -> Judge:
    """Return a judge of "the diluent stays out of the first shell of K+".

    Where no g(r) of K+ with the diluent has a contact peak, the number within the cutoff
    is what a mixture has there by chance: it can be below the limit, but cannot refute.
    """

    def judge(evidence: Evidence) -> Finding:
        liquid = evidence.liquids.get(formulation)
        if liquid is None:
            return not_computed(f"needs a simulation of {formulation}")
        found = contacts_with(diluent)(liquid)
        if found is None:
            return not_computed(f"needs the coordination of K+ to {diluent} in {formulation}")
        by_chance = not _has_contact_peak(liquid, diluent)
        verdict: Verdict = "unresolved"
        if found.high is not None and found.high < limit:
            verdict = "agrees"
        elif found.low is not None and found.low > limit and not by_chance:
            verdict = "disagrees"
        remark = f" (no contact peak of K-{diluent}: neighbours by chance)" if by_chance else ""
        return Finding(
            verdict,
            f"K-{diluent} coordination {_shown(found)}{remark}, limit {limit:g}{_tail([liquid])}",
            found.value,
            "1",
            liquid.level,
            tuple(r.key for r in liquid.rows),
        )

    return judge


def _has_contact_peak(liquid: LiquidEvidence, ligand: str) -> bool:
    """Return whether a cutoff to a species is its own: first minima follow contact peaks."""
    return any(
        "no contact peak" not in str(entry.get("cutoff_source", ""))
        for row in liquid.rows
        for pair, entry in (row.values.get("coordination") or {}).items()
        if _is_to(pair, ligand)
    )


def free_anions(evidence: Evidence) -> Finding:
    """Judge ``fsi_free_dm_mb``: DBE lowers the share of free FSI- from 36.9 to 13.5 %.

    Both shares have to be within a factor of two, and the second lower. The
    oxidation potentials of the same claim need solution-phase free energies.
    """
    printed = {"dm": 0.369, "mb": 0.135}
    missing = [f for f in printed if f not in evidence.liquids]
    if missing:
        return not_computed(f"needs simulations of {', '.join(missing)}")
    found = {f: evidence.liquids[f].properties.get("per_anion_ssip") for f in printed}
    shares = {f: m for f, m in found.items() if m is not None}
    if len(shares) < len(printed):
        return not_computed("needs the share of free anions, which was not analysed")
    verdicts: list[Verdict] = [separated(shares["dm"], shares["mb"])]
    for name, value in printed.items():
        m = shares[name]
        low, high = value / 2, value * 2
        if m.low is None or m.high is None:
            verdicts.append("unresolved")
        elif m.low >= low and m.high <= high:
            verdicts.append("agrees")
        else:
            outside = m.high < low or m.low > high
            verdicts.append("disagrees" if outside else "unresolved")
    both = [evidence.liquids[f] for f in printed]
    listed = ", ".join(f"{f} {_shown(m)} (review {printed[f]})" for f, m in shares.items())
    return Finding(
        "disagrees" if "disagrees" in verdicts else all_of(verdicts),
        f"free FSI-: {listed}{_tail(both)}; Raman and simulated shares are not one quantity; "
        "oxidation potentials not judged",
        {f: m.value for f, m in shares.items()},
        "1",
        " and ".join(sorted({x.level for x in both})),
        tuple(r.key for x in both for r in x.rows),
    )


def unchanged_shell(evidence: Evidence) -> Finding:
    """Judge ``tte_no_change``: TTE leaves the shell alone and is harder to oxidise than DME."""
    needed = ["lhce1_kfsi_dme_tte", "lhce2_kfsi_dme_tte"]
    missing = [f for f in needed if f not in evidence.liquids]
    ions = evidence.ionisation
    parts: list[str] = []
    values: dict[str, float] = {}
    keys: list[str] = []
    levels: set[str] = set()
    verdicts: list[Verdict] = []
    if "tte" in ions and "dme" in ions:
        a, b = ions["tte"], ions["dme"]
        if a.ionisation.known and b.ionisation.known:
            gap = (a.ionisation.low or 0.0) - (b.ionisation.high or 0.0)
            verdicts.append("agrees" if gap > 0 else "unresolved")
        else:
            verdicts.append("unresolved")
        parts.append(f"IP tte {a.ip_ev:.2f} against dme {b.ip_ev:.2f} eV")
        values |= {"tte_ip_ev": a.ip_ev, "dme_ip_ev": b.ip_ev}
        keys += [a.row.key, b.row.key]
        levels |= {a.row.level, b.row.level}
    if missing:
        verdicts.append("unresolved")
        parts.append(f"shells not compared: no simulation of {', '.join(missing)}")
    else:
        found = [evidence.liquids[f] for f in needed]
        numbers = [contacts_with("DME")(x) for x in found]
        keys += [r.key for x in found for r in x.rows]
        levels |= {x.level for x in found}
        if any(m is None for m in numbers):
            verdicts.append("unresolved")
            parts.append("coordination to DME was not analysed")
        else:
            first, second = (m for m in numbers if m is not None)
            change = abs(first.value - second.value)
            within = by_margin(0.3 - change, 0.0)
            verdicts.append(within if first.known and second.known else "unresolved")
            parts.append(f"K-DME number changes by {change:.2f} with twice the TTE (limit 0.3)")
            values["coordination_change"] = change
    if not values:
        return not_computed("needs the ionisation energies of tte and dme and simulated shells")
    return Finding(
        all_of(verdicts), "; ".join(parts), values, "eV, 1", " and ".join(sorted(levels)),
        tuple(keys),
    )  # fmt: skip


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
