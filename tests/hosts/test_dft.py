from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import fcc111, graphene
from hypothesis import given
from hypothesis import strategies as st

from potash.catalog.recipes import recipe_from_data
from potash.engines import gpaw
from potash.engines.potentials import adsorption_level
from potash.errors import CalculationError, RefusedError
from potash.hosts.adsorption import compute_adsorption, compute_k_metal
from potash.hosts.dft import choose_mode, parabola_minimum
from potash.hosts.plan import adsorption_calculations, k_metal_calculation

needs_gpaw = pytest.mark.skipif(gpaw.interpreter() is None, reason="GPAW is not installed")


@given(
    st.floats(-3, 3),
    st.floats(0.1, 10),
    st.floats(-50, 50),
    st.lists(st.floats(-4, 4), min_size=3, max_size=6, unique_by=lambda x: round(x, 1)),
)
def test_parabola_minimum_is_exact_for_a_parabola(centre, stiffness, lowest, points):
    energies = [stiffness * (x - centre) ** 2 + lowest for x in points]
    at, value = parabola_minimum(points, energies)
    assert at == pytest.approx(centre, abs=1e-5)
    assert value == pytest.approx(lowest, abs=1e-5)


def test_points_without_a_minimum_are_an_error():
    with pytest.raises(CalculationError, match="no minimum"):
        parabola_minimum([0.0, 1.0, 2.0], [0.0, 1.0, 0.0])


def test_plane_waves_for_small_metals_only():
    fingerprint = {"modes": {"pw": {}, "lcao": {}}}
    assert choose_mode(fcc111("Al", (2, 2, 4), vacuum=6), fingerprint) == "pw"
    assert choose_mode(fcc111("Al", (4, 4, 4), vacuum=6), fingerprint) == "lcao"
    assert choose_mode(graphene("C2", vacuum=6), fingerprint) == "lcao"
    assert choose_mode(graphene("C2", vacuum=6), {"modes": {"pw": {}}}) == "pw"


@needs_gpaw
def test_energies_of_different_settings_are_never_subtracted(tmp_path):
    level = adsorption_level("standard")
    (calculation,) = adsorption_calculations(
        recipe_from_data({"builder": "graphene"}), level, item="x", model="x"
    )
    row = {"energy_ev_per_atom": -1.0, "energy_lcao_ev_per_atom": -1.0, "level_sha256": "other"}
    with pytest.raises(RefusedError, match="other settings"):
        compute_adsorption(
            calculation.inputs,
            {"k_metal": row},
            workdir=tmp_path,
            progress=lambda _fraction, _text: None,
        )


@needs_gpaw
def test_standard_and_reference_have_keys_of_their_own():
    keys = {k_metal_calculation(adsorption_level(n)).key for n in ("screen", *gpaw.DFT_LEVELS)}
    assert len(keys) == 3


@needs_gpaw
@pytest.mark.dft
def test_bcc_potassium_by_plane_waves(tmp_path: Path):
    level = adsorption_level("reference")
    values = compute_k_metal(
        k_metal_calculation(level).inputs, {}, workdir=tmp_path, progress=lambda _f, _t: None
    ).values
    assert values["lattice_constant_angstrom"] == pytest.approx(5.28, abs=0.06)
    assert np.isfinite(values["energy_ev_per_atom"])
