"""Claims about where potassium binds more strongly, judged by adsorption energies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, product

from potash.claims.evidence import Evidence
from potash.claims.verdict import Finding, Verdict, all_of, by_probability, not_computed
from potash.units import COHESIVE_ENERGY_K_EV

UNIT = "eV"

GRAPHENE = ("pristine_graphene",)
ORDERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "ads_cu6sn5": (("cu6sn5_001",), ("cu_111", "beta_sn_100")),
    "ads_al": (("cu_111", "cu6sn5_001"), ("al_111",)),
    "ads_n_vs_c": (
        ("graphitic_n_graphene", "pyridinic_n_graphene", "pyrrolic_n_graphene"),
        GRAPHENE,
    ),
    "ads_p_vs_c": (("p_doped_graphene",), GRAPHENE),
    "ads_redp_vs_p": (("p4_on_p_graphene",), ("p_doped_graphene",)),
    "ads_o_groups": (
        ("epoxy_graphene", "hydroxyl_graphene", "ribbon_carbonyl", "ribbon_carboxyl"),
        GRAPHENE,
    ),
    "ads_nh3_cc": (("ribbon_amine", "ribbon_amide"), GRAPHENE),
    "ads_sa_co": (("con4_graphene",), ("graphitic_n_graphene",)),
    "ads_nico_order": (("nico_111",), ("nife_111", "cofe_110")),
    "ads_bi": (("bi_0001",), ("cnt_6_6_10_0",)),
    "ads_cozn": (("cozn_110", "co_0001", "zn_0001"), GRAPHENE),
    "ads_sb": (("sb_0001",), ("graphitic_n_graphene",)),
    "ads_zno": (("zno_10m10",), GRAPHENE),
    "ads_ti3cn_sno2": (("ti3cnt2", "f_doped_sno2_110"), GRAPHENE),
    "ads_ti3c2_sn": (("ti3c2s2", "graphitic_n_graphene", "thiophenic_s_graphene"), GRAPHENE),
    "ads_pd_cu3pt_cu": (("pd_111",), ("cu3pt_111",), ("cu_111",)),
    "ads_cu_ose": (("se_doped_cu2o_111", "cuse_001"), ("cu_111",)),
    "ads_cu2sb_sb2o3": (("cu2sb_001", "sb2o3_111"), ("cu_111",)),
    "ads_cuse_k2se_k2s": (("k2se_111",), ("k2s_111",)),
    "ads_gdy_cu": (("cu_cluster_graphdiyne",), ("graphdiyne",), ("al_111",)),
    "ads_v_k2s": (("v_110",), ("k2s_111",)),
    "ads_moc": (("moc_100",), GRAPHENE),
    "ads_zn_n": (("znn4_graphene", "pyridinic_n_graphene"), GRAPHENE),
    "ads_co_noc": (("co_particle_con4",), GRAPHENE),
    "ads_ag": (("ag_111",), GRAPHENE),
    "ads_cowo4": (("cowo4_010",), GRAPHENE),
}
"""Claim to groups of models, the strongest binding group first.

