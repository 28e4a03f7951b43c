from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from potash.errors import InputError
from potash.structures.library import read_library

BAD = ["COC(", "[K+].[Cl-]", "C[CH2]", "*CC", "C1CC"]


def thousand(path: Path) -> Path:
    """Write 1,000 lines: 5 bad ones, the rest linear and branched ethers with repeats."""
    lines = ["id,smiles"]
    for i in range(1000):
        ether = "C" * (i % 12 + 1) + "O" + "C" * (i % 9 + 1)
        smiles = BAD[i // 200] if i % 200 == 7 else ether
        lines.append(f"m{i},{smiles}")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_thousand_lines_with_five_bad_ones(tmp_path: Path) -> None:
    library = read_library(thousand(tmp_path / "big.csv"))
    assert [e.line for e in library.errors] == [9, 209, 409, 609, 809]
    assert library.n_lines == 1000
    smiles = [e.smiles for e in library.entries]
    assert len(set(smiles)) == len(smiles) < 100
    assert all("\n" not in e.message for e in library.errors)


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


def test_a_field_beyond_the_limit_of_csv_is_one_line(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("smiles,name\nO,water\nO," + "x" * 200_000 + "\n")
    with pytest.raises(
        InputError, match=r"x\.csv: line 3: is not valid CSV: field larger"
    ) as error:
        read_library(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["a" * 300 + ".csv", "a\0b.smi"])
def test_a_name_that_is_no_file_is_one_line(name):
    with pytest.raises(InputError, match="cannot be read"):
        read_library(Path(name))
