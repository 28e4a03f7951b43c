"""What is going on: runs, what computes now, what failed and why, what is due next."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potash.cli.common import (
    JsonOption,
    StoreOption,
    open_existing_store,
    print_json,
    print_lines,
    print_table,
)
from potash.errors import InputError
from potash.spelling import unknown

if TYPE_CHECKING:
    from potash.store import Store
    from potash.store.listing import Listed
    from potash.store.runs import CampaignRun, CampaignSchedule

_SHOWN = 20
_TROUBLE = ("failed", "quarantined", "refused", "anomalous")


@dataclass(frozen=True)
class Computing:
    """What somebody computes just now.

    Attributes
    ----------
    key, name
        Of the calculation; the start of the key where no campaign has named it.
    owner
        Machine and process.
    progress, note
        Fraction (0 to 1), and what it does.
    heard_s
        Seconds since its last sign of life.
    alive
        Whether its process still is.
    """

    key: str
    name: str
    owner: str
    progress: float
    note: str
    heard_s: float
    alive: bool


@dataclass(frozen=True)
class Status:
    """What is going on in a store, for one campaign or all."""

    statuses: Mapping[str, int]
    runs: Sequence[CampaignRun]
    computing: Sequence[Computing]
    trouble: Sequence[Listed]
    schedules: Sequence[CampaignSchedule]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(self.statuses.values())


def status(
    campaign: Annotated[
        str | None, typer.Argument(help="Name or file of a campaign; default: all.")
    ] = None,
    store: StoreOption = None,
    json_output: JsonOption = False,
) -> None:
    """Tell what runs, what failed and why, and what is due.

    With what is computed now and the time left; from the store alone, no server has to run.

    Example: potash status
    """
    database = open_existing_store(store)
    if database is None:
        raise InputError("there is no store here yet; name one with --store", source="--store")
    found = _found(database, None if campaign is None else _name(database, campaign))
    if json_output:
        print_json(_record(found))
    else:
        _show(found)


def _name(store: Store, campaign: str) -> str:
    """Return the name of a campaign that is named, or whose file is."""
    from potash.store.runs import known_campaigns

    known = known_campaigns(store)
    if campaign in known:
        return campaign
    path = Path(campaign)
    if path.suffix in (".yaml", ".yml") and path.is_file():
        from potash.catalog.campaign import load_campaign

        return load_campaign(path)[0].name
    raise InputError(unknown("campaign that ran here", campaign, dict.fromkeys(known, ())))


def _found(store: Store, campaign: str | None) -> Status:
    from potash.store.leases import owner_is_dead
    from potash.store.listing import Filter, counts, listed
    from potash.store.runs import all_schedules, keys_of, names_of, recent_runs

    which = Filter(campaign=campaign or "")
    leases = store.leases()
    if campaign is not None:
        asked = keys_of(store, campaign, [lease.key for lease in leases])
        leases = [lease for lease in leases if lease.key in asked]
    names = names_of(store, [lease.key for lease in leases])
    now = time.time()
    computing = [
        Computing(
            key=lease.key,
            name=names.get(lease.key, lease.key[:12]),
            owner=":".join(lease.owner.split(":")[:2]),
            progress=lease.progress,
            note=lease.note,
            heard_s=round(max(0.0, now - lease.heartbeat), 1),
            alive=not owner_is_dead(lease.owner, lease.heartbeat, now),
        )
        for lease in leases
    ]
    trouble = Filter(campaign=campaign or "", statuses=_TROUBLE)
    return Status(
        statuses=counts(store, "status", which),
        runs=recent_runs(store, campaign=campaign, limit=_SHOWN),
        computing=sorted(computing, key=lambda c: (-c.progress, c.name)),
        trouble=listed(store, trouble, sort="started", descending=True, limit=1000),
        schedules=[s for s in all_schedules(store) if campaign in (None, s.campaign)],
    )


def _record(found: Status) -> dict[str, Any]:
    """Return the status as JSON: times as text in UTC."""
    runs = [
        asdict(run)
        | {"started": _utc(run.started), "ended": _utc(run.ended), "heartbeat": _utc(run.heartbeat)}
        for run in found.runs
    ]
    schedules = [
        asdict(s) | {"alive": s.alive, "next_run": _utc(s.next_run), "heartbeat": _utc(s.heartbeat)}
        for s in found.schedules
    ]
    return {
        "rows": found.rows,
        "statuses": dict(found.statuses),
        "runs": runs,
        "computing": [asdict(c) for c in found.computing],
        "not_ok": [asdict(row) for row in found.trouble],
        "schedules": schedules,
    }


def _utc(seconds: float | None) -> str | None:
    from datetime import UTC, datetime

    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _show(found: Status) -> None:
    from potash.report.lists import TROUBLE
    from potash.report.text import Column, plain

    counted = ", ".join(f"{n} {name}" for name, n in found.statuses.items())
    print_lines([f"{found.rows} rows: {counted}" if found.rows else "no rows yet", ""])
    print_table(
        f"Runs ({len(found.runs)})" if found.runs else "No run yet",
        (
            plain("campaign", "campaign"),
            plain("state", "state"),
            Column("started", lambda r: _ago(r["started"])),
            Column("done", lambda r: f"{r['known'] + r['done']} of {r['planned']}"),
            plain("failed", "failed"),
            Column("left", lambda r: "-" if r["left_s"] is None else about(r["left_s"])),
            plain("note", "note", need=2, wraps=True),
        ),
        [asdict(run) for run in found.runs[:_SHOWN]],
    )
    print_lines([""])
    print_table(
        f"Computing now ({len(found.computing)})" if found.computing else "Nothing computes now",
        (
            plain("name", "what", wraps=True),
            Column("progress", lambda r: f"{100 * r['progress']:.0f} %"),
            Column("by", lambda r: r["owner"] if r["alive"] else f"{r['owner']} (dead)"),
            Column("heard of", lambda r: f"{about(r['heard_s'])} ago", need=1),
            plain("note", "note", need=2, wraps=True),
        ),
        [asdict(c) for c in found.computing],
    )
    print_lines([""])
    more = f", the last {_SHOWN}" if len(found.trouble) > _SHOWN else ""
    print_table(
        f"Not ok ({len(found.trouble)}{more})" if found.trouble else "Nothing failed",
        TROUBLE,
        [asdict(row) for row in found.trouble[:_SHOWN]],
    )
    print_lines(["", *_schedule_lines(found.schedules)])


def _schedule_lines(schedules: Sequence[CampaignSchedule]) -> list[str]:
    if not schedules:
        return ["No schedule: potash serve CAMPAIGN --cron ... makes one"]
    lines = []
    for schedule in schedules:
        head = f"Schedule of {schedule.campaign}: {schedule.when}"
        if not schedule.alive:
            lines.append(f"{head}, but nobody serves it: its process is gone")
        elif schedule.next_run is None:
            lines.append(f"{head}, no run due; UI: {schedule.ui}")
        else:
            due = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(schedule.next_run))
            left = schedule.next_run - time.time()
            when = f"in {about(left)}" if left > 0 else "now"
            lines.append(f"{head}, next run {due} ({when}); UI: {schedule.ui}")
    return lines


def _ago(moment: float) -> str:
    return f"{about(time.time() - moment)} ago"


def about(seconds: float) -> str:
    """Return a duration as people say it.

    >>> about(12.4), about(600), about(7200), about(200_000)
    ('12 s', '10 min', '2.0 h', '2.3 d')
    """
    if seconds < 90:
        return f"{max(0.0, seconds):.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86400:.1f} d"


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(status)
