"""Drive a campaign's Prefect flow, with progress read from the store."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from rich.console import Console

from potash.catalog.campaign import Campaign
from potash.catalog.campaign_parts import KeepPart
from potash.catalog.catalog import Catalog
from potash.deciding.trace import Trace
from potash.errors import InputError
from potash.evidence.known import campaign_rows, own_keys, reference_rows
from potash.report.written import Written, write_results
from potash.resources import data_dir
from potash.running.keeping import Keeper, kept
from potash.running.local import compute_in_processes
from potash.running.progress import Watch
from potash.running.schedule import forget_failed, in_order
from potash.store import Row, Store, this_owner
from potash.workflows.climbing import TRACE, Climbed, Finished, climb_campaign
from potash.workflows.courses import courses
from potash.workflows.dead_runs import RUN_BY, crash_dead_runs
from potash.workflows.notify import checked, notify_end
from potash.workflows.planned import Planned, handed_over, plan_file
from potash.workflows.temporary_server import (
    ANSWER_S,
    LOOPBACK,
    TemporaryServer,
    answers,
    api_of_run,
)

Runner = Literal["local", "dask", "slurm"]

_OWN_SERVER = ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_HOME")
"""Variables by which a user names a server that runs already."""


@dataclass(frozen=True)
class RunSummary:
    """What a run did.

    Attributes
    ----------
    planned, computed
        Calculations that the campaign asks for, and those computed just now.
    statuses
        Number of calculations by status.
    campaign, catalog
        As read from the file.
    rows
        The rows of the campaign's calculations, under the ids of the catalogue, and what was
        measured.
    written
        Ranked tables and files.
    climbed
        How the campaign's question stands; None without one.
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
    climbed: Climbed | None
    output_dir: Path
    seconds: float

    @property
    def own(self) -> frozenset[str]:
        """Keys of the rows that were computed for this campaign, now or before."""
        climbed = () if self.climbed is None else self.climbed.keys
        reference = {row.key for row in reference_rows()}
        return own_keys(self.rows) | {key for key in climbed if key not in reference}


def prepare_prefect(home: Path) -> None:
    """Set Prefect up for a quiet run without a server of its own; call before importing it.

    Whatever the user has configured (an API, a home) is left as it is.
    """
    quiet = {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
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
    notify: str | None = None,
    console: Console | None = None,
) -> RunSummary:
    """Run a campaign: plan, skip what the store knows, compute, answer, rank, report.

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
        Compute failed and quarantined rows again.
    notify
        Whom to tell when the run has ended; see :func:`potash.workflows.notify.notify`.
    console
        Where progress is shown; none by default.

    Raises
    ------
    InputError
        If the campaign file, an id, the store, an option of the runner or ``notify`` is bad, or
        the Prefect server of the user's does not answer.
    QuotaError
        If the campaign's folder takes more than its ``keep.disk_gb``.
    """
    if runner == "local" and runner_options:
        raise InputError(
            "has no effect on the local runner; options are for dask and slurm",
            source="--runner-option",
        )
    plan = plan_file(campaign_file, only)
    output = output_dir or Path("results") / plan.campaign.name
    if notify is not None:
        notify = checked(notify, own_server=any(map(os.getenv, _OWN_SERVER)))
    output.mkdir(parents=True, exist_ok=True)
    workers = workers or len(os.sched_getaffinity(0))
    prepare_prefect(output / "prefect")
    task_runner = _task_runner(runner, workers, dict(runner_options or {}))
    store = Store(store_url)
    plan = plan.as_known(store)
    way = _Asked(campaign_file, plan, store, output, workers, only)

    def tell(text: str) -> None:
        if console is not None:
            console.print(text, markup=False, highlight=False)

    end = partial(notify_end, notify, campaign_file=campaign_file, tell=tell)
    try:
        summary = _run(
            way, task_runner, retry_failed, distributed=runner == "slurm", console=console
        )
    except Exception as error:
        end("failed", output, " ".join(f"{error}".split()))
        raise
    end("done", summary.written.report, _in_a_sentence(summary))
    return summary


def _in_a_sentence(summary: RunSummary) -> str:
    counts = ", ".join(f"{n} {status}" for status, n in sorted(summary.statuses.items()))
    text = f"{summary.planned} calculations: {counts or 'none computed'}"
    return text if summary.climbed is None else f"{text}; question: {summary.climbed.end.said}"


@dataclass(frozen=True)
class _Asked:
    """A campaign on its way."""

    campaign_file: Path
    plan: Planned
    store: Store
    output: Path
    workers: int
    only: Sequence[str] | None


