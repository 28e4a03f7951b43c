"""A run of a campaign writes down in the store that it runs, how far it is, and how it ended."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from potash.errors import QuotaError, StoreError
from potash.results.calculation import Calculation
from potash.store import Store, this_owner
from potash.store.runs import CampaignRun, RunState, beat_run, end_run, put_plan, put_run
from potash.workflows.names import calculation_name

BEAT_S = 5.0
"""Between two notes of how far a run is."""


@contextmanager
def recorded(
    run_id: str,
    calculations: Iterable[Calculation],
    store: Store,
    *,
    campaign: str,
    file: Path,
    output: Path,
) -> Iterator[None]:
    """Keep the record of a run around what it does.

    Parameters
    ----------
    run_id
        That of Prefect's flow run; a run that goes on after an approval keeps it.
    calculations
        What the campaign asks for.
    store
        Where rows, leases and the record are.
    campaign, file, output
        Name of the campaign, its file and its folder of results.
    """
    from prefect.exceptions import Pause

    calculations = tuple(calculations)
    put_plan(store, campaign, {c.key: calculation_name(c) for c in calculations})
    tally = _Tally(calculations, store)
    put_run(
        store,
        CampaignRun(
            id=run_id,
            campaign=campaign,
            file=str(file.resolve()),
            output=str(output.resolve()),
            owner=this_owner(),
            started=time.time(),
            heartbeat=time.time(),
            ended=None,
            state="running",
            planned=tally.planned,
            known=tally.known,
        ),
    )
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_S):
            with suppress(StoreError):  # told by the work, where it lasts
                left_s = tally.left_s()
                beat_run(store, run_id, done=tally.done, failed=tally.failed, left_s=left_s)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    state: RunState = "done"
    note = ""
    try:
        yield
    except Pause:
        state, note = "waiting", "for approval"
        raise
    except QuotaError as quota:
        state, note = "stopped", str(quota)
        raise
    except Exception as error:
        state, note = "failed", " ".join(f"{type(error).__name__}: {error}".split())
        raise
    except BaseException as stop:
        state, note = "stopped", type(stop).__name__
        raise
    finally:
        ended.set()
        thread.join()
        tally.look()
        beat_run(store, run_id, done=tally.done, failed=tally.failed, left_s=None)
        end_run(store, run_id, state, note)


class _Tally:
    """What of a campaign has a row by now, and how long the rest may take."""

    def __init__(self, calculations: Iterable[Calculation], store: Store) -> None:
        self._store = store
        self._cost = {c.key: c.cost_s for c in calculations}
        self.planned = len(self._cost)
        self._event = store.last_event()
        self._left = self._cost.keys() - store.statuses(self._cost).keys()
        self.known = self.planned - len(self._left)
        self._statuses: Counter[str] = Counter()
        self._started = time.monotonic()
        self._begun_with = sum(self._cost[key] for key in self._left)

    @property
    def done(self) -> int:
        """How many rows were added."""
        return self._statuses.total()

    @property
    def failed(self) -> int:
        """How many of those have no result."""
        return self._statuses["failed"] + self._statuses["quarantined"]

    def look(self) -> None:
        """Count what is new in the store."""
        self._event, written = self._store.written_since(self._event)
        new = self._store.statuses(written & self._left)
        self._left -= new.keys()
        self._statuses.update(new.values())

    def left_s(self) -> float | None:
        """Look, and return the wall-clock seconds left at the pace so far; None without one."""
        self.look()
        left = sum(self._cost[key] for key in self._left)
        for lease in self._store.leases():
            if lease.key in self._left:
                left -= self._cost[lease.key] * lease.progress
        behind = self._begun_with - left
        if behind <= 0.0:
            return None
        return left * (time.monotonic() - self._started) / behind
