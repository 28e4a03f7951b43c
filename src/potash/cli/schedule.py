"""Commands that run a campaign again and again, and let it go on: serve, resume."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from potash.cli.campaigns import parts_of
from potash.cli.common import (
    CampaignArgument,
    JsonOption,
    NotifyOption,
    OnlyOption,
    OutOption,
    StoreOption,
    WorkersOption,
    open_existing_store,
    print_json,
    print_lines,
    remark,
)
from potash.errors import InputError

if TYPE_CHECKING:
    from potash.workflows.serve import Serving


def serve(
    campaign: CampaignArgument,
    cron: Annotated[
        str | None,
        typer.Option(help="Cron line, such as '0 20 * * *' for every evening at eight."),
    ] = None,
    every: Annotated[str | None, typer.Option(help="Interval: 90s, 30m, 6h, 1d.")] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Of the cron line; default: this machine's.")
    ] = None,
    notify: NotifyOption = None,
    workers: WorkersOption = None,
    only: OnlyOption = None,
    store: StoreOption = None,
    out: OutOption = None,
    json_output: JsonOption = False,
) -> None:
    """Run a campaign on a schedule, until you stop it.

    On the Prefect server that PREFECT_API_URL names, or on one that is started for it on this
    machine alone. Without --cron and --every it runs when the UI or 'prefect deployment run'
    asks for it. 'potash status' tells how it goes.

    Example: potash serve campaign.yaml --every 6h
    """
    from potash.workflows.when import when

    asked = when(cron, every, timezone)
    from potash.store.default import default_store_url
    from potash.workflows.serve import serve_campaign

    serve_campaign(
        campaign,
        asked,
        store_url=store or default_store_url(),
        output_dir=out,
        workers=workers,
        only=parts_of(only),
        notify=notify,
        ready=_show_json if json_output else _show,
    )


def _show(serving: Serving) -> None:
    print_lines([f"serving {serving.deployment}: {serving.when}", f"UI: {serving.ui}/deployments"])
    sys.stdout.flush()
    remark("stop with Ctrl-C; what is computed stays, and the next start goes on")


def _show_json(serving: Serving) -> None:
    print_json({"deployment": serving.deployment, "when": str(serving.when), "ui": serving.ui})
    sys.stdout.flush()


def resume(
    run: Annotated[str, typer.Argument(help="The waiting run: its campaign, or its id.")],
    by: Annotated[str, typer.Option(help="Who decides.")],
    why: Annotated[str, typer.Option(help="The reason, in a sentence.")],
    approve: Annotated[
        list[str] | None,
        typer.Option(
            help="A candidate that goes on; repeatable. Default: all, if none is rejected."
        ),
    ] = None,
    reject: Annotated[
        list[str] | None, typer.Option(help="A candidate that does not; repeatable.")
    ] = None,
    store: StoreOption = None,
    json_output: JsonOption = False,
) -> None:
    """Decide at the gate of a campaign, and let its run go on.

    The same can be done in Prefect's UI. The campaign has to be served.

    Example: potash resume alloys --by Ada --why 'both can be made' --approve cu_111
    """
    database = open_existing_store(store)
    if database is None:
        raise InputError("there is no store here yet; name one with --store", source="--store")
    from potash.workflows.resume import resume_run

    resumed = resume_run(database, run, by=by, why=why, approve=approve, reject=reject or [])
    if json_output:
        print_json({"run": resumed.id, "campaign": resumed.campaign})
    else:
        print_lines([f"{resumed.campaign}: the run goes on; potash status tells how"])


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(serve)
    app.command()(resume)
