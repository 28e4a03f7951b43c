from __future__ import annotations

import json

import pandas as pd
import pytest

from potash.bulk.contact import ContactVerdict
from potash.bulk.thermodynamics import Reaction
from potash.catalog.campaign import CriterionSpec, RankingPart
from potash.catalog.catalog import load_catalog
from potash.catalog.hosts import POPULATIONS
from potash.catalog.question import AmongHosts
from potash.errors import InputError
from potash.evidence.equivalence import equivalent_models
from potash.ranking.campaign_criteria import criteria_of
from potash.ranking.hosts import rank_hosts
from potash.ranking.tiers import Wish
from potash.structures.recipes import BulkRecipe
from tests.synthetic_rows import adsorption, host_rows, make_row

CATALOG = load_catalog()


def calibrated(extra=()):
    """Six metals at two levels (bias 0.2 +- 0.02), and whatever else."""
    rows = []
    errors = (0.20, 0.18, 0.22, 0.21, 0.19, 0.2)
    models = ("cu_111", "al_111", "ag_111", "ni_111", "fe_110", "pt_111")
    for i, (model, error) in enumerate(zip(models, errors, strict=True)):
        rows.append(adsorption(model, -0.6 - 0.2 * i))
        rows.append(adsorption(model, -0.6 - 0.2 * i + error, "standard"))
    return [*rows, *extra]


MXENES = [adsorption("ti3c2t2", -1.5), adsorption("ti3cnt2", -1.6)]


def by_id(table):
    return {e.id: e for e in table.entries}


def test_every_host_appears_once_and_the_unranked_say_why():
    table = rank_hosts([], CATALOG)
    assert [e.id for e in table.entries] == list(CATALOG.hosts)
    assert all(e.status == "not_computed" and e.reason for e in table.entries)
    assert "Nothing is ranked" in table.verdict


def test_screen_value_is_corrected_by_the_bias_of_its_class():
    entry = by_id(rank_hosts(calibrated([adsorption("pd_111", -1.3)]), CATALOG))["pd_cu_foam"]
    v = entry.values
    assert v["adsorption_energy_raw_ev"] == -1.3
    assert v["adsorption_energy_ev"] == pytest.approx(-1.1)
    assert v["model_low_ev"] < -1.1 < v["model_high_ev"]
    assert v["model_high_ev"] - v["model_low_ev"] < 0.2
    assert "screen only" in entry.flags


def test_without_pairs_the_interval_is_unknown_and_nothing_is_resolved():
    rows = [adsorption("cu_111", -1.0), adsorption("al_111", -0.1)]
    table = rank_hosts(rows, CATALOG)
    for entry in table.ranked:
        assert entry.values["adsorption_energy_low_ev"] is None
        assert (entry.tier, entry.told_apart_from, entry.probability_in) == ("in_doubt", 0, None)
        assert (entry.rank_low, entry.rank_high) == (1, len(table.ranked))
        assert "not calibrated" in entry.flags


def test_hosts_that_share_a_model_tie():
    table = rank_hosts([adsorption("cu_111", -1.0)], CATALOG)
    assert len(table.ranked) > 1
    assert {e.rank for e in table.ranked} == {1}
    assert table.tied_pairs == table.pairs > 0


def test_far_apart_is_resolved_and_close_is_not():
    far = [adsorption("pd_111", -1.5), adsorption("zn_0001", -0.5)]
    near = [adsorption("pd_111", -1.50), adsorption("zn_0001", -1.51)]
    apart = {
        name: rank_hosts([*pair], CATALOG, calibration_rows=calibrated())
        for name, pair in (("far", far), ("near", near))
    }
    assert apart["far"].resolved_pairs > 0
    assert apart["near"].resolved_pairs == 0
    best = [e for e in apart["far"].ranked if e.tier == "in"]
    assert {e.values["model"] for e in best} == {"pd_111"}
    assert {e.tier for e in apart["near"].ranked} == {"in_doubt"}


def test_calibration_rows_are_not_ranked():
    rows = [adsorption("pd_111", -1.5)]
    table = rank_hosts(rows, CATALOG, calibration_rows=calibrated())
    assert {e.values["model"] for e in table.ranked} == {"pd_111"}


