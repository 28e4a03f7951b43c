from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from potash.catalog import load_catalog
from potash.catalog.candidates import with_candidates
from potash.catalog.question import (
    AmongElectrolytes,
    AmongHosts,
    AmongMolecules,
    ElectrolyteQuestion,
    HostQuestion,
    MoleculeQuestion,
    Preference,
    Question,
)
from potash.errors import InputError
from potash.evidence.measurements import measurement_row
from potash.ranking.answering import Asked
from potash.ranking.asking import (
    Knowledge,
    answers,
    asked_electrolytes,
    asked_hosts,
    asked_molecules,
)
from potash.results.measurement import MeasurementInputs
from potash.store.rows import Row
from tests.synthetic_rows import make_row

CATALOG = load_catalog()
BY = {"adsorption_energy_ev": Preference(best=-1.5, worst=0.0)}


@pytest.fixture(scope="module")
def rows(reference_rows: tuple[Row, ...]) -> list[Row]:
    return [r for r in reference_rows if r.kind != "liquid" or r.item in CATALOG.electrolytes]


def states(asked: list[Asked], name: str) -> dict[str, bool | None]:
    return {a.candidate.entry.id: c.met for a in asked for c in a.conditions if c.name == name}


def test_hosts_by_role_class_element_and_contact(rows: list[Row]) -> None:
    question = HostQuestion(
        choose=5,
        by=BY,
        among=AmongHosts(
            roles=("current_collector",),
            classes=("metal", "alloy"),
            without_elements=("Cu",),
            stable_with_k=True,
        ),
    )
    asked = asked_hosts(question, Knowledge(rows, CATALOG, n_draws=200))
    by_id = {a.candidate.entry.id: CATALOG.hosts[a.candidate.entry.id] for a in asked}
    copper = states(asked, "without_elements")
    for name, host in by_id.items():
        if len(next(a for a in asked if a.candidate.entry.id == name).names) > 1:
            continue
        formulas = [CATALOG.models[m].formula for m in host.models]
        assert copper[name] == (not any("Cu" in f for f in formulas))
        assert states(asked, "roles")[name] == ("current_collector" in host.roles)
        assert states(asked, "classes")[name] == (host.material_class in ("metal", "alloy"))
    contact = states(asked, "stable_with_k")
    # Bi becomes K3Bi, Cu forms nothing with K; graphene has no bulk phase.
    bismuth = next(a for a in asked if CATALOG.hosts["bi_ctg"].name in a.names)
    assert contact[bismuth.candidate.entry.id] is False
    assert {True, False, None} == set(contact.values())


def test_hosts_that_share_a_model_are_one_candidate_with_all_their_names(rows: list[Row]) -> None:
    asked = asked_hosts(HostQuestion(choose=1, by=BY), Knowledge(rows, CATALOG, n_draws=200))
    assert sum(len(a.names) for a in asked) == len(CATALOG.hosts)
    keys = [a.candidate.tie_key for a in asked]
    assert len(set(keys)) == len(keys)


def test_electrolytes_by_component_and_element_with_draws_of_every_interval(
    rows: list[Row],
) -> None:
    question = ElectrolyteQuestion(
        choose=1,
        by={"density_g_ml": Preference(best=0.8, worst=1.5)},
        among=AmongElectrolytes(salts=("kfsi",), without_elements=("P",)),
    )
    asked = asked_electrolytes(question, Knowledge(rows, CATALOG, n_draws=4000))
    assert states(asked, "salts")["kfsi_dme_1m"] is True
    assert states(asked, "salts")["kpf6_dme_1m"] is False
    assert states(asked, "without_elements")["kpf6_dme_1m"] is False
    dme = next(a for a in asked if a.candidate.entry.id == "kfsi_dme_1m").candidate
    values = dme.entry.values
    for column in ("density_g_ml", "per_anion_agg"):
        drawn = dme.draws[column]
        assert np.mean(drawn) == pytest.approx(values[column], abs=0.05 * abs(values[column]))
    low, high = np.quantile(dme.draws["density_g_ml"], (0.025, 0.975))
    assert low == pytest.approx(values["density_low_g_ml"], abs=0.001)
    assert high == pytest.approx(values["density_high_g_ml"], abs=0.001)


