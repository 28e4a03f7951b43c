"""Recipes beside amounts worked out by hand (atomic masses to three decimals)."""

from __future__ import annotations

import pytest

from potash.bench.preparation import Batch, parse_mass_g, parse_volume_ml, prepare
from potash.bench.solution import (
    SALT_VOLUME_HALF_WIDTH_ML_MOL,
    SolutionDensity,
    salt_volume_ml_mol,
)
from potash.catalog.catalog import load_catalog
from potash.catalog.formulations import Amount, Component, Formulation
from potash.catalog.substances import table_lines
from potash.errors import InputError
from potash.resources import data_dir

CATALOG = load_catalog()
# K 39.098, N 14.007, S 32.06, O 15.999, F 18.998; C 12.011, H 1.008.
KFSI = 39.098 + 14.007 + 2 * 32.06 + 4 * 15.999 + 2 * 18.998  # 219.217
DME = 4 * 12.011 + 10 * 1.008 + 2 * 15.999  # 90.122
TTE = 5 * 12.011 + 4 * 1.008 + 8 * 18.998 + 15.999  # 232.070


def formulation(*components: Component) -> Formulation:
    return Formulation(id="own", name="own", components=components)


def component(species: str, role: str, value: float | None, unit: str) -> Component:
    return Component(species=species, role=role, amount=Amount(value=value, unit=unit))  # type: ignore[arg-type]


def test_one_molar_kfsi_in_dme() -> None:
    made = prepare(CATALOG.electrolytes["kfsi_dme_1m"], CATALOG, 10.0)
    salt, solvent = made.weighings
    assert salt.mass_g == pytest.approx(KFSI / 100, rel=1e-4)  # 10 mmol: 2.192 g
    # The salt takes 85 mL/mol of the litre (K 5, FSI 80): 0.85 of 10 mL, the rest is DME.
    assert solvent.volume_ml == pytest.approx(9.15, abs=0.001)
    assert solvent.mass_g == pytest.approx(9.15 * 0.861, rel=1e-4)
    assert made.to_the_mark
    assert made.molarity["kfsi"] == pytest.approx(1.0)
    assert made.molality["kfsi"] == pytest.approx(0.010 / (9.15 * 0.861e-3), rel=1e-4)  # 1.269


def test_kfsi_dme_tte_1_2_1() -> None:
    made = prepare(CATALOG.electrolytes["lhce2_kfsi_dme_tte"], CATALOG, 10.0)
    salt, dme, tte = made.weighings
    size = 85.0 + 2 * DME / 0.861 + TTE / 1.53  # mL for one mole of KFSI: 446.0
    assert size == pytest.approx(446.02, abs=0.02)
    assert salt.moles_mmol == pytest.approx(1e4 / size, rel=1e-4)  # 22.42 mmol
    assert salt.mass_g == pytest.approx(4.915, abs=0.001)
    assert dme.mass_g == pytest.approx(4.041, abs=0.001)
    assert tte.mass_g == pytest.approx(5.203, abs=0.001)
    assert dme.moles_mmol / salt.moles_mmol == pytest.approx(2.0)
    assert tte.moles_mmol / salt.moles_mmol == pytest.approx(1.0)
    assert dme.volume_ml == pytest.approx(4.694, abs=0.001)
    assert tte.volume_ml == pytest.approx(3.401, abs=0.001)
    assert made.molality["kfsi"] == pytest.approx(22.42 / (4.041 + 5.203), rel=1e-3)  # 2.425


def test_molality_is_per_kilogram_of_solvent() -> None:
    own = formulation(
        component("kfsi", "salt", 2.0, "mol/kg"), component("dme", "solvent", None, "balance")
    )
    made = prepare(own, CATALOG, 10.0)
    salt, dme = made.weighings
    assert salt.moles_mmol / dme.mass_g == pytest.approx(2.0)  # mmol per g
    # 1 kg of DME is 1161.4 mL, 2 mol of KFSI add 170 mL; 10 mL of 1331.4.
    assert dme.mass_g == pytest.approx(1000 * 10 / (1000 / 0.861 + 170), rel=1e-6)


def test_volume_ratio_is_of_the_pure_liquids() -> None:
    own = formulation(
        component("kfsi", "salt", 1.0, "mol/L"),
        component("dme", "solvent", 3.0, "volume_ratio"),
        component("tte", "diluent", 1.0, "volume_ratio"),
    )
    _, dme, tte = prepare(own, CATALOG, 20.0).weighings
    assert dme.volume_ml is not None
    assert tte.volume_ml is not None
    assert dme.volume_ml / tte.volume_ml == pytest.approx(3.0)
    assert dme.volume_ml + tte.volume_ml == pytest.approx(20 * 0.915)


def test_density_of_the_solution_gives_the_molarity_of_a_batch_by_ratio() -> None:
    made = prepare(
        CATALOG.electrolytes["lhce2_kfsi_dme_tte"],
        CATALOG,
        10.0,
        density=SolutionDensity(1.3764, None, None, "simulated"),
    )
    assert made.molarity["kfsi"] == pytest.approx(22.42 / (14.159 / 1.3764), rel=1e-3)  # 2.18
    assert made.density is not None
    assert not made.density.estimated
    assert not any("density of the solution" in w for w in made.warnings)


def test_without_a_density_it_is_estimated_with_an_interval_and_said() -> None:
    made = prepare(CATALOG.electrolytes["lhce2_kfsi_dme_tte"], CATALOG, 10.0)
    assert made.density is not None
    assert made.density.value_g_ml == pytest.approx(14.159 / 10, rel=1e-3)
    # 22.42 mmol x 37 mL/mol, 0.5 % of 4.694 mL of DME, 3 % of 3.401 mL of TTE (recalled).
    half_ml = (0.8296**2 + 0.0235**2 + 0.1020**2) ** 0.5
    assert made.density.low_g_ml == pytest.approx(14.159 / (10 + half_ml), rel=1e-3)
    assert made.density.high_g_ml == pytest.approx(14.159 / (10 - half_ml), rel=1e-3)
    assert any("density of the solution 1.42" in w and "estimated" in w for w in made.warnings)


