"""The front door reads: trajectories, stores, ranked tables."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import potash
from tests.synthetic_rows import adsorption, graphene_with_k, metal_with_k
from tests.trajectories.test_analysis import small


@pytest.fixture(scope="module")
def found():
    return potash.analyze(small(), anion="resname ANI", cutoff=3.4)


def test_a_universe_gives_pairing_with_intervals(found):
    assert sum(astuple(found.per_anion)) == pytest.approx(1)
    text = repr(found)
    assert "Liquid of 6 K, 5 ANI, 12 SOL: 120 frames, 0 to 119 ps" in text
    assert f"SSIP {found.per_anion.ssip:.2f} +- {found.half_widths['per_anion_ssip']:.2f}" in text
    assert "not converged" in text


def test_the_frame_has_a_line_for_each_number(found):
    frame = found.to_frame()
    assert list(frame.columns) == ["quantity", "of", "value", "low", "high", "unit", "status"]
    cip = frame[frame.quantity == "per_anion_cip"].iloc[0]
    assert cip.value == found.per_anion.cip
    assert cip.high - cip.low == pytest.approx(2 * found.half_widths["per_anion_cip"])
    pairs = frame[frame.quantity == "coordination"].set_index("of")
    assert set(pairs.index) == set(found.coordination)
    motion = frame[frame.quantity == "diffusion"]
    assert set(motion.of) == {"K", "ANI", "SOL"}
    assert (motion.unit == "m^2/s").all()


def test_the_figure_shows_the_curves_and_the_fractions(found):
    figure = found.plot()
    assert isinstance(figure, Figure)
    left, right = figure.axes
    assert len(left.get_legend_handles_labels()[1]) == len(found.coordination)
    heights = [bar.get_height() for bar in right.patches]
    assert heights == pytest.approx([getattr(found.per_anion, k) for k in ("ssip", "cip", "agg")])


def test_files_and_a_universe_are_the_same(found, tmp_path):
    universe = small()
    universe.atoms.write(tmp_path / "run.gro")
    universe.atoms.write(tmp_path / "run.xtc", frames="all")
    again = potash.analyze(
        tmp_path / "run.gro", tmp_path / "run.xtc", anion="resname ANI", cutoff=3.4
    )
    assert astuple(again.per_anion) == pytest.approx(astuple(found.per_anion))
    assert again.n_frames == found.n_frames
    with pytest.raises(potash.InputError, match="no such file"):
        potash.analyze(tmp_path / "none.gro")
    with pytest.raises(potash.InputError, match="selects no atom"):
        potash.analyze(universe, cation="name NA")


def made_up_rows():
    clean, with_k = metal_with_k("Cu")
    sheet, sheet_with_k = graphene_with_k()
    return [
        adsorption("cu_111", -0.4, pictures=(clean, with_k)),
        adsorption("graphene", -0.1, pictures=(sheet, sheet_with_k)),
    ]


def test_rows_of_ones_own_are_ranked_alone():
    table = potash.rank_hosts(rows=made_up_rows())
    frame = table.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert set(frame[frame["rank"].notna()]["model"]) <= {"cu_111", "graphene"}
    assert "hosts" in repr(table)
    assert isinstance(table.plot(), Figure)


def test_a_store_is_ranked_with_the_reference_rows(tmp_path):
    alone = potash.rank_hosts()
    store = potash.open_store(tmp_path / "rows.sqlite")
    table = potash.rank_hosts(store)
    assert table.to_frame().equals(alone.to_frame())
    assert len(alone.ranked) > 50
    lines = repr(alone).splitlines()
    assert len(lines) < 20
    best = alone.ranked[0]
    assert best.probability_in is not None
    assert f"{best.tier.replace('_', ' ')} {best.probability_in:.0%}" in lines[1]
    # One bar a line, as many lines as are shown.
    assert len(alone.plot().axes[0].get_yticklabels()) <= 30


def test_separators_are_ranked_on_request():
    table = potash.rank_hosts(populations=["separator"])
    assert {e.values["population"] for e in table.ranked} == {"separator"}
    assert "pep_nm" not in {e.id for e in potash.rank_hosts().ranked}
    with pytest.raises(potash.InputError, match=r"populations: .*substrate"):
        potash.rank_hosts(populations=["separators"])


def test_electrolytes_are_ranked_by_what_is_asked():
    by_motion = [{"column": "diffusion_k_m2_s", "worst": 0, "best": 1e-9, "weight": 1}]
    table = potash.rank_electrolytes(criteria=by_motion)
    assert [c.column for c in table.criteria] == ["diffusion_k_m2_s"]
    by_rank = sorted(table.ranked, key=lambda e: e.rank)
    order = [e.central["diffusion_k_m2_s"] for e in by_rank]
    assert np.all(np.diff(order) <= 0)
    assert "electrolytes" in repr(table)
    with pytest.raises(potash.InputError, match=r"criteria: hosts\.0.weight: Field required"):
        potash.rank_hosts(criteria=[{"column": "adsorption_energy_ev", "worst": 0, "best": -1}])


def test_molecules_are_ranked_by_what_is_known() -> None:
    table = potash.rank_molecules()
    found = {e.id: e for e in table.ranked}
    assert {"kfsi", "dme", "tte"} <= set(found)
    assert "fsi_minus" not in found, "the salt stands for it"
    assert found["tte"].probability_in > found["dme"].probability_in
