"""The page of predictions beside measurements."""

from __future__ import annotations

from pathlib import Path

from potash.bench.comparison import write_comparison
from potash.evidence.liquids import Measured
from potash.ranking.learning import Learning
from tests.evidence.test_measurements import row
from tests.ranking.test_parity import compared, simulated


def test_page_and_plot(tmp_path: Path) -> None:
    rows = [row(1.0, candidate="kfsi_dme_1m", uncertainty=0.02)]
    found = compared(rows, simulated("kfsi_dme_1m", density_g_ml=Measured(1.03)))
    page = write_comparison(found, [], tmp_path).read_text()
    assert "| kfsi_dme_1m | 1.03 | 1.00 | not known | Ada |" in page
    assert (tmp_path / "parity-density_g_ml.svg").read_text().startswith("<?xml")
    assert "No candidate has both" in write_comparison([], [], tmp_path).read_text()


def test_a_fit_that_may_speak_is_written_for_every_candidate(tmp_path: Path) -> None:
    learnt = Learning(
        "hosts", "life_h", ("x",), 9, 4, 0.1, 0.3, 0.2, 0.1, 0.3, 0.9, {"a": 2.5, "b": 1.5}
    )
    page = write_comparison([], [learnt], tmp_path).read_text()
    assert "learnable: mean absolute error on unseen groups 0.1 log10(h)" in page
    lines = (tmp_path / "learnt-hosts-life_h.csv").read_text().splitlines()
    assert lines[1:] == ["b,1.5,0.1", "a,2.5,0.1"]
