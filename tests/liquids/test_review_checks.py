"""Trends that the review states, judged by synthetic liquid rows."""

from __future__ import annotations

import pytest

from potash.catalog.catalog import load_catalog
from potash.claims.grounds import gather
from potash.claims.liquids import CHECKS, JUDGES
from potash.claims.verdict import Finding
from potash.evidence.liquids import liquid_evidence
from tests.synthetic_rows import make_row

CATALOG = load_catalog()


def row(item: str, *, half: float = 0.02, scale: float = 0.8, ps: float = 1000.0, **values: float):
    return make_row(
        "liquid",
        item,
        values={**values, "converged": True, "ion_charge_scale": scale, "production_ps": ps},
        uncertainty=dict.fromkeys(values, half),
    )


def judged(name: str, rows: list) -> Finding:
    return {**JUDGES, **CHECKS}[name](gather(rows, CATALOG))


@pytest.mark.parametrize(
    ("agg", "half", "expected"),
    [
        ((0.1, 0.3, 0.5), 0.02, "agrees"),
        ((0.1, 0.3, 0.5), 0.15, "unresolved"),
        ((0.5, 0.3, 0.1), 0.02, "disagrees"),
    ],
)
def test_agg_rises_with_concentration(agg: tuple[float, ...], half: float, expected: str) -> None:
    items = ("kfsi_dme_1m", "kfsi_dme_2m", "kfsi_dme_3m")
    rows = [row(i, half=half, per_anion_agg=a) for i, a in zip(items, agg, strict=True)]
    assert judged("agg_rises_with_concentration", rows).verdict == expected


def test_a_missing_liquid_is_named() -> None:
    found = judged("agg_rises_with_tte", [row("lhce2_kfsi_dme_tte", per_anion_agg=0.5)])
    assert found.verdict == "not_computed"
    assert "lhce1_kfsi_dme_tte" in found.reason


def test_the_same_composition_stands_in_and_says_so() -> None:
    rows = [row("e_13dx", per_anion_ssip=0.2), row("kfsi_ecdec_1m", per_anion_ssip=0.7)]
    found = judged("ssip_13dx", rows)
    assert found.verdict == "agrees"
    assert "kfsi_ecdec_1m stands for e_ecdec_266" in found.reason


def test_the_formulation_itself_goes_before_what_stands_in() -> None:
    rows = [
        row("e_13dx", per_anion_ssip=0.5),
        row("e_ecdec_266", per_anion_ssip=0.1),
        row("kfsi_ecdec_1m", per_anion_ssip=0.9),
    ]
    found = judged("ssip_13dx", rows)
    assert found.verdict == "disagrees"
    assert "stands for" not in found.reason


def test_charge_scalings_are_not_joined() -> None:
    """Another scaling is another force field: the one that was run longest counts."""
    rows = [
        row("x", per_anion_ssip=0.5),
        row("x", scale=0.7, per_anion_ssip=0.8),
        row("x", ps=900.0, per_anion_ssip=0.4),
    ]
    found = liquid_evidence(rows)["x"]
    assert {r.values["ion_charge_scale"] for r in found.rows} == {0.8}
    assert found.properties["per_anion_ssip"].value == pytest.approx(0.45)
