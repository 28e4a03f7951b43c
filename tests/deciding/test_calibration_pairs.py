"""A row at a better level tells of its whole class, and what it is worth counts all of them."""

from collections.abc import Mapping

import numpy as np
import pytest

from potash.calibration import ErrorModel, Estimate, Pair, fit, sample
from potash.catalog.question import PartQuestion, Preference
from potash.deciding.future import price_of_certainty
from potash.deciding.ladder import Step, next_steps
from potash.deciding.levels import Rung
from potash.deciding.options import Options, Tried, options
from potash.deciding.teachers import teachers
from potash.ranking.answering import Asked, PartAnswer, answer_question
from potash.ranking.order import Candidate
from potash.ranking.population import believed
from potash.ranking.table import Entry

X = "adsorption_energy_ev"
BY = {X: Preference(best=10.0, worst=-10.0)}
TEN = np.linspace(-0.5, 0.5, 10)
"""Values of a class of ten; as wrong as one of them is the first of the others, which are known."""
OTHERS = np.array([0.1, *np.linspace(-1.0, 1.0, 11)])
BIAS, OWN = 0.6, 0.1


def answered(*, one_class: bool) -> PartAnswer:
    """Return the answer; the errors of the ten are as large where they have nothing in common."""
    rng = np.random.default_rng(1)
    values = np.concatenate([TEN, OTHERS])
    shape = (4000, len(values))
    bias = BIAS * rng.standard_normal(shape)
    bias[:, len(TEN) + 1 :] = 0.0
    if one_class:
        bias[:, : len(TEN)] = bias[:, :1]
    draws = values + bias + OWN * rng.standard_normal(shape)
    asked = []
    for i, value in enumerate(values):
        entry = Entry(id=f"h{i}", name=f"h{i}", group="made up", status="computed")
        asked.append(Asked(Candidate(entry, {X: value}, {X: draws[:, i]}, f"h{i}"), (f"h{i}",)))
    return answer_question("hosts", PartQuestion(choose=11, by=BY), asked)


IN_CLASS, ALONE = 5, len(TEN)
"""Two candidates of (nearly) one value: among the ten, and in a class of its own."""


def look(candidate: int) -> Step:
    return Step(candidate, X, "standard", OWN, 3600.0)


def gains(now: PartAnswer) -> Mapping[int, float]:
    steps = [look(IN_CLASS), look(ALONE)]
    found = next_steps(steps, dict(now.draws), now.right, seed=3)
    return {p.step.candidate: p.gain for p in found}


def test_a_pair_for_a_class_of_ten_is_worth_more_than_a_row_of_one() -> None:
    gain = gains(answered(one_class=True))
    assert gain[IN_CLASS] > 1.4 * gain[ALONE]
    # Not for its value or its error: where the ten have nothing in common both are worth the same.
    apart = gains(answered(one_class=False))
    assert apart[IN_CLASS] == pytest.approx(apart[ALONE], rel=0.2)


def test_futures_know_the_class_better_after_one_row_of_it() -> None:
    now = answered(one_class=True)

    def doubt_after(candidate: int) -> float:
        rung = Rung(f"h{candidate}", X, "adsorption", ("m",), "standard", OWN, False)
        only = Options((), ((rung, look(candidate)),), ())
        return price_of_certainty(now, only, seed=5, n_futures=40).points[-1].doubt

    assert now.doubt - doubt_after(IN_CLASS) > 1.5 * (now.doubt - doubt_after(ALONE))


def calibrated(further: tuple[Pair, ...] = ()) -> ErrorModel:
    """Fit five classes whose errors differ by 0.5, of four pairs each, and what else there is."""
    rng = np.random.default_rng(7)
    pairs = [
        Pair(f"{group} {i}", group, x, x + bias + 0.1 * rng.standard_normal())
        for group, bias in zip("abcde", (-0.7, -0.3, 0.1, 0.3, 0.8), strict=True)
        for i, x in enumerate(rng.normal(0.0, 1.0, 4))
    ]
    names = {"quantity": X, "level": "screen", "reference": "standard"}
    return fit([*pairs, *further], **names, unseen_classes=True)


