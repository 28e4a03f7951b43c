"""Synthetic evidence for every judge: rows that should agree (+1), disagree (-1) or not decide (0).

The numbers are made up and mean nothing. A judge without an entry fails
``test_every_judge.py``; so does one that cannot reach a verdict and does not say why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from potash.bulk.thermodynamics import PhaseEnergy, reaction
from potash.catalog.catalog import load_catalog
from potash.claims.adsorption import ORDERS
from potash.store.rows import Row
from tests.synthetic_rows import coordination, make_row

CATALOG = load_catalog()
Case = Callable[[int], list[Row]]


def adsorption(model, energy):
    return make_row(
        "adsorption",
        model,
        "reference",
        values={"adsorption_energy_ev": energy, "k_k_distance_angstrom": 9.0},
        uncertainty={"adsorption_energy_ev": 0.1},
    )


def complex_(metal, *ligands, energy=1.0, ea=None, charge=1, level="standard"):
    affinity = {"ea_bound": False} if ea is None else {"ea_bound": True, "ea_vertical_ev": ea}
    return make_row(
        "complex",
        f"{metal}_{'_'.join(ligands)}",
        level,
        values={
            "metal": metal,
            "ligands": list(ligands),
            "binding_energy_ev": energy,
            "charge": charge,
            **affinity,
        },
    )


def redox(item, oxidation=4.0, reduction=0.5, half=0.5, level="standard", **values):
    columns = {
        "potential_oxidation_v_vs_k": oxidation,
        "potential_reduction_v_vs_k": reduction,
    }
    return make_row(
        "redox", item, level, values={**columns, **values}, uncertainty=dict.fromkeys(columns, half)
    )


def release(item, energy, level="standard", bond="S-F"):
    return make_row(
        "fluoride_release", item, level, values={"reaction_energy_ev": energy, "bond": bond}
    )


def phase(formula, energy, *, level="screen", hubbard=(), name=""):
    return make_row(
        "phase",
        name or formula.lower(),
        level,
        values={
            "formula": formula,
            "energy_ev_per_formula": energy,
            "hubbard_elements": list(hubbard),
        },
    )


def barrier(item, energy, **values):
    return make_row(
        "barrier",
        item,
        values={
            "migration_barrier_ev": energy,
            "barrier_2d_ev": energy,
            "barrier_3d_ev": energy,
            **values,
        },
    )


def liquid(item, half=0.02, **values):
    return make_row(
        "liquid",
        item,
        values={**values, "converged": True},
        uncertainty={k: half for k in values if k.startswith("per_")},
    )


def shell(item, number, pair, half=0.05, source="first minimum of g(r)"):
    return make_row(
        "liquid",
        item,
        values={"coordination": coordination(number, pair, source), "converged": True},
        uncertainty={pair: half},
    )


def molecule(item, ip):
    return make_row(
        "species",
        item,
        "reference",
        values={"ip_vertical_ev": ip},
        uncertainty={"ip_vertical_ev": 0.1},
    )


def conducting(item, value, half=0.05):
    estimate = {"value": value, "low": value - half, "high": value + half}
    return make_row(
        "liquid",
        item,
        values={
            "conductivity": {
                "status": "diffusive",
                "formal_charges": {
                    "einstein_helfand_s_m": estimate,
                    "nernst_einstein_s_m": estimate,
                    "ionicity": 1.0,
                    "onsager_mol2_j_m_s": {},
                    "transference": {},
                    "frame": "solvent-fixed",
                    "charges": {},
                    "window_ps": [1.0, 2.0],
                },
            }
        },
        uncertainty={},
    )


# ------------------------------------------------------------- builders


def order_of_models(claim: str) -> Case:
    """Return energies 1.5 eV apart, by how many comparisons lie below a model."""
    comparisons = ORDERS[claim]
    depth: dict[str, int] = {}
    for _ in comparisons:
        for stronger, weaker in comparisons:
            for model in weaker:
                depth.setdefault(model, 0)
            below = max(depth[m] for m in weaker)
            depth |= {m: max(depth.get(m, 0), below + 1) for m in stronger}
    return lambda sign: [adsorption(m, -1.5 * sign * d) for m, d in depth.items()]


def bindings(*names: tuple[str, ...]) -> Case:
    return lambda sign: [complex_(*n, energy=3.0 - 0.5 * sign * i) for i, n in enumerate(names)]


def first_binds(first: tuple[str, ...], *others: tuple[str, ...]) -> Case:
    return lambda sign: [
        complex_(*first, energy=2.0 + 0.5 * sign),
        *(complex_(*n, energy=2.0) for n in others),
    ]


def potential_order(which: str, *names: str) -> Case:
    return lambda sign: [redox(n, **{which: 3.0 - 2.0 * sign * i}) for i, n in enumerate(names)]


def formation(formula: str, *elements: str) -> Case:
    atoms = PhaseEnergy(formula, 0.0, "").composition.num_atoms
    return lambda sign: [phase(formula, -sign * atoms), *(phase(e, 0.0) for e in elements)]


def gain(reactants: Sequence[str], products: Sequence[str]) -> Case:
    """Return phases in which a reaction gains 1 eV per atom, or loses it, or neither."""
    names = [*reactants, *products]
    trial = reaction(reactants, products, [PhaseEnergy(f, 0.0, "") for f in names])
    amount = trial.products[PhaseEnergy(products[0], 0.0, "").reduced]
    return lambda sign: [
        phase(f, -sign * trial.n_atoms / amount if f == products[0] else 0.0) for f in names
    ]


def alone(metal: str) -> Case:
    return lambda sign: [phase("K", 0.0), phase(metal, 0.0), phase(f"K{metal}2", 3.0 * sign)]


# ------------------------------------------------------- cases of one claim


def tellurium(sign: int) -> list[Row]:
    return [
        phase("Cu", 0.0),
        phase("Te", 0.0),
        phase("K", 0.0),
        phase("Cu3Te2", -5.0 * sign),
        phase("K2Te", -9.0 * sign),
    ]


def carbons(sign: int) -> list[Row]:
    plain = ("pristine_graphene", "cnt_6_6_10_0", "graphite_kc8")
    oxide = ("rgo_oxidised_vacancy", "epoxy_graphene")
    return [*(adsorption(m, 0.0) for m in plain), *(adsorption(m, -1.0 * sign) for m in oxide)]


def kf_interphase(sign: int) -> list[Row]:
    names = ("fsi_minus", "hfdf_minus", "pf6_minus", "tte")
    potentials = [redox(n, reduction=3.0) for n in names] + [redox("dme", reduction=0.0)]
    return [*(release(n, 2.51 - sign) for n in names), *potentials]


def free_anions(sign: int) -> list[Row]:
    dm, mb = {1: (0.37, 0.14), -1: (0.14, 0.37), 0: (0.25, 0.25)}[sign]
    return [liquid("dm", per_anion_ssip=dm), liquid("mb", per_anion_ssip=mb)]


def same_shell(sign: int) -> list[Row]:
    ip = 11.0 if sign else 9.0
    change = {1: 0.0, -1: 1.0, 0: 0.3}[sign]
    return [
        molecule("tte", ip),
        molecule("dme", 9.0),
        shell("lhce1_kfsi_dme_tte", 4.0, "K-O(DME)"),
        shell("lhce2_kfsi_dme_tte", 4.0 + change, "K-O(DME)"),
    ]


def weak_solvents(sign: int) -> list[Row]:
    strong = [complex_("K", s, energy=2.0) for s in ("dme", "g2")]
    return [*strong, *(complex_("K", s, energy=2.0 - 0.5 * sign) for s in ("dx13", "dbe", "didbe"))]


def solvent_on_pair(sign: int) -> list[Row]:
    pairs = [complex_("K", a, energy=4.0, charge=0) for a in ("fsi_minus", "pf6_minus")]
    return [
        *pairs,
        complex_("K", "fsi_minus", "dme", energy=5.0 + 0.5 * sign, charge=0),
        complex_("K", "dme", "pf6_minus", energy=5.0, charge=0),
    ]


def neutral_affinities(sign: int) -> list[Row]:
    pair, solvent = {1: (1.0, None), -1: (None, 1.0), 0: (0.1, None)}[sign]
    bound = {"ea_bound": False} if solvent is None else {"ea_bound": True, "ea_vertical_ev": 1.0}
    return [
        complex_("K", "fsi_minus", ea=pair, charge=0),
        make_row("species", "dme", "standard", values=bound),
    ]


def migration(faster: Sequence[str], slower: Sequence[str]) -> Case:
    """Return barriers 3 eV apart in the claim's order or the other, or equal ones."""
    return lambda sign: [
        *(barrier(name, 4.0 - 1.5 * sign) for name in faster),
        *(barrier(name, 4.0 + 1.5 * sign) for name in slower),
    ]


