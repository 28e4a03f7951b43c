"""A host that reacts with K is worth what it turns into, or nothing that is known."""

from __future__ import annotations

import pytest

from potash.bulk.contact import ContactVerdict
from potash.bulk.thermodynamics import Reaction
from potash.catalog.catalog import load_catalog
from potash.deciding.levels import host_rungs
from potash.evidence.contact import contact_verdicts
from potash.evidence.hosts import HostEvidence, host_evidence
from potash.evidence.products import contact_of, leading_models
from potash.store.rows import Row
from tests.claims.cases import phase
from tests.synthetic_rows import adsorption, make_row

CATALOG = load_catalog()
COLUMN = "adsorption_energy_ev"


def settled(model: str, energy_ev: float) -> Row:
    """Return a row at the level that needs no correction, with its own error."""
    return make_row(
        "adsorption",
        model,
        "reference",
        values={COLUMN: energy_ev, "k_k_distance_angstrom": 8.5},
        uncertainty={COLUMN: 0.1},
    )


ROWS = [settled("cu_111", -0.8), settled("k3bi_001", -0.1)]
PRISTINE = settled("bi_0001", -2.0)


def reacting(host: str, products: dict[str, float], potassium: float = 3.0) -> ContactVerdict:
    made = Reaction(f"{host} + K -> ...", -1.6, 4.0, potassium, products, "screen")
    return ContactVerdict(host, "reacts", made, (), f"{host} reacts")


def known(rows, contact, name) -> HostEvidence:
    found = host_evidence(rows, CATALOG, contact=contact, only=[name], seed=1, n_draws=200)
    return found.hosts[0]


def test_its_value_is_that_of_the_product_and_not_of_the_pristine_surface():
    rows = [*ROWS, PRISTINE]
    pristine = known(rows, {}, "bi_cnt")
    assert pristine.setting is not None
    assert pristine.setting.model == "bi_0001"
    found = known(rows, {"bi_0001": reacting("Bi", {"K3Bi": 1.0})}, "bi_cnt")
    assert found.setting is not None
    assert found.setting.model == "k3bi_001"
    assert found.first_contact is not None
    assert found.first_contact.model == "bi_0001"
    assert found.draws_ev is not None
    assert found.draws_ev.mean() > -0.5
    assert "bi_0001" not in {e.model for e in found.models}


def test_what_is_left_beside_the_product_widens_the_interval():
    contact = {"bi_0001": reacting("Bi", {"K3Bi": 1.0})}
    beside = {"bi_0001": reacting("Bi", {"Cu": 2.0, "K3Bi": 1.0})}
    one, both = (known(ROWS, x, "bi_ctg").interval_ev for x in (contact, beside))
    assert one is not None
    assert both is not None
    assert both[0] < one[0] - 0.1


@pytest.mark.parametrize(
    ("products", "why"),
    [
        ({"K2Te": 1.0}, "K2Te has no model of a surface"),
        ({"K2Se": 1.0}, "k2se_111 is not computed"),
        ({"K3Bi": 1.0, "K2Se": 1.0}, "k2se_111 is not computed"),
        ({"Cu": 1.0}, "no product that holds K is known"),
    ],
)
def test_without_a_value_of_a_product_it_is_unknown_with_the_reason(products, why):
    rows = [*ROWS, PRISTINE]
    found = known(rows, {"bi_0001": reacting("Bi", products)}, "bi_cnt")
    assert found.setting is None
    assert found.interval_ev is None
    assert found.draws_ev is None
    assert found.reason.startswith("reacts with K at 0 V (Bi + K -> ...)")
    assert found.reason.endswith(why)
    assert found.first_contact is not None


def test_the_product_is_what_is_computed_next_not_the_pristine_surface():
    pairs = [
        adsorption(m, e, level)
        for m in ("cu_111", "al_111", "ag_111", "ni_111", "fe_110", "k2se_110")
        for e, level in ((-0.6, "screen"), (-0.4, "standard"))
    ]
    rows = [*pairs, PRISTINE]

    def items(products):
        contact = {"bi_0001": reacting("Bi", products)}
        found = host_evidence(rows, CATALOG, contact=contact, only=["bi_cnt"], seed=1, n_draws=2)
        return {r.items for r in host_rungs(found, CATALOG, [COLUMN])}

    assert items({"K2Se": 1.0}) == {("k2se_111",)}
    assert items({"K2Te": 1.0}) == set()


def test_a_product_that_survives_does_not_make_its_host_stable():
    """The contact of the material that sets the value counts, or that of a part that reacts."""
    rows = [phase("KSn", -6.0), phase("Sn", -3.9), phase("K", -1.0), phase("SnO2", -15.0)]
    found = contact_verdicts([*rows, phase("K2O", -13.0)], CATALOG)
    assert found["ksn_bulk"].verdict == "survives"
    host = CATALOG.hosts["ts_pks"]
    assert leading_models(host, CATALOG)[-1].id == "ti3cnt2"
    model, verdict = contact_of(host, CATALOG, found)
    assert (model.id, verdict.verdict) == ("f_doped_sno2_110", "reacts")
    survivor = {"ksn_bulk": found["ksn_bulk"]}
    assert contact_of(host, CATALOG, survivor)[1] is None


def test_a_model_that_cannot_be_built_still_says_whether_the_material_reacts():
    host = CATALOG.hosts["p_pmcf"]
    assert [m.id for m in leading_models(host, CATALOG)] == ["red_p_fibrous", "p4_on_p_graphene"]
    reacts = {"red_p_fibrous": reacting("P", {"K3P": 1.0})}
    assert contact_of(host, CATALOG, reacts)[1] is reacts["red_p_fibrous"]