def test_the_first_buildable_model_sets_the_value_or_nothing_does():
    host = CATALOG.hosts["bi_cnt"]
    second = next(m for m in host.models[1:] if CATALOG.models[m].recipe is not None)
    entry = by_id(rank_hosts([adsorption(second, -1.0)], CATALOG))["bi_cnt"]
    assert entry.rank is None
    assert entry.status == "partial"
    assert host.models[0] in entry.reason


def test_other_models_widen_the_interval_and_never_set_the_value():
    zinc, copper = adsorption("zn_0001", -1.5), adsorption("cu_111", -0.7)
    tables = (
        rank_hosts(rows, CATALOG, calibration_rows=calibrated())
        for rows in ([zinc], [zinc, copper])
    )
    alone, both = (by_id(t)["cu_zn_red_p_zn"] for t in tables)
    value = "adsorption_energy_ev"
    assert both.values[value] == alone.values[value]
    assert both.values["adsorption_energy_high_ev"] > alone.values["adsorption_energy_high_ev"]
    assert both.rank_high >= alone.rank_high


def test_polar_and_dense_rows_never_set_a_value():
    rows = [
        adsorption("cu_111", -3.0, termination="A", polar=True),
        adsorption("cu_111", -4.0, k_k_distance_angstrom=5.1),
        adsorption("cu_111", -0.9, termination="B", polar=False),
    ]
    entry = by_id(rank_hosts(rows, CATALOG))["cu_foil"]
    assert entry.values["adsorption_energy_ev"] == -0.9


def test_pairs_need_the_same_surface_and_cell():
    rows = calibrated()
    other = [
        adsorption("pd_111", -9.0, "standard", termination="odd"),
        adsorption("pd_111", -1.5, termination="even"),
        adsorption("zn_0001", -8.0, "standard", k_k_distance_angstrom=5.0),
        adsorption("zn_0001", -0.5),
    ]
    [model] = rank_hosts([*rows, *other], CATALOG).error_models
    assert len(model.pairs) == 6


def test_better_levels_replace_lower_ones_and_keep_their_own_error():
    low = adsorption("cu_111", -1.0)
    high = make_row(
        "adsorption",
        "cu_111",
        "reference",
        values={"adsorption_energy_ev": -0.8},
        uncertainty={"adsorption_energy_ev": 0.1},
    )
    entry = by_id(rank_hosts([low, high], CATALOG))["cu_foil"]
    assert entry.values["level"] == "reference"
    assert entry.values["adsorption_energy_low_ev"] == pytest.approx(-0.9)
    assert entry.levels == ("reference", "screen")


def test_a_calibrated_value_is_carried_on_to_the_reference_level():
    models = ("cu_111", "al_111", "ag_111", "ni_111", "fe_110")
    further = [
        adsorption(m, -0.4 - 0.2 * i - 0.1 + 0.01 * (-1) ** i, "reference")
        for i, m in enumerate(models)
    ]
    rows = calibrated(further)
    short = by_id(rank_hosts([adsorption("pd_111", -1.3)], CATALOG, calibration_rows=calibrated()))
    table = rank_hosts([adsorption("pd_111", -1.3)], CATALOG, calibration_rows=rows)
    long = by_id(table)
    # Straight to the reference where the class has pairs there: bias 0.2 - 0.1.
    assert long["pd_cu_foam"].values["adsorption_energy_ev"] == pytest.approx(-1.2, abs=0.02)
    assert short["pd_cu_foam"].values["adsorption_energy_ev"] == pytest.approx(-1.1)
    # A class without pairs at the reference is carried on by way of the standard level.
    carbon = [
        adsorption("pristine_graphene", -0.4),
        adsorption("pristine_graphene", 0.1, "standard"),
        adsorption("graphdiyne", -0.8),
    ]
    entry = by_id(rank_hosts([carbon[2]], CATALOG, calibration_rows=[*rows, *carbon]))["nc_gdy_al"]
    assert entry.values["adsorption_energy_ev"] == pytest.approx(-0.8 + 0.5 - 0.1, abs=0.02)
    assert "then standard corrected to reference" in entry.values["interval_from"]
    half = entry.values["model_high_ev"] - entry.values["adsorption_energy_ev"]
    assert half > 0.03


