"""Levels of the liquids: one name, one method."""

from __future__ import annotations

import shutil

import pytest

from potash.engines.md_levels import FORCE_FIELDS, FULL_NAMES, liquid_level
from potash.engines.registry import level
from potash.errors import InputError
from potash.liquids.forcefield import SHIPPED, load_force_field

needs_gmx = pytest.mark.skipif(shutil.which("gmx") is None, reason="GROMACS is not installed")


def test_a_rung_alone_means_openmm_and_says_so() -> None:
    plain, full = level("liquids", "screen"), level("liquids", "screen-openmm")
    assert plain == full
    assert plain.name == "screen-openmm"
    assert plain.fingerprint["settings"]["timestep_fs"] == 3.0


@pytest.mark.parametrize("suffix", FORCE_FIELDS)
def test_levels_scale_charges_as_their_force_field_says(suffix: str) -> None:
    found = liquid_level(f"screen-openmm{suffix}").fingerprint
    assert found["ion_charge_scale"] == load_force_field(found["force_field"]).ion_charge_scale
    assert set(SHIPPED) == {name for name, *_ in FORCE_FIELDS.values()}


@needs_gmx
def test_every_full_name_is_a_method_of_its_own() -> None:
    levels = [liquid_level(name) for name in FULL_NAMES]
    assert [one.name for one in levels] == list(FULL_NAMES)
    assert len({str(one.fingerprint) for one in levels}) == len(levels)


@needs_gmx
def test_engines_of_a_rung_differ_by_engine_and_version_only() -> None:
    ours, theirs = liquid_level("screen-openmm"), liquid_level("screen-gromacs")
    differing = {k for k, v in ours.fingerprint.items() if theirs.fingerprint[k] != v}
    assert differing == {"engine", "engine_version"}


def test_unknown_level() -> None:
    with pytest.raises(InputError, match="screen, standard, reference"):
        liquid_level("best")
