"""What a campaign still has to compute, and in which portions."""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from potash.results.calculation import Calculation, Outcome
from potash.store import Heartbeat, Row, Store

Needs = Mapping[str, Mapping[str, Any]]
"""Role to the values of the row that plays it."""

CHUNK_S = 120.0
"""Core-seconds of work in one task: enough to hide its overhead of a second or so."""

WAIT_S = 2.0


@dataclass(frozen=True)
class Stage:
    """Calculations that belong together for a reader, such as all liquids."""

    name: str
    calculations: tuple[Calculation, ...]


def waves(stages: Iterable[Stage]) -> list[list[Calculation]]:
    """Return the calculations in portions that may run side by side.

    What others need comes first. Everything else is one wave, whatever its
    stage, so that no core waits for the end of one part of a campaign.
    """
    left = {c.key: c for stage in stages for c in stage.calculations}
    found: list[list[Calculation]] = []
    while left:
        ready = [c for c in left.values() if left.keys().isdisjoint(c.needs.values())]
        needed = {key for c in left.values() for key in c.needs.values()}
        wave = [c for c in ready if c.key in needed] or ready
        found.append(wave)
        left = {key: c for key, c in left.items() if c not in wave}
    return found


def pending(calculations: Iterable[Calculation], store: Store) -> list[Calculation]:
    """Return what has no row yet, each key once."""
    unique = {c.key: c for c in calculations}
    known = store.statuses(unique.keys())
    return [c for key, c in unique.items() if key not in known]


def forget_failed(calculations: Iterable[Calculation], store: Store) -> int:
    """Remove the failed rows among these, so that they are tried again; return how many."""
    statuses = store.statuses({c.key for c in calculations})
    failed = [key for key, status in statuses.items() if status == "failed"]
    store.forget(failed)
    return len(failed)


def chunk(
    calculations: Sequence[Calculation], target_s: float = CHUNK_S
) -> list[list[Calculation]]:
    """Cut work into portions of about ``target_s`` core-seconds, the longest first.

    A calculation longer than the target is a portion of its own. Portions hold
    one kind of calculation only, so that a worker process loads few engines.
    """
    portions: list[list[Calculation]] = []
    open_portion: dict[str, tuple[list[Calculation], float]] = {}
    for calculation in sorted(calculations, key=lambda c: (-c.cost_s, c.key)):
        members, cost = open_portion.get(calculation.kind, ([], 0.0))
        if not members or cost + calculation.cost_s > target_s:
            members, cost = [], 0.0
            portions.append(members)
        members.append(calculation)
        open_portion[calculation.kind] = (members, cost + calculation.cost_s)
    return sorted(portions, key=lambda p: -sum(c.cost_s for c in p))


def to_plain(calculation: Calculation) -> dict[str, Any]:
    """Return a calculation as plain data that any task runner can send."""
    return dataclasses.asdict(calculation)


def from_plain(data: Mapping[str, Any]) -> Calculation:
    """Return the calculation that :func:`to_plain` wrote down."""
    return Calculation(**data)


class Compute(Protocol):
    """Computes the outcome of a calculation, given what it needs and its folder."""

    def __call__(
        self,
        calculation: Calculation,
        needs: Needs,
        folder: Path,
        /,
        *,
        progress: Callable[[float, str], None],
    ) -> Outcome:
        """Compute it; ``progress`` is called with a fraction (0 to 1) and a note."""


def compute_claimed(
    calculation: Calculation, store: Store, work_dir: Path, run: Compute, *, owner: str
) -> Row | None:
    """Compute and commit a calculation that nobody else computes; ``None`` if somebody does.

    The lease is held, with a heartbeat and the progress, until the row is committed: two
    processes never write into the same folder of checkpoints.

    Parameters
    ----------
    calculation
        What to compute. If a row it needs is missing or not ``ok``, it fails
        with that reason, without being run.
    store
        Where the needed rows are and the row is committed.
    work_dir
        Holds one folder of checkpoints per key; a folder left empty is removed.
    run
        Computes the outcome.
    owner
        See :func:`potash.store.this_owner`.
    """
    if not store.claim(calculation.key, owner):
        return None
    try:
        with Heartbeat(store, calculation.key, owner) as heartbeat:
            row = _compute(calculation, store, work_dir, run, heartbeat.progress)
        store.put(row, owner=owner)
    except BaseException:
        store.release(calculation.key, owner)
        raise
    return row


def wait_for_others(store: Store) -> None:
    """Let others go on with what they hold, then release the leases of those that died."""
    time.sleep(WAIT_S)
    store.reap()


def _compute(
    calculation: Calculation,
    store: Store,
    work_dir: Path,
    run: Compute,
    progress: Callable[[float, str], None],
) -> Row:
    started, clock = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
    folder = work_dir / calculation.key[:2] / calculation.key
    needs: dict[str, Mapping[str, Any]] = {}
    missing = ""
    for role, key in calculation.needs.items():
        row = store.get(key)
        if row is not None and row.status == "ok":
            needs[role] = row.values
        else:
            what = "was not computed" if row is None else f"is {row.status}: {row.reason}"
            missing = f"its {role} ({key[:12]}) {what}"
    if missing:
        outcome = Outcome(status="failed", reason=missing)
    else:
        outcome = run(calculation, needs, folder, progress=progress)
    if folder.is_dir() and not any(folder.iterdir()):
        shutil.rmtree(folder)
    seconds = time.monotonic() - clock
    return Row.from_outcome(calculation, outcome, started=started, seconds=seconds)
