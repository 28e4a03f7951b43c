"""Serve a campaign: a Prefect deployment whose runs this process starts when they are due."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from potash.errors import InputError, StoreError
from potash.resources import data_dir
from potash.store import Store, this_owner
from potash.store.runs import (
    CampaignSchedule,
    all_schedules,
    drop_schedule,
    put_schedule,
    recent_runs,
)
from potash.workflows.dead_runs import crash_silent_runs
from potash.workflows.notify import checked
from potash.workflows.planned import Planned, plan_file
from potash.workflows.temporary_server import api_while_serving
from potash.workflows.when import When

if TYPE_CHECKING:
    from prefect.client.schemas.objects import StateType
    from prefect.deployments.runner import RunnerDeployment

FLOW = "potash campaign"
LOOK_S = 10.0
"""Between two notes in the store of when the next run is due."""


@dataclass(frozen=True)
class Serving:
    """What is served, told once everything is ready.

    Attributes
    ----------
    deployment
        Its name in Prefect, ``FLOW/NAME``.
    ui
        Address of Prefect's UI.
    when
        Its schedule.
    """

    deployment: str
    ui: str
    when: When


def serve_campaign(
    campaign_file: Path,
    when: When,
    *,
    store_url: str,
    output_dir: Path | None = None,
    workers: int | None = None,
    only: Sequence[str] | None = None,
    notify: str | None = None,
    ready: Callable[[Serving], None] = lambda _: None,
) -> None:
    """Serve a campaign until this process is stopped.

    A run that is due while another goes on is cancelled: the next one takes up whatever is
    missing. Each run is a process of its own.

    Parameters
    ----------
    campaign_file
        The campaign's YAML file, read again by each run.
    when
        Schedule.
    store_url
        Database of results.
    output_dir
        Folder for checkpoints, tables and report; ``results/<campaign name>`` by default.
        The server's database is in its folder ``prefect-server``.
    workers
        Calculations at a time; the number of cores by default.
    only
        Any of ``hosts``, ``molecules``, ``liquids``.
    notify
        See :func:`potash.workflows.notify.notify`.
    ready
        Called when the deployment is there.

    Raises
    ------
    InputError
        If the campaign, the store or the server is bad.
    """
    notify = None if notify is None else checked(notify)
    plan = plan_file(campaign_file, only)
    store = Store(store_url)
    _refuse_twice(store, plan.campaign.name)
    output = (output_dir or Path("results") / plan.campaign.name).resolve()
    output.mkdir(parents=True, exist_ok=True)
    workers = workers or len(os.sched_getaffinity(0))
    _prepare(output, workers)
    from prefect.context import refresh_global_settings_context

    refresh_global_settings_context()  # Prefect may have been loaded before
    with api_while_serving(output / "prefect-server") as url:
        os.environ["PREFECT_API_URL"] = url  # of this process and of those of the runs
        refresh_global_settings_context()
        ui = url.rstrip("/").removesuffix("/api")
        parameters = {
            "campaign_file": str(campaign_file.resolve()),
            "store_url": _absolute(store),
            "output_dir": str(output),
            "only": list(only) if only else None,
            "in_flight": workers,
            "notify": notify,
        }
        deployment = _deployment(plan, when, parameters)
        _bury_dead_runs(store, plan.campaign.name)
        crash_silent_runs()
        from prefect import serve

        schedule = CampaignSchedule(
            campaign=plan.campaign.name,
            file=str(campaign_file.resolve()),
            when=str(when),
            owner=this_owner(),
            heartbeat=time.time(),
            next_run=None,
            ui=ui,
        )
        with _told(store, schedule):
            ready(Serving(f"{FLOW}/{plan.campaign.name}", ui, when))
            serve(deployment, print_starting_message=False, limit=1)


def _prepare(output: Path, workers: int) -> None:
    """Set Prefect up for this process and for those of the runs; call before importing it."""
    settings = {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "INFO",
        "PREFECT_LOGGING_TO_API_ENABLED": "true",
        # Prefect keeps a few files of its own; the user's folder for them stays as it is.
        "PREFECT_HOME": str(output / "prefect"),
        "PREFECT_TASKS_RUNNER_THREAD_POOL_MAX_WORKERS": str(workers),
        # Runs say that they are alive; the least that Prefect takes.
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    }
    for name, value in settings.items():
        os.environ.setdefault(name, value)


def _absolute(store: Store) -> str:
    """Return the store's URL as a run in another folder can use it, without a password.

    The password goes into the environment, where the database's own library looks for it:
    parameters are kept and shown by Prefect.
    """
    from sqlalchemy import make_url

    url = make_url(store.url)
    if url.drivername.startswith("sqlite"):
        return f"sqlite:///{Path(url.database or '').resolve()}"
    if url.password is not None:
        os.environ["PGPASSWORD"] = str(url.password)
        url = url._replace(password=None)
    return url.render_as_string(hide_password=False)


def _deployment(plan: Planned, when: When, parameters: dict[str, Any]) -> RunnerDeployment:
    from prefect import Flow
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.schedules import Cron, Interval

    schedule = None
    if when.cron is not None:
        schedule = Cron(when.cron, timezone=when.timezone)
    elif when.every is not None:
        schedule = Interval(when.every)
    flow: Any = Flow.from_source(str(data_dir("workflows")), "campaign_flow.py:campaign")
    found: RunnerDeployment = flow.to_deployment(
        plan.campaign.name,
        schedule=schedule,
        parameters=parameters,
        description=plan.campaign.description or f"Campaign {plan.campaign.name}",
        tags=["potash", plan.campaign.name, *(stage.name for stage in plan.stages)],
        concurrency_limit=ConcurrencyLimitConfig(
            limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
        ),
    )
    return found


def _refuse_twice(store: Store, campaign: str) -> None:
    for schedule in all_schedules(store):
        if schedule.campaign == campaign and schedule.alive:
            who = ":".join(schedule.owner.split(":")[:2])
            raise InputError(f"{campaign} is already served, by process {who}", source=schedule.ui)


def _bury_dead_runs(store: Store, campaign: str) -> None:
    """Mark what a server still takes for running as crashed, where no process is behind it."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.objects import State, StateType
    from prefect.states import Crashed

    alive = {run.id for run in recent_runs(store, campaign=campaign) if run.state == "running"}
    crashed: State[Any] = Crashed(message="its process is gone; the next run goes on")
    with get_client(sync_client=True) as client:
        filters = _runs_of(campaign, StateType.PENDING, StateType.RUNNING)
        for run in client.read_flow_runs(**filters):
            if str(run.id) not in alive:
                client.set_flow_run_state(run.id, crashed, force=True)


