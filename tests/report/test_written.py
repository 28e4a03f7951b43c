"""Ranked tables follow what a campaign asks for."""

from __future__ import annotations

from potash.catalog.campaign import CriterionSpec, RankingPart
from potash.catalog.catalog import load_catalog
from potash.ranking.hosts import HOST_CRITERIA
from potash.ranking.tables import APART, ranked_tables
from potash.report.first import verdicts
from tests.synthetic_rows import adsorption, host_rows


def test_criteria_of_a_campaign_replace_those_of_potash() -> None:
    rows, catalog = host_rows(), load_catalog()
    own = CriterionSpec(column="adsorption_energy_ev", worst=0.5, best=-2.0, weight=1.0)
    asked = ranked_tables(rows, catalog, RankingPart(hosts=(own,)))["hosts"]
    usual = ranked_tables(rows, catalog)["hosts"]
    assert [(c.worst, c.best, c.direction) for c in asked.criteria] == [(0.5, -2.0, "minimise")]
    assert usual.criteria == HOST_CRITERIA
    assert asked.ranked[0].desirability != usual.ranked[0].desirability


def test_separators_and_phases_have_tables_of_their_own() -> None:
    rows = [*host_rows(), adsorption("k3bi_001", -0.1), adsorption("cr3o_node_nh2", -2.5)]
    tables = ranked_tables(rows, load_catalog())
    assert list(tables) == ["hosts", "electrolytes", "molecules", "separators", "phases"]
    for name, population in APART.items():
        assert tables[name].kind == "hosts"
        assert {e.values["population"] for e in tables[name].entries} == {population}
        assert tables[name].ranked
    assert {v.kind for v in verdicts(tables, {})} <= {"hosts", "electrolytes", "molecules"}
    (substrates,) = (v for v in verdicts(tables, {}) if v.kind == "hosts")
    separators = {e.id for e in tables["separators"].entries}
    assert not separators & {p.id for p in (*substrates.picks, *substrates.doubts)}
