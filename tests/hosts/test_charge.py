from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk

from potash.engines import gpaw
from potash.engines.adsorption_levels import adsorption_level
from potash.engines.gpaw import Point, dft_level, run_points
from potash.errors import CalculationError, InputError
from potash.hosts.charge import charge_calculation, compute_charge
from potash.hosts.screened_site import ScreenedSite
from potash.results.model import NoNeeds
from potash.structures.recipes import recipe_from_data

GRAPHENE = recipe_from_data({"builder": "graphene", "supercell": [3, 3]})
needs_gpaw = pytest.mark.skipif(gpaw.interpreter() is None, reason="GPAW is not installed")


def test_charges_need_a_density():
    with pytest.raises(InputError, match="need a DFT level"):
        charge_calculation(GRAPHENE, adsorption_level("screen"), item="g", model="g")


@needs_gpaw
def test_charges_that_do_not_add_up_are_an_error(tmp_path: Path, monkeypatch):
    from ase.build import fcc111

    from potash.hosts import charge
    from potash.structures.plain_atoms import extxyz

    atoms = fcc111("Al", (1, 1, 2), vacuum=8)
    best = atoms + atoms[:1]
    best.symbols[-1] = "K"
    start = ScreenedSite(
        facet="(111)",
        termination="Al",
        polar=False,
        site="top(Al)",
        height_angstrom=2.8,
        normal=(0.0, 0.0, 1.0),
        fixed=(),
        held=False,
        interaction_ev=0.0,
        distortion_energy_ev=0.0,
        remarks="",
        best=extxyz(best),
        clean=extxyz(atoms),
    )
    monkeypatch.setattr(charge, "screened", lambda *_: start)
    calculation = charge_calculation(GRAPHENE, adsorption_level("standard"), item="g", model="g")

    def run(total: float):
        record = {"charges": {"hirshfeld_charges_e": [-0.1, -0.1, total + 0.2]}}
        monkeypatch.setattr(charge, "run_points", lambda *_a, **_k: record)
        return compute_charge(
            calculation.inputs, NoNeeds(), workdir=tmp_path, progress=lambda _f, _t: None
        )

    outcome = run(0.0)
    assert outcome.values.k_charge_e == pytest.approx(0.2)
    assert outcome.values.substrate_charge_by_element_e == {"Al": pytest.approx(-0.2)}
    with pytest.raises(CalculationError, match="not to zero"):
        run(0.3)


@needs_gpaw
@pytest.mark.dft
def test_potassium_is_positive_in_its_fluoride(tmp_path: Path):
    point = Point("charges", bulk("KF", "rocksalt", a=5.4), charges=True)
    fingerprint = {**dft_level("standard").fingerprint, "bulk_kpoint_length_angstrom": 12.0}
    found = run_points([point], fingerprint, tmp_path, time_limit_s=300)["charges"]
    charges = np.asarray(found["hirshfeld_charges_e"])
    assert 0.2 < charges[0] < 1.0
    assert charges.sum() == pytest.approx(0.0, abs=0.05)
