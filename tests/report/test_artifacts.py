"""What Prefect's UI shows can be read by a person."""

from __future__ import annotations

from dataclasses import replace

from potash.catalog.catalog import load_catalog
from potash.ranking.electrolytes import rank_electrolytes
from potash.ranking.hosts import rank_hosts
from potash.report.artifacts import answer_markdown, short_table
from potash.report.first import verdicts
from tests.report.test_first import ANSWER
from tests.synthetic_rows import host_rows, liquid_rows, molecule_rows

CATALOG = load_catalog()


def test_the_answer_comes_first_with_a_reason_for_every_pick() -> None:
    text = answer_markdown(verdicts({}, {"hosts": ANSWER}), "results/x/report.html")
    lines = text.splitlines()
    assert lines[0] == "## Make these next: 1 host"
    assert lines[2] == (
        "93% of them are expected to be right (90% asked for); 1 in, 1 in doubt, 1 out."
    )
    assert "1. **Tin**, in (93%): why tin" in lines
    assert "Also in question: Lead" in lines
    assert lines[-1].endswith("`results/x/report.html`")
    assert "Nothing is ranked yet" in answer_markdown((), "x")


def test_names_are_not_taken_for_markdown() -> None:
    odd = replace(ANSWER, placed=(replace(ANSWER.placed[0], name="a_b <i> [x](y) *z*"),))
    text = answer_markdown(verdicts({}, {"hosts": odd}), "x")
    assert r"**a\_b \<i\> \[x\](y) \*z\***" in text


def test_tables_have_at_most_eight_columns_with_units() -> None:
    hosts = rank_hosts(host_rows(), CATALOG, calibration_rows=host_rows())
    liquids = rank_electrolytes([*molecule_rows(), *liquid_rows()], CATALOG)
    for table in (hosts, liquids):
        rows = short_table(table)
        assert rows
        assert all(len(row) <= 8 for row in rows)
        assert rows[0]["candidate"] == table.ranked[0].name
    assert short_table(hosts)[0]["adsorption energy"].endswith(" eV")
    assert any(row["diffusion K"].endswith("1e-10 m2/s") for row in short_table(liquids))