def test_molecules_are_judged_by_orbitals_binding_and_formula(rows: list[Row]) -> None:
    question = MoleculeQuestion(
        choose=1,
        by={"k_binding_ev": Preference(best=0.8, worst=1.6)},
        among=AmongMolecules(only=("dme", "ec", "tte", "etpta")),
    )
    asked = {
        a.candidate.entry.id: a.candidate
        for a in asked_molecules(question, Knowledge(rows, CATALOG))
    }
    assert set(asked) == {"dme", "ec", "tte", "etpta"}
    # At the level that defines it a value is exact; tight binding is carried over with an error.
    assert np.ptp(asked["ec"].draws["lumo_ev"]) == 0
    assert asked["tte"].central["fluorine_mass_fraction"] == pytest.approx(
        8 * 18.998 / 232.07, rel=1e-3
    )
    # No redox row: the limit follows from the ionisation energy, less surely than from a row.
    predicted, computed = (asked[n].draws["oxidation_limit_v"] for n in ("etpta", "ec"))
    assert np.std(predicted) > np.std(computed) > 0


def test_a_question_by_works_of_adhesion_waits_until_a_row_states_their_error(
    rows: list[Row],
) -> None:
    by = {"work_of_adhesion_j_m2": Preference(best=0.24, worst=0.0)}
    question = Question(hosts=HostQuestion(choose=1, by=by))
    value = {"work_of_adhesion_j_m2": 0.2}
    unknown = make_row("adhesion", "cu_111", values=value, started="2027-01-01T00:00:00+00:00")
    with pytest.raises(InputError, match="'work_of_adhesion_j_m2': its error is known of none"):
        answers(question, [*rows, unknown], CATALOG, n_draws=200)
    stated = replace(unknown, uncertainty={"work_of_adhesion_j_m2": 0.1})
    asked = asked_hosts(question.hosts, Knowledge([*rows, stated], CATALOG, n_draws=2000))
    drawn = [a.candidate for a in asked if "work_of_adhesion_j_m2" in a.candidate.draws]
    assert [c.entry.values["model"] for c in drawn] == ["cu_111"]
    assert np.mean(drawn[0].draws["work_of_adhesion_j_m2"]) == pytest.approx(0.2, abs=0.01)
    assert np.std(drawn[0].draws["work_of_adhesion_j_m2"]) == pytest.approx(0.1 / 1.96, rel=0.1)


def test_further_quantities_of_hosts_and_liquids_have_draws(rows: list[Row]) -> None:
    hosts = asked_hosts(HostQuestion(choose=1, by=BY), Knowledge(rows, CATALOG, n_draws=2000))
    with_hop = [a.candidate for a in hosts if "hop_barrier_ev" in a.candidate.draws]
    assert with_hop
    # The row states 0.05 eV as its half-width.
    assert np.std(with_hop[0].draws["hop_barrier_ev"]) == pytest.approx(0.05 / 1.96, rel=0.1)
    assert sum("element_price_usd_kg" in a.candidate.draws for a in hosts) > 40
    question = ElectrolyteQuestion(choose=1, by={"density_g_ml": Preference(best=0.8, worst=1.5)})
    liquids = {
        a.candidate.entry.id: a.candidate
        for a in asked_electrolytes(question, Knowledge(rows, CATALOG, n_draws=2000))
    }
    dme = liquids["kfsi_dme_1m"]
    for column in ("conductivity_s_m", "residence_anion_ps", "solvent_donors_per_cation"):
        assert np.std(dme.draws[column]) > 0
    # 1 mol KFSI and 9.1 mol DME: 38 g of 1,000 g is fluorine.
    assert dme.central["fluorine_mass_fraction"] == pytest.approx(0.038, abs=0.002)
    # Of the two solvents the one that binds K+ more strongly has to be stripped off.
    assert dme.central["k_binding_ev"] > 0


