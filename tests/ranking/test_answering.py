from collections.abc import Mapping

import numpy as np
import pytest

from potash.catalog.question import Among, Bound, PartQuestion, Preference
from potash.errors import InputError
from potash.ranking.answering import Asked, Condition, answer_question, desirability
from potash.ranking.order import Candidate
from potash.ranking.table import Entry

E_ADS = "adsorption_energy_ev"
BY = {E_ADS: Preference(best=-2.0, worst=0.0)}


def asked(
    name: str,
    value: float | None,
    sd: float = 0.05,
    conditions: tuple[Condition, ...] = (),
    others: Mapping[str, float] | None = None,
) -> Asked:
    """Return a candidate whose error is normal and its own."""
    entry = Entry(id=name, name=name.title(), group="metal", status="computed")
    rng = np.random.default_rng(sum(map(ord, name)))
    central = {} if value is None else {E_ADS: value}
    central |= dict(others or {})
    drawn = {c: v + sd * rng.standard_normal(4000) for c, v in central.items()}
    return Asked(Candidate(entry, central, drawn, name), (name.title(),), conditions)


def names(placed: object) -> list[str]:
    return [p.id for p in placed]  # type: ignore[attr-defined]


def test_well_separated_candidates_are_in_and_out() -> None:
    found = answer_question(
        "hosts",
        PartQuestion(choose=2, by=BY),
        [asked("a", -0.2), asked("b", -1.5), asked("c", -1.0), asked("d", -0.4)],
    )
    assert found.answered
    assert names(found.tier("in")) == ["b", "c"]
    assert sorted(names(found.tier("out"))) == ["a", "d"]
    assert found.confidence > 0.99
    best = found.placed[0]
    assert "among the best 2 in 100% of the draws" in best.why
    assert "-1.5" in best.why
    assert "eV" in best.why


def test_candidates_closer_than_what_matters_may_fill_the_same_place() -> None:
    crowd = [asked("a", -1.00), asked("b", -0.98), asked("c", -0.2), asked("d", -0.1)]
    strict = answer_question("hosts", PartQuestion(choose=1, by=BY), crowd)
    assert names(strict.tier("in_doubt")) == ["a", "b"]
    assert not strict.answered
    assert "last place" in strict.placed[0].why
    within = {E_ADS: 0.3}
    loose = answer_question("hosts", PartQuestion(choose=1, by=BY, equal_within=within), crowd)
    assert names(loose.tier("in")) == ["a", "b"]
    assert loose.answered


def test_a_lucky_value_is_shrunk_towards_the_others() -> None:
    crowd = [asked("lucky", -1.0, sd=0.5)] + [asked(f"h{i}", -0.4 - 0.01 * i) for i in range(12)]
    found = answer_question("hosts", PartQuestion(choose=1, by=BY), crowd)
    mean, low, high = next(p for p in found.placed if p.id == "lucky").values[E_ADS]
    assert -0.65 < mean < -0.35
    assert low < mean < high


def test_facts_rule_out_and_unknown_facts_are_a_doubt() -> None:
    stable = Condition("stable_with_k", True)
    crowd = [
        asked("a", -1.5, conditions=(Condition("stable_with_k", False, "becomes K3Bi"),)),
        asked("b", -1.2, conditions=(Condition("stable_with_k", None, "no bulk energies"),)),
        asked("c", -1.0, conditions=(stable,)),
        asked("d", -0.5, conditions=(stable,)),
    ]
    found = answer_question("hosts", PartQuestion(choose=1, by=BY), crowd)
    by_id = {p.id: p for p in found.placed}
    assert by_id["a"].tier == "out"
    assert by_id["a"].why == "ruled out: becomes K3Bi"
    assert by_id["b"].tier == "in_doubt"
    assert by_id["b"].why.startswith("stable with k not known (no bulk energies); ")
    # Two of three whose stability is known pass: so does b in two thirds of the draws.
    assert by_id["b"].probability_in == pytest.approx(2 / 3, abs=0.03)
    assert not found.answered


def test_a_candidate_without_a_value_is_as_the_population_and_never_in() -> None:
    crowd = [asked("none", None), asked("a", -0.5), asked("b", -0.51), asked("c", -0.49)]
    question = PartQuestion(choose=4, by=BY)
    found = answer_question("hosts", question, crowd)
    none = next(p for p in found.placed if p.id == "none")
    assert none.probability_in == 1.0
    assert none.tier == "in_doubt"
    assert none.unknown == (E_ADS,)
    assert not found.answered


def test_bounds_on_quantities_rule_out_by_their_draws() -> None:
    crowd = [
        asked("a", -1.5, others={"hop_barrier_ev": 0.5}),
        asked("b", -1.0, others={"hop_barrier_ev": 0.02}),
        asked("c", -0.5, others={"hop_barrier_ev": 0.1}),
    ]
    among = Among.model_validate({"hop_barrier_ev": Bound(at_most=0.3)})
    found = answer_question("hosts", PartQuestion(choose=1, by=BY, among=among), crowd)
    by_id = {p.id: p for p in found.placed}
    assert by_id["a"].tier == "out"
    assert "at most 0.30 eV asked for" in by_id["a"].why
    assert by_id["b"].tier == "in"


@pytest.mark.parametrize(
    "question, message",
    [
        (PartQuestion(choose=9, by=BY), "9 cannot be chosen of 2"),
        (PartQuestion(choose=1, by={"x_ev": Preference(best=1, worst=0)}), "'x_ev' is known of 0"),
        (
            PartQuestion(
                choose=1, by=BY, among=Among.model_validate({E_ADS: Bound(at_least=50.0)})
            ),
            "no host meets the conditions",
        ),
    ],
)
def test_what_cannot_be_answered_is_one_line(question: PartQuestion, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        answer_question("hosts", question, [asked("a", -1.0), asked("b", -0.5)])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "preference, values, wanted",
    [
        (Preference(best=-1, worst=0), [-2, -1, -0.25, 1], [1, 1, 0.25, 0]),
        (Preference(at_least=4, fade=0.5), [5, 4, 3.75, 3], [1, 1, 0.5, 0]),
        (Preference(at_most=4, fade=0.5), [3, 4, 4.25, 5], [1, 1, 0.5, 0]),
        (Preference(between=(1, 2), fade=1), [0.5, 1.5, 2.25, 9], [0.5, 1, 0.75, 0]),
    ],
)
def test_shapes(preference: Preference, values: list[float], wanted: list[float]) -> None:
    np.testing.assert_allclose(desirability(np.array(values), preference), wanted)
