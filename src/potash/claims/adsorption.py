"""Claims about where potassium binds more strongly, judged by adsorption energies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from potash.claims.grounds import Grounds, Judge
from potash.claims.verdict import (
    Finding,
    Verdict,
    all_alike,
    all_hold,
    by_probability,
    joined,
    not_computed,
)
from potash.units import COHESIVE_ENERGY_K_EV

UNIT = "eV"

Models = tuple[str, ...]
"""Models of one thing, such as motifs, that a claim does not tell apart."""

GRAPHENE: Models = ("pristine_graphene",)
_CU: Models = ("cu_111",)
_AL: Models = ("al_111",)

ORDERS: Mapping[str, tuple[tuple[Models, Models], ...]] = {
    "ads_cu6sn5": ((("cu6sn5_001",), _CU), (("cu6sn5_001",), ("beta_sn_100",))),
    "ads_al": ((_CU, _AL), (("cu6sn5_001",), _AL)),
    "ads_n_vs_c": (
        (("graphitic_n_graphene", "pyridinic_n_graphene", "pyrrolic_n_graphene"), GRAPHENE),
    ),
    "ads_p_vs_c": ((("p_doped_graphene",), GRAPHENE),),
    "ads_redp_vs_p": ((("p4_on_p_graphene",), ("p_doped_graphene",)),),
    "ads_o_groups": (
        (
            ("epoxy_graphene", "hydroxyl_graphene", "ribbon_carbonyl", "ribbon_carboxyl"),
            GRAPHENE,
        ),
    ),
    "ads_nh3_cc": ((("ribbon_amine", "ribbon_amide"), GRAPHENE),),
    "ads_sa_co": ((("con4_graphene",), ("graphitic_n_graphene",)),),
    "ads_nico_order": ((("nico_111",), ("nife_111",)), (("nico_111",), ("cofe_110",))),
    "ads_bi": ((("bi_0001",), ("cnt_6_6_10_0",)),),
    "ads_cozn": ((("cozn_110", "co_0001", "zn_0001"), GRAPHENE),),
    "ads_sb": ((("sb_0001",), ("graphitic_n_graphene",)),),
    "ads_zno": ((("zno_10m10",), GRAPHENE),),
    "ads_ti3cn_sno2": ((("ti3cnt2",), GRAPHENE), (("f_doped_sno2_110",), GRAPHENE)),
    "ads_ti3c2_sn": ((("ti3c2s2", "graphitic_n_graphene", "thiophenic_s_graphene"), GRAPHENE),),
    "ads_pd_cu3pt_cu": ((("pd_111",), ("cu3pt_111",)), (("cu3pt_111",), _CU)),
    "ads_cu_ose": ((("se_doped_cu2o_111", "cuse_001"), _CU),),
    "ads_cu2sb_sb2o3": ((("cu2sb_001", "sb2o3_111"), _CU),),
    "ads_cuse_k2se_k2s": ((("k2se_111",), ("k2s_111",)),),
    "ads_gdy_cu": ((("cu_cluster_graphdiyne",), ("graphdiyne",)), (("graphdiyne",), _AL)),
    "ads_v_k2s": ((("v_110",), ("k2s_111",)),),
    "ads_moc": ((("moc_100",), GRAPHENE),),
    "ads_zn_n": ((("znn4_graphene", "pyridinic_n_graphene"), GRAPHENE),),
    "ads_co_noc": ((("co_particle_con4",), GRAPHENE),),
    "ads_ag": ((("ag_111",), GRAPHENE),),
    "ads_cowo4": ((("cowo4_010",), GRAPHENE),),
}
"""Claim to its comparisons, the models that bind K more strongly first.

