"""Claim a calculation, compute it, commit its row: what every runner does with each."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from potash.results.calculation import Calculation, Outcome, Status
from potash.running.patience import patiently
from potash.running.sandbox import ClosedError
from potash.store import Heartbeat, Row, Store, this_owner

Needs = Mapping[str, Mapping[str, Any]]
"""Role to the values of the row that plays it."""


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


def compute_portion(
    calculations: Sequence[Calculation], store: Store, work_dir: Path, compute: Compute
) -> dict[str, str]:
    """Compute, one after another, those that nobody else has or computes; commit each at once.

    Parameters
    ----------
    calculations
        What to compute. One whose needed row is missing or not ``ok`` fails with that
        reason, without being run.
    store
        Where the needed rows are and the rows are committed.
    work_dir
        Holds one folder of checkpoints per key, and beside them what several calculations
        share; a folder left empty is removed.
    compute
        Computes an outcome.

    Returns
    -------
    dict
        Key to status of the rows that were written; not of all, where the worker was closed.
    """
    owner = f"{this_owner()}:{threading.get_ident()}"
    written: dict[str, str] = {}
    with contextlib.suppress(ClosedError):
        for calculation in calculations:
            row = _compute_claimed(calculation, store, work_dir, compute, owner)
            if row is not None:
                written[row.key] = row.status
    return written


def _compute_claimed(
    calculation: Calculation, store: Store, work_dir: Path, compute: Compute, owner: str
) -> Row | None:
    """Compute and commit a calculation that nobody else computes; ``None`` if somebody does.

    The lease is held, with a heartbeat and the progress, until the row is committed: two
    processes never write into the same folder of checkpoints.
    """
    key = calculation.key
    # A claim whose answer was lost must not look like somebody else's.
    if not patiently(
        lambda: store.claim(key, owner), before_again=lambda: store.release(key, owner)
    ):
        return None
    try:
        with Heartbeat(store, key, owner) as heartbeat:
            row = _computed(calculation, store, work_dir, compute, heartbeat.progress)
        patiently(lambda: store.put(row, owner=owner))
    except BaseException:
        store.release(key, owner)
        raise
    return row


def _computed(
    calculation: Calculation,
    store: Store,
    work_dir: Path,
    compute: Compute,
    progress: Callable[[float, str], None],
) -> Row:
    started, clock = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
    folder = work_dir / calculation.key
    needs: dict[str, Mapping[str, Any]] = {}
    missing = ""
    status: Status = "failed"
    for role, key in calculation.needs.items():
        row = patiently(partial(store.get, key))
        if row is not None and row.status == "ok":
            needs[role] = row.values
        else:
            what = "was not computed" if row is None else f"is {row.status}: {row.reason}"
            missing = f"its {role} ({key[:12]}) {what}"
            if row is not None and row.status == "quarantined":
                status = "quarantined"
    if missing:
        outcome = Outcome(status=status, reason=missing)
    else:
        outcome = compute(calculation, needs, folder, progress=progress)
    if folder.is_dir() and not any(folder.iterdir()):
        shutil.rmtree(folder)
    seconds = time.monotonic() - clock
    return Row.from_outcome(calculation, outcome, started=started, seconds=seconds)
