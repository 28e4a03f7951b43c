"""Flow runs whose process is gone: nobody else would ever end them in Prefect's lists."""

from __future__ import annotations

from contextlib import suppress

from potash.resources import data_dir
from potash.store import owner_of

RUN_BY = "run by "
"""Begins the tag of a flow run that names its process."""


def crash_dead_runs() -> int:
    """Mark as crashed the runs of this machine's dead processes; return how many there were.

    Call it where Prefect's client is set up. Runs of other machines, and those that no
    tag says who ran them, are left as they are.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    unfinished = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
    state = FlowRunFilterState(type=FlowRunFilterStateType(any_=unfinished))
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=FlowRunFilter(state=state))
        dead = [run for run in runs if any(_is_dead(tag) for tag in run.tags)]
        for run in dead:
            client.set_flow_run_state(run.id, Crashed(message="its process is gone"), force=True)
    return len(dead)


def crash_silent_runs() -> None:
    """Let the server itself mark runs as crashed that were alive and have fallen silent.

    Nobody of this machine need be left for it. An automation of Prefect's does that, which is
    made, or brought up to date, here. Call it where Prefect's client is set up. A server that
    lets its users make none is left as it is.
    """
    from httpx import HTTPStatusError
    from prefect.client.orchestration import get_client
    from prefect.events.schemas.automations import AutomationCore
    from yaml import safe_load

    file = data_dir("workflows") / "automations" / "dead_runs.yaml"
    ours = AutomationCore.model_validate(safe_load(file.read_text(encoding="utf-8")))
    with suppress(HTTPStatusError), get_client(sync_client=True) as client:
        known = client.read_automations_by_name(ours.name)
        for automation in known:
            client.update_automation(automation.id, ours)
        if not known:
            client.create_automation(ours)


def _is_dead(tag: str) -> bool:
    if not tag.startswith(RUN_BY):
        return False
    owner = tag.removeprefix(RUN_BY)
    host, pid, _ = [*owner.split(":"), "", ""][:3]
    here = owner_of(int(pid)) if pid.isdigit() else owner
    return here.split(":")[0] == host and here != owner
