"""The Prefect tasks: claim, compute, commit. They hold no science.

They live in the package so that any runner (threads, Dask, SLURM) can import
them by name.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture, as_completed

from potash.results.calculation import Calculation
from potash.running.sandbox import Worker
from potash.running.schedule import (
    chunk,
    compute_claimed,
    from_plain,
    pending,
    to_plain,
    wait_for_others,
)
from potash.store import Store, this_owner

_local = threading.local()


@lru_cache(maxsize=4)
def open_store(url: str) -> Store:
    """Return the store behind a URL, one per process."""
    return Store(url)


def _worker() -> Worker:
    """Return this thread's worker process, so that engines are loaded once."""
    if not hasattr(_local, "worker"):
        _local.worker = Worker()
    worker: Worker = _local.worker
    return worker


@task(name="compute", cache_policy=NO_CACHE, retries=1, retry_delay_seconds=5, persist_result=False)
def compute_chunk(
    calculations: Sequence[Mapping[str, Any]],
    store_url: str,
    work_dir: str,
    timeout_s: float,
) -> dict[str, int]:
    """Compute calculations one after another, committing each as it finishes.

    The store decides what is computed: a key that has a row, or that somebody
    else is computing, is passed over. Prefect's retry covers the infrastructure
    only (a database that does not answer); a failed calculation is a row.

    Parameters
    ----------
    calculations
        Calculations as plain data.
    store_url
        Where the rows go.
    work_dir
        Folder that holds one folder of checkpoints per key.
    timeout_s
        Wall-clock limit of one calculation.

    Returns
    -------
    dict
        Number of rows written, by status.
    """
    store, owner = open_store(store_url), f"{this_owner()}:{threading.get_ident()}"
    counts: Counter[str] = Counter()
    for plain in calculations:
        calculation = from_plain(plain)
        run = partial(_worker().compute, timeout_s=timeout_s)
        row = compute_claimed(calculation, store, Path(work_dir), run, owner=owner)
        if row is not None:
            counts[row.status] += 1
    return dict(counts)


def compute_all(
    calculations: Sequence[Calculation],
    *,
    store_url: str,
    work_dir: str,
    timeout_s: float,
    in_flight: int,
) -> None:
    """Compute what the store does not know yet; call it inside a flow.

    At most ``in_flight`` tasks exist at a time, so that a campaign of any size
    starts at once. Keys that another live runner holds are waited for, since a
    later stage may need them.
    """
    store = open_store(store_url)
    while todo := pending(calculations, store):
        before = len(todo)
        held = {lease.key for lease in store.leases()}
        portions = chunk([c for c in todo if c.key not in held])
        futures: set[PrefectFuture[Any]] = set()
        for portion in portions:
            if len(futures) >= in_flight:
                futures.discard(_first_done(futures))
            plain = [to_plain(c) for c in portion]
            futures.add(compute_chunk.submit(plain, store_url, work_dir, timeout_s))
        while futures:
            futures.discard(_first_done(futures))
        if len(pending(calculations, store)) == before:
            wait_for_others(store)


def _first_done(futures: set[PrefectFuture[Any]]) -> PrefectFuture[Any]:
    future: PrefectFuture[Any] = next(iter(as_completed(list(futures))))
    future.result()
    return future
