"""Many rows in short: lists by page, and counts, without the structures that rows hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, or_, select

from potash.store.schema import plans, results
from potash.store.store import Store

SortName = Literal["item", "kind", "level", "status", "seconds", "started"]

_FIELDS = (
    "key",
    "kind",
    "item",
    "model",
    "level",
    "status",
    "reason",
    "engine",
    "started",
    "seconds",
)


@dataclass(frozen=True)
class Listed:
    """A row in short; see :class:`potash.store.Row`."""

    key: str
    kind: str
    item: str
    model: str
    level: str
    status: str
    reason: str
    engine: str
    started: str
    seconds: float


@dataclass(frozen=True)
class Filter:
    """Which rows; a field left empty lets all through.

    Attributes
    ----------
    kind, level
        Exactly this one.
    statuses
        One of these.
    text
        In the item or the model, in whatever case.
    campaign
        Asked for by this campaign when it ran last.
    """

    kind: str = ""
    level: str = ""
    statuses: Collection[str] = ()
    text: str = ""
    campaign: str = ""

    def condition(self) -> ColumnElement[bool]:
        """Return the condition on rows that this stands for."""
        parts: list[ColumnElement[bool]] = [results.c.key.is_not(None)]
        if self.kind:
            parts.append(results.c.kind == self.kind)
        if self.level:
            parts.append(results.c.level == self.level)
        if self.statuses:
            parts.append(results.c.status.in_(sorted(self.statuses)))
        if self.text:
            parts.append(or_(*(c.icontains(self.text, autoescape=True) for c in _SEARCHED)))
        if self.campaign:
            asked = select(plans.c.key).where(plans.c.campaign == self.campaign)
            parts.append(results.c.key.in_(asked))
        return and_(*parts)


_SEARCHED = (results.c.item, results.c.model)


def listed(
    store: Store,
    which: Filter = Filter(),
    *,
    sort: SortName = "item",
    descending: bool = False,
    limit: int = 100,
    offset: int = 0,
) -> list[Listed]:
    """Return a page of rows in short.

    Parameters
    ----------
    which
        Of all rows.
    sort, descending
        Their order; rows that are equal in it come by item and key.
    limit, offset
        Rows of a page, and rows before it.
    """
    first = results.c[sort].desc() if descending else results.c[sort]
    columns = (results.c[name] for name in _FIELDS)
    query = select(*columns).where(which.condition())
    query = query.order_by(first, results.c.item, results.c.key).limit(limit).offset(offset)
    with store.reading() as connection:
        return [Listed(**record) for record in connection.execute(query).mappings()]


def count(store: Store, which: Filter = Filter()) -> int:
    """Return how many rows there are."""
    query = select(func.count()).select_from(results).where(which.condition())
    with store.reading() as connection:
        return int(connection.execute(query).scalar_one())


def counts(
    store: Store, by: Literal["kind", "level", "status"], which: Filter = Filter()
) -> Mapping[str, int]:
    """Return how many rows there are of each kind, level or status, by name."""
    column: Any = results.c[by]
    query = select(column, func.count()).where(which.condition()).group_by(column).order_by(column)
    with store.reading() as connection:
        return {str(name): int(n) for name, n in connection.execute(query)}


def tally(store: Store, which: Filter = Filter()) -> Mapping[tuple[str, str, str], int]:
    """Return how many rows there are of each kind, level and status together."""
    columns = (results.c.kind, results.c.level, results.c.status)
    query = select(*columns, func.count()).where(which.condition()).group_by(*columns)
    with store.reading() as connection:
        found = connection.execute(query)
        return {(str(kind), str(level), str(status)): int(n) for kind, level, status, n in found}
