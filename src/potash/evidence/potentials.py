"""Redox rows become potentials against K/K+ with what is common to all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from potash.calibration import HALF_WIDTH_PER_SD, Component, Estimate
from potash.calibration.resolution import POTASSIUM_SCALE_HALF_WIDTH_V
from potash.catalog.catalog import Catalog
from potash.evidence.ladder import rung
from potash.evidence.stated import stated_half_width
from potash.results.redox import RedoxValues
from potash.store.rows import Row

SCALE = "zero of the K/K+ scale"

Which = Literal["oxidation", "reduction"]


@dataclass(frozen=True)
class Potentials:
    """Redox potentials on one absolute scale, of each species at its best level.

    Attributes
    ----------
    absolute_k_v
        Absolute potential of K/K+ that they are given against, V.
    rows
        Species id to its row. Two species may have different levels: each row states the
        error of its own.
    estimates
        Side to species id to potential, V vs K/K+. The zero of the scale is one shared
        component; the rest of what a row states is its own.
    """

    absolute_k_v: float
    rows: Mapping[str, Row]
    estimates: Mapping[Which, Mapping[str, Estimate]]


def column(which: Which) -> str:
    """Return the name of the column of a potential in redox rows."""
    return f"potential_{which}_v_vs_k"


def read_potentials(rows: Sequence[Row]) -> Potentials | None:
    """Return the potentials of each species at its best level, the latest of equals.

    Rows that were computed for another absolute potential of K/K+ than most are moved
    to that of most. None without usable rows.
    """
    usable = [row for row in rows if row.kind == "redox" and row.status == "ok"]
    if not usable:
        return None
    best = {r.item: r for r in sorted(usable, key=lambda r: (rung(r.level), r.started, r.key))}
    chosen = dict(sorted(best.items()))
    scales = Counter(r.read(RedoxValues).absolute_k_v for r in chosen.values())
    absolute = max(scales, key=lambda x: (scales[x], x))
    estimates: dict[Which, dict[str, Estimate]] = {"oxidation": {}, "reduction": {}}
    for item, row in chosen.items():
        values = row.read(RedoxValues)
        moved = values.absolute_k_v - absolute
        estimates["oxidation"][item] = _estimate(
            row, "oxidation", values.potential_oxidation_v_vs_k, moved
        )
        if values.potential_reduction_v_vs_k is not None:
            estimates["reduction"][item] = _estimate(
                row, "reduction", values.potential_reduction_v_vs_k, moved
            )
    return Potentials(absolute, chosen, estimates)


def _estimate(row: Row, which: Which, value: float, moved: float) -> Estimate:
    """Return a potential moved to the common scale, with its components."""
    half = stated_half_width(row, column(which), value)
    if half is None:
        return Estimate(raw=value, value=value + moved, reason="error not stated")
    own = max(half**2 - POTASSIUM_SCALE_HALF_WIDTH_V**2, 0.0) ** 0.5
    return Estimate(
        raw=value,
        value=value + moved,
        components=(
            Component(SCALE, POTASSIUM_SCALE_HALF_WIDTH_V / HALF_WIDTH_PER_SD, shared=True),
            Component(f"{which} by {row.level}", own / HALF_WIDTH_PER_SD),
        ),
        basis=f"{row.level} calculation's own uncertainty",
    )


def active_species(formulation: str, catalog: Catalog) -> tuple[str, ...]:
    """Return the species of a formulation that can be oxidised or reduced: all but bare cations."""
    return tuple(
        s
        for s in catalog.species_in(formulation)
        if s in catalog.species
        and not (
            catalog.species[s].charge > 0 and sum(catalog.species[s].composition.values()) == 1
        )
    )
