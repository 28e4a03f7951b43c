"""Predictions beside measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from potash.evidence.liquids import LiquidEvidence, Measured
from potash.evidence.measurements import measurements
from potash.ranking.parity import Comparison, compare, rank_correlation
from potash.store import Row
from tests.evidence.test_measurements import row


def simulated(name: str, **properties: Measured) -> LiquidEvidence:
    return LiquidEvidence(
        item=name, level="screen", rows=(), properties=properties, diffusion_k=None,
        diffusion_is_apparent=False, coordination={}, converged=True, note="", levels=(),
    )  # fmt: skip


def compared(rows: Sequence[Row], *liquids: LiquidEvidence, **records: Any) -> list[Comparison]:
    return compare(measurements(rows), {x.item: x for x in liquids}, records)


def test_bias_error_and_overlap() -> None:
    rows = [
        row(1.00, candidate="kfsi_dme_1m", uncertainty=0.02),
        row(1.10, candidate="kpf6_dme_1m", uncertainty=0.02),
        row(0.30, candidate="kfsi_dme_1m", quantity="raman_agg"),
        row(5.0, candidate="cu_foil", quantity="life_h"),
    ]
    density, agg = compared(
        rows,
        simulated(
            "kfsi_dme_1m", density_g_ml=Measured(1.03, 1.01, 1.05), per_anion_agg=Measured(0.2)
        ),
        simulated("kpf6_dme_1m", density_g_ml=Measured(1.05, 1.04, 1.06)),
    )
    assert density.column == "density_g_ml"
    assert density.bias == pytest.approx((0.03 - 0.05) / 2)
    assert density.error == pytest.approx(0.04)
    assert [p.inside for p in density.pairs] == [True, False]
    assert density.rank_correlation is None
    assert "too few pairs" in density.words()
    assert agg.pairs[0].predicted == 0.2
    assert agg.pairs[0].inside is None
    assert agg.pairs[0].source == "Ada"


def test_what_was_measured_and_never_predicted_is_counted() -> None:
    rows = [row(1.2, quantity="conductivity_s_m"), row(4.5, quantity="oxidation_limit_v")]
    conductivity, oxidation = compared(rows, kfsi_dme_1m={"oxidation_limit_v": 5.0})
    assert (conductivity.pairs, conductivity.unpaired, conductivity.bias) == ((), 1, None)
    assert conductivity.words() == "conductivity: no pair; 1 more measured without a prediction"
    assert oxidation.bias == pytest.approx(0.5)


def test_motion_that_is_not_diffusive_is_no_prediction() -> None:
    rows = [row(1e-10, quantity="diffusion_k_m2_s")]
    liquid = simulated("kfsi_dme_1m", diffusion_k_m2_s=Measured(2e-10))
    (found,) = compared(rows, liquid)
    assert found.bias == pytest.approx(1e-10)
    (found,) = compared(rows, replace(liquid, diffusion_is_apparent=True))
    assert found.pairs == ()


def test_equal_values_share_their_mean_rank() -> None:
    """As scipy does it, which is too slow to load for a report."""
    values = np.random.default_rng(3).integers(0, 5, (20, 2)).astype(float)
    assert rank_correlation(values)[0] == pytest.approx(spearmanr(values).statistic)


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