def _runs_of(campaign: str, *states: StateType) -> dict[str, Any]:
    """Return the filters of the flow runs of a campaign's deployment in these states."""
    from prefect.client.schemas.filters import (
        DeploymentFilter,
        DeploymentFilterName,
        FlowFilter,
        FlowFilterName,
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )

    in_state = FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states)))
    return {
        "flow_filter": FlowFilter(name=FlowFilterName(any_=[FLOW])),
        "deployment_filter": DeploymentFilter(name=DeploymentFilterName(any_=[campaign])),
        "flow_run_filter": FlowRunFilter(state=in_state),
    }


@contextmanager
def _told(store: Store, schedule: CampaignSchedule) -> Iterator[None]:
    """Keep the schedule in the store, with when the next run is due, as long as it is served."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_S):
            now = replace(schedule, heartbeat=time.time(), next_run=_next_run(schedule.campaign))
            with suppress(StoreError):  # away, or its disk is full: it may come back
                put_schedule(store, now)

    put_schedule(store, schedule)
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        drop_schedule(store, schedule.campaign, schedule.owner)


def _next_run(campaign: str) -> float | None:
    """Return when the server starts the next run, seconds since 1970; None where it does not."""
    import httpx
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.objects import StateType
    from prefect.client.schemas.sorting import FlowRunSort

    try:
        with get_client(sync_client=True) as client:
            runs = client.read_flow_runs(
                **_runs_of(campaign, StateType.SCHEDULED),
                sort=FlowRunSort.EXPECTED_START_TIME_ASC,
                limit=1,
            )
    except httpx.HTTPError:  # the server is busy, or is stopping
        return None
    starts = [r.expected_start_time for r in runs if r.expected_start_time is not None]
    return starts[0].timestamp() if starts else None
