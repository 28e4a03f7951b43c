"""The Python blocks of the README and of the pages run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.files import write_trajectory

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "docs/index.md", "docs/python.md", "docs/ranking.md")
RUN = ("README.md", "docs/python.md", "docs/ranking.md")  # the index shows what the README shows


def blocks(page: str) -> list[str]:
    """Return the Python blocks of a page, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_blocks_are_python(page):
    found = blocks(page)
    assert found
    for block in found:
        compile(block, page, "exec")


@pytest.mark.physics
@pytest.mark.parametrize("page", RUN)
def test_blocks_run_one_after_the_other(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_trajectory(tmp_path)
    namespace: dict[str, object] = {}
    for block in blocks(page):
        exec(compile(block, page, "exec"), namespace)
    if page == "README.md":
        printed = capsys.readouterr().out
        assert "Adsorption of K on Al12" in printed
        assert "Molecule of COCCOC" in printed
        assert "per anion" in printed


@pytest.mark.parametrize("page", sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("*.md")))
def test_links_of_the_top_pages_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", text):
        assert (ROOT / target).exists(), target
