import numpy as np
import pytest

from potash.deciding.gain import expected_doubt
from potash.deciding.ladder import Step, next_steps
from potash.ranking.membership import right_picks

N = 20_000


def against_zero(own: float) -> tuple[np.ndarray, np.ndarray]:
    """Return draws and right picks of one candidate, N(0, 1), against another at exactly 0."""
    doubtful = np.random.default_rng(1).standard_normal(N)
    draws = np.stack([doubtful, np.zeros(N)], axis=1)
    return draws, right_picks(draws, 1)


@pytest.mark.parametrize("own", [0.05, 0.5, 1.0, 3.0])
def test_the_doubt_left_is_that_of_the_orthant_formula(own: float) -> None:
    """After a look with error s, E[2 p (1 - p)] = 1/2 - arcsin(1 / (1 + s^2)) / pi (Sheppard)."""
    draws, right = against_zero(own)
    wanted = 0.5 - np.arcsin(1 / (1 + own**2)) / np.pi
    found = [expected_doubt(draws[:, 0], own, right, seed=seed) for seed in range(6)]
    assert np.mean(found) == pytest.approx(wanted, abs=0.012)
    assert np.std(found) < 0.02


def test_the_gain_of_one_look_is_a_sixth_and_per_hour_follows_the_cost() -> None:
    draws, right = against_zero(1.0)
    steps = [Step(0, "x", "cheap", 1.0, 60.0), Step(0, "x", "dear", 1.0, 600.0)]
    cheap, dear = next_steps(steps, {"x": draws}, right, seed=3)
    assert (cheap.step.level, dear.step.level) == ("cheap", "dear")
    assert cheap.gain == pytest.approx(1 / 6, abs=0.025)
    assert dear.gain == cheap.gain
    assert cheap.per_hour == pytest.approx(10 * dear.per_hour)
    assert cheap.per_hour == pytest.approx(60 * cheap.gain)


def test_a_perfectly_known_candidate_is_worth_nothing() -> None:
    draws, right = against_zero(1.0)
    found = next_steps([Step(1, "x", "any", 0.1, 1.0)], {"x": draws}, right, seed=4)
    assert found == []


def test_the_doubtful_candidate_is_worth_most_and_a_certain_one_is_left_out() -> None:
    rng = np.random.default_rng(5)
    centres = np.array([3.0, 0.1, -0.1, -1.0, -9.0])
    draws = centres + 0.6 * rng.standard_normal((N, 5))
    right = right_picks(draws, 2)
    steps = [Step(i, "x", "level", 0.1, 10.0) for i in range(5)]
    found = {p.step.candidate: p.gain for p in next_steps(steps, {"x": draws}, right, seed=6)}
    assert 4 not in found, "out whatever a look would give"
    assert max(found, key=lambda i: found[i]) in (1, 2)
    # The two about the border are mirror images of one another but for the far ones.
    assert found[1] == pytest.approx(found[2], rel=0.15)
    assert found[1] > 2 * found[3]


def test_equal_candidates_have_equal_gains_and_ties_keep_their_order() -> None:
    rng = np.random.default_rng(7)
    drawn = rng.standard_normal((N, 4))
    right = right_picks(drawn, 2)
    steps = [Step(i, "x", "level", 0.3, 10.0) for i in range(4)]
    gains = [p.gain for p in next_steps(steps, {"x": drawn}, right, seed=8)]
    assert len(gains) == 4
    assert max(gains) / min(gains) < 1.1


def test_only_the_most_doubtful_candidates_are_worked_out() -> None:
    rng = np.random.default_rng(9)
    draws = np.linspace(0, -2, 6) + 0.7 * rng.standard_normal((4000, 6))
    right = right_picks(draws, 1)
    p = right.mean(axis=0)
    steps = [Step(i, "x", "level", 0.1, 10.0) for i in range(6)]
    found = next_steps(steps, {"x": draws}, right, seed=1, most=2)
    assert {q.step.candidate for q in found} == set(np.argsort(-(p * (1 - p)))[:2].tolist())


def test_a_better_look_is_never_worth_less() -> None:
    draws, right = against_zero(1.0)
    steps = [Step(0, "x", f"{sd}", sd, 10.0) for sd in (0.05, 0.2, 0.6, 1.5)]
    gains = {p.step.error_sd: p.gain for p in next_steps(steps, {"x": draws}, right, seed=2)}
    assert gains[0.05] > gains[0.2] > gains[0.6] > gains[1.5] > 0
    assert gains[0.05] < 0.5, "no look removes more doubt than there is"


def test_a_quantity_that_the_answer_does_not_follow_is_worth_nothing() -> None:
    draws, right = against_zero(1.0)
    idle = np.random.default_rng(11).standard_normal((N, 2))
    found = next_steps([Step(0, "y", "level", 0.1, 1.0)], {"x": draws, "y": idle}, right, seed=1)
    assert all(p.gain < 0.01 for p in found)
