"""A calculator that returns NaN or infinity gives failed rows that say so, on every database."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from potash.catalog.catalog import load_catalog
from potash.running.local import compute_here
from potash.running.plan import adsorption_of
from potash.store import Store

# EMT knows no potassium: aluminium stands in for it, and the energies mean nothing.
CALCULATOR = """
from ase.calculators.emt import EMT

class Broken(EMT):
    def calculate(self, atoms=None, *arguments):
        made = atoms.copy()
        if all(made.symbols == "K"):
            made.set_cell(made.cell * 3.24 / 5.3, scale_atoms=True)
        made.symbols[made.symbols == "K"] = "Al"
        super().calculate(made, *arguments)
        if {when}:
            self.results["{what}"] = self.results["{what}"] * float("{number}")

def broken():
    return Broken()
"""


def stores(folder: Path) -> list[Store]:
    """Return a store on SQLite, and one on PostgreSQL where there is a server."""
    server = os.environ.get("POTASH_TEST_POSTGRES", "")
    return [Store(folder / "rows.sqlite"), *([Store(server)] if server else [])]


@pytest.mark.server
@pytest.mark.parametrize(
    ("what", "number", "when", "reason"),
    [
        ("energy", "nan", "True", "energy is nan"),
        ("energy", "inf", "'K' in atoms.symbols and len(atoms) > 2", "energy is inf"),
        ("forces", "nan", "'K' in atoms.symbols and len(atoms) > 2", "forces.0.0 is nan"),
    ],
)
def test_no_row_is_ok_and_the_reason_says_which_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, number: str, when: str, reason: str
) -> None:
    name = f"broken_{what}_{number}"
    source = CALCULATOR.format(what=what, when=when, number=number)
    (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    work = adsorption_of("al_111", load_catalog(), name, calculator=f"{name}:broken")
    for store in stores(tmp_path):
        store.forget([c.key for c in work])
        rows = compute_here(work, store, tmp_path / "work", lambda *_: None)
        broken = [r for r in rows if r.kind == "adsorption" or when == "True"]
        assert broken
        for row in broken:
            assert (row.status, row.values) == ("failed", {})
            assert reason in row.reason
