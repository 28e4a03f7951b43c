"""SMILES: every fault is one line that says where; equal molecules are equal."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from potash.catalog.catalog import load_catalog
from potash.errors import InputError
from potash.structures.smiles import canonical_smiles, parse_molecule, parse_smiles, written


@pytest.mark.parametrize(
    ("smiles", "message"),
    [
        ("", "empty SMILES"),
        ("   ", "empty SMILES"),
        ("COC(", r"cannot be read: syntax error, near character 4 \('\('\)"),
        ("COC(=O", r"cannot be read: extra open parentheses, near character 4 \('\('\)"),
        ("CxC", r"cannot be read: syntax error, near character 2 \('x'\)"),
        ("C1CC", "cannot be read: unclosed ring"),
        ("C(C)(C)(C)(C)C", "not a valid molecule: Explicit valence for atom # 0 C, 5"),
        ("c1ccc1c", "not a valid molecule: non-ring atom 4 marked aromatic"),
        ("COC dimethyl ether", "holds ' ' at character 4"),
        ("CC\x00C", r"holds '\\x00' at character 3"),
        ("*CC", r"dummy atom '\*' \(atom 0\)"),
        ("C" * 6000, "6000 characters; 5000 is the limit"),
    ],
)
def test_bad_smiles_are_one_line_that_says_where(smiles: str, message: str) -> None:
    for parse in (parse_smiles, parse_molecule):
        with pytest.raises(InputError, match=message) as caught:
            parse(smiles, source="solvents.csv", field="line 3")
        assert str(caught.value).startswith("solvents.csv: line 3: ")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("smiles", "message"),
    [("[K+].[Cl-]", "several molecules"), ("C[CH2]", "radical"), ("[Al+3].[Cl-]", "several")],
)
def test_what_is_not_one_closed_shell_molecule(smiles: str, message: str) -> None:
    parse_smiles(smiles)
    with pytest.raises(InputError, match=message):
        parse_molecule(smiles)


def test_a_radical_is_read_where_it_is_allowed() -> None:
    assert parse_molecule("C[CH2]", allow_radical=True).GetNumAtoms() == 2


def test_a_stated_charge_has_to_agree() -> None:
    parse_molecule("F[P-](F)(F)(F)(F)F", charge=-1)
    with pytest.raises(InputError, match="has charge -1, but \\+0 is stated"):
        parse_molecule("F[P-](F)(F)(F)(F)F", charge=0)


def test_a_repeat_unit_may_have_open_ends() -> None:
    assert parse_smiles("*CC(*)(F)F", allow_wildcard=True).GetNumAtoms() == 6


def test_canonical_smiles_do_not_depend_on_the_writing() -> None:
    spellings = ["COCCOC", "C(OC)COC", "O(C)CCOC", "[CH3]OCCO[CH3]", " COCCOC\n"]
    assert len({canonical_smiles(parse_smiles(s)) for s in spellings}) == 1


def test_tautomers_and_enantiomers_stay_different() -> None:
    pairs = [("CC(=O)C", "CC(O)=C"), ("C[C@H](O)CF", "C[C@@H](O)CF"), ("NC=O", "N=CO")]
    for a, b in pairs:
        assert canonical_smiles(parse_smiles(a)) != canonical_smiles(parse_smiles(b))


def test_hydrogens_that_are_written_out_are_no_other_molecule() -> None:
    assert canonical_smiles(parse_smiles("[H]O[H]")) == "O"


def test_shipped_species_read_as_rdkit_reads_them() -> None:
    for species in load_catalog().species.values():
        if species.smiles is not None:
            expected = Chem.MolToSmiles(Chem.MolFromSmiles(species.smiles))
            assert canonical_smiles(parse_smiles(species.smiles)) == expected


def test_nothing_is_written_beside_the_error(capfd: pytest.CaptureFixture[str]) -> None:
    for smiles in ("c1cc", "C(C)(C)(C)(C)C", "*C", "C C"):
        with pytest.raises(InputError):
            parse_smiles(smiles)
    assert capfd.readouterr() == ("", "")


@given(st.text("CNOFScn[]()=#123+-@/\\.%*H ", max_size=20) | st.text(max_size=8))
def test_any_text_is_a_molecule_or_an_input_error(text: str) -> None:
    with contextlib.suppress(InputError):
        assert parse_smiles(text).GetNumAtoms() > 0


@pytest.mark.parametrize(
    ("smiles", "charge", "n_atoms", "unpaired"),
    [
        ("O=O", 0, 2, 2),
        ("[O][O-]", -1, 2, 1),
        ("O", 0, 3, 0),
        ("C[CH2]", 0, 7, 1),
        ("[CH2]", 0, 3, 2),
        ("[K+]", 1, 1, 0),
        ("COCCOC", 0, 16, 0),
    ],
)
def test_what_is_written(smiles: str, charge: int, n_atoms: int, unpaired: int) -> None:
    found = written(parse_smiles(smiles))
    assert (found.charge, found.n_atoms, found.unpaired) == (charge, n_atoms, unpaired)
    assert found.canonical == canonical_smiles(parse_smiles(smiles))


def test_radicals_in_brackets_are_refused_where_none_are_allowed() -> None:
    with pytest.raises(InputError, match="is a radical"):
        parse_molecule("C[CH2]")
    assert parse_molecule("C[CH2]", allow_radical=True).GetNumAtoms() == 2


@given(st.sampled_from(sorted(s.smiles for s in load_catalog().species.values() if s.smiles)))
def test_no_atom_outside_brackets_has_an_unpaired_electron(smiles: str) -> None:
    molecule = parse_smiles(smiles)
    radicals = sum(a.GetNumRadicalElectrons() for a in molecule.GetAtoms())
    assert written(molecule).unpaired == radicals + (2 if smiles == "O=O" else 0)