def test_a_question_is_answered_by_what_was_measured_not_by_what_was_simulated(
    rows: list[Row],
) -> None:
    inputs = MeasurementInputs(
        candidate="kfsi_dme_1m", quantity="conductivity_s_m", value=2.1, uncertainty=0.03,
        protocol="bulk", replicate="1", source="Ada",
    )  # fmt: skip
    measured = measurement_row(inputs, added="2026-11-27")
    question = ElectrolyteQuestion(
        choose=1, by={"conductivity_s_m": Preference(best=2.0, worst=0.0)}
    )
    before, after = (
        next(
            a.candidate
            for a in asked_electrolytes(question, Knowledge(found, CATALOG, n_draws=2000))
            if a.candidate.entry.id == "kfsi_dme_1m"
        )
        for found in (rows, [*rows, measured])
    )
    assert abs(before.central["conductivity_s_m"] - 2.1) > 0.5
    assert after.central["conductivity_s_m"] == pytest.approx(2.1)
    assert np.mean(after.draws["conductivity_s_m"]) == pytest.approx(2.1, abs=0.01)
    assert np.std(after.draws["conductivity_s_m"]) == pytest.approx(0.03 / 1.96, rel=0.1)


def test_a_swept_formulation_says_what_nobody_knows(rows: list[Row]) -> None:
    question = Question.model_validate(
        {
            "electrolytes": {
                "choose": 1,
                "by": {"oxidation_limit_v": {"best": 6, "worst": 4}},
                "among": {
                    "sweep": {
                        "salts": ["kfsi"],
                        "solvents": ["dme", "adn"],
                        "molarities_mol_l": [1],
                    }
                },
            }
        }
    )
    question, catalog = with_candidates(question, CATALOG)
    found = answers(question, rows, catalog, n_draws=500)["electrolytes"]
    # Two values tell no spread, so the others of the catalogue stay, ruled out.
    told = {p.id: p for p in found.placed if "not among those asked about" not in p.why}
    assert set(told) == {"kfsi_dme_1m", "kfsi_adn_1m"}
    assert told["kfsi_dme_1m"].unknown == ()
    assert told["kfsi_adn_1m"].tier == "in_doubt"
    assert told["kfsi_adn_1m"].why.startswith(
        "whether kfsi dissolves in adn at 1 mol/L not known; "
    )


def test_a_library_that_nobody_has_computed_is_in_doubt_and_not_refused(
    rows: list[Row], tmp_path: Path
) -> None:
    (tmp_path / "my.smi").write_text("CCOCCCCOCC one\nCCOCCCCCOCC two\nCCOCCCCCCOCC three\n")
    question = Question.model_validate(
        {
            "molecules": {
                "choose": 1,
                "by": {"oxidation_limit_v": {"best": 7, "worst": 4}},
                "among": {"from": "my.smi", "lumo_ev": {"at_least": 0}},
            }
        },
        context={"folder": tmp_path},
    )
    question, catalog = with_candidates(question, CATALOG)
    found = answers(question, rows, catalog, n_draws=500)["molecules"]
    told = {p.id: p for p in found.placed if p.id in ("one", "two", "three")}
    assert {p.tier for p in told.values()} == {"in_doubt"}
    # Nothing tells them apart: each is the one right pick in a third of the draws, at most.
    for placed in told.values():
        assert 0.15 < placed.probability_in < 0.45
        assert placed.unknown == ("oxidation_limit_v", "lumo_ev")
    assert all(p.tier == "out" for p in found.placed if p.id not in told)
