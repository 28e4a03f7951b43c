"""Let a run that waits for a decision go on, with that decision."""

from __future__ import annotations

import os
from collections.abc import Sequence
from uuid import UUID

from potash.errors import InputError
from potash.store import Store
from potash.store.runs import CampaignRun, all_schedules, end_run, recent_runs


def resume_run(
    store: Store,
    name: str,
    *,
    by: str,
    why: str,
    approve: Sequence[str] | None,
    reject: Sequence[str],
) -> CampaignRun:
    """Resume the waiting run of a campaign; return it.

    Parameters
    ----------
    store
        Where runs and schedules are.
    name
        Of the campaign, or the beginning of the run's id.
    by, why
        Who decides, and the reason.
    approve, reject
        Ids; without either all that was proposed is approved.

    Raises
    ------
    InputError
        If no such run waits, nobody is named, or the server does not take it.
    """
    for option, text in (("--by", by), ("--why", why)):
        if not text.strip():
            raise InputError("is empty; a decision needs a name and a reason", source=option)
    waiting = [r for r in recent_runs(store, limit=1000) if r.state == "waiting"]
    found = [r for r in waiting if name == r.campaign or (len(name) > 5 and r.id.startswith(name))]
    if not found:
        others = ", ".join(sorted({r.campaign for r in waiting})) or "none"
        raise InputError(f"no run of {name!r} waits for a decision; waiting: {others}")
    run = found[0]
    if "PREFECT_API_URL" not in os.environ:
        served = [s for s in all_schedules(store) if s.campaign == run.campaign and s.alive]
        if not served:
            raise InputError(f"{run.campaign} is not served now; start it: potash serve {run.file}")
        os.environ["PREFECT_API_URL"] = f"{served[0].ui}/api"
    from potash.workflows.temporary_server import avoid_proxies

    avoid_proxies()
    import httpx
    from prefect.exceptions import FlowPauseTimeout, NotPausedError, PrefectException
    from prefect.flow_runs import resume_flow_run

    given: dict[str, object] = {"by": by, "why": why, "reject": list(reject)}
    if approve is not None or reject:
        given["approve"] = list(approve or [])
    try:
        resume_flow_run(UUID(run.id), run_input=given)
    except (NotPausedError, FlowPauseTimeout):
        end_run(store, run.id, "stopped", "it was ended in Prefect while it waited")
        raise InputError(f"the run of {run.campaign} waits no more") from None
    except (PrefectException, httpx.HTTPError) as error:
        why_not = " ".join(str(error).split())
        raise InputError(f"the run of {run.campaign} does not go on: {why_not}") from None
    return run
