"""Matplotlib figures of ranked tables."""

from __future__ import annotations

from matplotlib.figure import Figure

from potash.columns import interval_names, unit_of
from potash.ranking.parity import Comparison
from potash.ranking.table import Entry, RankedTable


def plot_ranking(table: RankedTable, *, n: int = 20) -> Figure:
    """Return the first ranked candidates with their 95 % intervals, the most probable on top.

    Parameters
    ----------
    table
        Hosts or electrolytes.
    n
        How many to draw.
    """
    criterion = next(c for c in table.criteria if c.weight > 0)
    shown = [e for e in table.ranked if criterion.column in e.central][:n]
    low_name, high_name = interval_names(criterion.column)
    unit = unit_of(criterion.column)[1]
    figure = Figure(figsize=(8.0, 1.0 + 0.24 * max(len(shown), 1)), layout="constrained")
    axes = figure.add_subplot()
    for place, entry in enumerate(shown):
        value = unit.scale * entry.central[criterion.column]
        low, high = entry.values.get(low_name), entry.values.get(high_name)
        known = low is not None and high is not None
        if low is not None and high is not None:
            ends = (unit.scale * low, unit.scale * high)
            axes.hlines(place, *ends, color="C0", linewidth=2, alpha=0.5)
        axes.plot(value, place, "o", color="C0", markerfacecolor="C0" if known else "white")
    axes.set_yticks(range(len(shown)), [_label(e) for e in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlabel(f"{criterion.label}, {unit.text} (95 % interval)")
    axes.grid(axis="x", linewidth=0.4)
    return figure


def _label(entry: Entry) -> str:
    """Return the name with the probability of belonging to the best."""
    p = entry.probability_in
    return entry.name if p is None else f"{entry.name}  {p:.0%}"


def plot_parity(comparison: Comparison) -> Figure:
    """Return predicted over measured values of one property, with the line of equality."""
    name, unit = unit_of(comparison.column)
    xs = [p.measured * unit.scale for p in comparison.pairs]
    ys = [p.predicted * unit.scale for p in comparison.pairs]
    figure = Figure(figsize=(4.4, 4.4), layout="constrained")
    axes = figure.subplots()
    low, high = min([*xs, *ys]), max([*xs, *ys])
    pad = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    ends = (low - pad, high + pad)
    axes.plot(ends, ends, color="grey", linewidth=1)
    axes.plot(xs, ys, "o", alpha=0.8)
    for p, x, y in zip(comparison.pairs, xs, ys, strict=True):
        axes.annotate(p.candidate, (x, y), fontsize=5, xytext=(3, 3), textcoords="offset points")
    label = f"{name} / {unit.text or '1'}"
    axes.set(xlabel=f"measured {label}", ylabel=f"predicted {label}", xlim=ends, ylim=ends)
    return figure
