"""The command that computes the migration barrier of an ion in a crystal."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potash.cli.common import (
    JsonOption,
    StoreOption,
    print_json,
    print_paragraph,
    print_table,
)
from potash.cli.compute import (
    AdsorptionLevel,
    MaxHoursOption,
    MaxMemoryOption,
    check_level,
    compute_rows,
    exit_by,
    limit_of,
)

if TYPE_CHECKING:
    from potash.store import Row


class IonName(StrEnum):
    """What moves."""

    K = "K"
    NA = "Na"
    LI = "Li"


class MechanismName(StrEnum):
    """How it moves."""

    VACANCY = "vacancy"
    INTERSTITIAL = "interstitial"


def barrier(
    crystal: Annotated[
        str,
        typer.Argument(help="Structure file of a crystal (FILE#BLOCK), or id of a bulk phase."),
    ],
    ion: Annotated[IonName, typer.Option(help="What moves.")] = IonName.K,
    mechanism: Annotated[MechanismName, typer.Option(help="How.")] = MechanismName.VACANCY,
    level: AdsorptionLevel = "screen",
    calculator: Annotated[
        str | None, typer.Option(help="Any ASE calculator, as mypkg.module:factory.")
    ] = None,
    image_distance_angstrom: Annotated[
        float,
        typer.Option(min=5.0, max=30.0, help="Least distance of the defect from its images."),
    ] = 10.0,
    max_hours: MaxHoursOption = None,
    max_memory_gb: MaxMemoryOption = None,
    store: StoreOption = None,
    json_output: JsonOption = False,
) -> None:
    """Compute how hard an ion migrates in a crystal.

    Nudged elastic bands of the nearest hops, and the lowest network of them that spans the
    crystal; goes on behind finished hops when it was interrupted.

    Example: potash barrier k2s
    """
    if calculator is None:
        check_level("adsorption", level)
    from potash.calibration.resolution import resolution
    from potash.engines.registry import adsorption_theory
    from potash.running.barriers import barrier_of

    calculation = barrier_of(
        crystal,
        adsorption_theory(level, calculator),
        ion=ion.value,
        mechanism=mechanism.value,
        image_distance_angstrom=image_distance_angstrom,
    )
    (row,) = compute_rows([calculation], store, limit_of(max_hours, max_memory_gb))
    stated = resolution("migration_barrier", row.level)
    record = {
        "id": row.item,
        "level": row.level,
        "status": row.status,
        "reason": row.reason or None,
        "reference": row.reference_state,
        **row.values,
        "migration_barrier_half_width_ev": stated.half_width if stated.decides else None,
        "uncertainty_basis": stated.basis,
        "source": "own",
        "key": row.key,
    }
    if json_output:
        print_json(record)
    else:
        _show(row, record, f"{stated}; {stated.basis}")
    exit_by([row])


def _show(row: Row, record: dict[str, Any], stated: str) -> None:
    from potash.report.lists import BARRIER_HOPS, BARRIER_NETWORKS

    print_table(f"{row.model}, {row.level}: {row.status}", BARRIER_NETWORKS, [record])
    print_table("Hops", BARRIER_HOPS, record.get("hops", []))
    if row.reference_state:
        print_paragraph(f"reference: {row.reference_state}")
    print_paragraph(stated)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(barrier)
