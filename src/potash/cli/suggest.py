"""The command that proposes the next experiments."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potash.cli.common import (
    CampaignOption,
    JsonOption,
    StoreOption,
    open_existing_store,
    print_json,
    print_lines,
)
from potash.errors import InputError

if TYPE_CHECKING:
    from potash.bench.choices import Choices
    from potash.catalog.catalog import Catalog
    from potash.store import Row


class OfKind(enum.StrEnum):
    """What can be suggested."""

    ELECTROLYTES = "electrolytes"
    HOSTS = "hosts"


_USUAL = {OfKind.ELECTROLYTES: "coulombic_efficiency", OfKind.HOSTS: "life_h"}


def suggest(
    batch: Annotated[int, typer.Option(min=1, help="How many.")] = 4,
    of: Annotated[OfKind, typer.Option(help="What to choose from.")] = OfKind.ELECTROLYTES,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            help="Measured properties to improve, with commas between them. "
            "Default: coulombic_efficiency; life_h of hosts.",
            metavar="PROPERTIES",
        ),
    ] = "",
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Propose the electrolytes or hosts to measure next.

    From the catalogue, or the sweep of a campaign's question. Learns from measurements, your
    own and those that ship with Potash, seeded with computed values of the same property.
    Where a model predicts candidates of unseen components or classes no better than the mean
    of the measured ones, the batch is spread over the candidates instead, and says so. What
    is approved or in the lab counts as being measured.

    Example: potash suggest --batch 4 --by conductivity_s_m,coulombic_efficiency
    """
    columns = _columns(by or _USUAL[of])
    from dataclasses import asdict

    from potash.bench.suggest import suggest as suggested
    from potash.bench.surrogate import Target
    from potash.evidence.known import known_rows
    from potash.evidence.shipped import known_measurements
    from potash.results.measurement import PROPERTIES
    from potash.store.decisions import states

    catalog, only = _candidates(campaign)
    database = open_existing_store(store)
    rows = known_rows(database, catalog)
    choices = _choices(of, rows, catalog, only)
    values = {
        key: found.estimate.raw
        for key, found in known_measurements(rows, catalog).items()
        if key[0] in choices.features
    }
    targets = [
        Target(
            column,
            {name: value for (name, c), value in values.items() if c == column},
            PROPERTIES[column].direction > 0,
            choices.computed.get(column, {}),
        )
        for column in columns
    ]
    decided = {} if database is None else states(database)
    of_state = {n: d.state for n, d in decided.items() if n in choices.features}
    known = {name for target in targets for name in target.measured}
    out = {n for n, state in of_state.items() if state == "rejected" and n not in known}
    pending = [n for n, state in of_state.items() if state in ("approved", "in the lab")]
    found = suggested(
        choices.without(out),
        [t.among(choices.without(out).features) for t in targets],
        batch=batch,
        pending=[n for n in pending if n not in known],
    )
    if json_output:
        measured = {t.column: len(t.measured) for t in targets}
        print_json(asdict(found) | {"properties": columns, "measured": measured})
        return
    print_lines(found.candidates)
    print_lines([f"why: {found.why}"])
    print_lines(f"{column}: seeded with {n} computed values" for column, n in found.prior.items())
    print_lines(
        f"{column}: the best of the batch is expected to beat that of a random batch by {gain:.3g}"
        for column, gain in found.gain.items()
    )


def _columns(by: str) -> list[str]:
    from potash.results.measurement import PROPERTIES
    from potash.spelling import nearest

    columns = list(dict.fromkeys(name.strip() for name in by.split(",")))
    for name in columns:
        if name not in PROPERTIES:
            raise InputError(
                f"{name!r} is not a property that can be measured{nearest(name, list(PROPERTIES))}",
                source="--by",
            )
        if PROPERTIES[name].direction == 0:
            raise InputError(
                f"no direction of {name} can be defended; choose one of "
                + ", ".join(name for name, p in PROPERTIES.items() if p.direction),
                source="--by",
            )
    return columns


def _candidates(campaign: Path | None) -> tuple[Catalog, tuple[str, ...] | None]:
    """Return the catalogue, and the ids that a campaign's question is about."""
    if campaign is None:
        from potash.catalog.catalog import load_catalog

        return load_catalog(), None
    from potash.catalog.campaign import load_campaign

    asked, catalog = load_campaign(campaign)
    part = asked.question.electrolytes if asked.question is not None else None
    return catalog, (part.among.only if part is not None else ()) or None


def _choices(
    of: OfKind, rows: list[Row], catalog: Catalog, only: tuple[str, ...] | None
) -> Choices:
    from potash.bench.choices import formulation_choices, host_choices
    from potash.ranking.tables import ranked_electrolytes, ranked_hosts

    if of is OfKind.HOSTS:
        return host_choices(ranked_hosts(rows, catalog))
    return formulation_choices(catalog, ranked_electrolytes(rows, catalog), only)


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(suggest)
