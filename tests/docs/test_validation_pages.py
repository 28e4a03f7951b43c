"""The tables of the validation pages hold the numbers of the rows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from potash.results.complex_ import ComplexValues

DOCS = Path(__file__).resolve().parents[2] / "docs"
pytest.importorskip("sphinx", reason="the documentation's tools are an extra: pip install .[docs]")


@pytest.fixture(scope="module")
def validation():
    sys.path.insert(0, str(DOCS / "_ext"))
    try:
        import potash_validation
    finally:
        sys.path.remove(str(DOCS / "_ext"))
    return potash_validation


def test_every_table_and_figure_is_shown_and_every_one_shown_is_made(validation):
    text = "".join(p.read_text(encoding="utf-8") for p in (DOCS / "validation").glob("*.md"))
    for name in validation.TABLES:
        assert f"generated/{name}.md" in text, name
    for name in validation.FIGURES:
        assert f"generated/{name}.svg" in text, name


def test_a_table_is_markdown_with_its_bars_escaped(validation):
    assert validation.tables.markdown(("a", "b"), [(1, "x|y"), (None, 2.5)]) == (
        "| a | b |\n| --- | --- |\n| 1 | x\\|y |\n|  | 2.5 |\n"
    )


def test_binding_energies_are_those_of_the_rows(validation, reference_rows):
    rows = [r for r in reference_rows if (r.item, r.level) == ("k_plus_water", "standard")]
    row = max(rows, key=lambda r: r.started)
    values = row.read(ComplexValues)
    shown = validation.tables.number(values.binding_energy_counterpoise_ev)
    line = next(
        x for x in validation.tables.molecules_binding().splitlines() if "| K+ | water |" in x
    )
    assert f"| {shown} |" in line


def test_counts_are_those_of_the_rows(validation, reference_rows):
    lines = [x.split("|") for x in validation.tables.rows_counts().splitlines()[2:]]
    total = sum(int(cell or 0) for line in lines for cell in line[3:-1] if cell.strip())
    assert total == len(reference_rows)
