"""Computing on this machine, without a campaign: in this process, or in worker processes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from potash.results.calculation import Calculation, Outcome
from potash.running.claim import Compute, Needs, compute_portion
from potash.running.drain import Submitted, drain
from potash.running.former import as_known
from potash.running.limits import Limit, Limits
from potash.running.sandbox import Worker
from potash.running.schedule import forget_failed
from potash.running.worker import compute
from potash.store import Row, Store


def compute_here(
    calculations: Sequence[Calculation],
    store: Store,
    work_dir: Path,
    report: Callable[[str, float, str], None],
) -> list[Row]:
    """Compute in this process, one after the other, and return the rows in the given order.

    A failed row is computed again.

    Parameters
    ----------
    calculations
        What to compute.
    store
        Where rows are looked up and written.
    work_dir
        Holds one folder of checkpoints per key.
    report
        Called with the item, a fraction (0 to 1) and a note.
    """
    return _one_after_the_other(calculations, store, work_dir, _in_this_process, report)


def _in_this_process(
    calculation: Calculation,
    needs: Needs,
    folder: Path,
    /,
    *,
    progress: Callable[[float, str], None],
) -> Outcome:
    return compute(calculation.kind, calculation.inputs, needs, workdir=folder, progress=progress)


def compute_in_child(
    calculations: Sequence[Calculation],
    store: Store,
    work_dir: Path,
    report: Callable[[str, float, str], None],
    limit: Limit,
) -> list[Row]:
    """Compute like :func:`compute_here`, in a process that can be stopped in whatever code it is.

    Parameters
    ----------
    calculations, store, work_dir, report
        See :func:`compute_here`.
    limit
        Of each calculation.
    """
    worker = Worker()

    try:
        run = partial(worker.compute, limit=limit)
        return _one_after_the_other(calculations, store, work_dir, run, report)
    finally:
        worker.close()


def _one_after_the_other(
    calculations: Sequence[Calculation],
    store: Store,
    work_dir: Path,
    run: Compute,
    report: Callable[[str, float, str], None],
) -> list[Row]:
    def told(
        calculation: Calculation,
        needs: Needs,
        folder: Path,
        /,
        *,
        progress: Callable[[float, str], None],
    ) -> Outcome:
        def both(fraction: float, note: str) -> None:
            progress(fraction, note)
            report(calculation.item, fraction, note)

        return run(calculation, needs, folder, progress=both)

    def submit(portion: Sequence[Calculation]) -> Submitted:
        done: Future[Mapping[str, str]] = Future()
        written = compute_portion(portion, store, work_dir, told)
        for calculation in portion:
            if calculation.key not in written:
                report(calculation.item, 0.0, "another process computes it; waiting")
        done.set_result(written)
        return done

    calculations = as_known(calculations, store)
    forget_failed((c.key for c in calculations), store)
    drain(calculations, store, submit, in_flight=1)
    rows = store.get_many([c.key for c in calculations])
    return [rows[c.key] for c in calculations]


def compute_in_processes(
    calculations: Iterable[Calculation],
    store: Store,
    work_dir: Path,
    *,
    processes: int,
    limits: Limits,
    finished: Callable[[Row], object] | None = None,
    stop: Callable[[], bool] = lambda: False,
    check: Callable[[], object] = lambda: None,
) -> int:
    """Compute in worker processes of one thread each; return how many rows were computed.

    Parameters
    ----------
    calculations
        In the order of their priority.
    store
        Where rows are looked up and written.
    work_dir
        Holds one folder of checkpoints per key.
    processes
        Worker processes, which live as long as the run.
    limits
        Of one calculation, by kind.
    finished, stop, check
        See :func:`drain`.

    Raises
    ------
    Exception
        The first that the store, ``finished`` or ``check`` raised. Whatever ends the run, Ctrl-C
        too, kills the workers and frees what they were computing.
    """
    own = threading.local()
    workers: list[Worker] = []

    def start() -> None:
        own.worker = Worker()
        workers.append(own.worker)

    def portion(calculations: Sequence[Calculation]) -> Mapping[str, str]:
        # A portion is of one kind.
        run = partial(own.worker.compute, limit=limits.of(calculations[0].kind))
        return compute_portion(calculations, store, work_dir, run)

    pool = ThreadPoolExecutor(processes, initializer=start)
    try:
        return drain(
            as_known(calculations, store),
            store,
            lambda calculations: pool.submit(portion, calculations),
            in_flight=processes,
            finished=finished,
            stop=stop,
            check=check,
        )
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.close()
        pool.shutdown()
