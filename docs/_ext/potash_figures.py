"""Figures of the validation pages; each function is one figure."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from molecules_accuracy import references
from potash_rows import comparisons, electrolytes_table, hosts_table, ok_rows, reference_file

from potash.ranking.plots import plot_parity
from potash.report.style import CLASSES, MUTED, SERIES, SPECIATION
from potash.results.species import SpeciesValues


def hosts_parity() -> Figure:
    """Return the energies of the screening potential against DFT, by class."""
    model = next(
        m for m in hosts_table().error_models if (m.level, m.reference) == ("screen", "standard")
    )
    figure = Figure(figsize=(5.2, 4.4))
    axes = figure.subplots()
    every = [v for p in model.pairs for v in (p.computed, p.reference)]
    ends = [min(every) - 0.15, max(every) + 0.15]
    axes.plot(ends, ends, color=MUTED, linewidth=0.8, linestyle="--")
    for group in sorted({p.group for p in model.pairs}):
        pairs = [p for p in model.pairs if p.group == group]
        x, y = [p.computed for p in pairs], [p.reference for p in pairs]
        axes.plot(x, y, "o", color=CLASSES.get(group, MUTED), label=group.replace("_", " "))
    axes.set(
        xlabel="screen, as computed (eV)", ylabel="standard (eV)", xlim=ends, ylim=ends,
        aspect="equal",
    )  # fmt: skip
    axes.legend(loc="upper left", fontsize=8)
    return figure


def molecules_parity() -> Figure:
    """Return ionisation energies at two levels against vertical experimental ones."""
    known = {s: v["vertical exp."] for s, v in references().items() if "vertical exp." in v}
    figure = Figure(figsize=(5.2, 4.4))
    axes = figure.subplots()
    ends = (7.0, 17.0)
    axes.plot(ends, ends, color=MUTED, linewidth=0.8, linestyle="--")
    for colour, level in zip(SERIES, ("screen", "standard"), strict=False):
        points = [
            (known[v.smiles], v.ip_vertical_ev)
            for r in ok_rows("species")
            if r.level == level
            and (v := r.read(SpeciesValues)).smiles in known
            and v.ip_vertical_ev is not None
        ]
        axes.plot(*zip(*points, strict=True), "o", color=colour, label=level, alpha=0.8)
    axes.set(
        xlabel="vertical ionisation energy, experiment (eV)", ylabel="computed (eV)",
        xlim=ends, ylim=ends, aspect="equal",
    )  # fmt: skip
    axes.legend(loc="upper left")
    return figure


def liquids_pairing() -> Figure:
    """Return simulated and measured ion pairing of KFSI in DME over the concentration."""
    lines = reference_file("liquids/raman_series.csv")
    figure = Figure(figsize=(6.6, 3.0))
    for axes, scale in zip(figure.subplots(1, 2, sharey=True), ("0.7", "0.8"), strict=True):
        own = [x for x in lines if x["ion_charge_scale"] == scale]
        c = np.array([float(x["concentration_mol_l"]) for x in own])
        for kind, colour in SPECIATION.items():
            y = [float(x[kind]) for x in own]
            half = [float(x[f"{kind}_half_width"]) for x in own]
            axes.errorbar(c, y, yerr=half, color=colour, marker="o", label=kind.upper())
            raman = [float(x[f"raman_{kind}"]) for x in own]
            axes.plot(c, raman, "s", color=colour, markerfacecolor="none", linestyle=":")
        axes.set(title=f"charges x{scale}", xlabel="KFSI in DME (mol/L)", ylim=(0, 1))
        axes.set_xticks(c)
    figure.axes[0].set_ylabel("fraction of anions")
    figure.axes[1].legend(loc="upper left")
    return figure


def hosts_ranked() -> Figure:
    """Return the first ranked hosts with their intervals."""
    return hosts_table().plot(n=25)


def electrolytes_ranked() -> Figure:
    """Return the ranked electrolytes with the interval of the first criterion."""
    return electrolytes_table().plot(n=25)


def measured_density() -> Figure:
    """Return simulated over measured densities."""
    return plot_parity(next(c for c in comparisons() if c.column == "density_g_ml"))


def measured_raman() -> Figure:
    """Return the simulated share of free anions over that of Raman spectra."""
    return plot_parity(next(c for c in comparisons() if c.column == "raman_ssip"))
