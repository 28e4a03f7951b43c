"""Live progress of a campaign, read from the store alone."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from potash.errors import StoreError
from potash.results.calculation import Calculation
from potash.running.schedule import Stage
from potash.store import Lease, Store

LINES_EVERY_S = 5.0
"""Between lines where there is no terminal."""


@dataclass
class _Tally:
    """What is known of one stage."""

    bar: TaskID
    total: int
    left_s: float
    statuses: Counter[str] = field(default_factory=Counter)


class Watch:
    """Shows per stage what is done, failed, running, and the time left.

    The store is the one place that knows, whichever runner computes and on
    whichever machine; it is asked once for everything, then for what is new.
    Use it as a context manager around the run.

    Parameters
    ----------
    stages
        What is shown, one line each.
    store
        Where rows and leases are.
    workers
        Calculations at a time, for the time left.
    console
        Where to show it; None shows nothing. One that is no terminal gets a line for each stage
        that has moved, every few seconds.
    """

    def __init__(
        self, stages: Sequence[Stage], store: Store, workers: int, console: Console | None
    ) -> None:
        self._store, self._workers, self._stages = store, workers, stages
        self._left: dict[str, tuple[str, Calculation]] = {
            c.key: (s.name, c) for s in stages for c in s.calculations
        }
        self._tallies: dict[str, _Tally] = {}
        self._event = 0
        self._done_s = 0.0
        self._ended = threading.Event()
        self._started = time.monotonic()
        self._progress = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[text]}", markup=False),
            TimeElapsedColumn(),
            console=console or Console(quiet=True),
            refresh_per_second=4,
        )
        self._lines = console if console is not None and not console.is_terminal else None
        self._written: dict[str, str] = {}
        self._next_line = self._started
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._progress.start()
        for stage in self._stages:
            self._begin(stage)
        self._event = self._store.last_event()
        self._count(self._store.statuses(self._left))
        self._done_s = 0.0
        self._update()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        with contextlib.suppress(StoreError):
            self._update()
        self._progress.stop()

    def add(self, stage: Stage) -> None:
        """Show a stage that was not known at the start; one of the same name grows."""
        with self._lock:
            self._begin(stage)
            new = {c.key: (stage.name, c) for c in stage.calculations}
            self._left |= new
            self._count(self._store.statuses(new))

    def say(self, line: str) -> None:
        """Show a line above the bars."""
        self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _begin(self, stage: Stage) -> None:
        total = len(stage.calculations)
        left_s = sum(c.cost_s for c in stage.calculations)
        if stage.name in self._tallies:
            tally = self._tallies[stage.name]
            tally.total += total
            tally.left_s += left_s
            self._progress.update(tally.bar, total=tally.total)
        else:
            bar = self._progress.add_task(stage.name, total=total, text="")
            self._tallies[stage.name] = _Tally(bar, total, left_s)

    def _watch(self) -> None:
        while not self._ended.wait(1.0):
            # A database that is started again has nothing to tell for a while; what is worse is
            # told by the work.
            with contextlib.suppress(StoreError):
                self._update()
            if self._lines is not None and time.monotonic() >= self._next_line:
                self._write_lines(self._lines)
                self._next_line = time.monotonic() + LINES_EVERY_S

    def _write_lines(self, console: Console) -> None:
        for task in self._progress.tasks:
            text = task.fields["text"]
            if text and self._written.get(task.description) != text:
                self._written[task.description] = text
                line = f"{_duration(time.monotonic() - self._started)}: {task.description}: {text}"
                console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _count(self, statuses: Mapping[str, str]) -> None:
        for key, status in statuses.items():
            name, calculation = self._left.pop(key)
            self._tallies[name].statuses[status] += 1
            self._tallies[name].left_s -= calculation.cost_s
            self._done_s += calculation.cost_s

    def _update(self) -> None:
        with self._lock:
            self._look()

    def _look(self) -> None:
        self._event, written = self._store.written_since(self._event)
        self._count(self._store.statuses(written & self._left.keys()))
        running: dict[str, list[tuple[Calculation, Lease]]] = {name: [] for name in self._tallies}
        for lease in self._store.leases():
            if lease.key in self._left:
                name, calculation = self._left[lease.key]
                running[name].append((calculation, lease))
        begun = _begun_s(pair for pairs in running.values() for pair in pairs)
        # Seconds that a planned core-second has taken so far; as planned until there is one.
        elapsed = (time.monotonic() - self._started) * self._workers
        rate = elapsed / (self._done_s + begun) if self._done_s + begun > 1.0 else 1.0
        for name, tally in self._tallies.items():
            done = tally.statuses.total()
            parts = [f"{done}/{tally.total} done"]
            parts += [
                f"{tally.statuses[s]} {s}"
                for s in ("failed", "refused", "anomalous", "quarantined")
                if tally.statuses[s]
            ]
            if running[name]:
                notes = [f"{c.item}: {x.note}" for c, x in running[name] if x.note]
                parts.append(f"{len(running[name])} running" + (f" ({notes[0]})" if notes else ""))
            if done < tally.total:
                left_s = tally.left_s - _begun_s(running[name])
                parts.append(f"about {_duration(rate * left_s / self._workers)} left")
            shown = done + sum(lease.progress for _, lease in running[name])
            self._progress.update(tally.bar, completed=shown, text=", ".join(parts))


def _begun_s(running: Iterable[tuple[Calculation, Lease]]) -> float:
    """Return the planned core-seconds that are already behind what is running."""
    return sum(calculation.cost_s * lease.progress for calculation, lease in running)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
