"""Ranked tables follow what a campaign asks for."""

from __future__ import annotations

from potash.catalog.campaign import CriterionSpec, RankingPart
from potash.catalog.catalog import load_catalog
from potash.ranking.hosts import HOST_CRITERIA
from potash.ranking.tables import ranked_tables
from tests.synthetic_rows import host_rows


def test_criteria_of_a_campaign_replace_those_of_potash() -> None:
    rows, catalog = host_rows(), load_catalog()
    own = CriterionSpec(column="adsorption_energy_ev", worst=0.5, best=-2.0, weight=1.0)
    asked = ranked_tables(rows, catalog, RankingPart(hosts=(own,)))["hosts"]
    usual = ranked_tables(rows, catalog)["hosts"]
    assert [(c.worst, c.best, c.direction) for c in asked.criteria] == [(0.5, -2.0, "minimise")]
    assert usual.criteria == HOST_CRITERIA
    assert asked.ranked[0].desirability != usual.ranked[0].desirability
