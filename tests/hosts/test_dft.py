from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from hypothesis import given
from hypothesis import strategies as st

from potash.catalog.catalog import load_catalog
from potash.engines import gpaw
from potash.engines.adsorption_levels import adsorption_level
from potash.engines.dispersion import dispersion_energy_ev
from potash.engines.levels import level_sha256
from potash.errors import CalculationError, RefusedError
from potash.hosts.adsorption import adsorption_calculations, compute_adsorption
from potash.hosts.dft import adsorption, dispersion_shift_ev, half_width_ev
from potash.hosts.k_metal import compute_k_metal, k_metal_calculation
from potash.hosts.parabola import parabola_minimum
from potash.hosts.screened_site import ScreenedSite
from potash.results.adsorption import AdsorptionNeeds
from potash.results.k_metal import KMetalValues
from potash.results.model import NoNeeds
from potash.structures.plain_atoms import extxyz
from potash.structures.recipes import recipe_data, recipe_from_data

needs_gpaw = pytest.mark.skipif(gpaw.interpreter() is None, reason="GPAW is not installed")


def metal(energy: float, level_hash: str) -> AdsorptionNeeds:
    values = KMetalValues(
        energy_ev_per_atom=energy, lattice_constant_angstrom=5.28, level_sha256=level_hash
    )
    return AdsorptionNeeds(k_metal=values)


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


def test_half_width_grows_with_every_part():
    parts = ({"RPBE": 0.0, "PBEsol": 0.0}, 0.0, 0.0)
    assert half_width_ev(*parts) == pytest.approx(0.07)
    assert half_width_ev({"RPBE": 0.12, "PBEsol": -0.3}, 0.0, 0.0) == pytest.approx(
        np.hypot(0.07, 0.3)
    )
    assert half_width_ev({"RPBE": 0.1}, -0.2, 0.4) == pytest.approx(
        np.sqrt(0.07**2 + 0.1**2 + 0.2**2 + 0.2**2)
    )


def test_dispersion_of_k_far_from_the_surface_is_that_of_leaving_the_metal():
    """Beyond the reach of D3 only the metal's own share is left, with its sign turned."""
    slab = fcc111("Al", (2, 2, 2), a=4.05, vacuum=8.0)
    slab.pbc = (True, True, False)
    far = slab + Atoms("K", [slab.positions[-1] + [0, 0, 60.0]])
    alone = Atoms("K", cell=slab.cell, pbc=slab.pbc)
    metal = dispersion_energy_ev(bulk("K", "bcc", a=5.28))
    assert dispersion_shift_ev(far, 5.28) == pytest.approx(
        dispersion_energy_ev(alone) - metal, abs=0.01
    )


@needs_gpaw
def test_energies_of_different_settings_are_never_subtracted(tmp_path):
    level = adsorption_level("standard")
    (calculation,) = adsorption_calculations(
        recipe_from_data({"builder": "graphene"}), level, item="x", model="x"
    )
    needs = metal(-1.0, "other")
    with pytest.raises(RefusedError, match="other settings"):
        compute_adsorption(
            calculation.inputs,
            needs,
            workdir=tmp_path,
            progress=lambda _fraction, _text: None,
        )


@needs_gpaw
@pytest.mark.dft
def test_a_surface_that_k_tears_apart_is_not_relaxed(tmp_path):
    """K opens the epoxide of graphene oxide at the screening level already."""
    level = adsorption_level("reference")
    recipe = load_catalog().models["epoxy_graphene"].recipe
    small = recipe_from_data({**recipe_data(recipe), "supercell": [3, 3]})
    (calculation, *_) = adsorption_calculations(small, level, item="x", model="x")
    needs = metal(-1.22, level_sha256(level.fingerprint))
    with pytest.raises(RefusedError, match="tears this surface apart"):
        compute_adsorption(
            calculation.inputs,
            needs,
            workdir=tmp_path,
            progress=lambda _fraction, _text: None,
        )


@needs_gpaw
def test_every_level_has_keys_of_its_own():
    keys = {k_metal_calculation(adsorption_level(n)).key for n in ("screen", *gpaw.DFT_LEVELS)}
    assert len(keys) == 4


@needs_gpaw
@pytest.mark.dft
def test_bcc_potassium_by_plane_waves(tmp_path: Path):
    level = adsorption_level("reference")
    values = compute_k_metal(
        k_metal_calculation(level).inputs, NoNeeds(), workdir=tmp_path, progress=lambda _f, _t: None
    ).values
    assert values.lattice_constant_angstrom == pytest.approx(5.28, abs=0.06)
    assert np.isfinite(values.energy_ev_per_atom)


def test_the_energy_of_a_worked_example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On the held surface K gains 2.2 eV against nothing, 0.9 eV of which its metal gave it too;
    the surface paid 0.13 eV for making room: -2.2 + 0.9 + 0.13 = -1.17 eV."""
    slab = fcc111("Al", (2, 2, 2), a=4.05, vacuum=8.0)
    slab.pbc = (True, True, False)
    best = slab + Atoms("K", [slab.positions[-1] + [0.0, 0.0, 2.9]])
    site = ScreenedSite(
        facet="(111)", termination="Al", polar=False, site="top", height_angstrom=2.9,
        normal=(0.0, 0.0, 1.0), fixed=(0, 1, 2, 3), held=False, k_k_distance_angstrom=5.7,
        interaction_ev=-2.0, distortion_energy_ev=0.13, remarks="",
        best=extxyz(best), clean=extxyz(slab),
    )  # fmt: skip
    height = best.positions[-1, 2]

    def run_points(points, _fingerprint, _folder, *, time_limit_s):
        found = {}
        for point in points:
            energy, shift = -10.0 * 8, 0.4
            if "K" in point.atoms.symbols:
                energy += -2.2 + 3.0 * (point.atoms.positions[-1, 2] - height) ** 2
                shift += 0.3
            found[point.name] = {"energy_ev": energy, "functional_shift_ev": {"RPBE": shift}}
        return found

    monkeypatch.setattr("potash.hosts.dft.screened", lambda *_args: site)
    monkeypatch.setattr("potash.hosts.dft.run_points", run_points)
    monkeypatch.setattr("potash.hosts.dft.level_of", lambda _f: adsorption_level("screen"))
    (calculation, *_) = adsorption_calculations(
        recipe_from_data(recipe_data(load_catalog().models["al_111"].recipe)),
        adsorption_level("screen"),
        item="al_111",
        model="al_111",
    )
    level_hash = level_sha256(calculation.inputs.level)
    k_metal = KMetalValues(
        energy_ev_per_atom=-0.9, lattice_constant_angstrom=5.28, level_sha256=level_hash,
        functional_shift_ev={"RPBE": 0.1},
    )  # fmt: skip
    inputs = calculation.inputs.model_copy(update={"screen": calculation.inputs.level})
    monkeypatch.setattr("potash.hosts.dft.relaxes", lambda _f: False)
    monkeypatch.setattr("potash.hosts.dft.hubbard_elements", lambda _f, _a: {})
    values = adsorption(inputs, k_metal, workdir=tmp_path, progress=lambda _f, _t: None).values
    assert values.adsorption_energy_ev == pytest.approx(-1.17, abs=1e-6)
    assert values.binding_energy_ev == pytest.approx(0.934 + 1.17, abs=1e-6)
    # RPBE moves K on the surface by 0.3 eV and K in its metal by 0.1 eV.
    assert values.functional_shift_ev == {"RPBE": pytest.approx(0.2)}
