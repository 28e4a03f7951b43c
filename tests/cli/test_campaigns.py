"""What ``potash run`` prints when it is done."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from potash.catalog import load_catalog
from potash.catalog.campaign import Campaign
from potash.ranking.electrolytes import rank_electrolytes
from potash.ranking.hosts import rank_hosts
from potash.ranking.tables import ranked_tables
from potash.report.written import Written
from potash.store.rows import Row
from potash.workflows.run import RunSummary
from tests.cli.conftest import Potash
from tests.synthetic_rows import adsorption, liquid_rows, make_row, molecule_rows

CATALOG = load_catalog()


def summary(rows: list[Row], **parts: Any) -> RunSummary:
    tables = {
        **ranked_tables(rows, CATALOG),
        "hosts": rank_hosts(rows, CATALOG),
        "electrolytes": rank_electrolytes(rows, CATALOG),
    }
    return RunSummary(
        planned=len(rows),
        computed=len(rows),
        statuses=dict(Counter(r.status for r in rows)),
        campaign=Campaign.model_validate({"name": "x", **parts}),
        catalog=CATALOG,
        rows=rows,
        written=Written(tables=tables, files=(), report=Path("out/report.html")),
        output_dir=Path("out"),
        seconds=12.0,
        climbed=None,
    )


HOSTS = [
    adsorption("cu_111", -1.0),
    make_row("adsorption", "al_111", status="failed", reason="the cell did not relax"),
]


@pytest.fixture
def printed(
    potash: Potash, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Any:  # pragma: no cover - a factory
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "x.yaml").write_text("name: x\nhosts: {items: [cu_111]}\n")

    def run(found: RunSummary, *options: str) -> Any:
        monkeypatch.setattr("potash.workflows.run.run_campaign", lambda *_, **__: found)
        return potash("run", str(tmp_path / "x.yaml"), *options)

    return run


def test_a_campaign_of_hosts_prints_no_table_of_electrolytes(printed: Any) -> None:
    done = printed(summary(HOSTS, hosts={"items": ["cu_111", "al_111"]}))
    assert "Hosts. No tiers" in done.out
    assert "lectrolytes" not in done.out
    assert "Molecules" not in done.out


def test_it_names_what_was_asked_for(printed: Any) -> None:
    done = printed(summary(HOSTS, hosts={"items": ["cu_111", "al_111"]}))
    (line,) = [x for x in done.lines if "-1.00 [unknown]" in x]
    assert "cu_111" in line
    assert "porous_metal_foams" not in line


def test_only_what_was_asked_for_says_why_it_has_no_rank(printed: Any) -> None:
    done = printed(summary(HOSTS, hosts={"items": ["cu_111", "al_111"]}))
    text = " ".join(done.out.split())
    told = text.split("Not ranked, because")[1].split("Not ok")[0]
    assert "al_111: failed, the cell did not relax" in told
    assert "no row yet" not in text
    assert "others of the catalogue were not asked for." in told
    n_others = int(told.split(" others of the catalogue")[0].split()[-1])
    entries = rank_hosts(HOSTS, CATALOG).entries
    not_ranked = [e for e in entries if e.rank is None and not e.values["ranked_apart"]]
    assert 0.9 * len(not_ranked) < n_others < len(not_ranked)
    liquids = printed(summary(liquid_rows(), liquids={"items": ["kfsi_dme_1m"]})).out
    assert "not simulated yet" not in liquids
    assert "others of the catalogue were not asked for." in " ".join(liquids.split())


def test_separators_that_were_asked_for_have_their_own_table(printed: Any) -> None:
    rows = [adsorption("cu_111", -1.0), adsorption("cr3o_node_nh2", -2.0)]
    done = printed(summary(rows, hosts={"items": ["pep_nm"]}))
    assert any("pep_nm" in x and "-2.00" in x for x in done.lines)
    assert not any("-1.00" in x for x in done.lines)
    both = printed(summary(rows, hosts={"items": ["pep_nm", "cu_foil"]}))
    places = [next(i for i, x in enumerate(both.lines) if e in x) for e in ("-1.00", "-2.00")]
    assert places == sorted(places)
    assert both.out.count("Hosts. ") == 2


def test_what_failed_is_listed_with_its_reason_and_the_exit_code_says_so(printed: Any) -> None:
    done = printed(summary(HOSTS, hosts={"items": ["cu_111", "al_111"]}))
    assert done.code == 1
    (line,) = [x for x in done.lines if x.startswith("adsorption")]
    assert line.split()[:2] == ["adsorption", "al_111"]
    assert line.endswith("screen  failed  the cell did not relax")
    assert "Not ok (1 of 2)" in done.out
    assert "2 calculations asked for, 2 computed now in 12 s: 1 failed, 1 ok." in done.out
    record = json.loads(printed(summary(HOSTS, hosts={"items": ["cu_111"]}), "--json").out)
    assert [x["reason"] for x in record["not_ok"]] == ["the cell did not relax"]


def test_molecules_and_liquids_are_printed_where_they_were_asked_for(printed: Any) -> None:
    rows = [*molecule_rows(), *liquid_rows()]
    done = printed(
        summary(
            rows,
            molecules={"items": ["dme", "ec"]},
            liquids={"items": ["kfsi_dme_1m"]},
        )
    )
    assert done.code == 0
    assert "Molecules (4)" in done.out
    assert any(line.startswith("dme ") for line in done.lines)
    assert "Electrolytes. " in done.out
    assert "Hosts" not in done.out


def test_only_the_named_parts_are_printed(printed: Any) -> None:
    rows = [*molecule_rows(), *liquid_rows()]
    parts = {"molecules": {"items": ["dme"]}, "liquids": {"items": ["kfsi_dme_1m"]}}
    done = printed(summary(rows, **parts), "--only", "molecules")
    assert "Molecules" in done.out
    assert "Electrolytes" not in done.out
