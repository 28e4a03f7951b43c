"""What could be run of a question's candidates, and in which order it is advised."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from potash.catalog.question import Among, Bound, PartQuestion, Preference
from potash.deciding.costs import Costs
from potash.deciding.levels import Rung
from potash.deciding.options import Advice, Options, Tried, advice, options
from potash.ranking.answering import Asked, Condition, PartAnswer, answer_question
from potash.ranking.order import Candidate
from potash.ranking.table import Entry
from potash.results.calculation import Calculation
from potash.results.k_metal import KMetalInputs

OX, BIND = "oxidation_limit_v", "k_binding_ev"
BY = {OX: Preference(best=10.0, worst=0.0), BIND: Preference(best=0.0, worst=3.0)}
NOBODY = Tried(frozenset(), frozenset(), frozenset())
NO_COSTS = Costs({})


def asked(name: str, conditions: tuple[Condition, ...] = (), **values: float) -> Asked:
    """Return a candidate; its values have an error of 0.3 of their own."""
    rng = np.random.default_rng(sum(map(ord, name)))
    drawn = {c: v + 0.3 * rng.standard_normal(4000) for c, v in values.items()}
    keys = {"species": f"row of {name}"} if values else {}
    entry = Entry(id=name, name=name, group="solvent", status="computed", keys=keys)
    return Asked(Candidate(entry, values, drawn, name), (name,), conditions)


def known(name: str, ox: float, bind: float = 1.0) -> Asked:
    return asked(name, **{OX: ox, BIND: bind})


def answered(candidates: Sequence[Asked], choose: int = 1, **more: object) -> PartAnswer:
    question = PartQuestion(choose=choose, by=BY, **more)
    return answer_question("molecules", question, candidates)


def rung(candidate: str, column: str, kind: str, level: str = "screen", **more: object) -> Rung:
    one = Rung(candidate, column, kind, (candidate,), level, 0.2, True)
    return replace(one, **more)


def found(
    answer: PartAnswer,
    rungs: Sequence[Rung],
    *,
    costs: Mapping[str, float] | None = None,
    tried: Tried = NOBODY,
    unusable: str = "",
) -> Options:
    prices = {"species": 1.0, "complex": 4.0, "redox": 9.0} | dict(costs or {})
    return options(
        answer,
        rungs,
        lambda r: prices.get(r.kind),
        lambda r: f"no {r.level}" if r.level == unusable else "",
        tried,
    )


def told(entries: Sequence[tuple[Rung, object]]) -> list[tuple[str, str, str]]:
    return [(r.candidate, r.column, r.kind) for r, _ in entries]


CROWD = [known("a", 5.0), known("b", 5.1), known("c", 4.9)]


def test_somebody_nobody_looked_at_is_screened_once_where_that_is_cheapest() -> None:
    answer = answered([*CROWD, asked("new")])
    rungs = [
        rung("new", BIND, "complex"),
        rung("new", OX, "species"),
        rung("new", OX, "redox"),
    ]
    could = found(answer, rungs)
    assert told(could.first) == [("new", OX, "species")]
    assert could.first[0][1].cost_s == 1.0
    dear = found(answer, rungs, costs={"species": 40.0})
    assert told(dear.first) == [("new", BIND, "complex")]


def test_a_second_quantity_is_bought_where_it_decides_and_not_for_its_own_sake() -> None:
    half = [asked("half", **{OX: 5.0}), asked("hopeless", **{OX: -9.0})]
    answer = answered([*CROWD, *half])
    could = found(answer, [rung(name, BIND, "complex") for name in ("half", "hopeless")])
    assert could.first == ()
    assert told(could.further) == [("half", BIND, "complex")]


def test_what_the_picks_of_a_sure_answer_lack_comes_first() -> None:
    sure = [asked("best", **{OX: 9.9}), known("b", 1.0), known("c", 1.1), known("d", 0.9)]
    answer = answered(sure, confidence=0.8)
    assert answer.confidence > 0.8
    assert not answer.answered, "its pick is not known in everything that is asked"
    could = found(answer, [rung("best", BIND, "complex", "standard")])
    assert told(could.first) == [("best", BIND, "complex")]


def test_who_is_ruled_out_is_left_alone() -> None:
    out = asked("out", (Condition("without_elements", False, "holds F"),))
    low = known("low", -3.0)
    among = Among.model_validate({OX: Bound(at_least=1.0)})
    answer = answered([*CROWD, out, low], among=among)
    could = found(answer, [rung("out", OX, "species"), rung("low", OX, "redox", first=False)])
    assert could == Options((), (), ())


def test_of_a_first_value_only_the_cheapest_level_of_those_not_tried() -> None:
    answer = answered([*CROWD, asked("half", **{OX: 5.0})])
    rungs = [rung("half", BIND, "complex", level) for level in ("screen", "standard")]
    assert [r.level for r, _ in found(answer, rungs).further] == ["screen"]
    failed = Tried(frozenset(), frozenset(), frozenset({("complex", "k_plus_half", "", "screen")}))
    assert [r.level for r, _ in found(answer, rungs, tried=failed).further] == ["standard"]


def test_a_level_that_cannot_be_used_is_told_and_what_has_no_price_is_left_out() -> None:
    answer = answered(CROWD)
    rungs = [
        rung("a", OX, "redox", "standard", first=False),
        rung("b", OX, "redox", "standard", first=False),
        rung("c", OX, "unknown kind", first=False),
        rung("a", "molar_mass_g_mol", "species", first=False),
    ]
    could = found(answer, rungs, unusable="standard")
    assert could == Options((), (), ("no standard",))


def calculation(name: str, cost_s: float, **needs: str) -> Calculation:
    inputs = KMetalInputs(level={"made for": name})
    return Calculation(name, "", "screen", inputs=inputs, needs=needs, cost_s=cost_s)


METAL = calculation("metal", 50.0)


def advised(
    answer: PartAnswer,
    rungs: Sequence[Rung],
    plans: Mapping[str, Sequence[Calculation]],
    tried: Tried = NOBODY,
    **more: int,
) -> list[Advice]:
    """Return the advice where the calculations of each candidate are given."""
    could = found(answer, rungs, costs={"k_metal": 1.0})
    settings = {"seed": 1, "most": 10, **more}
    return advice(answer, could, lambda r: plans[r.candidate], NO_COSTS, tried, **settings)


def test_screening_comes_before_all_else_the_cheapest_at_the_head() -> None:
    answer = answered([*CROWD, asked("new"), asked("other")])
    rungs = [rung(name, OX, "k_metal") for name in ("new", "other")]
    rungs.append(rung("a", OX, "k_metal", "standard", first=False))
    plans = {"new": [calculation("new", 9.0)], "other": [calculation("other", 2.0)], "a": [METAL]}
    told_first = advised(answer, rungs, plans)
    assert [(a.rung.candidate, a.cost_s, a.opening) for a in told_first] == [
        ("other", 2.0, True),
        ("new", 9.0, True),
    ]
    assert told_first[0].why == "no oxidation limit of other is known; screen first"
    # Once there is a row of it, whatever came of it, the others have their turn.
    keys = frozenset(p.key for x in ("new", "other") for p in plans[x])
    rows = Tried(keys, frozenset(), frozenset())
    (then,) = advised(answer, rungs, plans, rows)
    assert (then.rung.candidate, then.opening) == ("a", False)
    assert "a is a right pick in" in then.why


def test_what_a_calculation_needs_and_nobody_has_is_paid_with_it() -> None:
    answer = answered(CROWD)
    rungs = [rung("a", OX, "k_metal", "standard", first=False)]
    own = calculation("own", 10.0, k_metal=METAL.key)
    # What is needed is of another kind in truth; here it has been tried and is not usable.
    alone = Tried(frozenset({METAL.key}), frozenset(), frozenset())
    (paid,) = advised(answer, rungs, {"a": [METAL, own]}, alone)
    assert paid.calculations == (METAL, own)
    assert paid.cost_s == 60.0
    usable = Tried(frozenset({METAL.key}), frozenset({METAL.key}), frozenset())
    (free,) = advised(answer, rungs, {"a": [METAL, own]}, usable)
    assert free.calculations == (own,)
    assert free.per_hour == pytest.approx(6 * paid.per_hour)


def test_the_best_per_core_hour_leads_and_one_calculation_is_bought_once() -> None:
    answer = answered(CROWD)
    both = [rung("a", c, "k_metal", "standard", first=False) for c in (OX, BIND)]
    rungs = [*both, rung("b", OX, "k_metal", "standard", first=False)]
    plans = {"a": [calculation("a", 1000.0)], "b": [calculation("b", 1.0)]}
    order = advised(answer, rungs, plans)
    assert [a.rung.candidate for a in order] == ["b", "a"]
    assert order[0].per_hour > order[1].per_hour
    assert len(advised(answer, rungs, plans, most=1)) == 1


def test_tried_tells_by_key_or_by_what_it_is_of() -> None:
    one = calculation("x", 1.0)
    assert not NOBODY.has(one)
    assert Tried(frozenset({one.key}), frozenset(), frozenset()).has(one)
    assert Tried(frozenset(), frozenset(), frozenset({("k_metal", "x", "", "screen")})).has(one)
    surface = rung("x", OX, "adsorption")
    labels = frozenset({("adsorption", "x", "", "screen")})
    assert not Tried(frozenset(), frozenset(), labels).exhausts(surface), "a model has several"
