import numpy as np
import pytest

from potash.catalog import load_catalog
from potash.catalog.question import (
    AmongElectrolytes,
    AmongHosts,
    ElectrolyteQuestion,
    HostQuestion,
    Preference,
)
from potash.ranking.answering import Asked
from potash.ranking.asking import asked_electrolytes, asked_hosts
from potash.store.rows import Row

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
    asked = asked_hosts(question, rows, CATALOG, n_draws=200)
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
    asked = asked_hosts(HostQuestion(choose=1, by=BY), rows, CATALOG, n_draws=200)
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
    asked = asked_electrolytes(question, rows, CATALOG, n_draws=4000)
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
