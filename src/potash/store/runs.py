"""Runs of campaigns and their schedules, as the store remembers them: no Prefect needed."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Literal

from sqlalchemy import delete, insert, select, update

from potash.store.leases import owner_is_dead
from potash.store.schema import plans, runs, schedules
from potash.store.store import Store

RunState = Literal["running", "waiting", "done", "failed", "stopped", "dead"]
"""``waiting``: for a person's approval. ``dead``: its process is gone without a word."""


@dataclass(frozen=True)
class CampaignRun:
    """One run of a campaign.

    Attributes
    ----------
    id
        That of Prefect's flow run.
    campaign, file, output
        Name and file of the campaign, and the folder of its tables and report.
    owner
        Process that runs it.
    started, heartbeat, ended
        Seconds since 1970; ``ended`` is None while it goes on.
    state
        What became of it.
    planned, known
        Calculations that the campaign asked for, and how many had a row before.
    done, failed
        Rows that were added, by whomever, and how many of those are failed.
    left_s
        Estimated wall-clock seconds until the end; None where nothing tells.
    note
        Why it failed, or what it waits for.
    """

    id: str
    campaign: str
    file: str
    output: str
    owner: str
    started: float
    heartbeat: float
    ended: float | None
    state: RunState
    planned: int
    known: int
    done: int = 0
    failed: int = 0
    left_s: float | None = None
    note: str = ""


@dataclass(frozen=True)
class CampaignSchedule:
    """A campaign that is served on a schedule.

    Attributes
    ----------
    campaign, file
        Its name and file.
    when
        In words: ``cron 0 20 * * * (Europe/Berlin)``, ``every 30 min``.
    owner, heartbeat
        The process that serves it, and its last sign of life (seconds since 1970).
    next_run
        When the next run is due, seconds since 1970; None where nothing is planned.
    ui
        Address of Prefect's UI.
    """

    campaign: str
    file: str
    when: str
    owner: str
    heartbeat: float
    next_run: float | None
    ui: str

    @property
    def alive(self) -> bool:
        """Whether its process still serves it."""
        return not owner_is_dead(self.owner, self.heartbeat, time.time())


def put_run(store: Store, run: CampaignRun) -> None:
    """Record a run, in place of what was recorded under its id."""
    with store.transaction() as connection:
        connection.execute(delete(runs).where(runs.c.id == run.id))
        connection.execute(insert(runs).values(**asdict(run)))


def beat_run(store: Store, run_id: str, *, done: int, failed: int, left_s: float | None) -> None:
    """Say that a run goes on, and how far it has come."""
    now = {"heartbeat": time.time(), "done": done, "failed": failed, "left_s": left_s}
    with store.transaction() as connection:
        connection.execute(update(runs).where(runs.c.id == run_id).values(**now))


def end_run(store: Store, run_id: str, state: RunState, note: str = "") -> None:
    """Say what became of a run; one that waits for a person has not ended."""
    now = time.time()
    ended = None if state == "waiting" else now
    values = {"heartbeat": now, "ended": ended, "state": state, "left_s": None, "note": note}
    with store.transaction() as connection:
        connection.execute(update(runs).where(runs.c.id == run_id).values(**values))


def recent_runs(store: Store, *, campaign: str | None = None, limit: int = 10) -> list[CampaignRun]:
    """Return the latest runs, the newest first; those whose process is gone are ``dead``.

    Parameters
    ----------
    campaign
        Only of this one.
    limit
        How many at most.
    """
    query = select(runs).order_by(runs.c.started.desc()).limit(limit)
    if campaign is not None:
        query = query.where(runs.c.campaign == campaign)
    with store.reading() as connection:
        found = [CampaignRun(**record) for record in connection.execute(query).mappings()]
    return [_buried(run) for run in found]


def _buried(run: CampaignRun) -> CampaignRun:
    gone = run.state == "running" and owner_is_dead(run.owner, run.heartbeat, time.time())
    return replace(run, state="dead", left_s=None) if gone else run


def put_plan(store: Store, campaign: str, names: Mapping[str, str]) -> None:
    """Record what a campaign asks for (key to name), in place of what it asked for before."""
    records = [{"campaign": campaign, "key": key, "name": name} for key, name in names.items()]
    with store.transaction() as connection:
        connection.execute(delete(plans).where(plans.c.campaign == campaign))
        if records:
            connection.execute(insert(plans), records)


def names_of(store: Store, keys: Collection[str]) -> dict[str, str]:
    """Return what campaigns call these keys, of those that one has asked for."""
    with store.reading() as connection:
        query = select(plans.c.key, plans.c.name).where(plans.c.key.in_(sorted(keys)))
        return {str(key): str(name) for key, name in connection.execute(query)}


def keys_of(store: Store, campaign: str, among: Collection[str]) -> set[str]:
    """Return which of these keys a campaign asked for when it ran last."""
    with store.reading() as connection:
        query = select(plans.c.key).where(plans.c.campaign == campaign, plans.c.key.in_(among))
        return set(connection.execute(query).scalars())


def known_campaigns(store: Store) -> list[str]:
    """Return the campaigns that ran or are served, by name."""
    with store.reading() as connection:
        found = set(connection.execute(select(runs.c.campaign).distinct()).scalars())
        found |= set(connection.execute(select(schedules.c.campaign)).scalars())
    return sorted(found)


def put_schedule(store: Store, schedule: CampaignSchedule) -> None:
    """Record that a campaign is served, in place of what was recorded of it."""
    with store.transaction() as connection:
        connection.execute(delete(schedules).where(schedules.c.campaign == schedule.campaign))
        connection.execute(insert(schedules).values(**asdict(schedule)))


def drop_schedule(store: Store, campaign: str, owner: str) -> None:
    """Forget a schedule that this owner has served."""
    mine = (schedules.c.campaign == campaign) & (schedules.c.owner == owner)
    with store.transaction() as connection:
        connection.execute(delete(schedules).where(mine))


def all_schedules(store: Store) -> list[CampaignSchedule]:
    """Return every schedule, by campaign; ask each whether it is alive."""
    query = select(schedules).order_by(schedules.c.campaign)
    with store.reading() as connection:
        return [CampaignSchedule(**record) for record in connection.execute(query).mappings()]
