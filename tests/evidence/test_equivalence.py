from __future__ import annotations

import pytest

from potash.catalog.catalog import load_catalog
from potash.evidence.equivalence import under_species_ids
from tests.synthetic_rows import make_row

CATALOG = load_catalog()


@pytest.mark.parametrize(
    ("kind", "item", "smiles", "expected"),
    [
        ("species", "ammonia", "N", "nh3"),
        ("species", "COCCOC", "COCCOC", "dme"),
        ("redox", "COCCOC", "COCCOC", "dme"),
        ("species", "dme", "COCCOC", "dme"),
        ("species", "methanol", "CO", "methanol"),
        ("complex", "k_plus_x", None, "k_plus_x"),
        ("adsorption", "al_111", None, "al_111"),
    ],
)
def test_a_molecule_has_the_id_of_its_species(kind, item, smiles, expected):
    values = {} if smiles is None else {"smiles": smiles}
    row = make_row(kind, item, values=values)
    (found,) = under_species_ids([row], CATALOG.species)
    assert found.item == expected
    assert found.key == row.key
