"""What a run would compute and cost, printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from potash.cli.common import open_existing_store, print_json, print_lines, print_table


def show_expected(
    campaign: Path, only: Sequence[str] | None, store_url: str | None, *, json_output: bool
) -> None:
    """Print counts and core-hours by kind and level; nothing is computed, no store is made."""
    from potash.evidence.known import reference_rows
    from potash.report.text import Column, plain
    from potash.running.estimate import expected
    from potash.running.keeping import kept
    from potash.workflows.planned import plan_file

    planned = plan_file(campaign, only)
    store = open_existing_store(store_url)
    if store is not None:
        planned = planned.as_known(store)
    keys = {c.key for stage in planned.stages for c in stage.calculations}
    own = [] if store is None else store.rows()
    known = set() if store is None else store.statuses(keys).keys()
    found = expected(planned.stages, known, [*reference_rows(), *own])
    asked, left = sum(e.asked for e in found), sum(e.asked - e.known for e in found)
    hours = sum(e.core_hours for e in found)
    if json_output:
        record = {"asked": asked, "known": asked - left, "core_hours": hours}
        print_json(record | {"parts": [asdict(e) for e in found]})
        return
    print_table(
        f"What {planned.campaign.name} asks for",
        (
            plain("part", "part"),
            plain("kind", "kind"),
            plain("level", "level"),
            plain("asked", "asked"),
            plain("known", "known"),
            Column("core-hours", lambda r: _hours(r["core_hours"])),
            plain("basis", "basis"),
        ),
        [asdict(e) for e in found],
    )
    print_lines(
        [
            "",
            f"{asked} calculations, {left} to compute: about {_hours(hours)} core-hours.",
            "measured: mean time of known rows of that kind and level, on the machines that made "
            "them; planned: a rough figure.",
            f"Kept on disk: {kept(planned.campaign.keep)}.",
        ]
    )


def _hours(hours: float) -> str:
    return f"{hours:.1f}" if hours >= 10 else f"{hours:.2g}"
