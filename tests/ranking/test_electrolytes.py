from __future__ import annotations

import json

import numpy as np
import pytest

from potash.calibration import sample
from potash.catalog.catalog import load_catalog
from potash.errors import InputError
from potash.evidence.liquids import combine, liquid_evidence
from potash.evidence.potentials import active_species, read_potentials
from potash.evidence.species import (
    canonical,
    read_ionisation_energies,
    species_class,
    species_evidence,
)
from potash.ranking.electrolytes import rank_electrolytes
from tests.synthetic_rows import liquid, liquid_rows, make_row, molecule_rows, species

CATALOG = load_catalog()
PURE = {  # computed 0.5 eV too low, +- 0.02
    "CCOCC": (9.31, 9.82),
    "CCO": (10.20, 10.69),
    "CO": (10.52, 11.04),
    "CC=O": (9.72, 10.20),
    "COC": (9.50, 10.00),
    "CCN": (8.92, 9.41),
}
MEASURED = {canonical(s): reference for s, (_, reference) in PURE.items()}


def benchmark():
    return [species(f"b{i}", s, ip) for i, (s, (ip, _)) in enumerate(PURE.items())]


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
    _, entries = ranked([*liquid_rows(), *molecule_rows()], calibration_rows=benchmark())
    v = entries["kfsi_dme_1m"].values
    assert v["oxidation_limit_ip_ev"] == pytest.approx(10.0, abs=0.02)
    assert v["oxidation_limit_ip_low_ev"] < 10.0 < v["oxidation_limit_ip_high_ev"]
    assert v["oxidation_limited_by"] == "dme"


def test_same_solvent_and_overlapping_diffusion_is_unresolved():
    table, _ = ranked([*liquid_rows(), *molecule_rows()], calibration_rows=benchmark())
    assert table.ranked[0].verdict == "unresolved"
    assert "Unresolved" in table.verdict


def test_clearly_faster_with_the_same_solvent_is_resolved():
    rows = [
        liquid("kfsi_dme_1m", d=1e-10, half=1e-11),
        liquid("kpf6_dme_1m", d=5e-10, half=1e-11),
        *molecule_rows(),
    ]
    table, _ = ranked(rows, calibration_rows=benchmark())
    assert table.ranked[0].id == "kpf6_dme_1m"
    assert table.ranked[0].verdict == "resolved"


def test_the_weakest_component_limits():
    rows = [liquid("kfsi_ecdec_1m"), *molecule_rows()]
    _, entries = ranked(rows, calibration_rows=benchmark())
    assert entries["kfsi_ecdec_1m"].values["oxidation_limited_by"] == "dec"


def test_a_missing_component_leaves_the_limit_open():
    rows = [liquid("kfsi_ecdec_1m"), *[r for r in molecule_rows() if r.item != "ec"]]
    _, entries = ranked(rows, calibration_rows=benchmark())
    entry = entries["kfsi_ecdec_1m"]
    assert entry.values["oxidation_limit_ip_ev"] is None
    assert (entry.status, entry.rank) == ("partial", None)
    assert "no ionisation energy of ec" in entry.reason


def test_an_apparent_slope_orders_without_being_a_diffusion_coefficient():
    d = {"K": {"apparent": 4e-10, "status": "not diffusive yet"}}
    table, entries = ranked(
        [liquid("kfsi_dme_1m", diffusion_m2_s=d), liquid("kpf6_dme_1m"), *molecule_rows()],
        calibration_rows=benchmark(),
    )
    v = entries["kfsi_dme_1m"].values
    assert v["diffusion_k_m2_s"] is None
    assert v["diffusion_k_apparent_m2_s"] == 4e-10
    assert [e.id for e in table.ranked] == ["kfsi_dme_1m", "kpf6_dme_1m"]
    assert table.ranked[0].verdict == "unresolved"


def test_records_are_json_and_not_converged_is_said():
    table, entries = ranked([*liquid_rows(), *molecule_rows()])
    json.dumps(table.records(), allow_nan=False)
    assert "not converged" in entries["kfsi_dme_1m"].flags


@pytest.mark.parametrize(
    ("smiles", "charge", "expected"),
    [
        ("COCCOC", 0, "organic"),
        ("c1ccccc1", 0, "hydrocarbon"),
        ("O", 0, "other neutral"),
        ("O=C=O", 0, "other neutral"),
        ("FC(F)(F)F", 0, "other neutral"),
        ("F[P-](F)(F)(F)(F)F", -1, "anion"),
        ("[K+]", 1, "cation"),
        ("[O-]C(=O)C(=O)[O-]", -2, "polyanion"),
        ("", 0, "other neutral"),
    ],
)
def test_calibration_class_of_species(smiles, charge, expected):
    assert species_class(smiles, charge) == expected


def test_a_calibrated_level_is_preferred_to_a_better_one_without_error():
    rows = [species("dme", "COCCOC", 9.5), species("dme", "COCCOC", 9.9, level="standard")]
    found, _ = species_evidence(rows, MEASURED, calibration_rows=benchmark())
    assert found["dme"].row.level == "screen"
    assert found["dme"].levels == ("screen", "standard")


def test_one_ion_calibrates_no_ions():
    rows = [
        *benchmark(),
        species("a", "[Cl-]", 3.0, charge=-1),
        species("b", "[Br-]", 2.9, charge=-1),
    ]
    better = [species("a", "[Cl-]", 3.5, charge=-1, level="standard")]
    found, _ = species_evidence([*rows, *better], MEASURED)
    assert not found["b"].ionisation.known
    assert "no pair" in found["b"].ionisation.reason