def test_barrier_charge_and_thickness_stand_beside_the_energy():
    energy = adsorption("cu_111", -0.8)
    rows = [
        energy,
        make_row("hop", "cu_111", values={"hop_barrier_ev": 0.02}),
        make_row("charge", "cu_111", "standard", values={"k_charge_e": 0.31}),
        make_row(
            "thickness",
            "cu_111",
            status="anomalous",
            reason="changes by +0.12 eV",
            values={"thickness_change_ev": 0.12},
            provenance={"inputs": {}, "needs": {"adsorption": energy.key}},
        ),
        make_row("hop", "al_111", values={"hop_barrier_ev": 0.5}),
    ]
    entry = by_id(rank_hosts(rows, CATALOG))["cu_foil"]
    found = {c: entry.values[c] for c in ("hop_barrier_ev", "k_charge_e", "thickness_change_ev")}
    assert found == {"hop_barrier_ev": 0.02, "k_charge_e": 0.31, "thickness_change_ev": 0.12}
    assert any(f.startswith("not converged with thickness") for f in entry.flags)
    assert {"hop", "charge", "thickness"} <= set(entry.keys)


def test_a_campaign_may_rank_by_the_work_of_adhesion_which_resolves_nothing_uncalibrated():
    """No row states its error yet: hosts are in its order, every place is open."""
    works = {"cu_111": 0.4, "al_111": 0.6}
    rows = [adsorption(m, -0.8) for m in ("cu_111", "al_111", "ag_111")]
    rows += [
        make_row("adhesion", m, values={"work_of_adhesion_j_m2": w}, reason="uncalibrated: why")
        for m, w in works.items()
    ]
    spec = CriterionSpec(
        column="work_of_adhesion_j_m2", worst=0.0, best=0.24, weight=1.0, why="wetting"
    )
    criteria, _ = criteria_of(RankingPart(hosts=(spec,)))
    table = rank_hosts(rows, CATALOG, criteria=criteria, with_models=False)
    assert criteria[0].label == "work of adhesion of K"
    assert [e.values["work_of_adhesion_j_m2"] for e in table.ranked] == sorted(
        (works[e.values["model"]] for e in table.ranked), reverse=True
    )
    assert {e.values["model"] for e in table.ranked} == set(works)
    assert table.resolved_pairs == 0
    assert all((e.rank_low, e.rank_high) == (1, len(table.ranked)) for e in table.ranked)
    assert all("work of adhesion: uncalibrated: why" in e.flags for e in table.ranked)


def test_a_check_of_another_slab_does_not_count():
    check = make_row(
        "thickness",
        "cu_111",
        status="anomalous",
        values={"thickness_change_ev": 0.5},
        provenance={"inputs": {}, "needs": {"adsorption": "another"}},
    )
    entry = by_id(rank_hosts([adsorption("cu_111", -0.8), check], CATALOG))["cu_foil"]
    assert entry.values["thickness_change_ev"] is None


def test_all_records_have_the_same_columns():
    records = rank_hosts(host_rows(), CATALOG).records(models=True)
    assert len({tuple(r) for r in records}) == 1


def test_failed_models_are_reported_with_their_reason():
    rows = [make_row("adsorption", "cu_111", status="failed", reason="no convergence")]
    assert "no convergence" in by_id(rank_hosts(rows, CATALOG))["cu_foil"].reason


def test_models_without_a_host_value_are_ranked_under_their_own_name():
    table = rank_hosts([adsorption("pyridinic_n_graphene", -1.7)], CATALOG)
    [entry] = table.ranked
    assert (entry.id, entry.values["entry"]) == ("pyridinic_n_graphene", "model")
    assert len(table.records()) == len(CATALOG.hosts)
    assert len(table.records(models=True)) == len(CATALOG.hosts) + 1
    assert len(rank_hosts(host_rows(), CATALOG, with_models=False).entries) == len(CATALOG.hosts)


