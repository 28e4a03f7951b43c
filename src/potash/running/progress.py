"""Live progress of a campaign, read from the store alone."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from potash.results.calculation import Calculation
from potash.running.schedule import Stage
from potash.store import Store


class Watch:
    """Shows per stage what is done, failed, running, and the time left.

    The store is the one place that knows, whichever runner computes and on
    whichever machine. Use it as a context manager around the run.

    Parameters
    ----------
    stages
        What is shown, one line each.
    store
        Where rows and leases are.
    workers
        Calculations at a time, for the time left.
    console
        Where to show it; None shows nothing.
    """

    def __init__(
        self, stages: Sequence[Stage], store: Store, workers: int, console: Console | None
    ) -> None:
        self._store, self._workers = store, workers
        self._keys: dict[str, dict[str, Calculation]] = {
            s.name: {c.key: c for c in s.calculations} for s in stages
        }
        self._done = threading.Event()
        self._known: set[str] = set()
        self._started = time.monotonic()
        self._progress = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[text]}"),
            TimeElapsedColumn(),
            console=console or Console(quiet=True),
            refresh_per_second=4,
        )
        self._bars: dict[str, TaskID] = {}
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._progress.start()
        for name, members in self._keys.items():
            self._bars[name] = self._progress.add_task(name, total=len(members), text="")
        self._known = set(self._store.statuses([k for m in self._keys.values() for k in m]))
        self._update()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._update()
        self._progress.stop()

    def _watch(self) -> None:
        while not self._done.wait(1.0):
            self._update()

    def _update(self) -> None:
        leases = {lease.key: lease for lease in self._store.leases()}
        statuses = self._store.statuses([k for m in self._keys.values() for k in m])
        everything = {k: c for members in self._keys.values() for k, c in members.items()}
        fresh = [k for k in everything if k in statuses and k not in self._known]
        done = sum(everything[k].cost_s for k in fresh)
        done += sum(everything[k].cost_s * x.progress for k, x in leases.items() if k in everything)
        # Seconds that a planned core-second has taken so far; as planned until there is one.
        elapsed = (time.monotonic() - self._started) * self._workers
        rate = elapsed / done if done > 1.0 else 1.0
        for name, members in self._keys.items():
            mine = Counter(statuses[k] for k in members if k in statuses)
            running = [leases[k] for k in members if k in leases]
            left = sum(
                c.cost_s * (1.0 - leases[k].progress if k in leases else 1.0)
                for k, c in members.items()
                if k not in statuses
            )
            parts = [f"{sum(mine.values())}/{len(members)} done"]
            parts += [f"{mine[s]} {s}" for s in ("failed", "refused", "anomalous") if mine[s]]
            if running:
                notes = [f"{members[r.key].item}: {r.note}" for r in running if r.note]
                parts.append(f"{len(running)} running" + (f" ({notes[0]})" if notes else ""))
            if left:
                parts.append(f"about {_duration(rate * left / self._workers)} left")
            shown = sum(mine.values()) + sum(lease.progress for lease in running)
            self._progress.update(self._bars[name], completed=shown, text=", ".join(parts))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
