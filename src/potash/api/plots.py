"""Matplotlib figures of single results, in Potash's style."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ase.data.colors import jmol_colors
from ase.visualize.plot import plot_atoms
from matplotlib.figure import Figure

from potash.report.style import ACCENT, MUTED, SERIES, SPECIATION, plot_style
from potash.trajectories.plots import plot_liquid

if TYPE_CHECKING:
    from potash.api.results import Adsorption, Molecule, Redox, Simulation


def plot_adsorption(result: Adsorption) -> Figure:
    """Return the surface with K from above and from the side.

    The surface's atoms have the usual colours of their elements, K is violet.
    """
    atoms = result.atoms
    # The adsorbate is the last atom; it goes to the middle of the cell.
    middle = 0.5 * atoms.cell.array[atoms.pbc].sum(axis=0)
    atoms.positions[:, :2] += (middle - atoms.positions[-1])[:2]
    atoms.wrap()
    colours = [
        ACCENT if s == "K" else jmol_colors[z]
        for s, z in zip(atoms.symbols, atoms.numbers, strict=True)
    ]
    with plot_style():
        figure = Figure(figsize=(6.4, 3.4))
        above, beside = figure.subplots(1, 2)
        shown: dict[str, Any] = {"radii": 0.9, "show_unit_cell": 2, "colors": colours}
        plot_atoms(atoms, above, **shown)
        plot_atoms(atoms, beside, rotation="-90x", **shown)
        for axes, title in ((above, "from above"), (beside, "from the side")):
            axes.set_axis_off()
            axes.set_title(title)
        energy = f"{result.values.adsorption_energy_ev:.2f} eV per K, site {result.values.site}"
        figure.suptitle(f"K on {result.row.model}, {result.level}: {energy}", fontsize=10)
    return figure


def plot_levels(result: Molecule) -> Figure:
    """Return orbital energies beside the electron removal and addition energies, in eV."""
    values = result.values
    columns = [
        ("orbitals", [("HOMO", values.homo_ev), ("LUMO", values.lumo_ev)]),
        (
            "energy differences",
            [
                ("-IP", _minus(values.ip_vertical_ev)),
                ("-EA", _minus(values.ea_vertical_ev)),
            ],
        ),
    ]
    with plot_style():
        figure = Figure(figsize=(4.0, 3.6))
        axes = figure.subplots()
        for place, (_, levels) in enumerate(columns):
            for name, energy in levels:
                if energy is None:
                    continue
                axes.hlines(energy, place - 0.3, place + 0.3, color=SERIES[place], linewidth=2)
                axes.annotate(
                    f"{name} {energy:.2f}",
                    (place, energy),
                    xytext=(0, 3),
                    textcoords="offset points",
                    ha="center",
                )
        axes.axhline(0.0, color=MUTED, linewidth=0.8, linestyle="--")
        axes.set(
            xlim=(-0.6, 1.6),
            ylabel="energy against vacuum (eV)",
            title=f"{result.row.item}, {result.level}",
        )
        axes.set_xticks([0, 1], [name for name, _ in columns])
        axes.margins(y=0.12)
        axes.grid(axis="x", visible=False)
    return figure


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def plot_window(result: Redox) -> Figure:
    """Return the potentials against K/K+ with their 95 % intervals, and the window between."""
    values = result.values
    found = {
        "reduction": ("potential_reduction_v_vs_k", values.potential_reduction_v_vs_k),
        "oxidation": ("potential_oxidation_v_vs_k", values.potential_oxidation_v_vs_k),
    }
    shown = {name: (column, v) for name, (column, v) in found.items() if v is not None}
    with plot_style():
        figure = Figure(figsize=(5.0, 1.9))
        axes = figure.subplots()
        if len(shown) == 2:
            axes.axvspan(*sorted(v for _, v in shown.values()), color=SPECIATION["ssip"], alpha=0.3)
        for place, (column, value) in enumerate(shown.values()):
            ends = result.interval(column) or (value, value)
            axes.errorbar(
                value, place, xerr=[[value - ends[0]], [ends[1] - value]], fmt="o", color=ACCENT
            )
        axes.axvline(0.0, color=MUTED, linestyle="--", linewidth=0.8)
        axes.set_yticks(range(len(shown)), list(shown))
        axes.set(
            ylim=(-0.6, len(shown) - 0.4),
            xlabel="V vs K/K+ (95 % interval)",
            title=f"{result.row.item}, {result.level}",
        )
    return figure


def plot_simulation(result: Simulation) -> Figure:
    """Return g(r) of each contact pair, and the fractions of anions that pair."""
    with plot_style():
        return plot_liquid(result.row.values, result.row.uncertainty)
