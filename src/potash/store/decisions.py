"""Who goes on: decisions about candidates, append-only, with who, when and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import insert, select

from potash.errors import InputError
from potash.store.schema import decisions
from potash.store.store import Store

State = Literal["proposed", "approved", "rejected", "in the lab", "measured"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True)
class Decision:
    """One decision about a candidate.

    Attributes
    ----------
    candidate
        Id of a host or an electrolyte.
    state
        Where it stands from then on.
    by, why
        Who decided, and the reason.
    time
        When, ISO 8601 in UTC.
    """

    candidate: str
    state: State
    by: str
    why: str
    time: str

    def words(self) -> str:
        """Return the decision in a line.

        >>> Decision("dme", "approved", "Ada", "cheap", "2026-11-27T08:00:00+00:00").words()
        'approved by Ada on 2026-11-27: cheap'
        """
        return f"{self.state} by {self.by} on {self.time[:10]}: {self.why}"


def decide(store: Store, candidate: str, state: State, *, by: str, why: str) -> Decision:
    """Add a decision; earlier ones stay.

    Raises
    ------
    InputError
        If nobody is named or no reason is given.
    """
    for option, text in (("--by", by), ("--why", why)):
        if not text.strip():
            raise InputError("is empty; a decision needs a name and a reason", source=option)
    decision = Decision(
        candidate, state, by.strip(), why.strip(), datetime.now(UTC).isoformat(timespec="seconds")
    )
    with store.transaction() as connection:
        connection.execute(
            insert(decisions).values(
                candidate=candidate,
                state=state,
                by=decision.by,
                why=decision.why,
                time=decision.time,
            )
        )
    return decision


def history(store: Store, candidate: str | None = None) -> list[Decision]:
    """Return all decisions, oldest first, of one candidate or of all."""
    columns = decisions.c
    query = select(columns.candidate, columns.state, columns.by, columns.why, columns.time)
    if candidate is not None:
        query = query.where(columns.candidate == candidate)
    with store.transaction() as connection:
        return [Decision(*record) for record in connection.execute(query.order_by(columns.id))]


def states(store: Store) -> Mapping[str, Decision]:
    """Return the latest decision about each candidate."""
    return {d.candidate: d for d in history(store)}
