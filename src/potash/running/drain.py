"""The one loop that brings calculations to rows, wherever these are computed.

It is used by :mod:`potash.running.local` (this process, worker processes) and by
:mod:`potash.workflows.tasks` (Prefect tasks), and imports no science.
"""

from __future__ import annotations

import contextlib
import queue
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from potash.results.calculation import Calculation
from potash.running.patience import patiently
from potash.running.schedule import Schedule
from potash.store import Row, Store

WAIT_S = 2.0
"""Between two looks at what others compute, and at whether all is well."""

ATTEMPTS = 3
"""Times that a portion is begun whose task ends with an error, such as a lost worker's."""


class Submitted(Protocol):
    """A portion on its way: a future of :mod:`concurrent.futures`, of Prefect, or the like."""

    def result(self) -> Mapping[str, str]:
        """Return what :func:`potash.running.claim.compute_portion` returned, or raise its error."""

    def add_done_callback(self, fn: Callable[[Any], None], /) -> None:
        """Call ``fn`` with this future when the portion has ended."""


def drain(
    calculations: Iterable[Calculation],
    store: Store,
    submit: Callable[[Sequence[Calculation]], Submitted],
    *,
    in_flight: int,
    portion_s: float = 0.0,
    finished: Callable[[Row], object] | None = None,
    stop: Callable[[], bool] = lambda: False,
    check: Callable[[], object] = lambda: None,
) -> int:
    """Bring every calculation to a row and return how many were computed for it.

    What has a row is passed over. What another process computes into the same store is
    waited for, and taken over if that process dies. A calculation is handed out as soon
    as what it needs has a row. Rows are committed one by one, so that a killed run goes
    on where it was.

    Parameters
    ----------
    calculations
        In the order of their priority; those that others need come first all the same.
    store
        Where rows are looked up.
    submit
        Starts :func:`potash.running.claim.compute_portion` on a portion, somewhere.
    in_flight
        Portions that may be on their way at a time.
    portion_s
        Core-seconds of the largest portion; 0 for one calculation each. Portions get
        smaller than that where there is little work for ``in_flight`` of them.
    finished
        Called with the row of each calculation that had none, whoever computed it.
    stop
        Asked before each portion; once it says yes, nothing more is begun, and this
        returns when what is on its way has ended.
    check
        Called every few seconds; what it raises ends this at once.

    Raises
    ------
    Exception
        The first that ``finished`` or ``check`` raised, or a portion for the third time.
    """
    store.reap()
    unique = {c.key: c for c in calculations}
    schedule = Schedule(unique.values(), store.statuses(unique))
    ended: queue.SimpleQueue[tuple[list[str], Submitted]] = queue.SimpleQueue()
    held: set[str] = set()
    errors: Counter[str] = Counter()
    running = computed = 0
    looked = time.monotonic()
    while len(schedule):
        check()
        stopped = stop()
        portion = schedule.take(in_flight, portion_s) if running < in_flight and not stopped else []
        if portion:
            running += 1
            submit(portion).add_done_callback(partial(_put, ended, [c.key for c in portion]))
            continue
        if not running and (stopped or not held):
            break
        with contextlib.suppress(queue.Empty):
            keys, portion_ended = ended.get(timeout=WAIT_S)
            running -= 1
            written: Mapping[str, str] = {}
            try:
                written = portion_ended.result()
            except Exception:
                errors.update(keys)
                if max(errors[key] for key in keys) == ATTEMPTS:
                    raise
            computed += len(written)
            held.update(key for key in keys if key not in written)
            _end(written, schedule, store, finished)
        if held and time.monotonic() - looked >= WAIT_S:
            looked = time.monotonic()
            patiently(store.reap)
            leased = {lease.key for lease in patiently(store.leases)}
            known = patiently(partial(store.statuses, held))
            _end(known, schedule, store, finished)
            free = {key for key in held if key not in known and key not in leased}
            schedule.put_back(free)
            held -= free | known.keys()
    return computed


def _put(
    ended: queue.SimpleQueue[tuple[list[str], Submitted]], keys: list[str], portion: Submitted
) -> None:
    ended.put((keys, portion))


def _end(
    keys: Iterable[str],
    schedule: Schedule,
    store: Store,
    finished: Callable[[Row], object] | None,
) -> None:
    schedule.done(keys)
    if finished is not None:
        for row in patiently(partial(store.get_many, keys)).values():
            finished(row)
