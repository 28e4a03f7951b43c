from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.catalog.catalog import load_catalog
from potash.claims.adsorption import ORDERS
from potash.claims.judging import JUDGES, claim_records, judge_claims
from potash.claims.verdict import (
    Finding,
    all_alike,
    all_hold,
    by_margin,
    by_probability,
    joined,
    not_computed,
    within,
)
from tests.claims.cases import CASES, complex_, molecule, shell
from tests.claims.cases import adsorption as reference
from tests.claims.cases import liquid as liquid_of
from tests.ranking.test_hosts import calibrated
from tests.synthetic_rows import adsorption, coordination, liquid, make_row, species

CATALOG = load_catalog()
OPPOSITE = {"agrees": "disagrees", "disagrees": "agrees", "unresolved": "unresolved"}
finite = st.floats(-100, 100)
VERDICTS = {"agrees", "disagrees", "unresolved", "not_computed", "not_computable"}


def verdicts(rows, **options):
    options.setdefault("measured_ip_ev", {})
    return {v.id: v for v in judge_claims(rows, CATALOG, **options)}


def test_every_claim_has_one_record_with_the_contracted_fields():
    records = claim_records([], CATALOG)
    assert [r["id"] for r in records] == list(CATALOG.claims)
    assert len(records) == 130
    for record in records:
        assert record["verdict"] in VERDICTS
        assert record["expected"]
        assert record["reason"]
        undecided = record["verdict"] in ("not_computed", "not_computable")
        assert (record["value"] is None) == undecided
        assert (record["decided_by"] is None) == undecided
    json.dumps(records, allow_nan=False)


def test_without_rows_only_formulas_decide():
    decided = {v.id for v in verdicts([]).values() if not v.verdict.startswith("not_")}
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
    for comparisons in ORDERS.values():
        for model in (m for sides in comparisons for side in sides for m in side):
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
        (-1.5, -0.5, -1.1, "disagrees"),  # one comparison of two is refuted
    ],
)
def test_adsorption_order_beyond_and_within_the_error(pd, cu3pt, cu, expected):
    energies = {"pd_111": pd, "cu3pt_111": cu3pt, "cu_111": cu}
    rows = [reference(model, energy) for model, energy in energies.items()]
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
    assert found.verdict == "disagrees"  # Cu alone refutes it; the alloy's class has no pair
    assert "no interval for cu6sn5_001" in found.reason
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
        complex_("Li", "tep", energy=2.9),
        complex_("Na", "tep", energy=2.0),
        complex_("K", "tep", energy=1.5),
    ]
    assert verdicts(clear)["solv_tep_order"].verdict == "agrees"
    close = [*clear[:2], complex_("K", "tep", energy=1.95)]
    assert verdicts(close)["solv_tep_order"].verdict == "unresolved"


def test_binding_at_different_levels_is_not_compared():
    rows = [
        complex_("K", "g2", energy=2.0),
        complex_("K", "didbe", energy=1.0, level="screen"),
    ]
    found = verdicts(rows)["didbe_weak"]
    assert found.verdict == "not_computed"
    assert "at one level" in found.reason


def test_the_best_level_that_all_complexes_have_is_taken():
    rows = [complex_("K", s, energy=e, level="screen") for s, e in (("g2", 3.0), ("didbe", 2.0))]
    found = verdicts([*rows, complex_("K", "g2", energy=1.0)])["didbe_weak"]
    assert (found.verdict, found.level, found.margin) == ("agrees", "screen", 0.5)


def test_binding_is_compared_after_counterpoise():
    corrected = {"metal": "K", "ligands": ["g2"], "binding_energy_ev": 2.0}
    row = make_row(
        "complex", "K_g2", "standard", values={**corrected, "binding_energy_counterpoise_ev": 1.5}
    )
    found = verdicts([row, complex_("K", "didbe", energy=1.45)])["didbe_weak"]
    assert found.value["[K(g2)]"] == 1.5
    assert found.verdict == "unresolved"


def test_a_solvent_on_an_ion_pair_counts_from_the_pair():
    found = verdicts(CASES["solv_kpf6_kfsi"](1))["solv_kpf6_kfsi"]
    assert found.value == pytest.approx({"fsi_minus": 1.5, "pf6_minus": 1.0})


