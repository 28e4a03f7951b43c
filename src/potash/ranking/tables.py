"""The ranked tables of hosts, electrolytes and molecules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from potash.catalog.campaign import RankingPart
from potash.catalog.catalog import Catalog
from potash.catalog.hosts import Population
from potash.catalog.question import AmongHosts
from potash.evidence.contact import contact_verdicts
from potash.evidence.known import reference_rows
from potash.evidence.species import measured_ionisation_energies
from potash.ranking.campaign_criteria import criteria_of
from potash.ranking.electrolytes import rank_electrolytes
from potash.ranking.hosts import HOST_CRITERIA, rank_hosts
from potash.ranking.molecules import rank_molecules
from potash.ranking.table import RankedTable
from potash.ranking.tiers import Wish
from potash.store import Row

APART: Mapping[str, Population] = {"separators": "separator", "phases": "phase"}
"""Table to the population of hosts that it ranks apart from the substrates."""


def ranked_hosts(
    rows: Sequence[Row],
    catalog: Catalog,
    ranking: RankingPart | None = None,
    wish: Wish | None = None,
) -> RankedTable:
    """Rank hosts by rows, with error models from the reference rows too.

    Parameters
    ----------
    rows
        What to rank.
    catalog
        Hosts and their models.
    ranking
        A campaign's own criteria; Potash's where it has none.
    wish
        How many make up the best, and among whom.
    """
    criteria, _ = criteria_of(ranking or RankingPart())
    calibration = _with_reference(rows)
    return rank_hosts(
        rows,
        catalog,
        calibration_rows=calibration,
        contact=contact_verdicts(calibration, catalog),
        criteria=criteria or HOST_CRITERIA,
        wish=wish,
    )


def ranked_electrolytes(
    rows: Sequence[Row],
    catalog: Catalog,
    ranking: RankingPart | None = None,
    wish: Wish | None = None,
) -> RankedTable:
    """Rank electrolytes by rows; parameters as of :func:`ranked_hosts`."""
    _, criteria = criteria_of(ranking or RankingPart())
    return rank_electrolytes(
        rows,
        catalog,
        measured_ip_ev=measured_ionisation_energies(),
        calibration_rows=_with_reference(rows),
        criteria=criteria or None,
        wish=wish,
    )


def ranked_molecules(
    rows: Sequence[Row],
    catalog: Catalog,
    ranking: RankingPart | None = None,
    wish: Wish | None = None,
) -> RankedTable:
    """Rank molecules by rows; parameters as of :func:`ranked_hosts`, but for the criteria.

    A campaign names no criteria of its own for molecules outside its question.
    """
    return rank_molecules(rows, catalog, calibration_rows=_with_reference(rows), wish=wish)


def _with_reference(rows: Sequence[Row]) -> list[Row]:
    return list({row.key: row for row in (*reference_rows(), *rows)}.values())


def ranked_tables(
    rows: Sequence[Row], catalog: Catalog, ranking: RankingPart | None = None
) -> dict[str, RankedTable]:
    """Return the ranked tables of hosts, electrolytes and molecules, as of :func:`ranked_hosts`.

    ``hosts`` ranks the substrates; the names of :data:`APART` are tables of what is no substrate.
    """
    tables = {
        "hosts": ranked_hosts(rows, catalog, ranking),
        "electrolytes": ranked_electrolytes(rows, catalog, ranking),
        "molecules": ranked_molecules(rows, catalog),
    }
    for name, population in APART.items():
        if any(h.population == population for h in catalog.hosts.values()):
            among = AmongHosts(populations=(population,))
            tables[name] = ranked_hosts(rows, catalog, ranking, Wish(among=among))
    return tables
