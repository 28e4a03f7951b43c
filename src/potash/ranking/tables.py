"""The ranked tables of hosts and electrolytes."""

from __future__ import annotations

from collections.abc import Sequence

from potash.catalog.campaign import RankingPart
from potash.catalog.catalog import Catalog
from potash.evidence.contact import first_contact
from potash.evidence.known import measured_ionisation_energies, reference_rows
from potash.ranking.asked import criteria_of
from potash.ranking.electrolytes import rank_electrolytes
from potash.ranking.hosts import HOST_CRITERIA, rank_hosts
from potash.ranking.table import RankedTable
from potash.store import Row


def ranked_tables(
    rows: Sequence[Row], catalog: Catalog, ranking: RankingPart | None = None
) -> dict[str, RankedTable]:
    """Rank hosts and electrolytes by rows, with error models from the reference rows too.

    Parameters
    ----------
    rows
        What to rank.
    catalog
        Hosts, species, formulations.
    ranking
        A campaign's own criteria; Potash's where it has none.
    """
    hosts, electrolytes = criteria_of(ranking or RankingPart())
    calibration = list({row.key: row for row in (*reference_rows(), *rows)}.values())
    return {
        "hosts": rank_hosts(
            rows,
            catalog,
            calibration_rows=calibration,
            first_contact=first_contact(calibration, catalog),
            criteria=hosts or HOST_CRITERIA,
        ),
        "electrolytes": rank_electrolytes(
            rows,
            catalog,
            measured_ip_ev=measured_ionisation_energies(),
            calibration_rows=calibration,
            criteria=electrolytes or None,
        ),
    }
