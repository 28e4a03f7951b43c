"""Drive a campaign's Prefect flow, with progress read from the store."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console

from potash.catalog.campaign import Campaign
from potash.catalog.catalog import Catalog
from potash.errors import InputError
from potash.evidence.known import campaign_rows
from potash.report.written import Written
from potash.resources import data_dir
from potash.running.progress import Watch
from potash.running.schedule import forget_failed
from potash.store import Row, Store
from potash.workflows.planned import handed_over, plan_file

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
    campaign, catalog
        As read from the file.
    rows
        The rows of the campaign's calculations, under the ids of the catalogue.
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
    campaign: Campaign
    catalog: Catalog
    rows: Sequence[Row]
    written: Written
    output_dir: Path
    seconds: float


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
        If the campaign file, an id, the store or an option of the runner is bad.
    """
    if runner == "local" and runner_options:
        raise InputError(
            "has no effect on the local runner; options are for dask and slurm",
            source="--runner-option",
        )
    plan = plan_file(campaign_file, only)
    output = output_dir or Path("results") / plan.campaign.name
    output.mkdir(parents=True, exist_ok=True)
    workers = workers or len(os.sched_getaffinity(0))
    prepare_prefect(output / "prefect")
    task_runner = _task_runner(runner, workers, dict(runner_options or {}))
    planned = {c.key: c for stage in plan.stages for c in stage.calculations}
    store = Store(store_url)
    store.reap()
    if retry_failed:
        forget_failed(planned.values(), store)
    known = set(store.statuses(planned))
    started = time.monotonic()
    from prefect.flows import load_flow_from_entrypoint

    flow: Any = load_flow_from_entrypoint(f"{data_dir('workflows') / 'campaign_flow.py'}:campaign")
    flow = flow.with_options(task_runner=task_runner)
    with handed_over(plan), Watch(plan.stages, store, workers, console):
        written = flow(
            campaign_file=str(campaign_file),
            store_url=store.url,
            output_dir=str(output),
            only=list(only) if only else None,
            in_flight=2 * workers,
            timeout_s=timeout_s,
        )
    rows = campaign_rows(planned, store, plan.catalog)
    return RunSummary(
        planned=len(planned),
        computed=len({row.key for row in rows} - known),
        statuses=dict(Counter(row.status for row in rows)),
        campaign=plan.campaign,
        catalog=plan.catalog,
        rows=rows,
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

        if runner == "slurm":
            import dask_jobqueue  # noqa: F401 - imported by name below
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
