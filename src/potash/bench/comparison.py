"""Predictions beside measurements: bias, error, rank correlation with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from potash.calibration.estimates import HALF_WIDTH_PER_SD
from potash.columns import interval_names, unit_of
from potash.evidence.measurements import measurements
from potash.quantities import number
from potash.results.measurement import PROPERTIES
from potash.store.rows import Row

LEAST_PAIRS = 5
"""Fewer pairs have no rank correlation worth printing."""
_PREDICTED = {
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
    """

    candidate: str
    predicted: float
    measured: float
    inside: bool | None


@dataclass(frozen=True)
class Comparison:
    """All pairs of one property.

    Attributes
    ----------
    column
        Of the measurement.
    pairs
        By candidate.
    bias, error
        Mean of predicted minus measured, and mean absolute difference.
    rank_correlation, low, high
        Spearman's, with its 95 % interval; None with fewer
        than :data:`LEAST_PAIRS` pairs, or where all values are equal.
    """

    column: str
    pairs: tuple[Pair, ...]
    bias: float
    error: float
    rank_correlation: float | None
    low: float | None
    high: float | None

    def words(self) -> str:
        """Return the comparison in a line."""
        name, unit = unit_of(self.column)
        text = (
            f"{name}: {len(self.pairs)} pairs, bias {number(self.bias * unit.scale)}, mean "
            f"absolute difference {number(self.error * unit.scale)} {unit.text}".rstrip()
        )
        if self.rank_correlation is None:
            return f"{text}; too few pairs for a rank correlation (it needs {LEAST_PAIRS})"
        assert self.low is not None
        assert self.high is not None
        interval = f"[{self.low:.2f}, {self.high:.2f}]"
        return f"{text}; rank correlation {self.rank_correlation:.2f} {interval}"


def compare(rows: Sequence[Row], predicted: Mapping[str, Mapping[str, Any]]) -> list[Comparison]:
    """Return the comparison of every property that has at least one pair.

    Parameters
    ----------
    rows
        Their measurements are used.
    predicted
        Candidate to its ranked record, made from rows without the measurements.
    """
    pairs: dict[str, list[Pair]] = {}
    for (name, column), measured in sorted(measurements(rows).items()):
        record = predicted.get(name, {})
        source = _PREDICTED.get(column)
        value = None if source is None else record.get(source)
        if value is None or source is None:
            continue
        low, high = (record.get(end) for end in interval_names(source))
        estimate = measured.estimate
        inside = None
        if None not in (low, high, estimate.low, estimate.high):
            inside = bool(low <= estimate.high and estimate.low <= high)  # type: ignore[operator]
        pairs.setdefault(column, []).append(Pair(name, float(value), estimate.raw, inside))
    return [_compared(column, found) for column, found in pairs.items()]


def _compared(column: str, pairs: Sequence[Pair]) -> Comparison:
    values = np.array([(p.predicted, p.measured) for p in pairs])
    difference = values[:, 0] - values[:, 1]
    rho, low, high = rank_correlation(values)
    return Comparison(
        column, tuple(pairs), float(difference.mean()), float(np.abs(difference).mean()),
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
    """
    from scipy.stats import spearmanr

    n = len(values)
    if n < LEAST_PAIRS or any(len(set(column)) < 2 for column in values.T):
        return None, None, None
    rho = float(spearmanr(values).statistic)
    one_swap = 1 - 12 / (n * (n**2 - 1))
    limited = min(max(rho, -one_swap), one_swap)
    half = HALF_WIDTH_PER_SD * math.sqrt((1 + limited**2 / 2) / (n - 3))
    low, high = (math.tanh(math.atanh(limited) + sign * half) for sign in (-1, 1))
    return rho, min(low, rho), max(high, rho)


def write_comparison(found: Sequence[Comparison], folder: Path) -> Path:
    """Write a page (Markdown) with a parity plot (SVG) for each property; return the page."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["# Predictions beside measurements", ""]
    if not found:
        lines.append("No candidate has both a prediction and a measurement of one property yet.")
    for comparison in found:
        name, unit = unit_of(comparison.column)
        plot = folder / f"parity-{comparison.column}.svg"
        _plot(comparison, plot)
        lines += [f"## {PROPERTIES[comparison.column].label}", "", f"{comparison.words()}.", ""]
        lines += [f"![parity plot of {name}]({plot.name})", ""]
        lines += [f"| candidate | predicted / {unit.text or '1'} | measured | intervals overlap |"]
        lines += ["| --- | --- | --- | --- |"]
        for p in comparison.pairs:
            inside = {True: "yes", False: "no", None: "not known"}[p.inside]
            cells = (number(p.predicted * unit.scale), number(p.measured * unit.scale))
            lines.append(f"| {p.candidate} | {cells[0]} | {cells[1]} | {inside} |")
        lines.append("")
    page = folder / "comparison.md"
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return page


def _plot(comparison: Comparison, path: Path) -> None:
    from matplotlib.figure import Figure

    name, unit = unit_of(comparison.column)
    xs = [p.measured * unit.scale for p in comparison.pairs]
    ys = [p.predicted * unit.scale for p in comparison.pairs]
    figure = Figure(figsize=(4, 4), layout="constrained")
    axes = figure.subplots()
    low, high = min([*xs, *ys]), max([*xs, *ys])
    pad = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    ends = [low - pad, high + pad]
    axes.plot(ends, ends, color="grey", linewidth=1)
    axes.scatter(xs, ys)
    for p, x, y in zip(comparison.pairs, xs, ys, strict=True):
        axes.annotate(p.candidate, (x, y), fontsize=6, xytext=(3, 3), textcoords="offset points")
    axes.set_xlabel(f"measured {name} / {unit.text or '1'}")
    axes.set_ylabel(f"predicted {name} / {unit.text or '1'}")
    figure.savefig(path)
