"""Numbers in units that show them."""

from __future__ import annotations

import pytest

from potash.columns import Unit, interval_names, unit_of
from potash.quantities import described, measured, number, with_unit


@pytest.mark.parametrize(
    ("column", "words", "unit"),
    [
        ("adsorption_energy_ev", "adsorption energy", Unit("eV", decimals=2)),
        ("potential_oxidation_v_vs_k", "potential oxidation", Unit("V vs K/K+", decimals=2)),
        ("diffusion_k_m2_s", "diffusion k", Unit("1e-10 m2/s", 1e10)),
        ("temperature_k", "temperature", Unit("K")),
        ("per_anion_ssip", "per anion ssip", Unit("")),
    ],
)
def test_a_column_names_its_unit(column: str, words: str, unit: Unit) -> None:
    assert unit_of(column) == (words, unit)


def test_the_ends_of_an_interval_are_named_alike() -> None:
    assert interval_names("density_g_ml") == ("density_low_g_ml", "density_high_g_ml")
    assert interval_names("per_anion_ssip") == ("per_anion_ssip_low", "per_anion_ssip_high")


def test_digits_follow_the_interval() -> None:
    assert number(-0.823146, half_width=0.83) == "-0.82"
    assert number(1.03124, half_width=0.004) == "1.0312"
    assert number(74.31, half_width=12.0) == "74"
    assert number(-1.234, half_width=1.2, decimals=2) == "-1.23"
    assert number(0.0042, decimals=2) == "4.20e-3", "small numbers are seen all the same"


def test_small_numbers_are_seen() -> None:
    assert number(2.3e-10) == "2.30e-10"
    assert with_unit("diffusion_k_m2_s", 2.314e-10, 1.9e-10, 2.7e-10) == (
        "2.31 [1.90, 2.70] 1e-10 m2/s"
    )
    assert with_unit("viscosity_pa_s", 0.00063, None, None) == "0.630 mPa s"


def test_an_unknown_interval_is_said_to_be_so() -> None:
    assert measured(-0.8, None, None) == "-0.800 [unknown]"
    assert measured(-0.8, None, None, decimals=2) == "-0.80 [unknown]"
    assert measured(None, None, None) == "-"


def test_a_record_becomes_names_and_texts() -> None:
    record = {
        "density_g_ml": 1.031,
        "density_low_g_ml": 1.02,
        "density_high_g_ml": 1.042,
        "per_anion_ssip": 0.5,
        "n_atoms": 1000,
        "level": "screen-gromacs",
        "converged": False,
        "missing_ev": None,
        "keys": {"a": "b"},
    }
    assert described(record) == [
        ("density", "1.031 [1.020, 1.042] g/mL"),
        ("per anion SSIP", "0.500"),
        ("n atoms", "1000"),
        ("level", "screen-gromacs"),
        ("converged", "no"),
    ]