def test_a_model_has_the_interval_of_its_estimate():
    rows = [adsorption("graphdiyne", -0.8), adsorption("pyridinic_n_graphene", -1.7)]
    pairs = [
        adsorption(m, e, level)
        for m in ("pristine_graphene", "epoxy_graphene")
        for e, level in ((-0.4, "screen"), (0.1, "standard"))
    ]
    entries = by_id(rank_hosts(rows, CATALOG, calibration_rows=calibrated(pairs)))
    v = entries["pyridinic_n_graphene"].values
    assert v["entry"] == "model"
    assert v["adsorption_energy_low_ev"] == v["model_low_ev"] < v["adsorption_energy_ev"]
    assert v["adsorption_energy_high_ev"] == v["model_high_ev"] > v["adsorption_energy_ev"]


def test_the_same_seed_gives_the_same_table():
    rows = host_rows()
    assert rank_hosts(rows, CATALOG) == rank_hosts(list(reversed(rows)), CATALOG)


def test_tables_leave_as_csv_parquet_and_json(tmp_path):
    table = rank_hosts(host_rows(), CATALOG)
    frame = pd.read_csv(table.write(tmp_path / "h.csv"))
    assert list(frame["id"]) == [e.id for e in table.entries]
    assert len(pd.read_parquet(table.write(tmp_path / "h.parquet"))) == len(frame)
    document = json.loads(table.write(tmp_path / "h.json").read_text())
    assert document["criteria"][0]["column"] == "adsorption_energy_ev"
    json.dumps(table.records(), allow_nan=False)
    with pytest.raises(InputError, match="csv"):
        table.write(tmp_path / "h.xlsx")


def test_models_of_one_recipe_share_their_row():
    alias = equivalent_models(CATALOG.models)
    assert alias["kf_100_fgo"] == alias["kf_100"] == "kf_100"
    assert alias["cu_111"] == "cu_111"
    entries = by_id(rank_hosts(calibrated([adsorption("kf_100_fgo", -1.0)]), CATALOG))
    assert entries["kf"].status == "computed"
    assert entries["kf"].values["model"] == "kf_100"
    assert entries["kf"].values["adsorption_energy_raw_ev"] == -1.0


def test_bulk_models_are_not_waited_for():
    """A model that only gives phase energies has no adsorption energy to miss."""

    def is_bulk(name):
        return isinstance(CATALOG.models[name].recipe, BulkRecipe)

    host = next(h for h in CATALOG.hosts.values() if any(map(is_bulk, h.models)))
    surfaces = [m for m in host.models if CATALOG.models[m].recipe is not None and not is_bulk(m)]
    rows = calibrated([adsorption(m, -1.0) for m in surfaces])
    assert by_id(rank_hosts(rows, CATALOG))[host.id].status == "computed"


def test_notes_say_what_the_corrections_rest_on():
    rows = calibrated(
        [adsorption("pristine_graphene", -0.4), adsorption("pristine_graphene", 0.1, "standard")]
    )
    notes = rank_hosts(rows, CATALOG).notes
    [screen] = [n for n in notes if n.startswith("screen against standard")]
    assert screen.startswith(
        "screen against standard: 7 pairs, calibrated classes carbon, metal; leave-one-out mean "
        "error 0.01 eV over 6 (uncorrected 0.20 eV)"
    )
    alone = rank_hosts(rows[-2:], CATALOG).notes
    assert "screen against standard: 1 pair, no class calibrated." in alone


def test_desirability_of_a_host_runs_from_zero_to_one_electronvolt_below_potassium():
    values = {"cu_111": -0.25, "al_111": 0.3, "pt_111": -1.7}
    rows = [adsorption(m, e) for m, e in values.items()]
    found = {e.values["model"]: e.desirability for e in rank_hosts(rows, CATALOG).ranked}
    assert found["cu_111"] == pytest.approx(0.25)
    assert (found["al_111"], found["pt_111"]) == (0.0, 1.0)


def test_what_is_no_substrate_is_ranked_apart():
    rows = calibrated([adsorption("kf_100", -1.9), adsorption("cr3o_node_nh2", -2.5)])
    table = rank_hosts(rows, CATALOG)
    entries = by_id(table)
    for name in ("kf", "pep_nm"):
        entry = entries[name]
        assert entry.rank is None
        assert entry.values["ranked_apart"]
        assert entry.values["adsorption_energy_ev"] is not None
        assert entry.reason.startswith("ranked apart, among ")
    assert {e.values["population"] for e in table.ranked} == {"substrate"}
    assert "pep_nm" not in {e.id for e in table.ranked}
    populations = [h.population for h in CATALOG.hosts.values()]
    assert table.apart["separator"] >= populations.count("separator")
    assert f"{table.apart['phase']} products, SEI phases" in table.verdict
    n = sum(not e.values["ranked_apart"] for e in table.entries)
    assert table.possible_pairs == n * (n - 1) // 2 > table.pairs
    assert f"of {table.possible_pairs} " in table.verdict


