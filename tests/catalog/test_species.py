"""Species agree with their SMILES; what does not is refused in one line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from rdkit import Chem

from potash.catalog import Species, load_catalog
from potash.catalog.species import element_counts


def test_composition_comes_from_the_smiles() -> None:
    dme = Species(id="x", name="x", smiles="COCCOC")
    assert dme.composition == {"C": 4, "H": 10, "O": 2}
    assert Species(id="x", name="x", smiles="O(C)CCOC").canonical_smiles == dme.canonical_smiles


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"smiles": "COCC(OC"}, r"'COCC\(OC' cannot be read"),
        ({"smiles": ""}, "empty SMILES"),
        ({"smiles": "C(C)(C)(C)(C)C"}, "not a valid molecule: .*valence"),
        ({"smiles": "[Xx]"}, "cannot be read"),
        ({"smiles": "*CCO*"}, "dummy atom"),
        ({"smiles": "[K+]"}, r"charge \+0 does not agree .* charge is \+1"),
        ({"smiles": "O", "charge": -1}, r"charge -1 does not agree"),
        ({"smiles": "O", "formula": "H4O"}, "formula 'H4O' does not agree .* H2O"),
        ({"smiles": "O", "formula": "Hq"}, "names an element 'Hq'"),
        ({"smiles": "O", "formula": "2H"}, "not a chemical formula"),
        ({"smiles": "[CH3]"}, r"is a radical \(1 unpaired\).*'multiplicity' \(2\)"),
        ({"smiles": "O", "multiplicity": 2}, "10 electrons do not fit multiplicity 2"),
        ({"smiles": "O.CO"}, "2 unconnected parts"),
        ({"smiles": "[K+].[Br-]"}, "2 unconnected parts"),
        ({}, "needs a 'smiles'"),
        ({"formula": "B3H8", "charge": -1}, "needs a 'no_smiles_reason'"),
    ],
)
def test_bad_species(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Species.model_validate({"id": "x", "name": "x", **fields})


@pytest.mark.parametrize(
    ("smiles", "charge", "multiplicity"),
    [("[CH3]", 0, 2), ("O=O", 0, 3), ("[O][O-]", -1, 2), ("[Bi+3]", 3, 1), ("[Na+]", 1, 1)],
)
def test_open_shells_and_bare_ions(smiles: str, charge: int, multiplicity: int) -> None:
    species = Species(id="x", name="x", smiles=smiles, charge=charge, multiplicity=multiplicity)
    assert species.multiplicity == multiplicity


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "there is no such file"),
        ("garbage", "line 1 should hold the number of atoms"),
        ("1\n\nB 0 0\n", "line 3 should hold an element and three numbers"),
        ("2\n\nB 0 0 0\n", "line 4 should hold an element"),
        ("1\n\nB 0 0 x\n", "line 3 should hold an element"),
        ("1\n\nQq 0 0 0\n", "line 3 should hold an element"),
        ("1\n\nB 0 0 nan\n", "line 3 should hold an element"),
        ("1\n\nB 0 0 0\n", "does not hold B3H8"),
    ],
)
def test_bad_geometry_file(tmp_path: Path, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / "g.xyz").write_text(text)
    data = {
        "id": "x",
        "name": "x",
        "no_smiles_reason": "cage",
        "formula": "B3H8",
        "charge": -1,
        "geometry": "g.xyz",
    }
    with pytest.raises(ValidationError, match=words):
        Species.model_validate(data, context={"folder": tmp_path})


@given(st.dictionaries(st.sampled_from(["C", "H", "Cl", "Ca", "O", "K", "Si"]), st.integers(1, 40)))
def test_element_counts_reads_back_any_formula(counts: dict[str, int]) -> None:
    formula = "".join(f"{s}{n if n > 1 else ''}" for s, n in counts.items())
    if formula:
        assert element_counts(formula) == Counter(counts)


def test_shipped_species_agree_with_rdkit() -> None:
    species = load_catalog().species.values()
    molecules = [Chem.MolFromSmiles(s.smiles) for s in species if s.smiles]
    assert len(molecules) == 76
    assert all(m is not None for m in molecules)
    smiles = [s.canonical_smiles for s in species if s.smiles]
    assert len(set(smiles)) == len(smiles)


def test_shipped_cages_have_geometries() -> None:
    cages = {s.id: s for s in load_catalog().species.values() if s.smiles is None}
    assert set(cages) == {
        "b3h8_minus",
        "b10h10_2minus",
        "cb9h10_minus",
        "cb11h12_minus",
        "b11h14_minus",
        "nh3b3h7",
    }
    assert all(s.geometry is not None and s.geometry.is_file() for s in cages.values())
