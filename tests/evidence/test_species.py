"""Ionisation energies of species, corrected against experiment."""

from __future__ import annotations

import pytest

from potash.errors import InputError
from potash.evidence.species import (
    canonical,
    ionisation_error_models,
    read_ionisation_energies,
    species_class,
    species_evidence,
)
from tests.synthetic_rows import PURE, ionisation_benchmark, make_row, species

MEASURED = {canonical(smiles): reference for smiles, (_, reference) in PURE.items()}


@pytest.mark.parametrize(
    ("smiles", "charge", "expected"),
    [
        ("COCCOC", 0, "organic"),
        ("c1ccccc1", 0, "hydrocarbon"),
        ("O", 0, "other neutral"),
        ("O=C=O", 0, "other neutral"),
        ("FC(F)(F)F", 0, "other neutral"),
        ("F[P-](F)(F)(F)(F)F", -1, "anion"),
        ("[K+]", 1, "cation"),
        ("[O-]C(=O)C(=O)[O-]", -2, "polyanion"),
        ("", 0, "other neutral"),
    ],
)
def test_calibration_class_of_species(smiles, charge, expected):
    assert species_class(smiles, charge) == expected


def test_a_calibrated_level_is_preferred_to_a_better_one_without_error():
    rows = [species("dme", "COCCOC", 9.5), species("dme", "COCCOC", 9.9, level="standard")]
    found, _ = species_evidence(rows, MEASURED, calibration_rows=ionisation_benchmark())
    assert found["dme"].row.level == "screen"
    assert found["dme"].levels == ("screen", "standard")


def test_one_ion_calibrates_no_ions():
    rows = [
        *ionisation_benchmark(),
        species("a", "[Cl-]", 3.0, charge=-1),
        species("b", "[Br-]", 2.9, charge=-1),
    ]
    better = [species("a", "[Cl-]", 3.5, charge=-1, level="standard")]
    found, _ = species_evidence([*rows, *better], MEASURED)
    assert not found["b"].ionisation.known
    assert "no pair" in found["b"].ionisation.reason


def test_reading_measured_energies(tmp_path):
    path = tmp_path / "ip.csv"
    path.write_text(
        "# comment\nname,smiles,vertical_exp_ev,verified\nwater,O,12.62,yes\n"
        "tetrahydrofuran,C1CCOC1,9.4,no\nethanol,OCC,,yes\n"
    )
    assert read_ionisation_energies(path) == {"O": 12.62}
    path.write_text("smiles,vertical_exp_ev\nO,much\n")
    with pytest.raises(InputError, match="'much'"):
        read_ionisation_energies(path)
    path.write_text("name\nwater\n")
    with pytest.raises(InputError, match="smiles"):
        read_ionisation_energies(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_ionisation_energies(tmp_path / "absent.csv")


def test_pairs_are_of_one_molecule_whatever_it_is_called():
    rows = [species("x", "C(OCC)C", 9.31), species("y", "OCC", 10.2)]
    models = ionisation_error_models(rows, MEASURED)
    [model] = models.values()
    found = {p.label: (p.computed, p.reference, p.group) for p in model.pairs}
    assert found == {"x": (9.31, 9.82, "organic"), "y": (10.2, 10.69, "organic")}


def test_levels_are_fitted_to_every_better_one():
    rows = [
        species("a", "COC", 9.5),
        species("a", "COC", 9.9, level="standard"),
        species("a", "COC", 10.1, level="reference"),
        species("b", "CCOCC", 9.3),
        species("b", "CCOCC", 9.7, level="standard"),
    ]
    models = ionisation_error_models(rows, {})
    assert set(models) == {
        ("screen", "standard"),
        ("screen", "reference"),
        ("standard", "reference"),
    }
    assert [p.error for p in models["screen", "standard"].pairs] == pytest.approx([0.4, 0.4])


def test_experiment_is_the_first_choice_of_what_to_correct_to():
    rows = [
        species(f"s{i}", s, ip + 1.0, "standard") for i, (s, (ip, _)) in enumerate(PURE.items())
    ]
    found, _ = species_evidence(
        [species("dme", "COCCOC", 9.5)], MEASURED, calibration_rows=[*ionisation_benchmark(), *rows]
    )
    assert found["dme"].ionisation.value == pytest.approx(10.0, abs=0.01)
    assert "experiment" in found["dme"].ionisation.basis


def test_without_pairs_a_stated_uncertainty_is_kept():
    row = make_row(
        "species",
        "dme",
        values={"smiles": "COCCOC", "ip_vertical_ev": 9.5},
        uncertainty={"ip_vertical_ev": 0.3},
    )
    found, _ = species_evidence([row], {})
    assert (found["dme"].ionisation.low, found["dme"].ionisation.high) == pytest.approx((9.2, 9.8))


def test_calibration_rows_are_no_species_of_their_own():
    found, _ = species_evidence([], MEASURED, calibration_rows=ionisation_benchmark())
    assert found == {}
