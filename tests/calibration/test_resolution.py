from __future__ import annotations

import math

import pytest

from potash.calibration.resolution import RESOLUTIONS, resolution


@pytest.mark.parametrize(("quantity", "level"), RESOLUTIONS)
def test_every_resolution_is_positive_and_says_what_it_rests_on(quantity, level):
    found = resolution(quantity, level)
    assert found.half_width > 0
    assert found.unit == ("eV/atom" if quantity == "phase_energy" else "eV")
    assert found.basis
    assert found.decides == math.isfinite(found.half_width)
    assert f"{found.half_width:g} {found.unit}" in str(found) or not found.decides


def test_better_levels_resolve_no_less():
    order = ("screen", "standard", "reference")
    for quantity in {q for q, _ in RESOLUTIONS}:
        widths = [
            RESOLUTIONS[quantity, level].half_width
            for level in order
            if (quantity, level) in RESOLUTIONS
        ]
        assert widths == sorted(widths, reverse=True)


def test_a_level_that_nobody_measured_decides_nothing():
    found = resolution("phase_energy", "someone's own")
    assert not found.decides
    assert found.unit == "eV/atom"
    assert "someone's own" in found.basis
    assert str(found) == "no difference counts"
