"""Matplotlib figures of analysed liquids: radial distributions, speciation, displacement, drift.

Colours and fonts are those of the caller's style (the default cycle ``C0``,
``C1``, ...), so that all figures of a project look alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from numpy.typing import NDArray

Values = Mapping[str, Any]


def plot_liquid(values: Values, half_widths: Values) -> Figure:
    """Return g(r) of every cation-donor pair beside the fractions of anions that pair.

    Parameters
    ----------
    values, half_widths
        Columns of a ``liquid`` row, and their 95 % half-widths.
    """
    figure = Figure(figsize=(8.0, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(2, 1))
    for i, (label, entry) in enumerate(values["coordination"].items()):
        curve, cutoff = values["rdf"][label], entry["cutoff_angstrom"]
        name = f"{label}: {entry['value']:.2f} within {cutoff:.2f} Å"
        left.plot(curve["r_angstrom"], curve["g"], color=f"C{i}", label=name)
        left.axvline(cutoff, color=f"C{i}", linewidth=0.6, alpha=0.5)
    left.set(xlabel="r (Å)", ylabel="g(r)", xlim=(1.5, None))
    left.set_ylim(bottom=0)
    left.legend(loc="upper right")
    kinds = ("ssip", "cip", "agg")
    share = np.array([values[f"per_anion_{kind}"] for kind in kinds])
    width = np.array([half_widths.get(f"per_anion_{kind}", 0.0) for kind in kinds])
    right.bar(
        [kind.upper() for kind in kinds],
        share,
        0.6,
        yerr=_within_0_and_1(share, width),
        color=["C0", "C1", "C2"],
    )
    right.set(ylim=(0, 1), ylabel="fraction of anions (95 % interval)")
    return figure


def _within_0_and_1(share: NDArray[np.float64], width: NDArray[np.float64]) -> NDArray[np.float64]:
    """Error bars of fractions, which stay between 0 and 1."""
    return np.array([np.minimum(width, share), np.minimum(width, 1.0 - share)])


def plot_rdf(values: Values) -> Figure:
    """Return g(r) of every cation-donor pair, with running coordination numbers dashed.

    Parameters
    ----------
    values
        Columns of a ``liquid`` row (``coordination`` and ``rdf`` are used).
    """
    figure = Figure(figsize=(5.0, 3.2), layout="constrained")
    axes = figure.add_subplot()
    numbers = axes.twinx()
    numbers.spines["right"].set_visible(True)
    largest = 1.0
    for i, (label, entry) in enumerate(values["coordination"].items()):
        curve = values["rdf"][label]
        r = np.asarray(curve["r_angstrom"])
        axes.plot(r, curve["g"], color=f"C{i}", label=label)
        half_bin = 0.5 * float(r[1] - r[0])
        numbers.plot(r + half_bin, curve["coordination_number"], color=f"C{i}", linestyle="--")
        axes.axvline(entry["cutoff_angstrom"], color=f"C{i}", linewidth=0.6, alpha=0.5)
        largest = max(largest, float(entry["value"]))
    axes.set(xlabel="r (Å)", ylabel="g(r)", xlim=(1.5, None))
    axes.set_ylim(bottom=0)
    numbers.set(ylabel="coordination number (dashed)", ylim=(0, 1.6 * largest))
    axes.legend(loc="upper right")
    return figure


def plot_speciation(liquids: Mapping[str, tuple[Values, Values]]) -> Figure:
    """Return SSIP, CIP and AGG fractions per anion, one group of bars for every liquid.

    Parameters
    ----------
    liquids
        Name to the columns and the half-widths of a ``liquid`` row.
    """
    figure = Figure(figsize=(2.0 + 1.3 * len(liquids), 3.0), layout="constrained")
    axes = figure.add_subplot()
    places = np.arange(len(liquids))
    for k, kind in enumerate(("ssip", "cip", "agg")):
        column = f"per_anion_{kind}"
        share = np.array([values[column] for values, _ in liquids.values()])
        width = np.array([half.get(column, 0.0) for _, half in liquids.values()])
        axes.bar(
            places + 0.27 * (k - 1),
            share,
            0.25,
            yerr=_within_0_and_1(share, width),
            color=f"C{k}",
            label=kind.upper(),
        )
    names = [
        name if values.get("converged") else f"{name}\n(not converged)"
        for name, (values, _) in liquids.items()
    ]
    axes.set_xticks(places, names)
    axes.set(ylim=(0, 1), ylabel="fraction of anions (95 % interval)")
    axes.legend(ncols=3, loc="upper center")
    return figure


def plot_msd(values: Values) -> Figure:
    """Return the mean squared displacements, log-log, with lines of slope 1 for the eye.

    Parameters
    ----------
    values
        Columns of a ``liquid`` row (``msd`` and ``diffusion_m2_s`` are used).
    """
    figure = Figure(figsize=(4.2, 3.2), layout="constrained")
    axes = figure.add_subplot()
    for i, (name, curve) in enumerate(values["msd"].items()):
        lag = np.asarray(curve["lag_ps"])[1:]
        msd = np.asarray(curve["msd_square_angstrom"])[1:]
        if len(lag) == 0 or not np.any(msd > 0.0):
            continue
        status = values["diffusion_m2_s"][name]["status"]
        axes.loglog(lag, msd, color=f"C{i}", label=f"{name}: {status}")
        axes.loglog(lag, msd[-1] * lag / lag[-1], color="0.6", linewidth=0.6)
    axes.set(xlabel="lag (ps)", ylabel="mean squared displacement (Å²)")
    if axes.lines:
        axes.legend()
    else:
        axes.text(0.5, 0.5, "no displacement", ha="center", transform=axes.transAxes)
    return figure


def plot_time_series(values: Values) -> Figure:
    """Return SSIP, CIP and AGG per anion and the density over time, to see any drift.

    Parameters
    ----------
    values
        Columns of a ``liquid`` row (``time_series`` is used); fractions may be absent.
    """
    series = values["time_series"]
    kinds = [kind for kind in ("ssip", "cip", "agg") if f"per_anion_{kind}" in series]
    figure = Figure(figsize=(5.0, 3.6 if kinds else 2.0), layout="constrained")
    panels = figure.subplots(2 if kinds else 1, 1, sharex=True, squeeze=False)[:, 0]
    axis = "time_ps" if "time_ps" in series else "frame"
    for k, kind in enumerate(kinds):
        column = series[f"per_anion_{kind}"]
        panels[0].plot(series[axis], column, color=f"C{k}", label=kind.upper())
    if kinds:
        panels[0].set(ylim=(0, 1), ylabel="fraction of anions")
        panels[0].legend(ncols=3, loc="upper center")
    panels[-1].plot(series[axis], series["density_g_ml"], color="C3")
    panels[-1].set(xlabel="time (ps)" if axis == "time_ps" else "frame", ylabel="density (g/mL)")
    return figure


def save_plots(
    values: Values, half_widths: Values, folder: str | Path, name: str
) -> dict[str, Path]:
    """Write ``NAME_rdf.svg`` and so on, for speciation, displacement and time series.

    Parameters
    ----------
    values, half_widths
        Columns of a ``liquid`` row, and their 95 % half-widths.
    folder
        Made if it is missing.
    name
        First part of the file names.

    Returns
    -------
    dict
        Kind (``rdf``, ``speciation``, ``msd``, ``time_series``) to path; older rows
        have no time series.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    figures = {
        "rdf": plot_rdf(values),
        "speciation": plot_speciation({name: (values, half_widths)}),
        "msd": plot_msd(values),
    }
    if "time_series" in values:
        figures["time_series"] = plot_time_series(values)
    paths = {}
    for kind, figure in figures.items():
        paths[kind] = target / f"{name}_{kind}.svg"
        save_svg(figure, paths[kind])
    return paths


def save_svg(figure: Figure, path: Path) -> None:
    """Write a figure as SVG; the same figure gives the same file."""
    with rc_context({"svg.hashsalt": path.stem}):
        figure.savefig(path, metadata={"Date": None})