@pytest.mark.parametrize("population", ["separator", "phase", "substrate"])
def test_each_population_has_a_table_of_its_own(population):
    wish = Wish(among=AmongHosts(populations=(population,)))
    rows = calibrated([adsorption("kf_100", -1.9), adsorption("cr3o_node_nh2", -2.5)])
    table = rank_hosts(rows, CATALOG, wish=wish)
    assert {e.values["population"] for e in table.entries} == {population}
    assert table.ranked
    assert table.apart == {}


def test_all_populations_are_ranked_together_on_request():
    wish = Wish(among=AmongHosts(populations=tuple(POPULATIONS)))
    table = rank_hosts(calibrated([adsorption("kf_100", -1.9)]), CATALOG, wish=wish)
    assert by_id(table)["kf"].rank is not None
    assert not any(e.values["ranked_apart"] for e in table.entries)
    assert len(table.records()) == len(CATALOG.hosts)


def test_conditions_beside_leave_out_what_is_ranked_apart_too():
    wish = Wish(among=AmongHosts(with_elements=("Cu",)))
    table = rank_hosts(calibrated(), CATALOG, wish=wish)
    assert "kf" not in by_id(table)
    assert "cu_foil" in by_id(table)


def test_models_that_stand_for_another_material_are_flagged():
    rows = [adsorption("ki_bii3", -0.1), adsorption("na2k_laves", 0.1)]
    entries = by_id(rank_hosts(calibrated(rows), CATALOG))
    assert entries["k4bii7_filler"].values["surrogate"].startswith("KI for K4BiI7")
    assert any(f.startswith("surrogate: KI for K4BiI7") for f in entries["k4bii7_filler"].flags)
    assert any(f.startswith("na2k_laves stands for nak_liq") for f in entries["na_k_alloy"].flags)
    assert not any(f.startswith("surrogate") for f in entries["cu_foil"].flags)


def test_a_host_that_reacts_has_no_place_by_its_pristine_surface():
    reacts = ContactVerdict(
        "Bi", "reacts", Reaction("Bi + 3 K -> K3Bi", -1.6, 4, 3, {"K3Bi": 1.0}, "screen"), (), "why"
    )
    contact = {"bi_0001": reacts, "te_10m10": reacts}
    rows = [adsorption("bi_0001", -2.5), adsorption("te_10m10", -2.6)]
    table = rank_hosts(calibrated(rows), CATALOG, contact=contact)
    host, model = by_id(table)["bi_cnt"], by_id(table)["te_10m10"]
    for entry in (host, model):
        assert entry.rank is None
        assert entry.values["adsorption_energy_ev"] is None
        assert entry.values["first_contact_energy_ev"] < -2.0
        assert "first contact" in entry.flags
    assert host.status == "partial"
    assert host.values["reacts_with_k_ev_per_k"] == pytest.approx(-1.6 / 3, abs=1e-4)
    product = adsorption("k3bi_001", -0.2)
    after = by_id(rank_hosts(calibrated([*rows, product]), CATALOG, contact=contact))["bi_cnt"]
    assert after.rank is not None
    assert after.values["model"] == "k3bi_001"
    assert after.values["adsorption_energy_raw_ev"] == -0.2
    assert after.values["products_with_k"].startswith("K3Bi: ")


def test_a_model_that_the_catalogue_does_not_hold_is_not_left_out_by_what_is_not_known_of_it():
    rows = calibrated([adsorption("my_slab", -0.7)])
    assert by_id(rank_hosts(rows, CATALOG))["my_slab"].rank is not None
    for among, kept in (({"with_elements": "Cu"}, True), ({"classes": "mxene"}, False)):
        wish = Wish(among=AmongHosts.model_validate(among))
        found = by_id(rank_hosts([*rows, *MXENES], CATALOG, wish=wish))
        assert ("my_slab" in found) == kept
