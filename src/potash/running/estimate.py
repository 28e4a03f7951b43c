"""What a campaign would compute and what that would cost, before anything runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from potash.results.calculation import Calculation
from potash.results.liquid import LiquidInputs
from potash.running.schedule import Stage
from potash.store.rows import Row


@dataclass(frozen=True)
class Expected:
    """Calculations of one kind and level.

    Attributes
    ----------
    part, kind, level
        What they are.
    asked, known
        How many the campaign asks for, and how many have a row.
    core_hours
        Of those that are left.
    basis
        ``measured`` (mean core-seconds of rows of this kind and level, of liquids per atom and
        picosecond) or ``planned`` (a rough figure of the program's: no such row is known).
    """

    part: str
    kind: str
    level: str
    asked: int
    known: int
    core_hours: float
    basis: str


def expected(
    stages: Iterable[Stage], known: Collection[str], measured: Iterable[Row]
) -> list[Expected]:
    """Return what is asked for and what it would cost, by kind and level, in order.

    Parameters
    ----------
    stages
        As planned.
    known
        Keys that have a row.
    measured
        Rows with what they cost.
    """
    seconds: dict[tuple[str, str], float] = defaultdict(float)
    work: dict[tuple[str, str], float] = defaultdict(float)
    for row in measured:
        if row.status in ("ok", "anomalous") and row.core_seconds > 0.0:
            seconds[row.kind, row.level] += row.core_seconds
            work[row.kind, row.level] += _work_of_row(row)
    found: list[Expected] = []
    for stage in stages:
        groups: dict[tuple[str, str], list[Calculation]] = defaultdict(list)
        for calculation in stage.calculations:
            groups[calculation.kind, calculation.level].append(calculation)
        for (kind, level), group in groups.items():
            left = [c for c in group if c.key not in known]
            per_work = seconds[kind, level] / work[kind, level] if work[kind, level] else None
            found.append(
                Expected(
                    part=stage.name,
                    kind=kind,
                    level=level,
                    asked=len(group),
                    known=len(group) - len(left),
                    core_hours=_seconds(left, per_work) / 3600,
                    basis="planned" if per_work is None else "measured",
                )
            )
    return found


def _seconds(left: Sequence[Calculation], per_work: float | None) -> float:
    if per_work is None:
        return sum(c.cost_s for c in left)
    return per_work * sum(
        _liquid_work(c.inputs) if isinstance(c.inputs, LiquidInputs) else 1.0 for c in left
    )


def _work_of_row(row: Row) -> float:
    return _liquid_work(row.read(LiquidInputs)) if row.kind == "liquid" else 1.0


def _liquid_work(inputs: LiquidInputs) -> float:
    """Return atoms times picoseconds, which the time of a simulation is proportional to."""
    return inputs.n_atoms * (inputs.equilibration_ps + inputs.production_ps)
