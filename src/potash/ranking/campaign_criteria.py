"""The criteria that a campaign file asks for."""

from __future__ import annotations

from collections.abc import Sequence

from potash.catalog.campaign import CriterionSpec, RankingPart
from potash.errors import InputError
from potash.ranking.criteria import Criterion
from potash.ranking.electrolytes import ELECTROLYTE_CRITERIA, POTENTIAL_CRITERIA
from potash.ranking.hosts import FURTHER_HOST_CRITERIA, HOST_CRITERIA
from potash.spelling import nearest


def criteria_of(ranking: RankingPart) -> tuple[tuple[Criterion, ...], tuple[Criterion, ...]]:
    """Return a campaign's criteria for hosts and for electrolytes; empty where it names none.

    Raises
    ------
    InputError
        For a column that no candidate has.
    """
    return (
        _criteria(ranking.hosts, (*HOST_CRITERIA, *FURTHER_HOST_CRITERIA), "ranking.hosts"),
        _criteria(
            ranking.electrolytes,
            (*ELECTROLYTE_CRITERIA, *POTENTIAL_CRITERIA),
            "ranking.electrolytes",
        ),
    )


def _criteria(
    specs: Sequence[CriterionSpec], known: Sequence[Criterion], field: str
) -> tuple[Criterion, ...]:
    columns = sorted({c.column for c in known})
    labels = {c.column: c.label for c in known}
    for spec in specs:
        if spec.column not in columns:
            raise InputError(
                f"{spec.column!r} is not a quantity to rank by{nearest(spec.column, columns)} "
                f"(quantities: {', '.join(columns)})",
                field=field,
            )
    return tuple(
        Criterion(
            column=spec.column,
            label=spec.label or labels[spec.column],
            direction=spec.direction,
            worst=spec.worst,
            best=spec.best,
            weight=spec.weight,
            why=spec.why,
        )
        for spec in specs
    )
