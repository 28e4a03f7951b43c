from __future__ import annotations

import json
import math

import pytest

from potash.catalog.catalog import load_catalog
from potash.claims import claim_records, judge_claims
from potash.claims.adsorption import ORDERS
from potash.claims.judging import JUDGES
from potash.claims.verdict import all_of, by_margin, by_probability
from tests.ranking.test_hosts import calibrated
from tests.synthetic_rows import adsorption, coordination, liquid, make_row, species

CATALOG = load_catalog()
VERDICTS = {"agrees", "disagrees", "unresolved", "not_computed"}


def verdicts(rows, **options):
    options.setdefault("measured_ip_ev", {})
    return {v.id: v for v in judge_claims(rows, CATALOG, **options)}


def ion_complex(metal, *ligands, energy=None, ea=None, level="standard"):
    values = {"metal": metal, "ligands": list(ligands)}
    if energy is not None:
        values["binding_energy_ev"] = energy
    values |= {"ea_bound": False} if ea is None else {"ea_bound": True, "ea_vertical_ev": ea}
    return make_row("complex", f"{metal}_{'_'.join(ligands)}", level, values=values)


def test_every_claim_has_one_record_with_the_contracted_fields():
    records = claim_records([], CATALOG)
    assert [r["id"] for r in records] == list(CATALOG.claims)
    assert len(records) == 130
    for record in records:
        assert record["verdict"] in VERDICTS
        assert record["expected"]
        assert record["reason"]
        assert (record["value"] is None) == (record["verdict"] == "not_computed")
    json.dumps(records, allow_nan=False)


def test_without_rows_only_formulas_decide():
    decided = {v.id for v in verdicts([]).values() if v.verdict != "not_computed"}
    assert decided == {
        "nuc_barrier_wet",
        "nuc_rcrit",
        "nuc_sh_modes",
        "sand_scaling",
        "sand_3d",
        "capacity_k",
        "shannon_ba",
    }


def test_judges_and_models_exist_in_the_catalogue():
    assert set(JUDGES) <= set(CATALOG.claims)
    for groups in ORDERS.values():
        for model in (m for g in groups for m in g):
            assert CATALOG.models[model].recipe is not None, model


def test_formulas_give_their_textbook_values():
    found = verdicts([])
    assert found["capacity_k"].value == pytest.approx(685.5, abs=0.1)
    assert found["nuc_rcrit"].value == pytest.approx(-1)
    assert found["nuc_barrier_wet"].value["f(90 deg)"] == pytest.approx(0.5)
    assert found["sand_scaling"].value == pytest.approx({"J": -2, "c_0": 2, "D": 1, "t_a": -2})
    assert all(found[c].verdict == "agrees" for c in ("capacity_k", "nuc_sh_modes", "shannon_ba"))


@pytest.mark.parametrize(
    ("pd", "cu3pt", "cu", "expected"),
    [
        (-1.5, -1.1, -0.5, "agrees"),
        (-1.5, -1.5, -0.5, "unresolved"),
        (-0.2, -0.9, -1.5, "disagrees"),
    ],
)
def test_adsorption_order_beyond_and_within_the_error(pd, cu3pt, cu, expected):
    rows = [
        make_row(
            "adsorption",
            model,
            "reference",
            values={"adsorption_energy_ev": energy, "k_k_distance_angstrom": 9.0},
            uncertainty={"adsorption_energy_ev": 0.1},
        )
        for model, energy in (("pd_111", pd), ("cu3pt_111", cu3pt), ("cu_111", cu))
    ]
    found = verdicts(rows)["ads_pd_cu3pt_cu"]
    assert found.verdict == expected
    assert found.value == {"pd_111": pd, "cu3pt_111": cu3pt, "cu_111": cu}
    assert len(found.keys) == 3


def test_uncalibrated_screening_never_decides():
    rows = [adsorption("pd_111", -3.0), adsorption("cu3pt_111", -2.0), adsorption("cu_111", 0.0)]
    found = verdicts(rows)["ads_pd_cu3pt_cu"]
    assert found.verdict == "unresolved"
    assert "no interval" in found.reason


