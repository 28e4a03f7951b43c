"""Predictions beside measurements."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from potash.bench.comparison import compare, rank_correlation, write_comparison
from tests.evidence.test_measurements import row


def test_bias_error_and_overlap() -> None:
    rows = [
        row(1.00, candidate="kfsi_dme_1m", uncertainty=0.02),
        row(1.10, candidate="kpf6_dme_1m", uncertainty=0.02),
        row(0.30, candidate="kfsi_dme_1m", quantity="raman_agg"),
        row(5.0, candidate="cu_foil", quantity="life_h"),
    ]
    predicted = {
        "kfsi_dme_1m": {
            "density_g_ml": 1.03,
            "density_low_g_ml": 1.01,
            "density_high_g_ml": 1.05,
            "per_anion_agg": 0.2,
        },
        "kpf6_dme_1m": {
            "density_g_ml": 1.05,
            "density_low_g_ml": 1.04,
            "density_high_g_ml": 1.06,
        },
    }
    density, agg = compare(rows, predicted)
    assert density.column == "density_g_ml"
    assert density.bias == pytest.approx((0.03 - 0.05) / 2)
    assert density.error == pytest.approx(0.04)
    assert [p.inside for p in density.pairs] == [True, False]
    assert density.rank_correlation is None
    assert "too few pairs" in density.words()
    assert agg.pairs[0].predicted == 0.2
    assert agg.pairs[0].inside is None


def test_rank_correlation_with_its_interval() -> None:
    values = np.array([(1, 1), (2, 3), (3, 2), (4, 5), (5, 4), (6, 6)], float)
    rho, low, high = rank_correlation(values)
    assert rho == pytest.approx(1 - 6 * 4 / (6 * 35))  # 0.886, by hand
    # atanh(0.886) +- 1.96 sqrt((1 + 0.886^2 / 2) / 3)
    assert low == pytest.approx(0.062, abs=0.005)
    assert high == pytest.approx(0.992, abs=0.002)


def test_a_perfect_order_of_few_is_not_certain() -> None:
    values = np.array([(k, k) for k in range(5)], float)
    rho, low, high = rank_correlation(values)
    assert rho == pytest.approx(1.0)
    assert high == pytest.approx(1.0)
    assert low is not None
    assert low < 0.5


def test_page_and_plot(tmp_path: Path) -> None:
    rows = [row(1.0, candidate="kfsi_dme_1m", uncertainty=0.02)]
    found = compare(rows, {"kfsi_dme_1m": {"density_g_ml": 1.03}})
    page = write_comparison(found, tmp_path).read_text()
    assert "| kfsi_dme_1m | 1.03 | 1.00 | not known |" in page
    assert (tmp_path / "parity-density_g_ml.svg").read_text().startswith("<?xml")
    assert "No candidate has both" in write_comparison([], tmp_path).read_text()
