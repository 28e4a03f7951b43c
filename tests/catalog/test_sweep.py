"""Grids of formulations: how many, what rules leave out, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from potash.catalog import load_catalog
from potash.catalog.sweep import Sweep, swept
from potash.errors import InputError

CATALOG = load_catalog()
GRID: dict[str, Any] = {
    "salts": ["kfsi", "kpf6"],
    "solvents": ["dme", "ec"],
    "diluents": ["tte"],
    "molarities_mol_l": [1, 2],
    "volume_ratios": [[1, 1], [1, 3]],
}


def ids(**changes: Any) -> list[str]:
    sweep = Sweep.model_validate({**GRID, **changes})
    solvents, diluents = (
        {name: CATALOG.species[name] for name in names}
        for names in (sweep.solvents, sweep.diluents)
    )
    salts = {name: CATALOG.salts[name] for name in sweep.salts}
    return [f.id for f in swept(sweep, solvents, diluents, salts, CATALOG.species)]


def test_every_combination_once() -> None:
    found = ids()
    assert len(found) == len(set(found)) == 2 * 2 * 1 * 2 * 2
    assert "kfsi_dme_tte_1m_1_3" in found


def test_molar_ratios() -> None:
    ratios = [[1, 1.2, 3], [1, 2, 2]]
    found = ids(molarities_mol_l=[], volume_ratios=[], molar_ratios=ratios)
    assert len(found) == 8
    assert "kpf6_ec_tte_1_1p2_3" in found


def test_rules() -> None:
    assert not any("ec" in name.split("_") for name in ids(immiscible=[["tte", "ec"]]))
    prices = {"kfsi": 300, "kpf6": 90, "dme": 20, "ec": 5, "tte": 60}
    cheap = ids(prices_usd_kg=prices, dearest_usd_kg=100)
    assert len(cheap) == 8
    assert all(name.startswith("kpf6") for name in cheap)
    without = ids(diluents=[], volume_ratios=[], salts=["kfsi", "kno3"], fluorine_free=True)
    assert {name.split("_")[0] for name in without} == {"kno3"}


def test_a_component_is_not_its_own_diluent() -> None:
    assert all("tte_tte" not in name for name in ids(solvents=["dme", "tte"]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"molar_ratios": [[1, 2, 3]]}, "either molarities_mol_l or molar_ratios"),
        ({"volume_ratios": []}, "volume_ratios belong to"),
        ({"diluents": []}, "volume_ratios belong to"),
        ({"solvents": []}, "give solvents"),
        (
            {"molarities_mol_l": [], "volume_ratios": [], "molar_ratios": [[1, 2]]},
            "salt, solvent and diluent",
        ),
        ({"miscible": [["dme", "tte"]], "immiscible": [["tte", "dme"]]}, "dme and tte are listed"),
        ({"dearest_usd_kg": 10}, "given together"),
        ({"molarities_mol_l": [0]}, "greater than 0"),
    ],
)
def test_impossible_grids_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ids(**changes)


def test_a_missing_price_and_a_grid_too_large_are_refused() -> None:
    with pytest.raises(InputError, match="needs a price of"):
        ids(prices_usd_kg={"dme": 20}, dearest_usd_kg=100)
    with pytest.raises(InputError, match="20000 is the limit"):
        ids(molarities_mol_l=[0.001 * i for i in range(1, 6000)])
