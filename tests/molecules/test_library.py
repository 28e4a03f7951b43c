from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from potash.engines.molecule_levels import screen_level
from potash.errors import InputError
from potash.molecules.library import (
    descriptors,
    drawing,
    library_calculations,
    read_library,
    write_table,
)

BAD = ["COC(", "[K+].[Cl-]", "C[CH2]", "*CC", "C1CC"]


def _thousand(path: Path) -> Path:
    """Write 1,000 lines: 5 bad ones, the rest linear and branched ethers with repeats."""
    lines = ["id,smiles"]
    for i in range(1000):
        ether = "C" * (i % 12 + 1) + "O" + "C" * (i % 9 + 1)
        smiles = BAD[i // 200] if i % 200 == 7 else ether
        lines.append(f"m{i},{smiles}")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_thousand_lines_with_five_bad_ones(tmp_path: Path) -> None:
    library = read_library(_thousand(tmp_path / "big.csv"))
    assert [e.line for e in library.errors] == [9, 209, 409, 609, 809]
    assert library.n_lines == 1000
    smiles = [e.smiles for e in library.entries]
    assert len(set(smiles)) == len(smiles) < 100
    assert all("\n" not in e.message for e in library.errors)
    planned, refused = library_calculations(library, screen_level())
    assert len(planned) == len(smiles)
    assert not refused
    assert len({c.key for c in planned}) == len(planned)


@given(st.lists(st.sampled_from(["CCO", "OCC", "C(O)C", "CCC", "COC(", "[Na+].[Cl-]"]), min_size=1))
@settings(max_examples=30, deadline=None)
def test_every_line_is_in_exactly_one_place(tmp_path_factory, lines: list[str]) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.mktemp("smi") / "a.smi"
    path.write_text("\n".join(lines))
    library = read_library(path)
    places = [n for e in library.entries for n in e.lines] + [e.line for e in library.errors]
    assert sorted(places) == list(range(1, len(lines) + 1))
    assert len(library.entries) == len(
        {Chem.CanonSmiles(s) for s in lines if s not in ("COC(", "[Na+].[Cl-]")}
    )


def test_smi_with_names_comments_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "some.smi"
    path.write_text("# solvents\nCOCCOC glyme one\n\nC#N\nC(OC)COC again\n")
    library = read_library(path)
    assert [(e.name, e.lines) for e in library.entries] == [("glyme one", (2, 5)), ("C#N", (4,))]
    assert library.entries[0].names == ("glyme one", "again"), "a duplicate keeps its own name"


def test_duplicates_keep_their_names_in_the_table(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("smiles,name\nCOCCOC,monoglyme\nC(OC)COC,DME\nCCO,\n")
    write_table(read_library(path), {}, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as handle:
        found = [(x["line"], x["name"], x["duplicate_of_line"]) for x in csv.DictReader(handle)]
    assert found == [("2", "monoglyme", ""), ("3", "DME", "2"), ("4", "CCO", "")]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("empty.smi", "\n\n", "holds no molecule"),
        ("wrong.csv", "a,b\n1,2\n", "no column named 'smiles'"),
    ],
)
def test_unusable_files(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message):
        read_library(tmp_path / name)
    with pytest.raises(InputError, match="cannot be read"):
        read_library(tmp_path / "absent.smi")


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
