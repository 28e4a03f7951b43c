from __future__ import annotations

import json

import numpy as np
import pytest

from potash.catalog.catalog import load_catalog
from potash.evidence.species import canonical
from potash.ranking.electrolytes import rank_electrolytes
from tests.synthetic_rows import (
    PURE,
    ionisation_benchmark,
    liquid,
    liquid_rows,
    make_row,
    molecule_rows,
    redox,
)

CATALOG = load_catalog()
MEASURED = {canonical(smiles): reference for smiles, (_, reference) in PURE.items()}


def ranked(rows, **options):
    table = rank_electrolytes(rows, CATALOG, measured_ip_ev=MEASURED, **options)
    return table, {e.id: e for e in table.entries}


def test_every_formulation_appears_and_says_what_is_missing():
    table, entries = ranked([])
    assert [e.id for e in table.entries] == list(CATALOG.electrolytes)
    assert not table.ranked
    assert all(e.reason for e in table.entries)
    assert "not simulated yet" in entries["kfsi_dme_1m"].reason


def test_ionisation_energies_are_corrected_against_experiment():
    _, entries = ranked([*liquid_rows(), *molecule_rows()], calibration_rows=ionisation_benchmark())
    v = entries["kfsi_dme_1m"].values
    assert v["oxidation_limit_ip_ev"] == pytest.approx(10.0, abs=0.02)
    assert v["oxidation_limit_ip_low_ev"] < 10.0 < v["oxidation_limit_ip_high_ev"]
    assert v["oxidation_limited_by"] == "dme"


def test_same_solvent_and_overlapping_diffusion_is_unresolved():
    table, _ = ranked([*liquid_rows(), *molecule_rows()], calibration_rows=ionisation_benchmark())
    assert (table.resolved_pairs, table.pairs) == (0, 1)
    assert {e.tier for e in table.ranked} == {"in_doubt"}


def test_clearly_faster_with_the_same_solvent_is_resolved():
    rows = [
        liquid("kfsi_dme_1m", d=1e-10, half=1e-11),
        liquid("kpf6_dme_1m", d=5e-10, half=1e-11),
        *molecule_rows(),
    ]
    table, _ = ranked(rows, calibration_rows=ionisation_benchmark())
    assert [(e.id, e.tier) for e in table.ranked] == [("kpf6_dme_1m", "in"), ("kfsi_dme_1m", "out")]
    assert table.resolved_pairs == 1


def test_the_weakest_component_limits():
    rows = [liquid("kfsi_ecdec_1m"), *molecule_rows()]
    _, entries = ranked(rows, calibration_rows=ionisation_benchmark())
    assert entries["kfsi_ecdec_1m"].values["oxidation_limited_by"] == "dec"


def test_a_missing_component_leaves_the_limit_open():
    rows = [liquid("kfsi_ecdec_1m"), *[r for r in molecule_rows() if r.item != "ec"]]
    _, entries = ranked(rows, calibration_rows=ionisation_benchmark())
    entry = entries["kfsi_ecdec_1m"]
    assert entry.values["oxidation_limit_ip_ev"] is None
    assert (entry.status, entry.rank) == ("partial", None)
    assert "no ionisation energy of ec" in entry.reason


def test_an_apparent_slope_orders_without_being_a_diffusion_coefficient():
    d = {"K": {"apparent": 4e-10, "status": "not diffusive yet"}}
    table, entries = ranked(
        [liquid("kfsi_dme_1m", diffusion_m2_s=d), liquid("kpf6_dme_1m"), *molecule_rows()],
        calibration_rows=ionisation_benchmark(),
    )
    v = entries["kfsi_dme_1m"].values
    assert v["diffusion_k_m2_s"] is None
    assert v["diffusion_k_apparent_m2_s"] == 4e-10
    assert entries["kpf6_dme_1m"].values["diffusion_k_apparent_m2_s"] is None
    assert entries["kfsi_dme_1m"].rank == 1
    assert table.resolved_pairs == 0
    assert {e.tier for e in table.ranked} == {"in_doubt"}


def test_records_are_json_and_not_converged_is_said():
    table, entries = ranked([*liquid_rows(), *molecule_rows()])
    json.dumps(table.records(), allow_nan=False)
    assert "not converged" in entries["kfsi_dme_1m"].flags


REDOX = [redox("dme", 4.3), redox("fsi_minus", 4.9), redox("pf6_minus", 7.0)]


def test_potentials_in_solution_replace_gas_phase_energies_where_complete():
    table, entries = ranked([*liquid_rows(), *molecule_rows(), *REDOX])
    assert table.criteria[0].column == "oxidation_limit_v"
    v = entries["kfsi_dme_1m"].values
    assert v["oxidation_limit_v"] == 4.3
    assert v["oxidation_limit_low_v"] < 4.3 < v["oxidation_limit_high_v"]
    assert v["oxidation_limited_by_in_solution"] == "dme"
    assert v["reduction_limit_v"] == 0.1


def test_one_missing_potential_keeps_the_gas_phase_criterion():
    table, entries = ranked([*liquid_rows(), *molecule_rows(), *REDOX[:2]])
    assert table.criteria[0].column == "oxidation_limit_ip_ev"
    assert entries["kpf6_dme_1m"].values["oxidation_limit_v"] is None


def test_an_anion_may_give_way_first():
    rows = [redox("dme", 4.3), redox("fsi_minus", 3.1), redox("pf6_minus", 7.0)]
    _, entries = ranked([*liquid_rows(), *rows])
    assert entries["kfsi_dme_1m"].values["oxidation_limited_by_in_solution"] == "fsi_minus"
    assert entries["kpf6_dme_1m"].values["oxidation_limited_by_in_solution"] == "dme"


def test_the_interval_of_a_limit_is_that_of_the_lowest_component():
    """Two components alike: the lower of the two lies below either, by the order statistics."""
    rows = [
        redox("dme", 5.0, half=float(np.hypot(0.2, 0.5))),
        redox("fsi_minus", 5.0, half=float(np.hypot(0.2, 0.5))),
    ]
    _, entries = ranked([*liquid_rows(), *rows], n_draws=40_000)
    v = entries["kfsi_dme_1m"].values
    own, zero = 0.5 / 1.959964, 0.2 / 1.959964
    rng = np.random.default_rng(0)
    truth = zero * rng.standard_normal(400_000) + own * rng.standard_normal((2, 400_000)).min(0)
    low, high = 5.0 + np.quantile(truth, [0.025, 0.975])
    assert v["oxidation_limit_low_v"] == pytest.approx(low, abs=0.02)
    assert v["oxidation_limit_high_v"] == pytest.approx(high, abs=0.02)


def test_the_last_attempt_says_why_there_is_no_simulation():
    tried = [
        make_row("liquid", "kfsi_dme_1m", status="failed", reason=why, started=when)
        for why, when in (
            ("first", "2026-01-01T00:00:00+00:00"),
            ("second", "2026-02-01T00:00:00+00:00"),
        )
    ]
    _, entries = ranked(tried)
    assert "second" in entries["kfsi_dme_1m"].reason
    assert "first" not in entries["kfsi_dme_1m"].reason