def test_calibrated_screening_decides_far_differences():
    rows = [adsorption("cu_111", -0.6), adsorption("al_111", -0.8)]
    found = verdicts([*rows, adsorption("cu6sn5_001", -3.0)], calibration_rows=calibrated())[
        "ads_al"
    ]
    assert found.verdict == "unresolved"  # the alloy's class has no pair
    assert "cu_111 -0.40 against al_111 -0.60 eV (P 0.00): disagrees" in found.reason


def test_a_motif_that_points_the_other_way_leaves_the_claim_open():
    own = {"adsorption_energy_ev": 0.05}
    energies = {
        "graphitic_n_graphene": 0.5,
        "pyridinic_n_graphene": -1.5,
        "pristine_graphene": 0.1,
    }
    rows = [
        make_row("adsorption", m, "reference", values={"adsorption_energy_ev": e}, uncertainty=own)
        for m, e in energies.items()
    ]
    found = verdicts(rows)["ads_n_vs_c"]
    assert found.verdict == "unresolved"
    assert "graphitic_n_graphene +0.50 against pristine_graphene +0.10 eV (P 0.00): disagrees" in (
        found.reason
    )
    assert "not computed: pyrrolic_n_graphene" in found.reason


def test_missing_models_are_named():
    found = verdicts([adsorption("pd_111", -1.0)])["ads_pd_cu3pt_cu"]
    assert found.verdict == "not_computed"
    assert "cu3pt_111" in found.reason
    assert found.value is None


def test_binding_order_counts_only_beyond_the_margin():
    clear = [
        ion_complex("Li", "tep", energy=2.9),
        ion_complex("Na", "tep", energy=2.0),
        ion_complex("K", "tep", energy=1.5),
    ]
    assert verdicts(clear)["solv_tep_order"].verdict == "agrees"
    close = [*clear[:2], ion_complex("K", "tep", energy=1.95)]
    assert verdicts(close)["solv_tep_order"].verdict == "unresolved"


def test_binding_at_different_levels_is_not_compared():
    rows = [
        ion_complex("K", "g2", energy=2.0),
        ion_complex("K", "didbe", energy=1.0, level="screen"),
    ]
    found = verdicts(rows)["didbe_weak"]
    assert found.verdict == "not_computed"
    assert "at one level" in found.reason


def test_tight_binding_never_decides_affinities():
    rows = [
        ion_complex("Na", "tep", energy=2, ea=9.0, level="screen"),
        ion_complex("K", "tep", energy=1, ea=1.0, level="screen"),
    ]
    assert verdicts(rows)["lumo_na_k_tep"].verdict == "unresolved"
    rows = [ion_complex("Na", "tep", energy=2, ea=4.1), ion_complex("K", "tep", energy=1, ea=3.6)]
    assert verdicts(rows)["lumo_na_k_tep"].verdict == "agrees"


def test_two_unbound_affinities_cannot_be_compared():
    rows = [species(s, "O", 7.0, level="standard") for s in ("hfdf_minus", "tfsi_minus")]
    found = verdicts(rows)["hfdf_lumo"]
    assert found.verdict == "unresolved"
    assert found.reason.count("unbound") == 2


def test_ionisation_needs_calibration():
    rows = [species("dx13", "C1COCOC1", 9.9), species("dme", "COCCOC", 9.5)]
    assert verdicts(rows)["dx13_anodic"].verdict == "unresolved"
    pure = {"CCOCC": 9.31, "CCO": 10.20, "CO": 10.52, "CC=O": 9.72, "COC": 9.5, "CCN": 8.9}
    benchmark = [species(f"b{i}", s, ip) for i, (s, ip) in enumerate(pure.items())]
    measured = {s: ip + 0.5 + 0.01 * (-1) ** i for i, (s, ip) in enumerate(pure.items())}
    found = verdicts(rows, calibration_rows=benchmark, measured_ip_ev=measured)["dx13_anodic"]
    assert found.verdict == "agrees"
    assert found.value["dme"] == pytest.approx(10.0, abs=0.02)


