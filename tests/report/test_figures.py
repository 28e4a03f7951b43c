from __future__ import annotations

import json

import matplotlib as mpl
import pytest

from potash.calibration import Pair, fit
from potash.evidence.liquids import liquid_evidence
from potash.report.bars import axis, bar
from potash.report.figures import calibration_figure, rdf_figure, speciation_figure
from potash.report.style import plot_style
from potash.results.liquid import RadialDistribution
from tests.synthetic_rows import liquid_rows, rdf


def test_rdf_has_one_curve_and_one_running_number_per_pair():
    curves = {pair: RadialDistribution(**curve) for pair, curve in rdf().items()}
    figure = rdf_figure(curves)
    assert [d["name"] for d in figure["data"] if d.get("yaxis") is None] == list(rdf())
    assert sum(d.get("yaxis") == "y2" for d in figure["data"]) == 2
    json.dumps(figure, allow_nan=False)


def test_speciation_bars_carry_their_intervals():
    evidence = list(liquid_evidence(liquid_rows()).values())
    figure = speciation_figure(evidence, {"kfsi_dme_1m": "name"})
    # From below: the first is on top.
    agg, cip, ssip = figure["data"]
    assert [agg["name"], cip["name"], ssip["name"]] == ["AGG", "CIP", "SSIP"]
    assert ssip["x"] == [0.7, 0.5]
    assert ssip["y"][1] == "name"
    assert ssip["error_x"]["array"] == pytest.approx([0.07, 0.07])
    assert cip["error_x"]["array"] == [0, 0]


def test_names_of_liquids_take_two_lines_and_every_liquid_has_its_space():
    evidence = list(liquid_evidence(liquid_rows()).values())
    long = "a name of a liquid that is far too long for one line beside a plot of it"
    figure = speciation_figure(evidence, {"kfsi_dme_1m": long})
    label = figure["data"][0]["y"][1]
    assert label == "a name of a liquid that<br>is far too long for one ..."
    assert figure["layout"]["height"] >= 40 * len(evidence)


def test_calibration_shows_every_pair():
    pairs = [Pair("a", "metal", -1.0, -0.8), Pair("b", "carbon", -0.4, 0.1)]
    figure = calibration_figure(fit(pairs, quantity="x_ev", level="screen", reference="standard"))
    assert sum(len(d["x"]) for d in figure["data"][1:]) == 2


def test_bars_share_one_axis():
    scale = axis([-2.0, 1.0, None], include=0.0)
    drawn = bar(scale, -1.0, -1.5, -0.5, raw=-2.0)
    assert drawn.left < drawn.place < drawn.left + drawn.width
    assert drawn.raw < drawn.left
    assert drawn.zero == pytest.approx(100 * 2.12 / 3.24, abs=0.01)


def test_unknown_interval_draws_no_bar_and_no_value_draws_nothing():
    scale = axis([1.0, 2.0])
    assert bar(scale, 1.5, None, None).width is None
    assert bar(scale, None, None, None) is None
    assert axis([]).percent(0.5) == 50


def test_style_is_left_behind_at_the_end():
    before = mpl.rcParams["axes.spines.top"]
    with plot_style():
        assert mpl.rcParams["axes.spines.top"] is False
    assert mpl.rcParams["axes.spines.top"] == before
