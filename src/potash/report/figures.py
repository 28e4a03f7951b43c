"""Plotly figures of the report as plain data: radial distributions, speciation, calibration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from potash.calibration import ErrorModel
from potash.columns import interval_names, unit_of
from potash.evidence.liquids import LiquidEvidence, Measured
from potash.ranking.parity import Comparison
from potash.ranking.table import Entry, RankedTable
from potash.report.style import CLASSES, LINE, MUTED, SERIES, SPECIATION
from potash.results.liquid import RadialDistribution

Figure = dict[str, Any]

_AXIS = {"gridcolor": LINE, "zeroline": False, "linecolor": MUTED, "ticks": "outside"}
_EQUAL_LINE = {"color": MUTED, "width": 1, "dash": "dash"}
_SPECIES = ("ssip", "cip", "agg")
MAX_CURVE_POINTS = 220


def _thinned(values: Sequence[float], keep: int) -> list[float]:
    step = max(1, len(values) // keep)
    return [float(f"{v:.4g}") for v in values[::step]]


def rdf_figure(rdf: Mapping[str, RadialDistribution]) -> Figure:
    """Return g(r) of each pair (solid, left axis) with its running coordination number (dashed).

    Parameters
    ----------
    rdf
        Pair to its radial distribution.
    """
    data: list[Figure] = []
    highest = 1.0
    for i, (pair, curve) in enumerate(rdf.items()):
        colour = SERIES[i % len(SERIES)]
        r = _thinned(curve.r_angstrom, MAX_CURVE_POINTS)
        g = _thinned(curve.g, MAX_CURVE_POINTS)
        highest = max(highest, max(g, default=1.0))
        data.append(
            {"type": "scatter", "mode": "lines", "name": pair, "x": r, "y": g,
             "line": {"color": colour, "width": 2}}
        )  # fmt: skip
        n = _thinned(curve.coordination_number, MAX_CURVE_POINTS)
        data.append(
            {"type": "scatter", "mode": "lines", "name": f"{pair}, number", "x": r, "y": n,
             "yaxis": "y2", "showlegend": False,
             "line": {"color": colour, "width": 1.3, "dash": "dot"}}
        )  # fmt: skip
    return {
        "data": data,
        "layout": {
            "xaxis": {**_AXIS, "title": {"text": "r (Å)"}, "range": [1.5, 9]},
            "yaxis": {**_AXIS, "title": {"text": "g(r)"}, "range": [0, highest * 1.08]},
            "yaxis2": {**_AXIS, "title": {"text": "coordination number (dotted)"}, "range": [0, 12],
                       "tickmode": "linear", "dtick": 2, "overlaying": "y", "side": "right",
                       "showgrid": False},
        },
    }  # fmt: skip


def _error(measured: Sequence[Measured | None]) -> dict[str, Any]:
    up = [0 if m is None or m.high is None else round(m.high - m.value, 4) for m in measured]
    down = [0 if m is None or m.low is None else round(m.value - m.low, 4) for m in measured]
    return {
        "type": "data", "array": up, "arrayminus": down, "color": MUTED, "thickness": 1.2,
        "width": 4, "symmetric": False,
    }  # fmt: skip


def speciation_figure(
    liquids: Iterable[LiquidEvidence], names: Mapping[str, str], *, per: str = "anion"
) -> Figure:
    """Return grouped bars of SSIP, CIP and AGG fractions with their intervals.

    Parameters
    ----------
    liquids
        Formulations to compare.
    names
        Formulation id to name.
    per
        ``anion`` or ``cation``.
    """
    liquids = list(liquids)
    # The last is drawn on top: the same order as in the tables.
    upwards = liquids[::-1]
    data = []
    for kind in _SPECIES[::-1]:
        found = [x.properties.get(f"per_{per}_{kind}") for x in upwards]
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": kind.upper(),
                "y": [_short(names.get(x.item, x.item)) for x in upwards],
                "x": [None if m is None else round(m.value, 4) for m in found],
                "error_x": _error(found),
                "marker": {"color": SPECIATION[kind]},
            }
        )
    return {
        "data": data,
        "layout": {
            "barmode": "group",
            "bargap": 0.3,
            "height": 110 + 46 * len(liquids),
            "hovermode": "closest",
            "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0,
                       "traceorder": "reversed"},
            "xaxis": {**_AXIS, "title": {"text": f"fraction of {per}s"}, "range": [0, 1.02]},
            "yaxis": {**_AXIS, "showgrid": False, "automargin": True, "ticks": ""},
            "margin": {"l": 10, "r": 16, "t": 34, "b": 46},
        },
    }  # fmt: skip


_LABEL = 24


def _short(name: str) -> str:
    """Return a name in at most two lines that fit beside an axis."""
    words, lines = name.split(), [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) >= _LABEL:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(lines[:2]) + (" ..." if len(lines) > 2 else "")


def pareto_figure(table: RankedTable) -> Figure | None:
    """Return the ranked entries in the plane of the first two weighted criteria.

    None where there are fewer than two criteria or ranked entries. Entries on
    the Pareto front of the central values are filled.
    """
    criteria = [c for c in table.criteria if c.weight > 0][:2]
    if len(criteria) < 2 or len(table.ranked) < 2:
        return None
    scales = [1e10 if c.column.endswith("_m2_s") else 1.0 for c in criteria]
    titles = [
        f"{c.label} ({'10⁻¹⁰ m²/s' if c.column.endswith('_m2_s') else _unit(c.column)})"
        for c in criteria
    ]
    data: list[Figure] = []
    for entry in table.ranked:
        point = [entry.central.get(c.column) for c in criteria]
        if any(v is None for v in point):
            continue
        x, y = (v * s for v, s in zip(point, scales, strict=True) if v is not None)
        front = entry.front == 1
        data.append(
            {"type": "scatter", "mode": "markers+text", "x": [x], "y": [y], "text": [entry.name],
             "textposition": "middle right", "cliponaxis": False, "showlegend": False,
             "error_x": _spread(entry, criteria[0].column, scales[0]),
             "error_y": _spread(entry, criteria[1].column, scales[1]),
             "marker": {"size": 12, "color": SERIES[0] if front else "#ffffff",
                        "line": {"color": SERIES[0], "width": 2}},
             "hovertemplate": f"{entry.name}<br>%{{x:.3g}}, %{{y:.3g}}<extra></extra>"}
        )  # fmt: skip
    return {
        "data": data,
        "layout": {
            "hovermode": "closest",
            "xaxis": {**_AXIS, "title": {"text": titles[0]}},
            "yaxis": {**_AXIS, "title": {"text": titles[1]}},
        },
    }


def _unit(column: str) -> str:
    return {"ev": "eV", "v": "V"}.get(column.rsplit("_", 1)[1], column.rsplit("_", 1)[1])


def _spread(entry: Entry, column: str, scale: float) -> dict[str, Any]:
    """Return the error bars of one criterion; invisible where the interval is unknown."""
    low_name, high_name = interval_names(column)
    value, low, high = (entry.values.get(c) for c in (column, low_name, high_name))
    if value is None or low is None or high is None:
        return {"visible": False}
    return {
        "type": "data", "symmetric": False, "array": [(high - value) * scale],
        "arrayminus": [(value - low) * scale], "color": MUTED, "thickness": 1.2, "width": 4,
    }  # fmt: skip


def calibration_figure(model: ErrorModel) -> Figure:
    """Return computed against reference values by class, with the line of equality."""
    data: list[Figure] = []
    groups = sorted({p.group for p in model.pairs})
    every = [v for p in model.pairs for v in (p.computed, p.reference)]
    low, high = min(every) - 0.2, max(every) + 0.2
    data.append(
        {"type": "scatter", "mode": "lines", "x": [low, high], "y": [low, high], "name": "equal",
         "hoverinfo": "skip", "showlegend": False, "line": _EQUAL_LINE}
    )  # fmt: skip
    for i, group in enumerate(groups):
        members = [p for p in model.pairs if p.group == group]
        colour = CLASSES.get(group, SERIES[i % len(SERIES)])
        data.append(
            {"type": "scatter", "mode": "markers", "name": group.replace("_", " "),
             "x": [round(p.computed, 3) for p in members],
             "y": [round(p.reference, 3) for p in members],
             "text": [p.label for p in members],
             "hovertemplate": "%{text}<br>%{x} → %{y} eV<extra></extra>",
             "marker": {"color": colour, "size": 9, "line": {"color": "#fff", "width": 1}}}
        )  # fmt: skip
    return {
        "data": data,
        "layout": {
            "hovermode": "closest",
            "xaxis": {**_AXIS, "title": {"text": f"{model.level} (eV)"}, "range": [low, high]},
            "yaxis": {**_AXIS, "title": {"text": f"{model.reference} (eV)"}, "range": [low, high]},
        },
    }


def parity_figure(comparison: Comparison) -> Figure:
    """Return predicted over measured values of one property, with the line of equality."""
    name, unit = unit_of(comparison.column)
    xs = [round(p.measured * unit.scale, 6) for p in comparison.pairs]
    ys = [round(p.predicted * unit.scale, 6) for p in comparison.pairs]
    ends = [min([*xs, *ys]), max([*xs, *ys])]
    label = f"{name} ({unit.text})" if unit.text else name
    return {
        "data": [
            {"type": "scatter", "mode": "lines", "x": ends, "y": ends, "hoverinfo": "skip",
             "showlegend": False, "line": _EQUAL_LINE},
            {"type": "scatter", "mode": "markers", "x": xs, "y": ys, "showlegend": False,
             "text": [p.candidate for p in comparison.pairs],
             "hovertemplate": "%{text}<br>measured %{x}<br>predicted %{y}<extra></extra>",
             "marker": {"color": SERIES[0], "size": 9, "opacity": 0.8}},
        ],
        "layout": {
            "xaxis": {**_AXIS, "title": {"text": f"measured {label}"}},
            "yaxis": {**_AXIS, "title": {"text": f"predicted {label}"}},
        },
    }  # fmt: skip
