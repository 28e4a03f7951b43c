"""Further properties of liquids, against the values of the row that they are from."""

from __future__ import annotations

import pytest

from potash.catalog import load_catalog
from potash.evidence.liquid_properties import liquid_properties
from potash.evidence.liquids import liquid_evidence
from potash.store.rows import Row

CATALOG = load_catalog()


def test_a_row_s_own_numbers(reference_rows: list[Row]) -> None:
    liquid = liquid_evidence(reference_rows)["kfsi_dme_1m"]
    (row,) = liquid.rows
    found = liquid_properties(liquid, CATALOG)
    residence = row.values["residence_ps"]
    assert found["residence_anion_ps"].value == residence["FSI"]["value"]
    assert found["residence_solvent_ps"].value == residence["DME"]["value"]
    half = (residence["DME"]["high"] - residence["DME"]["low"]) / 2
    low, high = found["residence_solvent_ps"].interval or (0.0, 0.0)
    assert (high - low) / 2 == pytest.approx(half, rel=1e-3)
    donors = [x["value"] for p, x in row.values["coordination"].items() if p.endswith("(DME)")]
    assert found["solvent_donors_per_cation"].value == pytest.approx(sum(donors))
    transport = row.values["conductivity"]["formal_charges"]
    assert found["conductivity_s_m"].value == transport["einstein_helfand_s_m"]["value"]
    assert found["transference_number"].value == transport["transference"]["K"]["value"]
    assert found["per_anion_agg_large"].value == row.values["aggregates"]["per_anion"]["agg_2"]
    assert "viscosity_pa_s" not in found, "the row has none"


def test_fluorine_by_mass(reference_rows: list[Row]) -> None:
    liquid = liquid_evidence(reference_rows)["kfsi_dme_1m"]
    molecules = liquid.rows[0].values["molecules"]
    masses = {"K": 39.098, "FSI": 180.13, "DME": 90.12}
    total = sum(masses[name] * n for name, n in molecules.items())
    expected = 2 * 18.998 * molecules["FSI"] / total
    found = liquid_properties(liquid, CATALOG)["fluorine_mass_fraction"]
    assert found.value == pytest.approx(expected, rel=1e-3)
    assert found.components == ()


def test_no_conductivity_where_the_ions_do_not_diffuse_yet(reference_rows: list[Row]) -> None:
    still = [
        item
        for item, liquid in liquid_evidence(reference_rows).items()
        if (liquid.rows[0].values.get("conductivity") or {}).get("status") == "not diffusive yet"
    ]
    assert still
    for item in still:
        found = liquid_properties(liquid_evidence(reference_rows)[item], CATALOG)
        assert "conductivity_s_m" not in found
