"""What cheap levels say of quantities at the level that counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from potash.catalog import load_catalog
from potash.evidence.potentials import read_potentials
from potash.evidence.predicted import predicted
from potash.store.rows import Row

CATALOG = load_catalog()


def values(rows: list[Row], kind: str, level: str, name: str) -> dict[str, float]:
    return {
        r.item: r.values[name]
        for r in rows
        if r.kind == kind and r.level == level and r.status == "ok" and name in r.values
    }


def test_a_potential_without_a_row_follows_from_the_ionisation_energy(
    reference_rows: list[Row],
) -> None:
    potentials = read_potentials(reference_rows)
    assert potentials is not None
    known = potentials.estimates["oxidation"]
    neutral = [n for n in known if CATALOG.species[n].charge == 0]
    ip = values(reference_rows, "species", "screen", "ip_vertical_ev")
    both = [n for n in neutral if n in ip]
    line = stats.linregress([ip[n] for n in both], [known[n].value or 0.0 for n in both])
    # One molecule loses its row: it is predicted, within what the prediction says.
    left = [r for r in reference_rows if not (r.kind == "redox" and r.item == "ec")]
    found = predicted(left, read_potentials(left)).estimates["oxidation_limit_v"]["ec"]
    assert found.value == pytest.approx(line.intercept + line.slope * ip["ec"], abs=0.1)
    low, high = found.interval or (0.0, 0.0)
    assert low < (known["ec"].value or 0.0) < high
    own = known["ec"].interval or (0.0, 0.0)
    assert high - low > own[1] - own[0]
    assert any(c.shared and "K/K+" in c.name for c in found.components or ())


def test_binding_is_exact_at_dft_and_predicted_from_tight_binding_for_molecules(
    reference_rows: list[Row],
) -> None:
    found = predicted(reference_rows, None).estimates["k_binding_ev"]
    assert found["ec"].components == () or found["ec"].interval is not None
    without = [
        r
        for r in reference_rows
        if not (r.kind == "complex" and r.level == "standard" and r.item == "k_plus_dme")
    ]
    again = predicted(without, None).estimates["k_binding_ev"]
    known = found["dme"].value or 0.0
    low, high = again["dme"].interval or (0.0, 0.0)
    assert low < known < high
    assert 0.1 < high - low < 1.5


def test_leave_one_out_intervals_of_the_binding_cover(reference_rows: list[Row]) -> None:
    exact = values(reference_rows, "complex", "standard", "binding_energy_ev")
    charge = values(reference_rows, "complex", "standard", "charge")
    names = [n for n in exact if n.startswith("k_plus_") and charge[n] == 1]
    inside = []
    everything = predicted(reference_rows, None).estimates["k_binding_ev"]
    for name in names:
        left = [
            r for r in reference_rows if (r.kind, r.level, r.item) != ("complex", "standard", name)
        ]
        estimate = predicted(left, None).estimates["k_binding_ev"].get(name[7:])
        if estimate is not None and estimate.interval is not None:
            low, high = estimate.interval
            inside.append(low <= (everything[name[7:]].value or 0.0) <= high)
    assert len(inside) >= 10
    assert np.mean(inside) >= 0.8


def test_ions_are_not_predicted(reference_rows: list[Row]) -> None:
    left = [r for r in reference_rows if r.level == "screen" or not r.item.endswith("minus")]
    found = predicted(left, None, calibration_rows=reference_rows).estimates["k_binding_ev"]
    assert "ec" in found
    assert not any(n.endswith("minus") for n in found)
