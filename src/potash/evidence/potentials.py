"""Redox rows become the oxidation and reduction limits of a formulation, vs K/K+."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from potash.catalog.catalog import Catalog
from potash.evidence.ladder import place
from potash.evidence.liquids import Measured
from potash.store.rows import Row

SCALE_HALF_WIDTH_V = 0.2
"""Half-width of the absolute potential of K/K+: one shift, common to all species."""
_SD_PER_HALF_WIDTH = 1 / 1.959964

Which = Literal["oxidation", "reduction"]


@dataclass(frozen=True)
class Limit:
    """The component of a formulation that gives way first.

    Attributes
    ----------
    measured
        Potential in V vs K/K+ with its interval, scale included.
    species
        Which component.
    draws
        Joint draws; None where a component's error is not known.
    keys
        Species id to the key of its row.
    """

    measured: Measured
    species: str
    draws: NDArray[np.float64] | None
    keys: Mapping[str, str]


@dataclass(frozen=True)
class Potentials:
    """Redox rows at one level with joint draws of their potentials."""

    level: str
    rows: Mapping[str, Row]
    oxidation: Mapping[str, NDArray[np.float64]]
    reduction: Mapping[str, NDArray[np.float64]]


def column(which: Which) -> str:
    """Return the name of the column of a potential in redox rows."""
    return f"potential_{which}_v_vs_k"


def read_potentials(rows: Sequence[Row], *, n_draws: int, seed: int) -> Potentials | None:
    """Return the redox rows of the level that covers most species (the better one of equals).

    One level for all: the errors of two levels are not the same. None without
    usable rows.
    """
    by_level: dict[str, dict[str, Row]] = {}
    for row in sorted(rows, key=lambda r: (r.started, r.key)):
        if row.kind == "redox" and row.status == "ok" and column("oxidation") in row.values:
            by_level.setdefault(row.level, {})[row.item] = row
    if not by_level:
        return None
    level = max(by_level, key=lambda x: (len(by_level[x]), place(x), x))
    rng = np.random.default_rng(seed)
    scale = rng.normal(0.0, SCALE_HALF_WIDTH_V * _SD_PER_HALF_WIDTH, n_draws)
    drawn: dict[Which, dict[str, NDArray[np.float64]]] = {"oxidation": {}, "reduction": {}}
    for item in sorted(by_level[level]):
        row = by_level[level][item]
        for which, found in drawn.items():
            stated = row.uncertainty.get(column(which))
            if column(which) in row.values and isinstance(stated, int | float):
                method = max(float(stated) ** 2 - SCALE_HALF_WIDTH_V**2, 0.0) ** 0.5
                own = rng.normal(0.0, method * _SD_PER_HALF_WIDTH, n_draws)
                found[item] = float(row.values[column(which)]) + scale + own
    return Potentials(level, by_level[level], drawn["oxidation"], drawn["reduction"])


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


def limit(species: Sequence[str], potentials: Potentials | None, which: Which) -> Limit | None:
    """Return the lowest oxidation or highest reduction potential among some species.

    None where a species has no potential: an unknown component may give way first.
    """
    if potentials is None or not species:
        return None
    name = column(which)
    if any(s not in potentials.rows or name not in potentials.rows[s].values for s in species):
        return None
    values = {s: float(potentials.rows[s].values[name]) for s in species}
    first = (min if which == "oxidation" else max)(values, key=lambda s: values[s])
    keys = {s: potentials.rows[s].key for s in species}
    table = potentials.oxidation if which == "oxidation" else potentials.reduction
    if any(s not in table for s in species):
        return Limit(Measured(values[first], note="error not stated"), first, None, keys)
    stacked = np.stack([table[s] for s in species], axis=1)
    joint = stacked.min(axis=1) if which == "oxidation" else stacked.max(axis=1)
    low, high = (float(q) for q in np.quantile(joint, [0.025, 0.975]))
    measured = Measured(values[first], min(low, values[first]), max(high, values[first]))
    return Limit(measured, first, joint, keys)
