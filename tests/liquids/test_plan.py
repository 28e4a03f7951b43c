"""Calculations of liquids: complete inputs, stable keys, refusals as rows."""

from __future__ import annotations

import pytest

from potash.catalog.catalog import load_catalog
from potash.engines import ambertools
from potash.engines.md_levels import liquid_level
from potash.errors import CalculationError, InputError, RefusedError
from potash.liquids.forcefield import load_force_field
from potash.liquids.liquid import build
from potash.liquids.parameters import PAIRS, pair_hash, parameter_hash
from potash.liquids.simulate import liquid_calculation
from potash.resources import data_dir
from potash.results.calculation import canonical_json
from potash.store import import_rows

CATALOG = load_catalog()
LEVEL = liquid_level("screen-openmm-pair")


def calculation(item: str, **options: object):
    return liquid_calculation(CATALOG.electrolytes[item], CATALOG, LEVEL, **options)  # type: ignore[arg-type]


def test_inputs_are_plain_and_the_key_is_stable() -> None:
    one, two = calculation("kfsi_dme_1m"), calculation("kfsi_dme_1m")
    assert one.key == two.key
    assert canonical_json(one.inputs.plain()) == canonical_json(two.inputs.plain())
    assert set(one.inputs.parameters) == {"k_plus", "fsi_minus", "dme", PAIRS}


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2}, {"n_atoms": 1200}, {"production_ps": 31.0}, {"equilibration_ps": 31.0},
        {"temperature_k": 310.0}, {"charge_scale": 0.7},
    ],
)  # fmt: skip
def test_everything_that_matters_changes_the_key(change: dict[str, float]) -> None:
    assert calculation("kfsi_dme_1m", **change).key != calculation("kfsi_dme_1m").key


def test_parameters_enter_by_their_numbers() -> None:
    assert parameter_hash("dme", "", 0.8) == parameter_hash("dme", "", 0.7)
    assert parameter_hash("fsi_minus", "", 0.8) != parameter_hash("fsi_minus", "", 0.7)
    assert parameter_hash("unheard_of", "CB(C)C", 0.8).startswith("none: ")


def test_every_electrolyte_of_the_catalogue_gives_a_calculation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also solids and open amounts: computing them is refused, planning them is not."""
    # The fallback has tests of its own; charges of every unknown solvent would take minutes.
    monkeypatch.setattr(ambertools, "environment", lambda: None)
    outcomes = {"built": 0, "refused": 0}
    for item in CATALOG.electrolytes:
        planned = calculation(item)
        try:
            liquid = build(planned.inputs, load_force_field("opls-clp-pair"))
        except RefusedError:
            outcomes["refused"] += 1
        else:
            assert abs(liquid.topology.charge_e) < 1e-9
            outcomes["built"] += 1
    assert outcomes["built"] >= 3
    assert outcomes["refused"] >= 3


def test_a_molar_liquid_has_about_its_molarity() -> None:
    liquid = build(calculation("kfsi_dme_1m").inputs, load_force_field("opls-clp-pair"))
    volume_ml = liquid.topology.mass_u / liquid.expected_density_g_ml
    ions = {m.species: n for m, n in liquid.topology.molecules}["k_plus"]
    assert 1000 * ions / volume_ml == pytest.approx(1.0, rel=0.1)
    assert 0.9 < liquid.expected_density_g_ml < 1.1


def test_standard_needs_its_length() -> None:
    formulation = CATALOG.electrolytes["kfsi_dme_1m"]
    with pytest.raises(
        InputError, match=r"too short for the level 'standard-openmm'.*'screen-openmm'"
    ):
        liquid_calculation(formulation, CATALOG, liquid_level("standard"), production_ps=30.0)
    assert liquid_calculation(
        formulation, CATALOG, liquid_level("standard"), production_ps=5000.0
    ).key


def test_cation_pairs_enter_the_key_of_the_liquids_that_have_them() -> None:
    formulation = CATALOG.electrolytes["kfsi_dme_1m"]
    old = liquid_calculation(formulation, CATALOG, liquid_level("screen-openmm"))
    new = liquid_calculation(formulation, CATALOG, liquid_level("screen-openmm-pair"))
    assert set(old.inputs.parameters) == {"k_plus", "fsi_minus", "dme"}
    assert set(new.inputs.parameters) == {"k_plus", "fsi_minus", "dme", PAIRS}
    field = load_force_field("opls-clp-pair")
    weaker = field.model_copy(update={"pair_share": field.pair_share / 2, "name": "weaker"})
    smiles = {"k_plus": "[K+]", "dme": "COCCOC"}
    assert pair_hash(smiles, field) != pair_hash(smiles, weaker)
    assert pair_hash({"dme": "COCCOC", "tte": ""}, field) == ""


def test_committed_rows_keep_the_parameters_of_the_old_force_field() -> None:
    """The old model is selectable by name and has not moved."""
    rows = [
        r for r in import_rows(data_dir("results/reference") / "liquids")
        if r.level == "screen-gromacs" and r.item == "kfsi_dme_1m"
        and r.values["ion_charge_scale"] == 0.8
    ]  # fmt: skip
    assert rows
    planned = liquid_calculation(
        CATALOG.electrolytes["kfsi_dme_1m"], CATALOG, liquid_level("screen-openmm")
    )
    for row in rows:
        assert planned.inputs.parameters == row.provenance["inputs"]["parameters"]


def test_a_liquid_is_built_with_the_pairs_of_its_level() -> None:
    planned = calculation("kfsi_dme_1m")
    field = load_force_field("opls-clp-pair")
    assert [p.donor for p in build(planned.inputs, field).topology.pairs] == ["O_ether"]
    with pytest.raises(CalculationError, match="cation pairs changed"):
        build(planned.inputs, load_force_field("opls-clp"))
