"""What is known of formulations: the component that gives way first."""

from __future__ import annotations

import numpy as np
import pytest

from potash.catalog.catalog import load_catalog
from potash.evidence.electrolytes import electrolyte_evidence, neutral_components
from potash.evidence.species import canonical
from tests.synthetic_rows import (
    PURE,
    ionisation_benchmark,
    liquid,
    liquid_rows,
    molecule_rows,
    redox,
)

CATALOG = load_catalog()
MEASURED = {canonical(smiles): reference for smiles, (_, reference) in PURE.items()}


def found(rows, **options):
    evidence, _ = electrolyte_evidence(
        rows,
        CATALOG,
        MEASURED,
        calibration_rows=ionisation_benchmark(),
        **{"seed": 1, "n_draws": 8000, **options},
    )
    return {e.formulation.id: e for e in evidence}


def test_salts_and_ions_are_no_neutral_components():
    assert neutral_components(CATALOG.electrolytes["kfsi_ecdec_1m"], CATALOG) == ("ec", "dec")


def test_the_lowest_ionisation_energy_limits_and_one_component_has_its_own_interval():
    known = found([*liquid_rows(), *molecule_rows()])
    alone, mixed = known["kfsi_dme_1m"].ionisation, known["kfsi_ecdec_1m"].ionisation
    assert (alone.species, mixed.species) == ("dme", "dec")
    low, high = np.quantile(alone.draws, [0.025, 0.975])
    assert (alone.measured.low, alone.measured.high) == pytest.approx((low, high), abs=0.01)
    assert set(mixed.keys) == {"ec", "dec"}


def test_highest_reduction_and_lowest_oxidation_set_the_window():
    rows = [
        redox("dme", 4.0, potential_reduction_v_vs_k=0.6),
        redox("fsi_minus", 5.0, potential_reduction_v_vs_k=0.7),
    ]
    known = found(rows)["kfsi_dme_1m"]
    assert (known.oxidation.species, known.oxidation.measured.value) == ("dme", 4.0)
    assert (known.reduction.species, known.reduction.measured.value) == ("fsi_minus", 0.7)
    assert np.all(known.oxidation.draws <= 4.0 + 1.5)
    assert np.mean(known.reduction.draws) > 0.75


def test_the_extremes_of_joint_draws_share_the_scale():
    """With hardly any error of their own, window and zero: the width of the window is certain."""
    known = found([redox("dme", 4.0, half=0.2), redox("fsi_minus", 5.0, half=0.2)])["kfsi_dme_1m"]
    assert np.ptp(known.oxidation.draws - known.reduction.draws) < 1e-9
    assert np.std(known.oxidation.draws) == pytest.approx(0.102, abs=0.005)


def test_one_unknown_component_leaves_the_limit_open():
    known = found([redox("dme", 4.0)])["kfsi_dme_1m"]
    assert known.oxidation is None
    assert known.reduction is None
    assert found(molecule_rows()[1:3])["kfsi_dme_1m"].without_ionisation == ("dme",)


def test_an_unknown_error_leaves_the_interval_open():
    rows = [redox("dme", 4.0), redox("fsi_minus", 5.0, half=None)]
    limit = found(rows)["kfsi_dme_1m"].oxidation
    assert (limit.measured.value, limit.draws) == (4.0, None)
    assert limit.measured.note == "the error of fsi_minus is not known"


def test_diffusion_is_drawn_within_its_bounds():
    known = found([liquid("kfsi_dme_1m", d=1e-10, half=1.5e-10)])["kfsi_dme_1m"]
    assert known.diffusion_k_draws_m2_s.min() == 0.0
    assert np.quantile(known.diffusion_k_draws_m2_s, 0.975) == pytest.approx(2.5e-10, rel=0.05)


def test_only_what_is_asked_for():
    assert list(found([], only=["kpf6_dme_1m"])) == ["kpf6_dme_1m"]