All comparisons of a claim have to hold. Within one, every model on the left is compared
with every model on the right: parts of a host that the claim does not tell apart.
"""


def _value(grounds: Grounds, model: str) -> float:
    return grounds.adsorption[model].value


def _stronger(grounds: Grounds, first: str, second: str) -> tuple[Verdict, str]:
    """Judge whether K binds more strongly on the first model than on the second."""
    a, b = grounds.adsorption[first], grounds.adsorption[second]
    text = f"{first} {a.value:+.2f} against {second} {b.value:+.2f} eV"
    if first in grounds.draws and second in grounds.draws:
        p = float((grounds.draws[first] < grounds.draws[second]).mean())
        return by_probability(p), f"{text} (P {p:.2f})"
    unknown = [m for m in (first, second) if m not in grounds.draws]
    return "unresolved", f"{text} (no interval for {' and '.join(unknown)})"


def judge_order(comparisons: Sequence[tuple[Models, Models]], grounds: Grounds) -> Finding:
    """Judge an order of models by joint draws of their corrected adsorption energies.

    Each comparison needs a computed model on both sides; models that are not computed are
    named in the reason.
    """
    parts: list[Verdict] = []
    texts: list[str] = []
    used: list[str] = []
    missing: list[str] = []
    lacking = False
    for sides in comparisons:
        stronger, weaker = ([m for m in side if m in grounds.adsorption] for side in sides)
        missing += [m for side in sides for m in side if m not in grounds.adsorption]
        if not stronger or not weaker:
            lacking = True
            continue
        verdicts = []
        for first, second in product(stronger, weaker):
            verdict, text = _stronger(grounds, first, second)
            verdicts.append(verdict)
            texts.append(text if verdict == "agrees" else f"{text}: {verdict}")
        parts.append(all_alike(verdicts))
        used += [*stronger, *weaker]
    if lacking:
        parts.append("not_computed")
    absent = ", ".join(dict.fromkeys(missing))
    if not used:
        return not_computed(f"needs the adsorption energy of K on {absent}")
    used = list(dict.fromkeys(used))
    reason = "; ".join(texts) + (f"; not computed: {absent}" if absent else "")
    return _finding(all_hold(parts), reason, used, grounds)


def _finding(verdict: Verdict, reason: str, models: Sequence[str], grounds: Grounds) -> Finding:
    return Finding(
        verdict=verdict,
        reason=reason,
        value={m: _value(grounds, m) for m in models},
        unit=UNIT,
        level=" and ".join(sorted({grounds.adsorption[m].row.level for m in models})),
        keys=tuple(dict.fromkeys(grounds.adsorption[m].row.key for m in models)),
        decided_by="draws",
    )


def _bound(models: Sequence[str], grounds: Grounds) -> Finding:
    """Judge "all of these bind a K atom": they lie below the free atom."""
    computed = [m for m in models if m in grounds.adsorption]
    missing = [m for m in models if m not in grounds.adsorption]
    if not computed:
        return not_computed(f"needs the adsorption energy of K on {', '.join(missing)}")
    verdicts: list[Verdict] = ["not_computed"] if missing else []
    texts = []
    for model in computed:
        text = f"{model} {_value(grounds, model):+.2f} eV"
        if model in grounds.draws:
            p = float((grounds.draws[model] < COHESIVE_ENERGY_K_EV).mean())
            verdicts.append(by_probability(p))
            texts.append(f"{text} (P {p:.2f})")
        else:
            verdicts.append("unresolved")
            texts.append(f"{text} (interval unknown)")
    reason = f"below the free atom, {COHESIVE_ENERGY_K_EV:+.2f} eV: {', '.join(texts)}"
    if missing:
        reason += f"; not computed: {', '.join(missing)}"
    return _finding(all_hold(verdicts), reason, computed, grounds)


def carbons(grounds: Grounds) -> Finding:
    """Judge ``ads_carbons``: all carbons bind a K atom, reduced graphene oxide most."""
    reduced_oxide = (("rgo_oxidised_vacancy", "epoxy_graphene"), GRAPHENE)
    return joined(
        {
            "": _bound(("pristine_graphene", "cnt_6_6_10_0", "graphite_kc8"), grounds),
            "reduced graphene oxide": judge_order((reduced_oxide,), grounds),
        }
    )


def k3vo4(grounds: Grounds) -> Finding:
    """Judge ``ads_k3vo4``: K3VO4 binds K more than a surface of K metal does.

    K on such a surface lies between bulk K, which no surface of K beats (0 eV), and the
    free atom. So an energy below 0 eV is enough, one above the free atom refutes, and
    between them the energy of K on K would have to be known.
    """
    model = "k3vo4_tetragonal"
    if model not in grounds.adsorption:
        return not_computed(f"needs the adsorption energy of K on {model}")
    text = f"{model} {_value(grounds, model):+.2f} eV"
    if model not in grounds.draws:
        return _finding("unresolved", f"{text} (interval unknown)", [model], grounds)
    drawn = grounds.draws[model]
    below, above = float((drawn < 0).mean()), float((drawn > COHESIVE_ENERGY_K_EV).mean())
    verdict: Verdict = "unresolved"
    if by_probability(below) == "agrees":
        verdict = "agrees"
    elif by_probability(above) == "agrees":
        verdict = "disagrees"
    reason = (
        f"{text}: P {below:.2f} to lie below bulk K (0 eV), P {above:.2f} above the free atom "
        f"({COHESIVE_ENERGY_K_EV:+.2f} eV); K on a K surface lies between them"
    )
    return _finding(verdict, reason, [model], grounds)


def _ordered(comparisons: tuple[tuple[Models, Models], ...]) -> Judge:
    return lambda grounds: judge_order(comparisons, grounds)


JUDGES: Mapping[str, Judge] = {
    **{name: _ordered(comparisons) for name, comparisons in ORDERS.items()},
    "ads_carbons": carbons,
    "ads_k3vo4": k3vo4,
}
"""Claim id to the function that judges it."""
