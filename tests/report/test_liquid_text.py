"""The analysis of a liquid in words."""

from __future__ import annotations

from typing import Any

import pytest

from potash.report.liquid_text import liquid_lines

DATA: dict[str, Any] = {
    "per_anion_ssip": 0.5,
    "per_anion_cip": 0.3,
    "per_anion_agg": 0.2,
    "per_cation_ssip": 0.4,
    "per_cation_cip": 0.5,
    "per_cation_agg": 0.1,
    "coordination": {
        "K-O(DME)": {"value": 5.9, "cutoff_angstrom": 3.6, "cutoff_source": "first minimum"}
    },
    "diffusion_m2_s": {
        "K": {
            "status": "not diffusive yet",
            "apparent": 2.9e-10,
            "loglog_slope": 0.72,
            "loglog_slope_half_width": 0.15,
        },
        "FSI": {"status": "diffusive", "value": 4.85e-10, "low": 4.1e-10, "high": 5.6e-10},
        "DME": {"status": "not computed: one molecule"},
    },
    "density_g_ml": 1.0132,
    "conductivity": {
        "status": "diffusive",
        "finite_size": "uncorrected",
        "formal_charges": {
            "einstein_helfand_s_m": {"value": 1.7, "low": 1.2, "high": 2.2},
            "nernst_einstein_s_m": {"value": 2.98, "low": 2.1, "high": 3.8},
            "ionicity": 0.57,
            "transference": {"K": {"value": 0.4, "low": 0.3, "high": 0.5}},
            "frame": "solvent-fixed",
        },
    },
    "residence_ps": {"FSI": {"status": "few events", "value": 57.0, "low": 38.0, "high": 88.0}},
    "converged": False,
    "convergence_note": "not converged: 13 ion pairs (at least 20)",
}
HALF: dict[str, Any] = {
    "per_anion_ssip": 0.06,
    "per_anion_agg": 0.3,
    "K-O(DME)": [5.6, 6.2],
    "density_g_ml": 0.0036,
}


@pytest.fixture(scope="module")
def text() -> str:
    return "\n".join(liquid_lines(DATA, HALF, 120))


def test_fractions_have_their_intervals_within_0_and_1(text: str) -> None:
    assert "0.500 [0.440, 0.560]" in text
    assert "0.20 [0.00, 0.50]" in text
    assert "0.300 [unknown]" in text


def test_diffusion_is_in_units_that_show_it_with_its_status(text: str) -> None:
    assert "4.85 [4.10, 5.60]" in text
    assert "1e-10 m2/s" in text
    assert "(2.90 apparent)" in text
    assert "not diffusive yet (log-log slope 0.720 +- 0.150)" in text
    assert "not computed: one molecule" in text
    assert "uncorrected" in text


def test_conductivity_and_transference_name_charges_and_frame(text: str) -> None:
    assert "1.70 [1.20, 2.20] S/m, formal charges, box size uncorrected" in text
    assert "0.40 [0.30, 0.50], solvent-fixed frame" in text


def test_an_apparent_conductivity_says_why(text: str) -> None:
    conductivity = DATA["conductivity"]
    moving = {
        "status": "not diffusive yet",
        "apparent": conductivity["formal_charges"],
    }
    lines = liquid_lines({**DATA, "conductivity": moving}, HALF, 120)
    assert any("(apparent: not diffusive yet)" in line for line in lines)
    missing = {**DATA, "conductivity": {"status": "not computed: no temperature given"}}
    assert any("not computed: no temperature given" in x for x in liquid_lines(missing, HALF, 120))


def test_it_says_whether_it_is_converged(text: str) -> None:
    assert "no: 13 ion pairs (at least 20)" in text
    settled = {**DATA, "converged": True, "convergence_note": ""}
    assert any(line.split() == ["converged", "yes"] for line in liquid_lines(settled, HALF, 120))


def test_coordination_and_residence(text: str) -> None:
    assert "5.90 [5.60, 6.20]" in text
    assert "57 [38, 88] ps (few events)" in text
    assert "1.0132 [1.0096, 1.0168] g/mL" in text


@pytest.mark.parametrize("width", [60, 80])
def test_it_fits(width: int) -> None:
    assert max(map(len, liquid_lines(DATA, HALF, width))) <= width


def test_a_neutral_liquid_has_no_pairing() -> None:
    lines = liquid_lines({"density_g_ml": 0.86, "converged": True}, {}, 80)
    assert not any("Ion pairing" in line for line in lines)
    assert any("0.860 [unknown] g/mL" in line for line in lines)
