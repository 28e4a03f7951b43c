"""Methods paragraphs: levels, engines and citations of the rows."""

from __future__ import annotations

import re

from potash.evidence.known import reference_rows
from potash.report.methods import methods
from tests.synthetic_rows import adsorption


def test_every_level_with_its_engine_and_every_citation_is_listed() -> None:
    found = {m.kind: m for m in methods(reference_rows(), "9.9")}
    assert set(found) == {"hosts", "molecules", "electrolytes"}
    for kind, members in (("hosts", ("adsorption",)), ("electrolytes", ("liquid",))):
        text = found[kind].text
        used = {
            (r.level, r.engine) for r in reference_rows() if r.kind in members and r.status == "ok"
        }
        assert used
        for level, engine in used:
            assert f"{level} ({engine}" in text
        cited = {int(n) for group in re.findall(r"\[([\d, ]+)\]", text) for n in group.split(",")}
        assert cited == set(range(1, len(found[kind].references) + 1))
        assert "Potash 9.9" in text
    dois = [r.doi for m in found.values() for r in m.references]
    assert all(re.fullmatch(r"10\.\d{4,}/\S+", doi) for doi in dois)
    assert "10.1021/acs.jctc.8b01176" in found["molecules"].plain()


def test_a_doi_from_memory_says_so_and_only_computed_kinds_have_a_paragraph() -> None:
    (only,) = methods([adsorption("cu_111", -1.0)], "9.9")
    assert only.kind == "hosts"
    assert "synthetic" in only.text
    for reference in only.references:
        (line,) = [x for x in only.plain().splitlines() if reference.doi in x]
        assert ("from memory" in line) == (not reference.known)
