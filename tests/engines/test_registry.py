"""Levels by name, and an honest account of which can be used here."""

from __future__ import annotations

import pytest

from potash.engines import registry
from potash.errors import InputError


def test_every_name_is_a_level_or_says_what_is_missing() -> None:
    found = registry.available_levels()
    assert {(x["property"], x["name"]) for x in found} == {
        (p, n) for p, names in registry.NAMES.items() for n in names
    }
    for entry in found:
        assert entry["method"] if entry["available"] else entry["note"], entry
    usable = {(x["property"], x["name"]) for x in found if x["available"]}
    assert {("adsorption", "screen"), ("molecules", "screen"), ("liquids", "screen")} <= usable


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"'screeen'.*screen-chgnet"):
        registry.level("adsorption", "screeen")


def test_backends_of_one_level_have_different_fingerprints() -> None:
    one = registry.level("molecules", "screen")
    other = registry.level("molecules", "screen-xtb-python")
    assert one.fingerprint != other.fingerprint
