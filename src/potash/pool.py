"""Many calculations on worker processes of one thread each, without a campaign."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from potash.calculation import Calculation
from potash.campaign import compute_row, pending
from potash.sandbox import Worker
from potash.store import Row, Store


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

    Each row is committed as it is finished: a killed run goes on where it was.

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
    work = pending(calculations, Store(store_url))
    todo: queue.SimpleQueue[Calculation] = queue.SimpleQueue()
    for calculation in work:
        todo.put(calculation)
    errors: list[Exception] = []

    def serve() -> None:
        worker = Worker()
        try:
            store = Store(store_url)
            while not errors:
                calculation = todo.get_nowait()
                row = compute_row(
                    calculation,
                    store,
                    work_dir,
                    lambda c, needs, folder: worker.compute(
                        c, needs, folder, timeout_s=timeout_s, progress=lambda _f, _t: None
                    ),
                )
                store.put(row)
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
    return len(work)
