"""Measured values replace simulated ones; what the catalogue holds counts as measured."""

from __future__ import annotations

import pytest

from potash.catalog.catalog import load_catalog
from potash.evidence.measurements import (
    holding,
    measurement_row,
    measurements,
)
from potash.evidence.shipped import known_measurements, shipped_measurements
from potash.ranking.electrolytes import electrolyte_candidates
from potash.results.measurement import MeasurementInputs, MeasurementValues
from potash.store import Row
from tests.synthetic_rows import liquid_rows

CATALOG = load_catalog()


def row(value: float, replicate: int = 1, **more: object) -> Row:
    given: dict[str, object] = {
        "candidate": "kfsi_dme_1m",
        "quantity": "density_g_ml",
        "value": value,
        "protocol": "bulk",
        "replicate": str(replicate),
        "source": "Ada",
    }
    return measurement_row(MeasurementInputs.model_validate({**given, **more}), added="2026")


def test_replicates_give_a_students_t_interval() -> None:
    rows = [row(v, n) for n, v in enumerate((0.98, 1.00, 1.02))]
    found = measurements(rows)["kfsi_dme_1m", "density_g_ml"].estimate
    assert found.raw == pytest.approx(1.00)
    # t(0.975, 2) = 4.3027, standard error 0.02 / sqrt(3).
    assert found.high == pytest.approx(1.00 + 4.3027 * 0.02 / 3**0.5, abs=1e-4)


def test_many_replicates_do_not_remove_the_error_of_the_instrument() -> None:
    rows = [row(1.0 + n / 1000, n, uncertainty=0.05) for n in range(20)]
    found = measurements(rows)["kfsi_dme_1m", "density_g_ml"].estimate
    assert found.high is not None
    assert found.high - found.raw == pytest.approx(0.05, rel=1e-3)


def test_one_value_without_uncertainty_has_no_interval() -> None:
    found = measurements([row(0.98)])["kfsi_dme_1m", "density_g_ml"].estimate
    assert found.high is None


def test_replicates_of_other_conditions_are_not_joined() -> None:
    rows = [row(1.0, 1, temperature_k=298.15), row(1.0, 2, temperature_k=298.15)]
    rows.append(row(0.9, 3, temperature_k=333.15))
    assert measurements(rows)["kfsi_dme_1m", "density_g_ml"].estimate.raw == 1.0


def test_a_superseded_value_does_not_count() -> None:
    old = row(0.5)
    new = row(0.99, supersedes=old.key)
    assert holding([old, new]) == [new]


def test_measured_replaces_simulated_in_the_ranking() -> None:
    simulated = liquid_rows()
    item = simulated[0].item
    before, _ = electrolyte_candidates(simulated, CATALOG)
    measured = [
        row(0.5, 1, candidate=item, uncertainty=0.01),
        row(1.42, 1, candidate=item, quantity="conductivity_s_m", uncertainty=0.03),
        row(9e-10, 1, candidate=item, quantity="diffusion_k_m2_s", uncertainty=1e-11),
        row(0.99, 1, candidate=item, quantity="raman_ssip", uncertainty=0.01),
    ]
    after, _ = electrolyte_candidates([*simulated, *measured], CATALOG)
    (old,) = [c for c in before if c.entry.id == item]
    (new,) = [c for c in after if c.entry.id == item]
    assert new.entry.values["density_g_ml"] == 0.5 != old.entry.values["density_g_ml"]
    assert new.entry.values["conductivity_s_m"] == 1.42
    assert new.entry.values["conductivity_low_s_m"] == pytest.approx(1.39)
    assert new.central["diffusion_k_m2_s"] == 9e-10 != old.central["diffusion_k_m2_s"]
    assert new.entry.values["per_anion_ssip"] == old.entry.values["per_anion_ssip"]
    assert new.entry.values["measured"] == ["density_g_ml", "conductivity_s_m", "diffusion_k_m2_s"]
    # The simulated value stays beside the measured one, in the columns and in words.
    assert new.entry.values["density_simulated_g_ml"] == old.entry.values["density_g_ml"]
    assert old.entry.values["density_simulated_g_ml"] is None
    assert f"simulated {old.entry.values['density_g_ml']:.2f}"[:13] in " ".join(new.entry.flags)
    assert "experiment" in new.entry.levels
    assert any(f.startswith("measured: density_g_ml 0.50") for f in new.entry.flags)
    draws = new.draws["diffusion_k_m2_s"]
    assert draws.mean() == pytest.approx(9e-10, rel=0.01)
    others = {c.entry.id: c.central for c in before if c.entry.id != item}
    assert all(others[c.entry.id] == c.central for c in after if c.entry.id != item)


def test_the_catalogue_holds_tables_and_conductivities() -> None:
    found = shipped_measurements(CATALOG)
    values = [r.read(MeasurementValues) for r in found]
    lives = [v for v in values if v.quantity == "life_h" and "Table" in v.measured_by]
    printed = sum(r.life_h is not None for t in CATALOG.performance.values() for r in t.rows)
    assert len(lives) == printed > 30
    from_review = [v for v in values if "ref. " in v.measured_by]
    assert all("10.1039/d4cs00845f" in v.measured_by for v in from_review)
    assert len({r.key for r in found}) == len(found)
    # By hand: numbers of the catalogue with the quantity's name, ranges and bounds left out.
    assert sum(v.quantity == "conductivity_s_m" for v in from_review) == 12
    efficiencies = {r.item: v.value for r, v in zip(found, values, strict=True)
                    if v.quantity == "coulombic_efficiency"}  # fmt: skip
    assert efficiencies["cu6sn5_cu"] == pytest.approx(0.9969)
    assert efficiencies["lhce2_kfsi_dme_tte"] == pytest.approx(0.981)
    assert efficiencies["kfsi_dme_1m"] == pytest.approx(0.9665)


def test_every_row_of_the_reviews_tables_is_shipped() -> None:
    seen = {(r.item, v.quantity, v.value) for r in shipped_measurements(CATALOG)
            if (v := r.read(MeasurementValues))}  # fmt: skip
    columns = {"life_h": "life_h", "overpotential_mv": "overpotential_mv",
               "voltage_hysteresis_mv": "voltage_hysteresis_mv"}  # fmt: skip
    rows = [r for t in CATALOG.performance.values() for r in t.rows]
    assert len(rows) == 24 + 11 + 8  # as printed in Tables 2, 3 and 4
    for performance in rows:
        for attribute, column in columns.items():
            if (value := getattr(performance, attribute)) is not None:
                assert (performance.host, column, value) in seen


def test_own_measurements_come_before_shipped_ones() -> None:
    shipped = known_measurements([], CATALOG)["kpf6_dme_1m", "density_g_ml"]
    assert shipped.estimate.raw == 1.001
    own = known_measurements([row(0.99, candidate="kpf6_dme_1m")], CATALOG)
    assert own["kpf6_dme_1m", "density_g_ml"].estimate.raw == 0.99
    assert (
        own["cu6sn5_cu", "life_h"].rows
        == known_measurements([], CATALOG)["cu6sn5_cu", "life_h"].rows
    )
