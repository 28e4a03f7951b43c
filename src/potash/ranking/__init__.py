"""Ranking: rows in, ordered tables with intervals and verdicts out.

Reads rows and the catalogue, never an engine.
"""

from __future__ import annotations

from potash.ranking.campaign_criteria import criteria_of
from potash.ranking.criteria import Criterion
from potash.ranking.electrolytes import ELECTROLYTE_CRITERIA, rank_electrolytes
from potash.ranking.hosts import HOST_CRITERIA, rank_hosts
from potash.ranking.table import Entry, RankedTable

__all__ = [
    "ELECTROLYTE_CRITERIA",
    "HOST_CRITERIA",
    "Criterion",
    "Entry",
    "RankedTable",
    "criteria_of",
    "rank_electrolytes",
    "rank_hosts",
]
