"""The Prefect task that computes a portion, and the loop over them. They hold no science.

They live in the package so that any runner (threads, Dask, SLURM) can import
them by name.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar, cast

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.utilities.annotations import quote

from potash.results.calculation import Calculation
from potash.results.kinds import calculation_from
from potash.running.claim import compute_portion
from potash.running.drain import Submitted, drain
from potash.running.limits import Limit, Limits
from potash.running.sandbox import Worker
from potash.store import Row, Store
from potash.workflows.names import portion_name

TASK_S = 120.0
"""Core-seconds of work in one task: enough to hide its overhead of a second or so."""

T = TypeVar("T")

_local = threading.local()
_workers: list[Worker] = []


@lru_cache(maxsize=4)
def open_store(url: str) -> Store:
    """Return the store behind a URL, one per process."""
    return Store(url)


def opaque(value: T) -> T:
    """Return a task's argument wrapped so that Prefect does not look for futures inside it."""
    return cast("T", quote(value))


def _worker() -> Worker:
    """Return this thread's worker process, so that engines are loaded once."""
    if not hasattr(_local, "worker"):
        _local.worker = Worker()
        _workers.append(_local.worker)
    worker: Worker = _local.worker
    return worker


def close_workers() -> None:
    """Kill the worker processes of all threads; what they compute is given back uncomputed."""
    while _workers:
        _workers.pop().close()


def to_text(calculations: Iterable[Calculation]) -> str:
    """Return calculations as text: Prefect and Dask look into and take apart anything else."""
    return json.dumps([c.plain() for c in calculations])


def from_text(text: str) -> list[Calculation]:
    """Return the calculations that :func:`to_text` wrote down."""
    return [calculation_from(plain) for plain in json.loads(text)]


@task(name="compute", cache_policy=NO_CACHE, retries=1, retry_delay_seconds=5, persist_result=False)
def compute_in_task(
    calculations: str, store_url: str, work_dir: str, seconds: float, memory_gb: float | None
) -> dict[str, str]:
    """Compute calculations one after another, committing each as it finishes.

    The store decides what is computed: a key that has a row, or that somebody
    else is computing, is passed over. Prefect's retry covers the infrastructure
    only (a database that does not answer); a failed calculation is a row.

    Parameters
    ----------
    calculations
        What :func:`to_text` wrote, of one kind.
    store_url
        Where the rows go.
    work_dir
        Folder that holds one folder of checkpoints per key.
    seconds, memory_gb
        See :class:`potash.running.limits.Limit`.

    Returns
    -------
    dict
        Key to status of the rows that were written.
    """
    run = partial(_worker().compute, limit=Limit(seconds, memory_gb))
    portion = from_text(calculations)
    return compute_portion(portion, open_store(store_url), Path(work_dir), run)


def compute_in_tasks(
    calculations: Iterable[Calculation],
    *,
    store_url: str,
    work_dir: str,
    limits: Limits,
    in_flight: int,
    finished: Callable[[Row], object] | None = None,
    check: Callable[[], object] = lambda: None,
) -> int:
    """Compute what the store does not know yet in Prefect tasks; call it inside a flow.

    At most ``in_flight`` tasks exist at a time, so that a campaign of any size
    starts at once. See :func:`potash.running.drain.drain`. Whatever ends it, Ctrl-C too,
    ends what is computed in threads of this process: else Prefect would wait for them.
    """

    def submit(portion: Sequence[Calculation]) -> Submitted:
        name, limit = portion_name(portion), limits.of(portion[0].kind)
        # Not the text itself, which Prefect would format: braces are allowed in names of files.
        named = compute_in_task.with_options(task_run_name=lambda: name)
        return named.submit(to_text(portion), store_url, work_dir, limit.seconds, limit.memory_gb)

    store = open_store(store_url)
    try:
        return drain(
            calculations,
            store,
            submit,
            in_flight=in_flight,
            portion_s=TASK_S,
            finished=finished,
            check=check,
        )
    except BaseException:
        close_workers()
        raise
