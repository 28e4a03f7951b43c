"""Crystals that a user or a campaign names, and the barriers that are planned of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase.build import bulk, fcc111
from ase.io import write

from potash.catalog.campaign_parts import BarriersPart
from potash.catalog.phases import load_phases
from potash.engines.registry import level
from potash.errors import InputError
from potash.results.barrier import BarrierInputs
from potash.running.barriers import barrier_of, barriers

SCREEN = level("adsorption", "screen")
KF = bulk("KF", "rocksalt", a=5.35)


def test_all_are_the_phases_that_hold_the_ion() -> None:
    found = barriers(BarriersPart(items=("all",), ion="Li"), level)
    assert {c.item for c in found} == {
        p.id for p in load_phases().values() if p.formula.startswith("Li")
    }
    assert {c.level for c in found} == {"screen"}


def test_a_file_and_atoms_of_one_crystal_are_one_calculation(tmp_path: Path) -> None:
    write(tmp_path / "salt.extxyz", KF)
    part = BarriersPart.model_validate({"files": ["salt.extxyz"]}, context={"folder": tmp_path})
    (of_file,) = barriers(part, level)
    of_atoms = barrier_of(KF, SCREEN)
    assert (of_file.item, of_atoms.item, of_file.model) == ("salt.extxyz", "KF", "KF")
    assert of_file.key == of_atoms.key


def test_ion_mechanism_and_size_enter_the_key() -> None:
    keys = {
        barrier_of("na2k", SCREEN, **more).key  # type: ignore[arg-type]
        for more in (
            {}, {"ion": "Na"}, {"mechanism": "interstitial"}, {"image_distance_angstrom": 12.0},
        )
    }  # fmt: skip
    assert len(keys) == 4
    inputs = barrier_of("na2k", SCREEN, ion="Na").inputs
    assert isinstance(inputs, BarrierInputs)
    assert (inputs.ion, inputs.mechanism, inputs.n_images) == ("Na", "vacancy", 3)


def test_larger_supercells_are_expected_to_cost_more() -> None:
    small, large = (barrier_of("kf", SCREEN, image_distance_angstrom=d) for d in (8.0, 14.0))
    assert large.cost_s > 1.3 * small.cost_s


@pytest.mark.parametrize(
    "crystal, message",
    [
        ("k2x", "unknown bulk phase or file"),
        ("absent.cif", "no such file"),
        ("cu_fcc", "Cu holds no K"),
        (fcc111("Al", (2, 2, 3), vacuum=8.0), "empty space along a cell vector"),
    ],
)
def test_what_is_no_crystal_with_the_ion_is_bad_input(crystal: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        barrier_of(crystal, SCREEN)  # type: ignore[arg-type]


def test_keys_without_crystals_have_no_effect() -> None:
    with pytest.raises(ValueError, match="'ion' has no effect without 'items'"):
        BarriersPart(ion="Na")
