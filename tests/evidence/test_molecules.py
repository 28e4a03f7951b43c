from __future__ import annotations

from typing import Any

from potash.catalog.catalog import load_catalog
from potash.evidence.molecules import molecule_records
from potash.store import Row
from tests.synthetic_rows import make_row

LEVELS = {"homo_ev": -7.0, "lumo_ev": 1.0, "ip_vertical_ev": 9.0, "ea_bound": False}
CATALOG = load_catalog()


def _record(rows: list[Row], entry: str) -> dict[str, Any]:
    return next(r for r in molecule_records(rows, CATALOG) if r["id"] == entry)


def _binding(item: str, level: str, **values: Any) -> Row:
    return make_row("complex", item, level, values={**LEVELS, **values})


def test_binding_to_potassium_is_the_best_levels_after_counterpoise() -> None:
    rows = [
        make_row("species", "dme", values=LEVELS),
        _binding("k_plus_dme", "screen", binding_energy_ev=1.9),
        _binding(
            "k_plus_dme",
            "standard",
            binding_energy_ev=1.5,
            binding_energy_counterpoise_ev=1.4,
        ),
    ]
    record = _record(rows, "dme")
    assert record["status"] == "computed"
    assert record["k_binding_energy_ev"] == 1.4
    assert record["k_binding_level"] == "standard"


def test_tight_binding_which_overbinds_is_not_shown() -> None:
    rows = [_binding("k_plus_dme", "screen", binding_energy_ev=1.9)]
    assert "k_binding_energy_ev" not in _record(rows, "dme")


def test_a_salt_is_described_by_its_ion_pair() -> None:
    ions = [make_row("species", name, values=LEVELS) for name in ("k_plus", "fsi_minus")]
    alone = _record(ions, "kfsi")
    assert alone["status"] == "partial"
    assert alone["reason"] == "its ion pair was not computed"
    both = _record([*ions, _binding("kfsi", "standard", binding_energy_ev=5.0)], "kfsi")
    assert both["status"] == "computed"
    assert both["homo_ev"] == LEVELS["homo_ev"]
    assert both["ion_pair_binding_energy_ev"] == 5.0


def test_a_salt_without_anything_names_its_ions() -> None:
    record = _record([], "kfsi")
    assert record["status"] == "not_computed"
    assert record["reason"] == "its k_plus and fsi_minus not computed"


def test_the_release_of_fluoride_stands_beside_at_the_best_level() -> None:
    rows = [
        make_row("fluoride_release", "tte", level, values={"reaction_energy_ev": e, "bond": "C-F"})
        for level, e in (("screen", 0.8), ("standard", 0.6))
    ]
    record = _record(rows, "tte")
    assert record["fluoride_release_ev"] == 0.6
    assert record["fluoride_release_level"] == "standard"
    assert record["status"] == "not_computed"
