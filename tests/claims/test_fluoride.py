from __future__ import annotations

import pytest

from potash.catalog.catalog import load_catalog
from potash.claims import judge_claims
from tests.synthetic_rows import make_row

CATALOG = load_catalog()


def release(item, energy, level="standard"):
    return make_row(
        "fluoride_release", item, level, values={"reaction_energy_ev": energy, "bond": "S-F"}
    )


def verdicts(rows):
    return {v.id: v for v in judge_claims(rows, CATALOG, measured_ip_ev={})}


@pytest.mark.parametrize(
    ("fsi", "expected"), [(-1.0, "agrees"), (0.4, "unresolved"), (1.5, "disagrees")]
)
def test_the_salt_that_gives_fluoride_most_easily(fsi, expected):
    rows = [release("fsi_minus", fsi), release("pf6_minus", 1.0), release("tfsi_minus", 0.5)]
    found = verdicts(rows)["salt_reduction"]
    assert found.verdict == expected
    assert found.value == {"fsi_minus": fsi, "pf6_minus": 1.0, "tfsi_minus": 0.5}


def test_the_best_level_that_all_have_decides():
    rows = [release(n, 1.0, "screen") for n in ("fsi_minus", "pf6_minus", "tfsi_minus")]
    rows += [release("fsi_minus", -3.0), release("pf6_minus", 1.0)]
    assert verdicts(rows)["salt_reduction"].level == "screen"
    assert verdicts([*rows, release("tfsi_minus", 1.0)])["salt_reduction"].level == "standard"


def test_nothing_is_said_without_all_of_them():
    found = verdicts([release("fsi_minus", -1.0)])["salt_reduction"]
    assert found.verdict == "not_computed"
    assert "tfsi_minus" in found.reason


@pytest.mark.parametrize(("energy", "expected"), [(-0.5, "agrees"), (0.5, "unresolved")])
def test_a_loss_with_molecular_fluoride_does_not_refute_a_gain_with_crystals(energy, expected):
    rows = [release(n, energy) for n in ("fsi_minus", "hfdf_minus", "pf6_minus", "tte")]
    found = verdicts(rows)["kf_sei_reduction"]
    assert found.verdict == expected
    assert ("crystalline KF" in found.reason) is (expected == "unresolved")
