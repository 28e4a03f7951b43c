import numpy as np
import pytest

from potash.deciding.gain import Parcels, expected_doubt
from potash.deciding.ladder import Step, next_steps
from potash.ranking.belief import Belief, believe
from potash.ranking.joint_errors import Errors
from potash.ranking.membership import doubt, right_picks


def known(values: np.ndarray, covariance: np.ndarray) -> Belief:
    return believe(values, Errors.of_covariance(covariance))


def by_running_it(values: np.ndarray, errors: np.ndarray, j: int, own: float) -> float:
    """Return the doubt left by updating the belief for many outcomes, each with its own draws."""
    belief = known(values, errors)
    rng = np.random.default_rng(5)
    left = []
    for outcome in belief.draws(300, rng)[:, j] + own * rng.standard_normal(300):
        drawn = belief.updated(j, outcome, own).draws(2000, rng)
        left.append(doubt(right_picks(drawn, 2, 0.05).mean(axis=0)))
    return float(np.mean(left))


@pytest.mark.parametrize("j", [0, 1, 4])
def test_against_updating_the_belief(j: int) -> None:
    values = np.array([1.0, 0.8, 0.7, 0.1, -1.0])
    errors = 0.09 * np.eye(5)
    drawn = known(values, errors).draws(6000, np.random.default_rng(6))
    right = right_picks(drawn, 2, 0.05)
    found = expected_doubt(drawn[:, j], 0.1, right, seed=1)
    assert found == pytest.approx(by_running_it(values, errors, j, 0.1), abs=0.03)
    assert found <= doubt(right.mean(axis=0)) + 0.01


def test_a_perfect_look_at_a_certain_loser_removes_nothing() -> None:
    values = np.array([1.0, 0.9, -5.0])
    drawn = known(values, 0.04 * np.eye(3)).draws(4000, np.random.default_rng(7))
    right = right_picks(drawn, 1)
    now = float(doubt(right.mean(axis=0)))
    assert expected_doubt(drawn[:, 2], 0.05, right, seed=1) == pytest.approx(now, abs=0.01)
    assert expected_doubt(drawn[:, 0], 0.05, right, seed=1) < 0.8 * now


def test_draws_are_sorted_once_for_all_levels_of_a_candidate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[int] = []
    of = Parcels.of

    def counted(observed: np.ndarray, right: np.ndarray) -> Parcels:
        made.append(len(observed))
        return of(observed, right)

    monkeypatch.setattr(Parcels, "of", staticmethod(counted))
    rng = np.random.default_rng(1)
    draws = rng.normal(size=(500, 3)) * 0.3
    right = draws.argsort(axis=1) == 0
    steps = [
        Step(candidate=c, column="x", level=level, error_sd=sd, cost_s=1.0)
        for c in range(3)
        for level, sd in (("screen", 0.3), ("standard", 0.1), ("reference", 0.05))
    ]
    found = next_steps(steps, {"x": draws}, right, seed=3)
    assert len(made) == 3
    for proposal in found:
        seen = draws[:, proposal.step.candidate]
        one = expected_doubt(seen, proposal.step.error_sd, right, seed=3)
        now = float((right.mean(axis=0) * (1 - right.mean(axis=0))).sum())
        assert proposal.gain == pytest.approx(now - one, rel=1e-9)