CASES: Mapping[str, Case] = {
    **{claim: order_of_models(claim) for claim in ORDERS},
    "ads_carbons": carbons,
    "ads_k3vo4": lambda sign: [adsorption("k3vo4_tetragonal", {1: -1.0, -1: 2.0, 0: 0.4}[sign])],
    "nuc_bind_pmcf": order_of_models("ads_p_vs_c"),
    "solv_tep_order": bindings(("Li", "tep"), ("Na", "tep"), ("K", "tep")),
    "solv_radius": bindings(("Li", "ec"), ("Na", "ec"), ("K", "ec")),
    "solv_kpf6_kfsi": solvent_on_pair,
    "didbe_weak": bindings(("K", "g2"), ("K", "didbe")),
    "nano3_dissoc": bindings(("Na", "dma"), ("Na", "ec")),
    "pg7_coord": first_binds(("K", "pg7"), ("K", "ec"), ("K", "pc"), ("K", "dec")),
    "cointercalation": weak_solvents,
    "dx13_anodic": potential_order("oxidation", "dx13", "dme"),
    "didbe_anodic": potential_order("oxidation", "didbe", "g2"),
    "ox_4p7": lambda sign: [redox("hfdf_minus", 4.7 + sign)],
    "lumo_na_k_tep": lambda sign: [
        complex_("Na", "tep", ea=3.0 + sign),
        complex_("K", "tep", ea=3.0),
    ],
    "atpp_lumo": potential_order("reduction", "atpp_plus", "ec"),
    "aviim_reduction": potential_order("reduction", "aviim_plus", "pyr13_plus"),
    "dtd_reduction": potential_order("reduction", "dtd", "dme"),
    "hfdf_lumo": potential_order("reduction", "hfdf_minus", "tfsi_minus"),
    "anion_first": neutral_affinities,
    "salt_reduction": lambda sign: [
        release("fsi_minus", -sign),
        release("pf6_minus", 0.0),
        release("tfsi_minus", 0.0),
    ],
    "kf_sei_reduction": kf_interphase,
    "tfb_potassiation": lambda sign: [release("tte", -sign), release("tfb", 0.0)],
    "ssip_13dx": lambda sign: [
        liquid("e_13dx", per_anion_ssip=0.5 - 0.3 * sign),
        liquid("e_ecdec_266", per_anion_ssip=0.5),
    ],
    "cip_ktt": lambda sign: [
        shell(f, 2.0 - 0.5 * sign * i, "K-O(FSI)") for i, f in enumerate(("ktt", "ntt", "ltt"))
    ],
    "tftfe_ncoord": lambda sign: [shell("tmp_lhce", 0.2 - 0.15 * sign, "K-F(TFTFE)")],
    "dme_kpf6_increase": lambda sign: [
        shell("kfsi_dme_kpf6", 4.0 + sign, "K-O(DME)"),
        shell("kfsi_dme_1m", 4.0, "K-O(DME)"),
    ],
    "fsi_free_dm_mb": free_anions,
    "tte_no_change": same_shell,
    "lhce_cond": lambda sign: [
        conducting("lhce2_kfsi_dme_tte", 1.0 + 0.5 * sign),
        conducting("lhce1_kfsi_dme_tte", 1.0),
        conducting("lhce3_kfsi_dme_tte", 1.0),
    ],
    "k_ag_none": alone("Ag"),
    "k_al_none": alone("Al"),
    "k_cu_none": alone("Cu"),
    "k_sn_alloy": formation("KSn", "K", "Sn"),
    "k_bi_alloy": formation("K3Bi", "K", "Bi"),
    "k_ge_alloy": formation("KGe", "K", "Ge"),
    "k_p_alloy": formation("K3P", "K", "P"),
    "k_sb_alloy": formation("K3Sb", "K", "Sb"),
    "k3bi_fast": migration(["k3bi_hexagonal"], ["kf", "k2o"]),
    "kxpy_fast": migration(["k3p_hexagonal"], ["kf", "k2co3"]),
    "k2s_transport": migration(["k2s"], ["k2o"]),
    "k2so4_k2so3": migration(["k2so4", "k2so3"], ["kf"]),
    "k3ocl_ion": migration(["k3ocl"], ["kf"]),
    "kc8_form": formation("KC8", "K", "C"),
    "kna2": lambda sign: formation("KNa2", "K", "Na")(min(sign, 0)),
    "k4co4": gain(["K4CO4"], ["K2CO3", "K2O"]),
    "cu14te": tellurium,
    "cu6sn5_stab": lambda sign: gain(["Cu6Sn5", "K"], ["KSn", "Cu"])(-sign),
    "cu3pt_stab": lambda sign: gain(["Cu3Pt", "K"], ["KPt2", "Cu"])(-sign),
    "cuse_k": gain(["CuSe", "K"], ["K2Se", "Cu"]),
    "biocl_k": gain(["BiOCl", "K"], ["K3Bi", "K3OCl"]),
    "bivo4_k": gain(["BiVO4", "K"], ["K3Bi", "K3VO4"]),
    "alf3_k": gain(["AlF3", "K"], ["KF", "Al"]),
    "vs2_k": gain(["VS2", "K"], ["K2S", "V"]),
    "geo2_k": gain(["GeO2", "K"], ["KGe", "K2O"]),
    "k4bii7_k": gain(["BiI3", "K"], ["K3Bi", "KI"]),
}
"""Claim to its rows; the formulas have no rows (``FORMULAS``)."""

FORMULAS: Mapping[str, Mapping[str, Callable[..., object]]] = {
    "nuc_barrier_wet": {"nucleation_barrier_j": lambda n: 1.0 + n.contact_angle_rad * 0},
    "nuc_rcrit": {"critical_radius_m": lambda n: n.overpotential_v**2},
    "nuc_sh_modes": {"progressive_transient": lambda x: 0.5 / x},
    "sand_scaling": {"sand_time_s": lambda d, c, j, t: d * c / (j * t)},
    "sand_3d": {"sand_time_s": lambda d, c, j, t: 1 / j},
    "capacity_k": {"FARADAY_C_MOL": 96485.0 * 1.01},
    "shannon_ba": {"shannon_radius_angstrom": lambda element, charge: float(charge)},
}
"""Claim that a formula decides to a wrong formula, which should refute it."""

NOT_REACHED: Mapping[str, Mapping[str, str]] = {
    "kna2": {"agrees": "a window of 0.010 eV/atom is narrower than any level resolves"},
    "fsi_free_dm_mb": {"agrees": "the potentials of the same claim are not judged"},
}
"""Claim to the verdicts that no rows can give it, and why; ``unresolved`` comes instead."""