@pytest.mark.parametrize(
    ("ssip", "half", "expected"),
    [(0.2, 0.05, "agrees"), (0.2, 0.5, "unresolved"), (0.95, 0.02, "disagrees")],
)
def test_ion_pairing_compares_intervals(ssip, half, expected):
    def row(item, value):
        return make_row(
            "liquid",
            item,
            values={"per_anion_ssip": value, "converged": True},
            uncertainty={"per_anion_ssip": half},
        )

    found = verdicts([row("e_13dx", ssip), row("e_ecdec_266", 0.7)])["ssip_13dx"]
    assert found.verdict == expected
    assert found.value["e_13dx"] == pytest.approx(1 - ssip)


@pytest.mark.parametrize(
    ("number", "source", "verdict"),
    [
        (0.05, "first minimum of g(r)", "agrees"),
        (1.5, "first minimum of g(r)", "disagrees"),
        # Without a contact peak, neighbours by chance are counted.
        (1.5, "that of K-O(FSI) (no contact peak of its own)", "unresolved"),
        (0.05, "that of K-O(FSI) (no contact peak of its own)", "agrees"),
    ],
)
def test_diluent_in_the_shell(number, source, verdict):
    rows = [
        make_row(
            "liquid",
            "tmp_lhce",
            values={
                "coordination": {
                    **coordination(number, "K-F(TFTFE)", source),
                    **coordination(0.01, "K-O(TFTFE)", source),
                    **coordination(4.0, "K-O(TMP)", "first minimum of g(r)"),
                }
            },
            uncertainty={"K-F(TFTFE)": 0.02, "K-O(TFTFE)": 0.01, "K-O(TMP)": 0.1},
        )
    ]
    found = verdicts(rows)["tftfe_ncoord"]
    assert (found.verdict, found.value) == (verdict, pytest.approx(number + 0.01))
    assert ("by chance" in found.reason) == ("no contact peak" in source)


def test_free_anions_need_both_fractions_near_the_printed_ones():
    def pair(dm, mb):
        return [
            make_row(
                "liquid",
                item,
                values={"per_anion_ssip": x},
                uncertainty={"per_anion_ssip": 0.03},
            )
            for item, x in (("dm", dm), ("mb", mb))
        ]

    assert verdicts(pair(0.37, 0.14))["fsi_free_dm_mb"].verdict == "agrees"
    assert verdicts(pair(0.37, 0.60))["fsi_free_dm_mb"].verdict == "disagrees"
    assert verdicts(pair(0.37, 0.33))["fsi_free_dm_mb"].verdict == "disagrees"


def test_hirshfeld_charges_are_reported_and_decide_nothing():
    rows = [
        make_row("charge", m, "standard", values={"k_charge_e": q})
        for m, q in (("nio_100", 0.35), ("pristine_graphene", 0.30))
    ]
    found = verdicts(rows)["bader_nio"]
    assert (found.verdict, found.unit) == ("unresolved", "e")
    assert "order as in the review" in found.reason


def test_not_converged_is_said():
    rows = [liquid("e_13dx", per_anion_ssip=0.1), liquid("e_ecdec_266", per_anion_ssip=0.9)]
    assert "not converged: e_13dx, e_ecdec_266" in verdicts(rows)["ssip_13dx"].reason


def test_rules_of_joining():
    assert all_of(["agrees", "agrees"]) == "agrees"
    assert all_of(["agrees", "disagrees"]) == "unresolved"
    assert all_of(["disagrees", "disagrees"]) == "disagrees"
    assert all_of(["agrees", "not_computed"]) == "not_computed"
    assert all_of([]) == "not_computed"
    assert by_margin(0.2, 0.1) == "agrees"
    assert by_margin(-0.2, 0.1) == "disagrees"
    assert by_margin(5.0, math.inf) == "unresolved"
    assert by_probability(0.95) == "agrees"
    assert by_probability(0.05) == "disagrees"


def test_a_claim_finds_the_row_of_another_model_of_the_same_recipe():
    rows = [adsorption("co_particle_con4", -0.8), adsorption("graphitic_n_graphene", -0.4)]
    found = verdicts(calibrated(rows))["ads_sa_co"]
    assert found.verdict == "unresolved"
    assert found.value == {"con4_graphene": -0.8, "graphitic_n_graphene": -0.4}