def test_seeds_are_joined_by_student_t():
    joined = combine([1.0, 1.2, 1.1], [None, None, None])
    assert joined.value == pytest.approx(1.1)
    assert joined.high - joined.value == pytest.approx(4.30265 * 0.1 / 3**0.5, rel=1e-4)


def test_two_runs_keep_the_larger_half_width_and_one_without_error_has_none():
    assert combine([1.0, 1.1], [0.2, 0.1]).high == pytest.approx(1.25)
    assert not combine([1.0], [None]).known
    assert combine([1.0, 2.0], [0.1, 0.1]).low == pytest.approx(1.0)


def test_the_best_level_counts_and_fractions_stay_within_bounds():
    rows = [
        liquid("kfsi_dme_1m", seed=s, per_anion_ssip=x, level="standard")
        for s, x in ((1, 0.9), (2, 0.99), (3, 0.95))
    ]
    found = liquid_evidence([liquid("kfsi_dme_1m", per_anion_ssip=0.1), *rows])["kfsi_dme_1m"]
    assert found.level == "standard"
    assert found.properties["per_anion_ssip"].value == pytest.approx(0.94667, abs=1e-4)
    assert found.properties["per_anion_ssip"].high == 1.0


def test_failed_rows_are_no_evidence():
    assert liquid_evidence([make_row("liquid", "kfsi_dme_1m", status="failed")]) == {}


def test_reading_measured_energies(tmp_path):
    path = tmp_path / "ip.csv"
    path.write_text(
        "# comment\nname,smiles,vertical_exp_ev,verified\nwater,O,12.62,yes\n"
        "tetrahydrofuran,C1CCOC1,9.4,no\nethanol,OCC,,yes\n"
    )
    assert read_ionisation_energies(path) == {"O": 12.62}
    path.write_text("smiles,vertical_exp_ev\nO,much\n")
    with pytest.raises(InputError, match="'much'"):
        read_ionisation_energies(path)
    path.write_text("name\nwater\n")
    with pytest.raises(InputError, match="smiles"):
        read_ionisation_energies(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_ionisation_energies(tmp_path / "absent.csv")


def redox(item, oxidation, half=0.5, level="screen", **values):
    return make_row(
        "redox",
        item,
        level,
        values={
            "potential_oxidation_v_vs_k": oxidation,
            "potential_reduction_v_vs_k": 0.1,
            **values,
        },
        uncertainty={"potential_oxidation_v_vs_k": half, "potential_reduction_v_vs_k": half},
    )


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


def test_the_scale_shifts_all_potentials_alike():
    rows = [redox("dme", 4.0, half=0.2), redox("fsi_minus", 4.2, half=0.2)]
    found = read_potentials(rows).estimates["oxidation"]
    drawn = sample([found["dme"], found["fsi_minus"]], n_draws=2000, rng=np.random.default_rng(1))
    assert np.allclose(drawn[:, 1] - drawn[:, 0], 0.2)
    assert np.std(drawn[:, 0]) == pytest.approx(0.102, abs=0.01)
    assert read_potentials([]) is None


def test_a_potential_is_as_uncertain_as_its_row_says_and_never_less_than_its_scale():
    wide = read_potentials([redox("dme", 4.0, half=0.9)]).estimates["oxidation"]["dme"]
    assert (wide.low, wide.high) == pytest.approx((3.1, 4.9), abs=1e-4)
    narrow = read_potentials([redox("dme", 4.0, half=0.05)]).estimates["oxidation"]["dme"]
    assert (narrow.low, narrow.high) == pytest.approx((3.8, 4.2), abs=1e-4)


def test_both_sides_share_the_scale():
    """The window of a molecule does not depend on the zero."""
    [row] = [redox("dme", 4.0, half=0.2)]
    found = read_potentials([row]).estimates
    drawn = sample(
        [found["oxidation"]["dme"], found["reduction"]["dme"]],
        n_draws=500,
        rng=np.random.default_rng(1),
    )
    assert np.allclose(drawn[:, 0] - drawn[:, 1], 3.9)


def test_potentials_for_another_absolute_scale_are_moved_to_that_of_most():
    """4.28 V for the hydrogen electrode instead of 4.44 V raises every potential by 0.16 V."""
    rows = [
        redox("dme", 4.0),
        redox("fsi_minus", 4.2),
        redox("pf6_minus", 7.16, absolute_she_v=4.28, absolute_k_v=1.349),
    ]
    found = read_potentials(rows)
    assert found.absolute_k_v == 1.509
    assert found.estimates["oxidation"]["pf6_minus"].value == pytest.approx(7.0)
    assert found.estimates["oxidation"]["pf6_minus"].raw == 7.16
    assert found.estimates["oxidation"]["dme"].value == 4.0


def test_levels_of_potentials_are_not_mixed():
    rows = [redox("dme", 4.0), redox("fsi_minus", 4.2), redox("dme", 4.5, level="standard")]
    found = read_potentials(rows)
    assert found.level == "screen"
    assert found.estimates["oxidation"]["dme"].value == 4.0
    assert "pf6_minus" not in found.estimates["oxidation"]


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


def test_bare_cations_do_not_count():
    assert active_species("kfsi_dme_1m", CATALOG) == ("fsi_minus", "dme")