def test_k_bound_to_an_additive_is_no_change_of_the_shell():
    """Any polar molecule binds K+: it is the solvents' binding that has to be beaten."""
    bound = [complex_("K", n, energy=e) for n, e in (("pg7", 2.0), ("ec", 1.95), ("pc", 1.9))]
    assert verdicts([*bound, complex_("K", "dec", energy=1.9)])["pg7_coord"].verdict == "unresolved"


def test_tight_binding_never_decides_affinities():
    rows = [
        complex_("Na", "tep", energy=2, ea=9.0, level="screen"),
        complex_("K", "tep", energy=1, ea=1.0, level="screen"),
    ]
    found = verdicts(rows)["lumo_na_k_tep"]
    assert (found.verdict, found.margin) == ("unresolved", None)
    assert "no difference counts" in found.reason
    rows = [complex_("Na", "tep", energy=2, ea=4.1), complex_("K", "tep", energy=1, ea=3.6)]
    assert verdicts(rows)["lumo_na_k_tep"].verdict == "agrees"


def test_two_unbound_affinities_cannot_be_compared():
    rows = [
        make_row("species", s, "standard", values={"charge": -1})
        for s in ("hfdf_minus", "tfsi_minus")
    ]
    found = verdicts(rows)["hfdf_lumo"]
    assert found.verdict == "unresolved"
    assert found.reason.count("unbound") == 2


def test_affinities_of_different_charges_are_not_compared():
    """A cation takes up an electron more easily than a molecule for its charge alone."""
    cation = make_row(
        "species",
        "atpp_plus",
        "standard",
        values={"charge": 1, "ea_bound": True, "ea_vertical_ev": 4.0},
    )
    found = verdicts([cation, make_row("species", "ec", "standard")])["atpp_lumo"]
    assert found.verdict == "not_computed"
    assert "potentials in solution" in found.reason
    pair = complex_("K", "fsi_minus", ea=0.7, charge=0)
    charged = make_row("species", "dme", "standard", values={"charge": 1})
    assert verdicts([pair, charged])["anion_first"].verdict == "not_computed"


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


@pytest.mark.parametrize(
    ("dm", "mb", "expected"),
    [
        (0.37, 0.14, "unresolved"),  # as printed: the potentials of the claim are not judged
        (0.37, 0.60, "disagrees"),
        (0.37, 0.33, "disagrees"),
    ],
)
def test_free_anions_need_both_fractions_near_the_printed_ones(dm, mb, expected):
    rows = [liquid_of("dm", 0.03, per_anion_ssip=dm), liquid_of("mb", 0.03, per_anion_ssip=mb)]
    found = verdicts(rows)["fsi_free_dm_mb"]
    assert found.verdict == expected
    assert "not judged: the oxidation potentials" in found.reason


@pytest.mark.parametrize(
    ("change", "half", "expected"),
    [
        (0.1, 0.05, "agrees"),
        (-0.1, 0.05, "agrees"),
        (0.25, 0.05, "unresolved"),  # 0.25 +- 0.07
        (0.1, 0.2, "unresolved"),  # 0.1 +- 0.28
        (0.6, 0.1, "disagrees"),
        (-0.6, 0.1, "disagrees"),
    ],
)
def test_a_shell_is_the_same_only_within_the_errors(change, half, expected):
    rows = [
        molecule("tte", 11.0),
        molecule("dme", 9.0),
        shell("lhce1_kfsi_dme_tte", 4.0, "K-O(DME)", half),
        shell("lhce2_kfsi_dme_tte", 4.0 + change, "K-O(DME)", half),
    ]
    found = verdicts(rows)["tte_no_change"]
    assert found.verdict == expected
    assert found.value["change_of_dme_number"] == pytest.approx(change)


def test_a_diluent_easier_to_oxidise_refutes_whatever_the_shell():
    rows = [molecule("tte", 8.0), molecule("dme", 9.0)]
    assert verdicts(rows)["tte_no_change"].verdict == "disagrees"


def test_hirshfeld_charges_stand_for_no_others():
    rows = [
        make_row("charge", m, "standard", values={"k_charge_e": q})
        for m, q in (("nio_100", 0.35), ("pristine_graphene", 0.30))
    ]
    found = verdicts(rows)["bader_nio"]
    assert (found.verdict, found.value) == ("not_computed", None)
    assert "Bader charges" in found.reason


