"""Predictions beside measurements: bias, error, rank correlation with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from potash.calibration.estimates import HALF_WIDTH_PER_SD
from potash.columns import interval_names, unit_of
from potash.evidence.liquids import LiquidEvidence
from potash.evidence.measurements import Measurement
from potash.quantities import number
from potash.results.measurement import MeasurementValues

LEAST_PAIRS = 5
"""Fewer pairs have no rank correlation worth printing."""
_PREDICTED: Mapping[str, str] = {
    "density_g_ml": "density_g_ml",
    "conductivity_s_m": "conductivity_s_m",
    "diffusion_k_m2_s": "diffusion_k_m2_s",
    "oxidation_limit_v": "oxidation_limit_v",
    "raman_ssip": "per_anion_ssip",
    "raman_cip": "per_anion_cip",
    "raman_agg": "per_anion_agg",
}
"""Measured column to the predicted one that it is compared with."""


@dataclass(frozen=True)
class Pair:
    """A prediction and its measurement.

    Attributes
    ----------
    candidate
        Whose.
    predicted, measured
        Values in the property's unit.
    inside
        Whether the intervals overlap; None where one is not known.
    source
        Who measured it.
    """

    candidate: str
    predicted: float
    measured: float
    inside: bool | None
    source: str


@dataclass(frozen=True)
class Comparison:
    """All pairs of one property.

    Attributes
    ----------
    column
        Of the measurement.
    pairs
        By candidate.
    unpaired
        How many candidates were measured and have no prediction.
    bias, error
        Mean of predicted minus measured, and mean absolute difference; None without pairs.
    rank_correlation, low, high
        Spearman's, with its 95 % interval; None with fewer
        than :data:`LEAST_PAIRS` pairs, or where all values are equal.
    """

    column: str
    pairs: tuple[Pair, ...]
    unpaired: int
    bias: float | None
    error: float | None
    rank_correlation: float | None
    low: float | None
    high: float | None

    def words(self) -> str:
        """Return the comparison in a line."""
        name, unit = unit_of(self.column)
        n = len(self.pairs)
        left = f"{self.unpaired} more measured without a prediction" if self.unpaired else ""
        if self.bias is None or self.error is None:
            return f"{name}: no pair; {left}"
        text = (
            f"{name}: {n} pair{'s' if n > 1 else ''}, bias {number(self.bias * unit.scale)}, mean "
            f"absolute difference {number(self.error * unit.scale)} {unit.text}".rstrip()
        )
        text = f"{text}; {self.order()}"
        return f"{text}; {left}" if left else text

    def order(self) -> str:
        """Return the rank correlation in words, or that there are too few pairs for one."""
        if self.rank_correlation is None:
            if len(self.pairs) >= LEAST_PAIRS:
                return "no rank correlation: all values are equal"
            return f"too few pairs for a rank correlation (it needs {LEAST_PAIRS})"
        return f"rank correlation {self.rank_correlation:.2f} [{self.low:.2f}, {self.high:.2f}]"


def compare(
    measured: Mapping[tuple[str, str], Measurement],
    liquids: Mapping[str, LiquidEvidence],
    records: Mapping[str, Mapping[str, Any]],
) -> list[Comparison]:
    """Return the comparison of every property that is predicted and was measured.

    Parameters
    ----------
    measured
        Candidate and column to what was measured.
    liquids
        What simulations say, nothing measured among it.
    records
        Candidate to its record in the ranked table, for what is not simulated as a liquid.
    """
    pairs: dict[str, list[Pair]] = {}
    unpaired: dict[str, int] = {}
    for (name, column), measurement in sorted(measured.items()):
        source = _PREDICTED.get(column)
        if source is None:
            continue
        own = pairs.setdefault(column, [])
        found = _prediction(source, liquids.get(name), records.get(name, {}))
        if found is None:
            unpaired[column] = unpaired.get(column, 0) + 1
            continue
        value, low, high = found
        estimate = measurement.estimate
        inside = None
        if not (low is None or high is None or estimate.low is None or estimate.high is None):
            inside = bool(low <= estimate.high and estimate.low <= high)
        by = "; ".join(
            dict.fromkeys(r.read(MeasurementValues).measured_by for r in measurement.rows)
        )
        own.append(Pair(name, value, estimate.raw, inside, by))
    order = [column for column in _PREDICTED if column in pairs]
    return [_compared(column, pairs[column], unpaired.get(column, 0)) for column in order]


def _prediction(
    column: str, liquid: LiquidEvidence | None, record: Mapping[str, Any]
) -> tuple[float, float | None, float | None] | None:
    if liquid is not None and (found := liquid.properties.get(column)) is not None:
        apparent = column == "diffusion_k_m2_s" and liquid.diffusion_is_apparent
        return None if apparent else (found.value, found.low, found.high)
    if column != "oxidation_limit_v" or record.get(column) is None:
        return None
    low, high = (record.get(end) for end in interval_names(column))
    return float(record[column]), low, high


def _compared(column: str, pairs: Sequence[Pair], unpaired: int) -> Comparison:
    if not pairs:
        return Comparison(column, (), unpaired, None, None, None, None, None)
    values = np.array([(p.predicted, p.measured) for p in pairs])
    difference = values[:, 0] - values[:, 1]
    rho, low, high = rank_correlation(values)
    return Comparison(
        column, tuple(pairs), unpaired, float(difference.mean()), float(np.abs(difference).mean()),
        rho, low, high,
    )  # fmt: skip


def rank_correlation(values: Any) -> tuple[float | None, float | None, float | None]:
    """Return Spearman's correlation of two columns, and its interval (95 %).

    Fisher's transformation with the variance (1 + rho^2 / 2) / (n - 3) of Bonett and Wright
    (Psychometrika 2000, 65, 23). A perfect order counts there as one with two neighbours
    swapped, because few pairs are in perfect order by chance.

    Parameters
    ----------
    values
        Pairs, shape ``(n, 2)``.

    Examples
    --------
    >>> rho, low, high = rank_correlation(np.array([(k, k) for k in range(5)], float))
    >>> round(rho, 2), low < 0.5
    (1.0, True)
    """
    n = len(values)
    if n < LEAST_PAIRS or any(len(set(column)) < 2 for column in values.T):
        return None, None, None
    rho = float(np.corrcoef([_ranks(column) for column in values.T])[0, 1])
    one_swap = 1 - 12 / (n * (n**2 - 1))
    limited = min(max(rho, -one_swap), one_swap)
    half = HALF_WIDTH_PER_SD * math.sqrt((1 + limited**2 / 2) / (n - 3))
    low, high = (math.tanh(math.atanh(limited) + sign * half) for sign in (-1, 1))
    return rho, min(low, rho), max(high, rho)


def _ranks(values: Any) -> Any:
    """Return ranks, equal values sharing their mean; scipy.stats takes half a second to load."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]
