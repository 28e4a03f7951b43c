"""What was measured: the rows that hold now, and the values that they replace."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from potash.calibration import Component, Estimate
from potash.calibration.estimates import HALF_WIDTH_PER_SD
from potash.evidence.liquids import CONDUCTIVITY, LiquidEvidence, Measured, combine
from potash.results.measurement import (
    EXPERIMENT,
    PROPERTIES,
    MeasurementInputs,
    MeasurementValues,
)
from potash.store.rows import Row

DIFFUSION = "diffusion_k_m2_s"


@dataclass(frozen=True)
class Measurement:
    """A property of a candidate over all replicates that hold.

    Attributes
    ----------
    candidate, column
        Whose, and what.
    estimate
        Mean with its interval: Student's t over three or more replicates, and never
        narrower than the mean uncertainty that they state, because the error of an instrument
        may be common to all; without either, no interval.
    rows
        The replicates.
    """

    candidate: str
    column: str
    estimate: Estimate
    rows: tuple[Row, ...]


def measurement_row(
    inputs: MeasurementInputs, *, added: str, note: str = "", host: str = ""
) -> Row:
    """Return a measurement as a row of the store."""
    data = inputs.plain()
    fields = {k: v for k, v in data.items() if k not in ("candidate", "source")}
    values = MeasurementValues(**fields, measured_by=inputs.source, added=added, note=note)
    half_width = {} if inputs.uncertainty is None else {"value": inputs.uncertainty}
    return Row(
        key=inputs.key,
        kind=inputs.KIND,
        item=inputs.candidate,
        model=inputs.protocol,
        level=EXPERIMENT,
        status="ok",
        values=values.plain(),
        uncertainty=half_width,
        engine=EXPERIMENT,
        started=added,
        host=host,
        provenance={"inputs": data, "needs": {}},
    )


def holding(rows: Iterable[Row]) -> list[Row]:
    """Return the measurements that no later one supersedes."""
    measured = [r for r in rows if r.kind == MeasurementInputs.KIND and r.status == "ok"]
    replaced = {r.read(MeasurementValues).supersedes for r in measured}
    return [r for r in measured if r.key not in replaced]


def measurements(rows: Iterable[Row]) -> dict[tuple[str, str], Measurement]:
    """Return candidate and column to what was measured, replicates joined.

    Replicates under different conditions (current, capacity, temperature, protocol) are
    joined only within one set of conditions: the one with the most of them counts.
    """
    found: dict[tuple[str, str], dict[tuple[str, ...], list[Row]]] = {}
    for row in holding(rows):
        values = row.read(MeasurementValues)
        by_condition = found.setdefault((row.item, values.quantity), {})
        by_condition.setdefault(values.conditions, []).append(row)
    return {
        (item, column): _joined(item, column, sets[max(sets, key=lambda c: (len(sets[c]), c))])
        for (item, column), sets in found.items()
    }


def _joined(item: str, column: str, rows: Sequence[Row]) -> Measurement:
    members = tuple(sorted(rows, key=lambda r: r.key))
    values = [r.read(MeasurementValues) for r in members]
    bounds = (PROPERTIES[column].lowest, math.inf)
    stated = [v.uncertainty for v in values]
    estimate = combine([v.value for v in values], stated, bounds=bounds)
    own = [half for half in stated if half is not None]
    least = math.fsum(own) / len(own) if own else 0.0
    if estimate.high is not None and estimate.high - estimate.raw < least:
        # The error of an instrument is the same in every replicate: no mean removes it.
        common = Component("uncertainty that the replicates state", least / HALF_WIDTH_PER_SD)
        estimate = replace(estimate, components=(common,), basis=common.name)
    return Measurement(item, column, estimate, members)


REPLACED = ("density_g_ml", CONDUCTIVITY, DIFFUSION)
"""Columns of liquids in which a measured value counts instead of a simulated one.

Raman fractions are not among them: they are another quantity than those of a simulation.
"""


def with_measured(
    liquids: Mapping[str, LiquidEvidence], measured: Mapping[tuple[str, str], Measurement]
) -> dict[str, LiquidEvidence]:
    """Return the evidence on liquids in which measured values replace simulated ones.

    The simulated ones are kept beside them. Rows that ship with Potash are no rows of a store.
    A liquid that was measured and never simulated is added with what was measured alone.
    """
    found = dict(liquids)
    for (item, column), measurement in measured.items():
        if column not in REPLACED:
            continue
        liquid = found.get(item) or LiquidEvidence(
            item=item, level=EXPERIMENT, rows=(), properties={}, diffusion_k=None,
            diffusion_is_apparent=False, coordination={}, converged=True, note="", levels=(),
        )  # fmt: skip
        simulated = liquid.properties.get(column)
        liquid = replace(
            liquid,
            properties={**liquid.properties, column: Measured.of(measurement.estimate)},
            rows=(*liquid.rows, *(r for r in measurement.rows if r.started)),
            levels=tuple(sorted({*liquid.levels, EXPERIMENT})),
            measured=(*liquid.measured, column),
            simulated={**liquid.simulated, column: simulated} if simulated else liquid.simulated,
        )
        if column == DIFFUSION:
            liquid = replace(liquid, diffusion_k=measurement.estimate, diffusion_is_apparent=False)
        found[item] = liquid
    return found
