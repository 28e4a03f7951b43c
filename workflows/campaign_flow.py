"""The campaign flow: plan, skip what is known, compute, rank, report."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from httpx import HTTPError
from prefect import flow, get_run_logger, task
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_table_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from potash.catalog.campaign import Campaign
from potash.catalog.catalog import Catalog
from potash.evidence.known import campaign_rows
from potash.report.artifacts import answer_markdown, short_table
from potash.report.first import verdicts
from potash.report.written import Written, write_results
from potash.running.keeping import Keeper
from potash.running.schedule import in_order
from potash.workflows.climbing import Climbed, Finished, climb_campaign
from potash.workflows.courses import courses
from potash.workflows.gate import pass_gate
from potash.workflows.names import artifact_key, outcome_text, report_address, run_name
from potash.workflows.notify import notify_end
from potash.workflows.planned import Planned, planned_here
from potash.workflows.recorded import recorded
from potash.workflows.tasks import compute_in_tasks, opaque, open_store


@task(
    name="rank and report",
    task_run_name="rank and report",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def rank_and_report(
    campaign: Campaign,
    catalog: Catalog,
    keys: Sequence[str],
    store_url: str,
    output_dir: str,
    climbed: Climbed | None,
) -> Written:
    """Rank the rows of a campaign's keys and write tables and report."""
    rows = campaign_rows(keys, open_store(store_url), catalog)
    return write_results(
        rows,
        catalog,
        Path(output_dir),
        campaign=campaign,
        answers=None if climbed is None else climbed.state.parts,
        courses=() if climbed is None else courses(climbed),
    )


def _run_name() -> str:
    given = flow_run.get_parameters()
    start = flow_run.get_scheduled_start_time().astimezone()
    return run_name(given["campaign_file"], given.get("only"), start)


@flow(name="potash campaign", flow_run_name=_run_name, log_prints=False)
def campaign(
    campaign_file: str,
    store_url: str,
    output_dir: str,
    only: list[str] | None = None,
    in_flight: int = 2,
    notify: str | None = None,
) -> Finished:
    """Compute everything a campaign file asks for that the store does not know.

    Then, where it asks a question, compute what decides it.

    Parameters
    ----------
    campaign_file
        Path of the campaign's YAML file.
    store_url
        Database that holds the results.
    output_dir
        Folder for checkpoints, tables and the report.
    only
        Any of ``hosts``, ``molecules``, ``liquids``; everything by default.
    in_flight
        Tasks that may exist at a time.
    notify
        Whom to tell when the run has ended; see :func:`potash.workflows.notify.notify`.

    Returns
    -------
    Finished
        The ranked tables, where the files are, and how the question stands.
    """
    log = get_run_logger()
    end = partial(notify_end, notify, campaign_file=Path(campaign_file), tell=log.warning)
    try:
        store = open_store(store_url)
        planned = planned_here(Path(campaign_file), only).as_known(store)
        calculations = [c for stage in planned.stages for c in stage.calculations]
        with recorded(
            str(flow_run.get_id()),
            calculations,
            store,
            campaign=planned.campaign.name,
            file=Path(campaign_file),
            output=Path(output_dir),
        ):
            keeper = Keeper(planned.campaign.keep, Path(output_dir))
            keeper.tidy_all(store)
            drain = partial(
                compute_in_tasks,
                store_url=store_url,
                work_dir=str(Path(output_dir) / "work"),
                limits=planned.limits,
                in_flight=in_flight,
                finished=keeper.finished,
                check=keeper.check,
            )
            drain(in_order(planned.stages, in_flight))
            climbed = climb_campaign(
                planned,
                store,
                drain,
                output_dir=Path(output_dir),
                workers=max(in_flight // 2, 1),
                only=only,
            )
            # Tables and report show the whole campaign, also when only a part was computed now.
            keys = [*planned.all_keys(only, store), *(() if climbed is None else climbed.keys)]
            written = _written(planned, keys, store_url, output_dir, climbed)
            if planned.campaign.gate is not None:
                name = planned.campaign.name
                pass_gate(planned.campaign.gate, written.tables, store, name, log.info)
    except Exception as error:
        end("failed", Path(output_dir), " ".join(f"{error}".split()))
        raise
    text = outcome_text(calculations, store)
    if climbed is not None:
        text += f"; question: {climbed.end.said}"
    log.info(text)
    end("done", written.report, text)
    return opaque(Finished(written, climbed))


def _written(
    planned: Planned,
    keys: Sequence[str],
    store_url: str,
    output_dir: str,
    climbed: Climbed | None,
) -> Written:
    """Rank, write tables and report, and show them in Prefect's UI."""
    written = rank_and_report(
        opaque(planned.campaign),
        opaque(planned.catalog),
        opaque(keys),
        store_url,
        output_dir,
        opaque(climbed),
    )
    with contextlib.suppress(HTTPError):  # of a server that went away: all is written
        _show(planned.campaign.name, written)
    return written


def _show(campaign_name: str, written: Written) -> None:
    create_markdown_artifact(
        answer_markdown(verdicts(written.tables, written.answers), str(written.report.resolve())),
        key=artifact_key(campaign_name, "answer"),
        description="What to make next, what is in doubt, and why",
    )
    for name, table in written.tables.items():
        if not table.ranked:
            continue
        create_table_artifact(
            table=short_table(table),
            key=artifact_key(campaign_name, name),
            description=table.verdict,
        )
    create_link_artifact(
        link=report_address(campaign_name),
        key=artifact_key(campaign_name, "report"),
        link_text="Report",
        description=f"`potash browse` serves it; the file is {written.report.resolve()}",
    )