def test_what_a_row_is_expected_to_tell_of_its_class_is_what_the_fit_then_knows() -> None:
    raw = np.linspace(-2.0, 2.0, 10)

    def of_class(model: ErrorModel) -> list[Estimate]:
        return [model.estimate(float(x), "new") for x in raw]

    today = of_class(calibrated())
    drawn = sample(today, n_draws=20_000, rng=np.random.default_rng(2))
    central = {i: float(e.value or 0.0) for i, e in enumerate(today)}
    belief = believed(central, {i: drawn[:, i] for i in central}, len(raw)).belief
    row = central[0]
    expected = belief.updated(0, row, 0.02).sd[1:]
    then = of_class(calibrated((Pair("new 0", "new", float(raw[0]), row),)))
    after = sample(then, n_draws=20_000, rng=np.random.default_rng(2)).std(axis=0)[1:]
    # The nine others, without a row of their own, are known three times better.
    assert drawn.std(axis=0).min() > 2.5 * after.max()
    assert expected.mean() == pytest.approx(after.mean(), rel=0.3)


def with_a_loser(*, one_class: bool) -> PartAnswer:
    """Return the answer with an eleventh of the class, surely out: the last of the candidates."""
    rng = np.random.default_rng(1)
    values = np.concatenate([TEN, OTHERS, [-7.0]])
    bias = BIAS * rng.standard_normal((4000, len(values)))
    bias[:, len(TEN) + 1 : -1] = 0.0
    if one_class:
        bias[:, [*range(len(TEN)), -1]] = bias[:, :1]
    draws = values + bias + OWN * rng.standard_normal(bias.shape)
    asked = []
    for i, value in enumerate(values):
        entry = Entry(
            id=f"h{i}", name=f"h{i}", group="made up", status="computed", keys={"screen": f"r{i}"}
        )
        asked.append(Asked(Candidate(entry, {X: value}, {X: draws[:, i]}, f"h{i}"), (f"h{i}",)))
    return answer_question("hosts", PartQuestion(choose=11, by=BY), asked)


LOSER = f"h{len(TEN) + len(OTHERS)}"


def could(now: PartAnswer) -> Options:
    rungs = [
        Rung(name, X, "adsorption", (name,), "standard", OWN, False)
        for name in (LOSER, f"h{ALONE}")
    ]
    return options(now, rungs, lambda _: 3600.0, lambda _: "", Tried.of([]))


def test_a_member_that_is_surely_out_is_offered_for_what_it_tells_of_its_class() -> None:
    now = with_a_loser(one_class=True)
    assert now.right[:, -1].mean() == 0.0
    assert teachers(now, X, [f"h{i}" for i in range(len(TEN))]) == (LOSER,)
    found = could(now)
    teaches = {rung.candidate: step.teaches for rung, step in found.further}
    assert teaches == {LOSER: True, f"h{ALONE}": False}
    steps = [step for _, step in found.further]
    gain = {p.step.candidate: p.gain for p in next_steps(steps, dict(now.draws), now.right, seed=3)}
    loser = len(TEN) + len(OTHERS)
    assert gain[loser] > 1.2 * gain[ALONE]


def test_one_that_shares_nothing_teaches_nothing() -> None:
    now = with_a_loser(one_class=False)
    assert [rung.candidate for rung, _ in could(now).further] == [f"h{ALONE}"]
    # Offered all the same, what it seems to tell is the noise of the draws.
    idle = Step(len(TEN) + len(OTHERS), X, "standard", OWN, 3600.0, teaches=True)
    for seed in range(5):
        proposals = next_steps([idle], dict(now.draws), now.right, seed=seed)
        assert all(p.gain < 0.03 * now.doubt for p in proposals)
