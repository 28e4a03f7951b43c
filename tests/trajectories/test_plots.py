"""The figures show the row's numbers."""

from __future__ import annotations

import numpy as np
import pytest

from potash.trajectories.analysis import analyze
from potash.trajectories.plots import (
    plot_msd,
    plot_rdf,
    plot_speciation,
    plot_time_series,
    save_plots,
)
from tests.trajectories.test_analysis import small


@pytest.fixture(scope="module")
def found():
    return analyze(small(), anion="resname ANI", cutoff=3.4)


def test_rdf_has_a_curve_and_a_running_number_for_every_pair(found):
    values = found.row_values()
    axes, numbers = plot_rdf(values).axes
    labels = axes.get_legend_handles_labels()[1]
    assert labels == list(values["coordination"])
    for label, line in zip(labels, numbers.lines, strict=True):
        x, y = line.get_data()
        at = np.interp(values["coordination"][label]["cutoff_angstrom"], x, y)
        assert at == pytest.approx(values["coordination"][label]["value"], abs=0.01)


def test_speciation_bars_have_the_fractions_and_say_what_is_not_converged(found):
    values = found.row_values()
    axes = plot_speciation({"one": (values, found.half_widths), "two": (values, {})}).axes[0]
    heights = [bar.get_height() for bar in axes.patches]
    expected = [values[f"per_anion_{k}"] for k in ("ssip", "cip", "agg") for _ in range(2)]
    assert heights == pytest.approx(expected)
    assert [t.get_text() for t in axes.get_xticklabels()] == [
        "one\n(not converged)",
        "two\n(not converged)",
    ]


def test_displacement_names_the_regime_and_survives_a_single_frame(found):
    axes = plot_msd(found.row_values()).axes[0]
    texts = [t.get_text() for t in axes.get_legend().get_texts()]
    assert [t.split(":")[0] for t in texts] == ["K", "ANI", "SOL"]
    single = analyze(small(), anion="resname ANI", cutoff=3.4, stop=1)
    assert plot_msd(single.row_values()).axes[0].texts[0].get_text() == "no displacement"


def test_time_series_are_drawn_with_and_without_ions(found):
    fractions, density = plot_time_series(found.row_values()).axes
    assert len(fractions.lines) == 3
    series = found.time_series
    assert density.lines[0].get_ydata() == pytest.approx(series["density_g_ml"])
    alone = {k: series[k] for k in ("time_ps", "density_g_ml")}
    assert len(plot_time_series({"time_series": alone}).axes) == 1


def test_files_are_written(found, tmp_path):
    paths = save_plots(found.row_values(), found.half_widths, tmp_path / "new" / "folder", "kfsi")
    assert sorted(p.name for p in paths.values()) == [
        "kfsi_msd.svg",
        "kfsi_rdf.svg",
        "kfsi_speciation.svg",
        "kfsi_time_series.svg",
    ]
    assert all("<svg" in p.read_text() for p in paths.values())
    again = save_plots(found.row_values(), found.half_widths, tmp_path / "again", "kfsi")
    assert all(again[kind].read_bytes() == path.read_bytes() for kind, path in paths.items())
