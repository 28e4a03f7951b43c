"""The first screen: picks, doubts and counts from rankings and answers."""

from __future__ import annotations

import numpy as np

from potash.catalog.catalog import load_catalog
from potash.catalog.question import HostQuestion, Preference
from potash.ranking.answering import PartAnswer, Placed
from potash.ranking.hosts import rank_hosts
from potash.report.first import Course, Deed, verdict_of_table, verdicts
from potash.report.page import write_report
from tests.synthetic_rows import adsorption, host_rows

CATALOG = load_catalog()


def placed(name: str, tier: str, p: float, *, chosen: bool = False) -> Placed:
    return Placed(name, name.title(), (name.title(), "Twin"), tier, p, chosen, f"why {name}")  # type: ignore[arg-type]


ANSWER = PartAnswer(
    kind="hosts",
    choose=1,
    asked_confidence=0.9,
    confidence=0.93,
    answered=True,
    doubt=0.1,
    placed=(
        placed("tin", "in", 0.93, chosen=True),
        placed("lead", "in_doubt", 0.2),
        placed("gold", "out", 0.01),
    ),
    draws={},
    right=np.ones((1, 3), dtype=bool),
    ids=("tin", "lead", "gold"),
    question=HostQuestion(choose=1, by={"k_charge_e": Preference(best=1.0, worst=0.0)}),
    beliefs={},
    facts=np.ones((1, 3), dtype=bool),
)


def test_an_answer_is_shown_instead_of_the_rankings() -> None:
    tables = {"hosts": rank_hosts(host_rows(), CATALOG, calibration_rows=host_rows())}
    (found,) = verdicts(tables, {"hosts": ANSWER})
    assert (found.answered, found.confidence, found.asked_confidence) == (True, 0.93, 0.9)
    assert [(p.id, p.others) for p in found.picks] == [("tin", ("Twin",))]
    assert [p.id for p in found.doubts] == ["lead"]
    assert (found.n_in, found.n_doubt, found.n_out) == (1, 1, 1)


def test_a_ranking_shows_its_picks_and_hosts_of_one_model_once() -> None:
    table = rank_hosts(host_rows(), CATALOG, calibration_rows=host_rows())
    found = verdict_of_table(table)
    assert found is not None
    chosen = [e for e in table.ranked if e.chosen]
    models = dict.fromkeys(e.values["model"] for e in chosen)
    assert len(found.picks) == len(models) == table.choose
    assert sum(1 + len(p.others) for p in found.picks) == len(chosen)
    assert found.pairs == (table.resolved_pairs, table.pairs)
    assert verdict_of_table(rank_hosts([], CATALOG)) is None


def test_the_page_shows_what_it_cost_and_what_more_certainty_would(tmp_path) -> None:
    rows = [adsorption("cu_111", -1.0), adsorption("al_111", -0.1)]
    course = Course(
        kind="hosts",
        core_hours=0.00036,
        before=0.4,
        after=0.93,
        done=(Deed("tin, standard", "most doubt per hour", 0.5, 0.2, 0.61, 0.15),),
        ahead=(Deed("lead, standard", "it may be the second", 0.7, 0.05),),
        price=((0.0, 0.93), (2.0, 0.97)),
        said="the question is answered",
    )
    file = write_report(
        tmp_path / "r.html", rows, CATALOG, title="t", answers={"hosts": ANSWER}, courses=[course]
    )
    text = file.read_text().split('<section id="hosts">')[0]
    for shown in (
        "Make these next", "93 %", "why tin", "Lead", "0.00036 core-hours", "40 % before",
        "tin, standard", "0.61", "0.150", "What more certainty costs", "97 %", "lead, standard",
        "The question is answered.",
    ):  # fmt: skip
        assert shown in text, shown


def test_a_question_without_an_answer_says_why(tmp_path) -> None:
    rows = [adsorption("cu_111", -1.0)]
    file = write_report(tmp_path / "r.html", rows, CATALOG, title="t", unanswered="only <one>")
    assert "has no answer yet: only &lt;one&gt;" in file.read_text()
