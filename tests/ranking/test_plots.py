"""The figure of a ranked table."""

from __future__ import annotations

from potash.ranking.criteria import Criterion
from potash.ranking.plots import plot_ranking
from potash.ranking.table import Entry, RankedTable

ENERGY = Criterion(
    column="adsorption_energy_ev", label="energy", direction="minimise", worst=0.0, best=-1.0
)


def entry(name, rank, value, low, high):
    values = {"adsorption_energy_low_ev": low, "adsorption_energy_high_ev": high}
    central = {"adsorption_energy_ev": value}
    sure = None if low is None else 0.93
    return Entry(
        name, name, "g", "computed", values=values, rank=rank, central=central, probability_in=sure
    )


def test_known_intervals_are_lines_and_unknown_ones_hollow_points():
    table = RankedTable(
        "hosts",
        (entry("a", 1, -1.0, -1.5, -0.6), entry("b", 2, -0.5, None, None)),
        (ENERGY,),
        "",
    )
    axes = plot_ranking(table).axes[0]
    [line] = axes.collections
    assert line.get_segments()[0].tolist() == [[-1.5, 0.0], [-0.6, 0.0]]
    points = [(p.get_xdata()[0], p.get_markerfacecolor()) for p in axes.lines]
    assert points == [(-1.0, "C0"), (-0.5, "white")]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["a  93%", "b"]
    assert len(plot_ranking(table, n=1).axes[0].lines) == 1
