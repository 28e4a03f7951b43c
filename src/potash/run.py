"""Drive a campaign's Prefect flow, with progress read from the store."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from potash.calculation import Calculation
from potash.campaign import Stage, forget_failed
from potash.catalog.campaign import load_campaign
from potash.errors import InputError
from potash.planning import plan
from potash.resources import data_dir
from potash.results import Written
from potash.store import Store

Runner = Literal["local", "dask", "slurm"]


@dataclass(frozen=True)
class RunSummary:
    """What a run did.

    Attributes
    ----------
    planned, computed
        Calculations that the campaign asks for, and those computed just now.
    statuses
        Number of rows by status.
    written
        Ranked tables and files.
    output_dir
        Where the files are.
    seconds
        Wall-clock time.
    """

    planned: int
    computed: int
    statuses: Mapping[str, int]
    written: Written
    output_dir: Path
    seconds: float


def default_store_url(output_root: Path = Path("results")) -> str:
    """Return the URL of the current folder's store (``POTASH_STORE`` overrides it)."""
    return os.environ.get("POTASH_STORE", str(output_root / "store.sqlite"))


def prepare_prefect(home: Path) -> None:
    """Set Prefect up for a quiet run without a server of its own; call before importing it.

    Whatever the user has configured (an API, a home) is left as it is.
    """
    quiet = {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_HOME": str(home.resolve()),
    }
    for name, value in quiet.items():
        os.environ.setdefault(name, value)


def run_campaign(
    campaign_file: Path,
    *,
    store_url: str,
    output_dir: Path | None = None,
    runner: Runner = "local",
    runner_options: Mapping[str, Any] | None = None,
    workers: int | None = None,
    only: Sequence[str] | None = None,
    retry_failed: bool = False,
    timeout_s: float = 86_400.0,
    console: Console | None = None,
) -> RunSummary:
    """Run a campaign: plan, skip what the store knows, compute, rank, report.

    Parameters
    ----------
    campaign_file
        The campaign's YAML file.
    store_url
        Database of results.
    output_dir
        Folder for checkpoints, tables and report; ``results/<campaign name>`` by default.
    runner
        ``local`` (threads that each own a worker process), ``dask`` or ``slurm``.
    runner_options
        Passed to the Dask cluster.
    workers
        Calculations at a time; the number of cores by default.
    only
        Any of ``hosts``, ``molecules``, ``liquids``.
    retry_failed
        Compute failed rows again.
    timeout_s
        Wall-clock limit of one calculation.
    console
        Where progress is shown; none by default.

    Raises
    ------
    InputError
        If the campaign file, an id or the store is bad.
    """
    campaign, catalog = load_campaign(campaign_file)
    output = output_dir or Path("results") / campaign.name
    output.mkdir(parents=True, exist_ok=True)
    workers = workers or len(os.sched_getaffinity(0))
    stages = plan(campaign, catalog, only=only)
    planned = {c.key: c for stage in stages for c in stage.calculations}
    store = Store(store_url)
    store.reap()
    if retry_failed:
        forget_failed(planned.values(), store)
    known = set(store.statuses(planned))
    started = time.monotonic()

    prepare_prefect(output / "prefect")
    from prefect.flows import load_flow_from_entrypoint

    flow: Any = load_flow_from_entrypoint(f"{data_dir('workflows') / 'campaign.py'}:campaign")
    flow = flow.with_options(task_runner=_task_runner(runner, workers, dict(runner_options or {})))
    with _Watch(stages, store, workers, console):
        written = flow(
            campaign_file=str(campaign_file),
            store_url=store.url,
            output_dir=str(output),
            only=list(only) if only else None,
            in_flight=2 * workers,
            timeout_s=timeout_s,
        )
    statuses = store.statuses(planned)
    return RunSummary(
        planned=len(planned),
        computed=len(set(statuses) - known),
        statuses=dict(Counter(statuses.values())),
        written=written,
        output_dir=output,
        seconds=time.monotonic() - started,
    )


def _task_runner(runner: Runner, workers: int, options: dict[str, Any]) -> Any:
    if runner == "local":
        from prefect.task_runners import ThreadPoolTaskRunner

        return ThreadPoolTaskRunner(max_workers=workers)
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ModuleNotFoundError as error:
        raise InputError(
            f"{runner!r} needs an extra: pip install 'potash[{runner}]'", source="--runner"
        ) from error
    if runner == "dask":
        local = {"n_workers": workers, "threads_per_worker": 1, "processes": True}
        return DaskTaskRunner(cluster_kwargs=local | options)
    return DaskTaskRunner(
        cluster_class="dask_jobqueue.SLURMCluster",
        cluster_kwargs={"cores": 1, "processes": 1, "memory": "4GB"} | options,
        adapt_kwargs={"minimum": 1, "maximum": workers},
    )


class _Watch:
    """Shows per stage what is done, failed and running, from the store alone.

    The store is the one place that knows, whichever runner computes and on
    whichever machine.
    """

    def __init__(
        self, stages: Sequence[Stage], store: Store, workers: int, console: Console | None
    ) -> None:
        self._stages, self._store, self._workers = stages, store, workers
        self._keys = {s.name: {c.key: c for c in s.calculations} for s in stages}
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

    def __enter__(self) -> _Watch:
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
        rate = self._seconds_per_cost(statuses)
        for name, members in self._keys.items():
            mine = Counter(statuses[k] for k in members if k in statuses)
            running = [leases[k] for k in members if k in leases]
            partial = sum(lease.progress for lease in running)
            left = [c for k, c in members.items() if k not in statuses]
            parts = [f"{sum(mine.values())}/{len(members)} done"]
            parts += [f"{mine[s]} {s}" for s in ("failed", "refused", "anomalous") if mine[s]]
            if running:
                notes = [f"{members[r.key].item}: {r.note}" for r in running if r.note]
                parts.append(f"{len(running)} running" + (f" ({notes[0]})" if notes else ""))
            if left and rate:
                parts.append(f"about {_duration(rate * _cost(left) / self._workers)} left")
            self._progress.update(
                self._bars[name], completed=sum(mine.values()) + partial, text=", ".join(parts)
            )

    def _seconds_per_cost(self, statuses: Mapping[str, str]) -> float:
        """Return how many seconds a planned core-second has taken so far."""
        fresh = [
            c
            for members in self._keys.values()
            for k, c in members.items()
            if k in statuses and k not in self._known
        ]
        elapsed = (time.monotonic() - self._started) * self._workers
        return elapsed / _cost(fresh) if fresh else 1.0


def _cost(calculations: Sequence[Calculation]) -> float:
    return sum(c.cost_s for c in calculations)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
