"""What is known of hosts: which model sets the value, what the others do to the interval."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from potash.catalog.catalog import load_catalog
from potash.catalog.hosts import ElectronAcceptor
from potash.evidence.hosts import host_evidence, model_draws
from tests.evidence.test_adsorption import screened
from tests.synthetic_rows import adsorption, make_row

CATALOG = load_catalog()
TWO = "cu_zn_red_p_zn"
"""Its value is that of zinc; copper is one of its models."""


def hosts(rows, **options):
    options = {"seed": 1, "n_draws": 20_000, "calibration_rows": screened(), **options}
    found = host_evidence(rows, CATALOG, **options)
    return {h.host.id: h for h in found.hosts}, found


def test_a_host_of_one_model_is_as_uncertain_as_the_model():
    found, everything = hosts([adsorption("zn_0001", -1.5)])
    host, model = found[TWO], everything.models["zn_0001"]
    assert host.setting is model
    assert host.interval_ev == (model.estimate.low, model.estimate.high)
    assert host.draws_ev is everything.draws_ev["zn_0001"]
    assert np.array_equal(host.draws_ev, everything.draws_ev["zn_0001"])


def test_each_model_is_as_likely_to_stand_for_the_host():
    """Far apart, so that the halves of the draws can be told."""
    copper = adsorption("cu_111", 3.0, k_k_distance_angstrom=12.0)  # no pair of the calibration
    found, everything = hosts([adsorption("zn_0001", -1.5), copper])
    draws = found[TWO].draws_ev
    assert np.mean(draws > 1.0) == pytest.approx(0.5, abs=0.02)
    low, high = found[TWO].interval_ev
    zinc, copper = (everything.models[m].estimate for m in ("zn_0001", "cu_111"))
    # 2.5 % of the whole are 5 % of one half: the 90 % interval of each model on its side.
    half = np.quantile(everything.draws_ev["zn_0001"], 0.05)
    assert low == pytest.approx(half, abs=0.02)
    assert zinc.low < low < zinc.value
    assert copper.value < high < copper.high


def test_a_model_without_an_interval_leaves_the_interval_to_the_others():
    rows = [adsorption("zn_0001", -1.5), adsorption("cu_111", 3.0, "screen-chgnet")]
    found, _ = hosts(rows)
    assert found[TWO].interval_ev[1] < 0.0
    assert len(found[TWO].models) == 2


def test_without_the_setting_model_there_is_no_value():
    found, _ = hosts([adsorption("cu_111", -0.7)])
    assert found[TWO].setting is None
    assert found[TWO].interval_ev is None
    assert found[TWO].reason == "zn_0001, which sets its value, is not computed"


def test_failures_are_the_reason_the_latest_of_a_model():
    rows = [
        make_row("adsorption", "zn_0001", status="failed", reason="first"),
        make_row(
            "adsorption",
            "zn_0001",
            status="refused",
            reason="second",
            started="2026-03-01T00:00:00+00:00",
        ),
    ]
    found, _ = hosts(rows)
    assert found[TWO].reason == "zn_0001: refused, second"
    assert hosts([])[0][TWO].reason.startswith("no row yet for zn_0001")


def test_draws_do_not_depend_on_the_order_of_rows_or_on_which_hosts_are_asked_for():
    rows = [adsorption("zn_0001", -1.5), adsorption("cu_111", -0.7), adsorption("pd_111", -1.3)]
    one, two = hosts(rows)[1], hosts(list(reversed(rows)), only=[TWO])[1]
    assert list(one.draws_ev) == list(two.draws_ev) == ["cu_111", "pd_111", "zn_0001"]
    for name, draws in one.draws_ev.items():
        assert np.array_equal(draws, two.draws_ev[name])
    again = model_draws(one.models, seed=1, n_draws=20_000)
    assert np.array_equal(again["pd_111"], one.draws_ev["pd_111"])
    assert [h.host.id for h in two.hosts] == [TWO]


LIF = """2
Lattice="4 0 0 0 4 0 0 0 20" Properties=species:S:1:pos:R:3 pbc="T T F"
Li 0 0 0
F 2 0 0
"""


def test_a_potential_on_an_insulator_gives_no_value_and_says_why():
    blind = adsorption("lif_100", -1.2, pictures=(LIF, LIF))
    found, everything = hosts([blind])
    assert found["lif"].setting is None
    assert "takes no electron from K" in found["lif"].reason
    assert "needs DFT" in found["lif"].reason
    assert "lif_100" not in everything.models
    by_dft = adsorption("lif_100", 1.4, "standard", pictures=(LIF, LIF))
    found, everything = hosts([blind, by_dft])
    assert everything.models["lif_100"].row == by_dft


def test_the_catalogue_may_know_better_than_the_composition():
    model = CATALOG.models["lif_100"]
    known = ElectronAcceptor(accepts=True, source="for this test")
    catalog = replace(
        CATALOG,
        models={
            **CATALOG.models,
            "lif_100": model.model_copy(update={"electron_acceptor": known}),
        },
    )
    row = adsorption("lif_100", -1.2, pictures=(LIF, LIF))
    found = host_evidence([row], catalog, seed=1, n_draws=10)
    assert found.models["lif_100"].row == row