def test_not_converged_is_said():
    rows = [liquid("e_13dx", per_anion_ssip=0.1), liquid("e_ecdec_266", per_anion_ssip=0.9)]
    assert "not converged: e_13dx, e_ecdec_266" in verdicts(rows)["ssip_13dx"].reason


def test_rules_of_joining():
    assert all_hold(["agrees", "agrees"]) == "agrees"
    assert all_hold(["agrees", "disagrees"]) == "disagrees"
    assert all_hold(["not_computed", "disagrees"]) == "disagrees"
    assert all_hold(["agrees", "unresolved"]) == "unresolved"
    assert all_hold(["agrees", "not_computed"]) == "unresolved"
    assert all_hold(["not_computed", "not_computed"]) == "not_computed"
    assert all_hold([]) == "not_computed"
    assert all_alike(["agrees", "agrees"]) == "agrees"
    assert all_alike(["disagrees", "disagrees"]) == "disagrees"
    assert all_alike(["agrees", "disagrees"]) == "unresolved"
    assert all_alike(["agrees", "unresolved"]) == "unresolved"
    assert all_alike([]) == "not_computed"


@given(difference=finite, margin=st.floats(0, 10) | st.just(math.inf))
def test_a_margin_hides_as_much_on_either_side(difference, margin):
    found = by_margin(difference, margin)
    assert by_margin(-difference, margin) == OPPOSITE[found]
    assert (found == "unresolved") == (abs(difference) <= margin)


@given(p=st.floats(0, 1))
def test_probability_decides_alike_on_either_side(p):
    assert by_probability(1 - p) == OPPOSITE[by_probability(p)]


def test_probability_at_its_threshold():
    assert by_probability(0.95) == "agrees"
    assert by_probability(0.94) == "unresolved"
    assert by_probability(0.05) == "disagrees"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-0.2, 0.2, "agrees"),
        (0.2, 0.4, "unresolved"),
        (-0.4, 0.4, "unresolved"),
        (0.31, 0.4, "disagrees"),
        (-0.5, -0.31, "disagrees"),
        (None, 0.2, "unresolved"),
    ],
)
def test_a_window_is_judged_by_the_whole_interval(low, high, expected):
    assert within(low, high, lowest=-0.3, highest=0.3) == expected


def test_parts_of_a_claim_are_joined_with_their_values():
    first = Finding("agrees", "a", 1.0, "eV", "screen", ("k1",), 0.5, "margin")
    second = Finding("unresolved", "b", {"x": 2.0}, "V", "standard", ("k2",), 0.2, "margin")
    found = joined({"one": first, "two": second, "three": not_computed("needs c")})
    assert (found.verdict, found.unit, found.level) == (
        "unresolved",
        "eV, V",
        "screen and standard",
    )
    assert found.value == {"one": 1.0, "x": 2.0}
    assert found.reason == "one: a; two: b; three: needs c"
    assert (found.keys, found.margin, found.decided_by) == (("k1", "k2"), None, "margin")
    clash = joined({"one": second, "two": Finding("agrees", "c", {"x": 3.0}, "V")})
    assert clash.value == {"x": 2.0, "two: x": 3.0}
    nothing = joined({"one": not_computed("needs a"), "two": not_computed("needs a")})
    assert (nothing.verdict, nothing.reason, nothing.value) == ("not_computed", "needs a", None)


def test_a_k_surface_lies_between_bulk_and_free_atom():
    def judged(energy):
        return verdicts([reference("k3vo4_tetragonal", energy)])["ads_k3vo4"].verdict

    assert judged(-0.3) == "agrees"
    assert judged(0.5) == "unresolved"
    assert judged(1.3) == "disagrees"


def test_a_claim_finds_the_row_of_another_model_of_the_same_recipe():
    rows = [adsorption("co_particle_con4", -0.8), adsorption("graphitic_n_graphene", -0.4)]
    found = verdicts(calibrated(rows))["ads_sa_co"]
    assert found.verdict == "unresolved"
    assert found.value == {"con4_graphene": -0.8, "graphitic_n_graphene": -0.4}