def test_the_error_of_a_salts_volume_is_that_of_the_measured_solutions() -> None:
    # Apparent molar volumes from mass and density alone; NaPF6 167.95, KPF6 184.06 g/mol.
    solvents = {"dme": 0.861, "g2": 0.939, "g4": 1.006, "pc": 1.199}
    lines = table_lines(data_dir("molecules") / "measured.csv")
    off = []
    for line in lines:
        if line["property"] != "density_g_ml":
            continue
        salt, solvent, molarity = line["candidate"].split("_")
        c = {"05m": 0.5, "1m": 1.0}[molarity]
        mass = c * {"napf6": 167.95, "kpf6": 184.06}[salt]
        free = (1000 * float(line["value"]) - mass) / solvents[solvent]  # mL of solvent per litre
        off.append((1000 - free) / c - salt_volume_ml_mol(CATALOG.salts[salt]))
    assert len(off) == 6
    rms = (sum(x**2 for x in off) / 6) ** 0.5
    assert pytest.approx(2.447 * rms, abs=1.0) == SALT_VOLUME_HALF_WIDTH_ML_MOL


def test_every_formulation_is_made_or_refused_in_a_line() -> None:
    made = {True: [], False: []}
    refused = {}
    for name, entry in CATALOG.electrolytes.items():
        for batch in (Batch(10.0), Batch(1.0, by_mass=True)):
            try:
                found = prepare(entry, CATALOG, batch)
            except InputError as error:
                refused[name] = error.message
                continue
            refused.pop(name, None)
            made[batch.by_mass].append(name)
            if batch.by_mass:
                assert found.mass_g == pytest.approx(1.0)
            break
    assert (len(made[False]), len(made[True])) == (27, 17)
    assert len(refused) == 33
    for name, message in refused.items():
        assert "\n" not in message
        missing = CATALOG.electrolytes[name].open_amounts
        if missing:
            assert all(species in message for species in missing)
        else:
            assert "its formula fixes the amount of" in message


def test_a_polymer_by_repeat_units_is_made_by_mass() -> None:
    made = prepare(CATALOG.electrolytes["peo_ktfsi_8"], CATALOG, Batch(1.0, by_mass=True))
    polymer, salt = made.weighings
    unit = 2 * 12.011 + 4 * 1.008 + 15.999  # C2H4O
    ktfsi = 39.098 + 2 * 12.011 + 14.007 + 2 * 32.06 + 4 * 15.999 + 6 * 18.998
    whole = 8 * unit + ktfsi
    assert polymer.mass_g == pytest.approx(8 * unit / whole, rel=1e-4)
    assert salt.mass_g == pytest.approx(ktfsi / whole, rel=1e-4)
    assert made.molarity == {}
    assert made.density is None


@pytest.mark.parametrize("text", ["0g", "-1 g", "1", "1 mL", "11 kg"])
def test_impossible_masses_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="mass"):
        parse_mass_g(text)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("kfsi_dme_hc", "open composition: no amount of kfsi"),
        ("khfdf_elec", "open composition"),
    ],
)
def test_an_open_composition_is_refused(name: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        prepare(CATALOG.electrolytes[name], CATALOG, 10.0)


def test_a_solvent_without_density_is_refused() -> None:
    own = formulation(
        component("kfsi", "salt", 1.0, "mol/L"), component("didbe", "solvent", None, "balance")
    )
    with pytest.raises(InputError, match="no density of didbe"):
        prepare(own, CATALOG, 10.0)


def test_a_pure_salt_without_density_is_refused() -> None:
    with pytest.raises(InputError, match="no density of aviimfsi"):
        prepare(CATALOG.electrolytes["aviimfsi_il"], CATALOG, 10.0)


def test_a_solid_has_no_volume_recipe() -> None:
    solid = next(f for f in CATALOG.electrolytes.values() if f.kind == "solid_inorganic")
    with pytest.raises(InputError, match="solid inorganic electrolyte"):
        prepare(solid, CATALOG, 10.0)


@pytest.mark.parametrize("text", ["0mL", "-1 mL", "10", "ten mL", "11 L", "5 g"])
def test_impossible_volumes_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="volume"):
        parse_volume_ml(text)


def test_volumes_in_other_units() -> None:
    assert parse_volume_ml("0.5 L") == 500.0
    assert parse_volume_ml("250uL") == 0.25


def test_what_was_recalled_is_flagged() -> None:
    made = prepare(CATALOG.electrolytes["lhce2_kfsi_dme_tte"], CATALOG, 10.0)
    assert any("density of tte is recalled" in w for w in made.warnings)


def test_hazards_have_a_source_or_are_absent() -> None:
    made = prepare(CATALOG.electrolytes["kfsi_dme_1m"], CATALOG, 10.0)
    salt, dme = made.weighings
    assert salt.hazards == ()
    assert dme.hazards == ("flash point -6 °C (IEC 60079-20-1 (2010))",)


def test_more_salt_than_is_known_to_dissolve_is_warned_of() -> None:
    def warnings(molarity: float) -> str:
        own = formulation(
            component("kfsi", "salt", molarity, "mol/L"),
            component("dme", "solvent", None, "balance"),
        )
        return "; ".join(prepare(own, CATALOG, 10.0).warnings)

    assert "kfsi may not dissolve: 6 mol/L, and 5 mol/L in dme" in warnings(6.0)
    assert "dissolve" not in warnings(5.0)
