from __future__ import annotations

import csv
from pathlib import Path

import pytest

from potash.engines.molecule_levels import screen_level
from potash.molecules.library import (
    descriptors,
    drawing,
    library_calculations,
    write_table,
)
from potash.structures.library import read_library
from tests.structures.test_library import thousand


def test_each_molecule_of_a_thousand_lines_is_planned_once(tmp_path: Path) -> None:
    library = read_library(thousand(tmp_path / "big.csv"))
    planned, refused = library_calculations(library, screen_level())
    assert len(planned) == len(library.entries)
    assert not refused
    assert len({c.key for c in planned}) == len(planned)


def test_duplicates_keep_their_names_in_the_table(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("smiles,name\nCOCCOC,monoglyme\nC(OC)COC,DME\nCCO,\nO,=1+1\n")
    write_table(read_library(path), {}, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as handle:
        found = [(x["line"], x["name"], x["duplicate_of_line"]) for x in csv.DictReader(handle)]
    assert found == [
        ("2", "monoglyme", ""),
        ("3", "DME", "2"),
        ("4", "CCO", ""),
        ("5", "'=1+1", ""),
    ]


def test_table_has_a_line_for_every_line(tmp_path: Path) -> None:
    source = tmp_path / "some.smi"
    source.write_text("COCCOC\nC(OC)COC\nCO(C\nC\n")
    library = read_library(source)
    write_table(
        library,
        {"COCCOC": {"status": "ok", "reason": "", "ip_vertical_ev": 9.3}},
        tmp_path / "out.csv",
    )
    with (tmp_path / "out.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    assert [r["status"] for r in rows] == ["ok", "ok", "bad_input", "not_computed"]
    assert rows[1]["duplicate_of_line"] == "1"
    assert rows[0]["ip_vertical_ev"] == rows[1]["ip_vertical_ev"] == "9.3"


def test_descriptors_against_hand_counts() -> None:
    tte = descriptors("FC(F)C(F)(F)COC(F)(F)C(F)F")
    assert (tte["n_fluorine"], tte["fluorine_to_hydrogen"]) == (8, 2.0)
    assert tte["molar_mass_g_mol"] == pytest.approx(232.07, abs=0.05)
    assert tte["hardly_flammable"] is True
    assert descriptors("COP(=O)(OC)OC")["hardly_flammable"] is True
    assert descriptors("COCCOC")["hardly_flammable"] is False
    assert "fluorine_to_hydrogen" not in descriptors("FC(F)(F)F")


def test_a_cage_is_harder_to_make_than_an_ether() -> None:
    ether, cage = (
        descriptors(s)["synthetic_accessibility"]
        for s in ("COCCOC", "C1CC2(CC1)OC1(F)CC3CC1(C2)O3")
    )
    assert 1 <= ether < cage <= 10


def test_drawing_is_svg() -> None:
    assert drawing("COCCOC").lstrip().startswith("<?xml")


def test_what_the_level_cannot_do_is_told_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "long.smi").write_text("COC\n" + "C" * 120 + "\n")
    planned, refused = library_calculations(read_library(tmp_path / "long.smi"), screen_level())
    assert [c.item for c in planned] == ["COC"]
    assert [r.line for r in refused] == [2]
    assert "362 atoms" in refused[0].message