Every model of a group is compared with every model of the next one. The groups
hold the parts of a host that the claim is about, not all its parts.
"""


def _value(evidence: Evidence, model: str) -> float:
    return evidence.adsorption[model].value


def _stronger(evidence: Evidence, first: str, second: str) -> tuple[Verdict, str]:
    """Judge whether K binds more strongly on the first model than on the second."""
    a, b = evidence.adsorption[first], evidence.adsorption[second]
    text = f"{first} {a.value:+.2f} against {second} {b.value:+.2f} eV"
    if first in evidence.draws and second in evidence.draws:
        p = float((evidence.draws[first] < evidence.draws[second]).mean())
        return by_probability(p), f"{text} (P {p:.2f})"
    unknown = [m for m in (first, second) if m not in evidence.draws]
    return "unresolved", f"{text} (no interval for {' and '.join(unknown)})"


def _levels(evidence: Evidence, models: Sequence[str]) -> str:
    return " and ".join(sorted({evidence.adsorption[m].row.level for m in models}))


def judge_order(groups: Sequence[Sequence[str]], evidence: Evidence) -> Finding:
    """Judge an order of groups of models.

    A claim needs at least one computed model in every group; models that are
    not computed are named in the reason.
    """
    computed = [[m for m in g if m in evidence.adsorption] for g in groups]
    missing = [m for g in groups for m in g if m not in evidence.adsorption]
    if not all(computed):
        return not_computed(f"needs the adsorption energy of K on {', '.join(missing)}")
    verdicts, texts = [], []
    for stronger, weaker in pairwise(computed):
        for first, second in product(stronger, weaker):
            verdict, text = _stronger(evidence, first, second)
            verdicts.append(verdict)
            texts.append(text if verdict == "agrees" else f"{text}: {verdict}")
    used = list(dict.fromkeys(m for g in computed for m in g))
    reason = "; ".join(texts)
    if missing:
        reason += f"; not computed: {', '.join(missing)}"
    return Finding(
        verdict=all_of(verdicts),
        reason=reason,
        value={m: _value(evidence, m) for m in used},
        unit=UNIT,
        level=_levels(evidence, used),
        keys=tuple(evidence.adsorption[m].row.key for m in used),
    )


def _below_zero(models: Sequence[str], evidence: Evidence, limit: float, what: str) -> Finding:
    """Judge whether K on every model lies below a limit, in eV against K metal."""
    missing = [m for m in models if m not in evidence.adsorption]
    if missing:
        return not_computed(f"needs the adsorption energy of K on {', '.join(missing)}")
    verdicts: list[Verdict] = []
    texts = []
    for model in models:
        value = _value(evidence, model)
        if model in evidence.draws:
            p = float((evidence.draws[model] < limit).mean())
            verdicts.append(by_probability(p))
            texts.append(f"{model} {value:+.2f} eV (P {p:.2f} below {limit:.2f})")
        else:
            verdicts.append("unresolved")
            texts.append(f"{model} {value:+.2f} eV (interval unknown)")
    return Finding(
        verdict=all_of(verdicts),
        reason=f"{what}: {'; '.join(texts)}",
        value={m: _value(evidence, m) for m in models},
        unit=UNIT,
        level=_levels(evidence, models),
        keys=tuple(evidence.adsorption[m].row.key for m in models),
    )


def carbons(evidence: Evidence) -> Finding:
    """Judge ``ads_carbons``: all carbons bind a K atom, reduced graphene oxide most."""
    plain = ("pristine_graphene", "cnt_6_6_10_0", "graphite_kc8")
    bound = _below_zero(
        [m for m in plain if m in evidence.adsorption] or list(plain),
        evidence,
        COHESIVE_ENERGY_K_EV,
        "bound against the free K atom (below +0.93 eV against K metal)",
    )
    if bound.verdict == "not_computed":
        return bound
    order = judge_order((("rgo_oxidised_vacancy", "epoxy_graphene"), GRAPHENE), evidence)
    if order.verdict == "not_computed":
        return Finding(
            "unresolved" if bound.verdict == "agrees" else bound.verdict,
            f"{bound.reason}; the second half of the claim: {order.reason}",
            bound.value, bound.unit, bound.level, bound.keys,
        )  # fmt: skip
    values = {**_mapping(bound.value), **_mapping(order.value)}
    return Finding(
        all_of([bound.verdict, order.verdict]),
        f"{bound.reason}; reduced graphene oxide: {order.reason}",
        values,
        UNIT,
        order.level,
        tuple(dict.fromkeys((*bound.keys, *order.keys))),
    )


def k3vo4(evidence: Evidence) -> Finding:
    """Judge ``ads_k3vo4``: K3VO4 binds K more than a K metal surface does.

    No surface of K binds an atom as strongly as the bulk, so an adsorption
    energy below zero is enough; one above zero decides nothing.
    """
    found = _below_zero(
        ("k3vo4_tetragonal",), evidence, 0.0, "stronger than even bulk K if below 0 eV"
    )
    if found.verdict == "disagrees":
        return Finding(
            "unresolved",
            f"{found.reason}; weaker than bulk K, but a K surface was not computed",
            found.value, found.unit, found.level, found.keys,
        )  # fmt: skip
    return found


def charge_of_potassium(evidence: Evidence) -> Finding:
    """Judge ``bader_nio``: K gives more charge to NiO than to carbon.

    The printed charges are Bader's. Hirshfeld charges are another partition, so
    they are reported and decide nothing about the printed values.
    """
    models = ("nio_100", "pristine_graphene")
    missing = [m for m in models if m not in evidence.charges]
    if missing:
        return not_computed(f"needs the charge of K on {', '.join(missing)}")
    rows = [evidence.charges[m] for m in models]
    values = {m: float(r.values["k_charge_e"]) for m, r in zip(models, rows, strict=True)}
    order = "as" if values["nio_100"] > values["pristine_graphene"] else "unlike"
    return Finding(
        "unresolved",
        f"Hirshfeld charges: order {order} in the review, whose Bader charges are another kind",
        values,
        "e",
        " and ".join(sorted({r.level for r in rows})),
        tuple(r.key for r in rows),
    )


def _mapping(value: float | Mapping[str, float] | None) -> dict[str, float]:
    return dict(value) if isinstance(value, Mapping) else {}


def _ordered(groups: tuple[tuple[str, ...], ...]) -> Callable[[Evidence], Finding]:
    return lambda evidence: judge_order(groups, evidence)


JUDGES: Mapping[str, Callable[[Evidence], Finding]] = {
    **{name: _ordered(groups) for name, groups in ORDERS.items()},
    "ads_carbons": carbons,
    "ads_k3vo4": k3vo4,
    "bader_nio": charge_of_potassium,
}
"""Claim id to the function that judges it."""
