"""Many calculations on worker processes of one thread each, without a campaign."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from potash.results.calculation import Calculation
from potash.running.sandbox import Worker
from potash.running.schedule import compute_claimed, pending, wait_for_others
from potash.store import Row, Store, this_owner


def compute_pool(
    calculations: Sequence[Calculation],
    store_url: str,
    work_dir: Path,
    *,
    processes: int,
    timeout_s: float,
    finished: Callable[[Row], None] = lambda _row: None,
) -> int:
    """Compute what the store does not know, and return how many calculations that were.

    Each row is committed as it is finished: a killed run goes on where it was. What another
    process is computing into the same store is waited for.

    Parameters
    ----------
    calculations
        Independent of each other, or needing rows that the store has.
    store_url
        Where rows are looked up and written.
    work_dir
        Holds one folder of checkpoints per key.
    processes
        Worker processes, which live as long as the run.
    timeout_s
        Wall-clock limit of one calculation.
    finished
        Called with each new row, from the thread of its worker.

    Raises
    ------
    Exception
        The first that a store or ``finished`` raised; the other workers then end after
        what they are computing.
    """
    store, computed = Store(store_url), 0
    store.reap()
    while work := pending(calculations, store):
        new = _compute_round(work, store_url, work_dir, processes, timeout_s, finished)
        computed += new
        if not new:
            wait_for_others(store)
    return computed


def _compute_round(
    work: Sequence[Calculation],
    store_url: str,
    work_dir: Path,
    processes: int,
    timeout_s: float,
    finished: Callable[[Row], None],
) -> int:
    """Compute what nobody else computes; return how many that were."""
    todo: queue.SimpleQueue[Calculation] = queue.SimpleQueue()
    for calculation in work:
        todo.put(calculation)
    computed: list[str] = []
    errors: list[Exception] = []

    def serve() -> None:
        worker, owner = Worker(), f"{this_owner()}:{threading.get_ident()}"
        try:
            store = Store(store_url)
            run = partial(worker.compute, timeout_s=timeout_s)
            while not errors:
                row = compute_claimed(todo.get_nowait(), store, work_dir, run, owner=owner)
                if row is not None:
                    computed.append(row.key)
                    finished(row)
        except queue.Empty:
            pass
        except Exception as error:
            errors.append(error)
        finally:
            worker.close()

    # Daemons, so that Ctrl-C need not wait for the rest of the queue.
    threads = [threading.Thread(target=serve, daemon=True) for _ in range(processes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return len(computed)
