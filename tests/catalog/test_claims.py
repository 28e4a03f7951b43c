"""Claims, equations and misprints; the worked examples hold."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from pydantic import TypeAdapter, ValidationError

from potash.catalog import load_catalog
from potash.catalog.claims import Expected, ExpectedValue
from potash.units import FARADAY_C_MOL


def test_counts() -> None:
    catalog = load_catalog()
    claims = catalog.claims.values()
    assert Counter(c.cost_tier for c in claims) == {
        "light": 83,
        "medium": 31,
        "heavy": 9,
        "trivial": 7,
    }
    assert Counter(c.basis for c in claims) == {
        "experiment": 58,
        "argument": 54,
        "computed_in_source": 15,
        "curator_companion": 3,
    }
    assert Counter(c.expected.type for c in claims) == {
        "sign_or_trend": 69,
        "ordering": 46,
        "value": 15,
    }
    assert len({c.kind for c in claims}) == 21
    assert sum(c.priority for c in claims) == 15
    assert sum(bool(c.caveat) for c in claims) == 46
    assert sum(sum(c.refs) for c in claims) == 34272
    assert sum(len(c.systems) for c in claims) == 357
    assert len(catalog.auxiliary_systems) == 24
    assert len(catalog.misprints) == 29
    assert list(catalog.equations) == ["eq1", "eq2", "eq3", "eq4"]


def test_every_system_of_a_claim_exists() -> None:
    catalog = load_catalog()
    known = {
        *catalog.hosts,
        *catalog.electrolytes,
        *catalog.species,
        *catalog.salts,
        *catalog.auxiliary_systems,
    }
    assert {s for c in catalog.claims.values() for s in c.systems} <= known


def test_values_carry_units() -> None:
    claim = load_catalog().get_claim("fsi_free_dm_mb")
    assert isinstance(claim.expected, ExpectedValue)
    assert [(n.value, n.unit) for n in claim.expected.values] == [
        (36.9, "%"),
        (13.5, "%"),
        (4.22, "V"),
        (4.94, "V"),
    ]
    adsorption = load_catalog().get_claim("ads_cu6sn5").expected
    assert isinstance(adsorption, ExpectedValue)
    assert adsorption.values[0].value == -4.98
    assert adsorption.sign == "negative = bound"


@pytest.mark.parametrize(
    "data",
    [
        {"type": "value"},
        {"type": "value", "values": []},
        {"type": "value", "values": [{"value": 1}]},
        {"type": "ordering", "order": ["only"]},
        {"type": "sign_or_trend", "trend": ""},
        {"type": "other"},
        {"type": "sign_or_trend", "trend": "x", "order": ["a", "b"]},
    ],
)
def test_bad_expectations(data: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Expected).validate_python(data)


def test_worked_example_of_the_nucleus() -> None:
    """Equation 1 has its maximum where equation 2 says, for z = 1 and no volume term."""
    e = load_catalog().equations["eq1"].worked_example
    drive = e["dG_f_J_m3"] + e["z"] * FARADAY_C_MOL * e["eta_V"] / e["V_m_m3_mol"]
    cos = math.cos(math.radians(e["theta_deg"]))
    shape = (2 + cos) * (1 - cos) ** 2 / 4
    gamma = e["gamma_NE_J_m2"]
    assert -2 * gamma / drive == pytest.approx(e["r_crit_m"], rel=1e-3, abs=0)
    assert 16 * math.pi * gamma**3 * shape / (3 * drive**2) == pytest.approx(
        e["barrier_J"], rel=2e-3, abs=0
    )


def test_worked_examples_of_young_and_sand() -> None:
    young = load_catalog().equations["eq3"].worked_example
    cos = (young["gamma_SE_J_m2"] - young["gamma_SN_J_m2"]) / young["gamma_NE_J_m2"]
    assert math.degrees(math.acos(cos)) == pytest.approx(young["theta_deg"])
    sand = load_catalog().equations["eq4"].worked_example
    flux = sand["z_c"] * sand["c0_mol_m3"] * FARADAY_C_MOL / (2 * sand["J_A_m2"] * sand["t_a"])
    assert math.pi * sand["D_app_m2_s"] * flux**2 == pytest.approx(sand["t_s"], rel=2e-3)