def _run(
    asked: _Asked,
    task_runner: Any,
    retry_failed: bool,
    *,
    distributed: bool,
    console: Console | None,
) -> RunSummary:
    """Compute what the store does not know, answer, rank and report."""
    plan, store, output = asked.plan, asked.store, asked.output
    planned = {c.key: c for stage in plan.stages for c in stage.calculations}
    store.reap()
    before = {*planned, *Trace(output / TRACE).keys}
    if retry_failed:
        forget_failed(before, store)
    known = set(store.statuses(before))
    started = time.monotonic()
    if console is not None and plan.campaign.keep != KeepPart():
        console.print(f"keeps {kept(plan.campaign.keep)}", markup=False, highlight=False)
    with (
        api_of_run(output / "prefect") as api,
        Watch(plan.stages, store, asked.workers, console) as watch,
        handed_over(plan, watch),
    ):
        finished = _in_prefect(asked, task_runner, api) if api is None or api.wait() else None
        if finished is None:
            if console is not None:
                console.print("Prefect's server is gone; the campaign goes on without it")
            finished = _without_prefect(asked, distributed=distributed)
    climbed = finished.climbed
    wanted = dict.fromkeys([*planned, *(() if climbed is None else climbed.keys)])
    rows = campaign_rows(wanted, store, plan.catalog)
    calculated = {row.key: row.status for row in rows if row.key in wanted}
    return RunSummary(
        planned=len(wanted),
        computed=len(calculated.keys() - known),
        statuses=dict(Counter(calculated.values())),
        campaign=plan.campaign,
        catalog=plan.catalog,
        rows=rows,
        written=finished.written,
        climbed=climbed,
        output_dir=output,
        seconds=time.monotonic() - started,
    )


def _in_prefect(asked: _Asked, task_runner: Any, api: TemporaryServer | None) -> Finished | None:
    """Return what the flow did, or None where it was the server that failed, and not the work."""
    from httpx import HTTPError
    from prefect import tags
    from prefect.flows import load_flow_from_entrypoint
    from prefect.settings import (
        PREFECT_API_URL,
        PREFECT_CLIENT_MAX_RETRIES,
        get_current_settings,
        temporary_settings,
    )

    # A server of our own that does not answer is gone: nobody starts it again.
    ours = {PREFECT_API_URL: api.url, PREFECT_CLIENT_MAX_RETRIES: 1} if api is not None else {}
    with temporary_settings(updates=ours):
        flow: Any = load_flow_from_entrypoint(
            f"{data_dir('workflows') / 'campaign_flow.py'}:campaign"
        )
        flow = flow.with_options(task_runner=task_runner)
        try:
            crash_dead_runs()
            with tags(RUN_BY + this_owner()):
                finished: Finished = flow(
                    campaign_file=str(asked.campaign_file),
                    store_url=asked.store.url,
                    output_dir=str(asked.output),
                    only=list(asked.only) if asked.only else None,
                    in_flight=2 * asked.workers,
                ).unquote()
        except Exception as error:
            url = get_current_settings().api.url
            if not isinstance(error, HTTPError) and url and answers(url, ANSWER_S) is None:
                raise
            return None
    return finished


def _without_prefect(asked: _Asked, *, distributed: bool) -> Finished:
    """Compute what is left in processes of this machine, answer, rank and report."""
    stages = asked.plan.stages
    keys = [c.key for stage in stages for c in stage.calculations]
    left = len(keys) - len(asked.store.statuses(keys))
    if distributed and left:
        raise InputError(
            f"the Prefect server was lost with {left} calculations left; run it again to go on",
            source="--runner slurm",
        )
    keeper = Keeper(asked.plan.campaign.keep, asked.output)
    keeper.tidy_all(asked.store)
    drain = partial(
        compute_in_processes,
        store=asked.store,
        work_dir=asked.output / "work",
        processes=asked.workers,
        limits=asked.plan.limits,
        finished=keeper.finished,
        check=keeper.check,
    )
    drain(in_order(stages, asked.workers))
    climbed = climb_campaign(
        asked.plan,
        asked.store,
        drain,
        output_dir=asked.output,
        workers=asked.workers,
        only=asked.only,
    )
    campaign, catalog = asked.plan.campaign, asked.plan.catalog
    asked_keys = asked.plan.all_keys(asked.only, asked.store)
    keys = [*asked_keys, *(() if climbed is None else climbed.keys)]
    rows = campaign_rows(keys, asked.store, catalog)
    written = write_results(
        rows,
        catalog,
        asked.output,
        campaign=campaign,
        answers=None if climbed is None else climbed.state.parts,
        courses=() if climbed is None else courses(climbed),
    )
    return Finished(written, climbed)


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
        local = {
            "n_workers": workers,
            "threads_per_worker": 1,
            "processes": True,
            "host": LOOPBACK,
            "dashboard_address": f"{LOOPBACK}:0",
        }
        return DaskTaskRunner(cluster_kwargs=local | options)
    return DaskTaskRunner(
        cluster_class="dask_jobqueue.SLURMCluster",
        cluster_kwargs={"cores": 1, "processes": 1, "memory": "4GB"} | options,
        adapt_kwargs={"minimum": 1, "maximum": workers},
    )
