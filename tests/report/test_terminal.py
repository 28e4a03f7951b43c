"""Ranked tables as text."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest

from potash.catalog import load_catalog
from potash.catalog.question import AmongHosts
from potash.cli.documents import ranking_document
from potash.ranking.electrolytes import rank_electrolytes
from potash.ranking.hosts import rank_hosts
from potash.ranking.table import RankedTable
from potash.ranking.tiers import Wish
from potash.report import terminal
from tests.synthetic_rows import adsorption, host_rows, liquid_rows, make_row, molecule_rows

CATALOG = load_catalog()


def ranked_lines(
    table: RankedTable,
    width: int,
    *,
    asked: Collection[str] = (),
    sources: Mapping[str, str] | None = None,
) -> list[str]:
    """Return a table as the commands print it."""
    records = table.records(models=True)
    if sources is not None:
        records = [r | {"source": sources.get(r["id"])} for r in records]
    return terminal.ranked_lines(ranking_document(table, records), width, asked=asked)


@pytest.fixture(scope="module")
def hosts() -> RankedTable:
    return rank_hosts(host_rows(), CATALOG, calibration_rows=host_rows())


@pytest.fixture(scope="module")
def electrolytes() -> RankedTable:
    return rank_electrolytes([*molecule_rows(), *liquid_rows()], CATALOG)


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_it_fits_its_width_and_breaks_no_id(
    hosts: RankedTable, electrolytes: RankedTable, width: int
) -> None:
    for table in (hosts, electrolytes):
        lines = ranked_lines(table, width)
        assert max(map(len, lines)) <= width
        words = {word.strip(",:") for line in lines for word in line.split()}
        assert {e.id for e in table.entries if not e.is_model} <= words


def test_hosts_that_share_a_model_take_one_line() -> None:
    table = rank_hosts([adsorption("cu_111", -1.0)], CATALOG)
    text = " ".join(" ".join(ranked_lines(table, 300)).split())
    ids = ", ".join(e.id for e in table.ranked)
    assert f"{ids} (one model)" in text
    assert "-1.00 [unknown]" in text


def test_what_was_asked_for_names_the_line() -> None:
    table = rank_hosts([adsorption("cu_111", -1.0)], CATALOG)
    lines = ranked_lines(table, 120, asked={"cu_111"})
    (line,) = [x for x in lines if "-1.00" in x]
    assert "cu_111" in line
    assert "cu_foil" not in line
    lines = ranked_lines(table, 120, asked={"cu_foil"})
    assert any("cu_foil" in x and "-1.00" in x for x in lines)


def test_the_answer_comes_first_then_picks_with_reasons(hosts: RankedTable) -> None:
    lines = ranked_lines(hosts, 100)
    assert lines[0].startswith(f"Hosts. The {hosts.choose} best hosts: ")
    text = "\n".join(lines)
    assert text.index("Most probable so far:") < text.index("Also in question:")
    picks = text[: text.index("Also in question:")]
    for entry in hosts.ranked:
        if entry.chosen:
            assert entry.id in picks
    assert f"among the best {hosts.choose} in" in " ".join(text[text.index("Why") :].split())


def test_everything_that_is_not_ranked_has_a_reason(hosts: RankedTable) -> None:
    text = " ".join(" ".join(ranked_lines(hosts, 100)).split("Not ranked, because")[1].split())
    for entry in hosts.entries:
        if entry.rank is None:
            assert entry.id in text
        if entry.rank is None and not entry.values["ranked_apart"]:
            assert " ".join(entry.reason.split()) in text
    phases = Wish(among=AmongHosts(populations=("phase",)))
    apart = rank_hosts(host_rows(), CATALOG, wish=phases)
    assert "the cell did not relax" in " ".join(" ".join(ranked_lines(apart, 100)).split())


def test_what_is_ranked_apart_is_named_with_the_option_that_shows_it(hosts: RankedTable) -> None:
    text = " ".join(" ".join(ranked_lines(hosts, 100)).split())
    assert "Ranked apart: 14 separators, their coatings and fillers (population separator)" in text
    named = text.split("--population separator shows them: ")[1].split(" Ranked apart")[0]
    separators = {h.id for h in CATALOG.hosts.values() if h.population == "separator"}
    assert {x.strip() for x in named.split(",")} == separators


def test_a_failed_simulation_is_the_reason() -> None:
    failed = make_row("liquid", "kfsi_dme_1m", status="failed", reason="the box blew up")
    table = rank_electrolytes([failed], CATALOG)
    (entry,) = [e for e in table.entries if e.id == "kfsi_dme_1m"]
    assert entry.reason.startswith("simulation at screen failed: the box blew up")
    assert "not simulated yet" not in entry.reason


def test_one_count_says_what_is_ranked(hosts: RankedTable) -> None:
    text = " ".join(" ".join(ranked_lines(hosts, 100)).split())
    review = [e for e in hosts.entries if not e.is_model and not e.values["ranked_apart"]]
    ranked = [e for e in review if e.rank is not None]
    models = len(hosts.ranked) - len(ranked)
    assert f"{len(ranked)} of {len(review)} hosts are ranked" in text
    assert f"{models} models that set the value of no host" in text


def test_rows_are_marked_as_own_or_reference(hosts: RankedTable) -> None:
    first = hosts.ranked[0]
    second = next(e for e in hosts.ranked if e.values["model"] != first.values["model"])
    sources = {first.id: "own", second.id: "reference"}
    lines = ranked_lines(hosts, 200, sources=sources)
    assert any(first.id in x and " own" in x for x in lines)
    assert any(second.id in x and " ref" in x for x in lines)


def test_small_numbers_are_seen(electrolytes: RankedTable) -> None:
    text = "\n".join(ranked_lines(electrolytes, 200))
    assert "D(K+), 1e-10 m2/s" in text
    assert "3.0" in text
    assert "0.000" not in text
