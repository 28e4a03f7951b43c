"""Commands that run a campaign again and again, and let it go on: serve."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potash.cli.campaign_files import campaign_file
from potash.cli.campaigns import parts_of
from potash.cli.common import JsonOption, StoreOption, print_json, print_lines, remark

if TYPE_CHECKING:
    from potash.workflows.serve import Serving


def serve(
    campaign: Annotated[
        Path,
        typer.Argument(help="Campaign file (YAML), or the name of one that comes with Potash."),
    ],
    cron: Annotated[
        str | None,
        typer.Option(help="Cron line, such as '0 20 * * *' for every evening at eight."),
    ] = None,
    every: Annotated[str | None, typer.Option(help="Interval: 90s, 30m, 6h, 1d.")] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Of the cron line; default: this machine's.")
    ] = None,
    notify: Annotated[
        str | None,
        typer.Option(
            help="When a run has ended: a command, run with the answer's file as argument, "
            "or a notification block of Prefect's (TYPE/NAME)."
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Calculations at a time; default: all cores.")
    ] = None,
    only: Annotated[
        str | None, typer.Option(help="Comma-separated: hosts, molecules, liquids.")
    ] = None,
    store: StoreOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Output folder; default: results/CAMPAIGN.")
    ] = None,
    json_output: JsonOption = False,
) -> None:
    """Run a campaign on a schedule, until you stop it.

    On the Prefect server that PREFECT_API_URL names, or on one that is started for it on this
    machine alone. Without --cron and --every it runs when the UI or 'prefect deployment run'
    asks for it. 'potash status' tells how it goes.

    Example: potash serve campaign.yaml --every 6h
    """
    campaign = campaign_file(campaign)
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


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(serve)
