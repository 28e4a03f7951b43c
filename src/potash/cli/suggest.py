"""The command that proposes the next experiments."""

from __future__ import annotations

from typing import Annotated

import typer

from potash.cli.common import (
    CampaignOption,
    JsonOption,
    StoreOption,
    load_catalogue,
    open_existing_store,
    print_json,
    print_lines,
)
from potash.errors import InputError


def suggest(
    batch: Annotated[int, typer.Option(min=1, help="How many electrolytes.")] = 4,
    by: Annotated[
        str, typer.Option("--by", help="Measured property to improve.", metavar="PROPERTY")
    ] = "coulombic_efficiency",
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Propose the electrolytes to measure next.

    Learns from your own measurements. Where a model of them predicts no better than their
    mean, the batch is spread over the compositions instead, and says so. What is approved
    or in the lab counts as being measured.

    Example: potash suggest --batch 4
    """
    from potash.results.measurement import PROPERTIES
    from potash.spelling import nearest

    if by not in PROPERTIES:
        raise InputError(
            f"{by!r} is not a property that can be measured{nearest(by, list(PROPERTIES))}",
            source="--by",
        )
    direction = PROPERTIES[by].direction
    if direction == 0:
        raise InputError(
            f"no direction of {by} can be defended; choose one of "
            + ", ".join(name for name, p in PROPERTIES.items() if p.direction),
            source="--by",
        )
    from dataclasses import asdict

    from potash.bench.suggest import formulation_features
    from potash.bench.suggest import suggest as suggested
    from potash.evidence.measurements import measurements
    from potash.store.decisions import states

    catalog, database = load_catalogue(campaign), open_existing_store(store)
    features = formulation_features(catalog)
    rows = [] if database is None else database.rows(kind="measurement")
    measured = {
        name: found.estimate.raw
        for (name, column), found in measurements(rows).items()
        if column == by and name in features
    }
    decided = {} if database is None else states(database)
    pending = [
        name
        for name, decision in decided.items()
        if decision.state in ("approved", "in the lab") and name in features
    ]
    out = {name for name, decision in decided.items() if decision.state == "rejected"}
    allowed = {n: f for n, f in features.items() if n not in out or n in measured}
    found = suggested(
        allowed,
        measured,
        batch=batch,
        maximise=direction > 0,
        pending=[n for n in pending if n not in measured],
    )
    if json_output:
        print_json(asdict(found) | {"property": by, "measured": len(measured)})
        return
    print_lines(found.candidates)
    gain = "" if found.gain is None else f"; expected gain over a random batch {found.gain:.3g}"
    print_lines([f"why: {found.why}{gain}"])


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(suggest)
