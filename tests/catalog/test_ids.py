"""The ids that are read without the entries."""

from __future__ import annotations

import subprocess
import sys

import pytest

from potash.catalog import load_catalog
from potash.catalog.ids import EntryKind, shipped_ids

KINDS: dict[EntryKind, str] = {
    "host": "hosts",
    "model": "models",
    "species": "species",
    "salt": "salts",
    "electrolyte": "electrolytes",
    "claim": "claims",
    "equation": "equations",
    "misprint": "misprints",
}


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_those_of_the_catalogue(kind: EntryKind) -> None:
    entries = getattr(load_catalog(), KINDS[kind])
    assert list(shipped_ids(kind)) == list(entries)


def test_other_names_come_with_them() -> None:
    dme = load_catalog().species["dme"]
    assert shipped_ids("species")["dme"] == (dme.name, *dme.abbreviations)


def test_they_load_none_of_the_large_libraries() -> None:
    code = (
        "import sys; from potash.catalog.ids import shipped_ids; shipped_ids('host'); "
        "print(sorted({'numpy', 'pydantic', 'rdkit', 'ase'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
