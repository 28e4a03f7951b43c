import numpy as np
import pytest

from potash.ranking.population import believed, first_alike


def naive(central: np.ndarray, draws: np.ndarray) -> list[int]:
    """Return the first that is alike, pair by pair."""
    sd = draws.std(axis=0, ddof=1)
    found = []
    for j in range(len(central)):
        near = [
            i
            for i in range(j + 1)
            if abs(central[i] - central[j]) <= 0.05 * min(sd[i], sd[j])
            and (draws[:, i] - draws[:, j]).std(ddof=1) <= 0.05 * min(sd[i], sd[j])
        ]
        found.append(min([*near, j]))
    return found


def test_what_is_alike_by_construction_is_found_among_what_is_only_near() -> None:
    rng = np.random.default_rng(1)
    draws = rng.normal(size=(400, 60))
    central = rng.normal(0.0, 0.2, 60)
    for copy, of in ((20, 3), (41, 3), (50, 12)):
        draws[:, copy] = draws[:, of]
        central[copy] = central[of]
    draws[:, 30] = draws[:, 5] + 0.01 * rng.normal(size=400)  # nearly always the same
    central[30] = central[5] + 0.02
    draws[:, [8, 33]] = [1.5, 1.5]  # exact
    central[[8, 33]] = 1.5
    found = first_alike(central, draws)
    assert found.tolist() == naive(central, draws)
    assert found[[20, 41, 50, 30, 33]].tolist() == [3, 3, 12, 5, 8]


def test_candidates_that_are_one_are_drawn_as_one_and_the_others_as_the_population() -> None:
    rng = np.random.default_rng(2)
    draws = {i: rng.normal(x, 0.1, 2000) for i, x in enumerate((0.0, 1.0, 2.0, 3.0))}
    draws[5] = draws[0]
    central = {0: 0.0, 1: 1.0, 2: 2.0, 3: 3.0, 5: 0.0}
    found = believed(central, draws, 6)
    drawn = found.draws(3000, rng)
    assert np.array_equal(drawn[:, 0], drawn[:, 5])
    assert drawn[:, 4].mean() == pytest.approx(1.5, abs=0.15)
    assert drawn[:, 4].std() > 1.0
    after = found.updated(4, 2.5, 0.01).draws(3000, rng)
    assert after[:, 4].mean() == pytest.approx(2.5, abs=0.01)
    assert after[:, 4].std() < 0.02


def test_all_candidates_that_are_one_have_its_own_error() -> None:
    one = np.random.default_rng(3).normal(1.0, 0.2, 2000)
    drawn = believed({0: 1.0, 1: 1.0}, {0: one, 1: one}, 3).draws(4000, np.random.default_rng(4))
    assert drawn.mean() == pytest.approx(1.0, abs=0.02)
    assert drawn.std() == pytest.approx(0.2, rel=0.05)


def test_many_candidates_are_shrunk_as_the_textbook_says() -> None:
    """Beyond the number of values whose covariance is kept whole, with an error common to all."""
    rng = np.random.default_rng(5)
    n = 500
    truths = rng.normal(2.0, 0.6, n)
    values = truths + 0.3 + rng.normal(0.0, 0.4, n)
    common = rng.normal(0.0, 0.5, 4000)
    draws = {i: values[i] + common + rng.normal(0.0, 0.4, 4000) for i in range(n)}
    belief = believed(dict(enumerate(values)), draws, n).belief
    share = 0.36 / (0.36 + 0.16)
    wanted = values.mean() + share * (values - values.mean())
    assert np.std(belief.mean - wanted) < 0.04
    # What is common is seen by nobody: it widens every value and no difference.
    drawn = belief.draws(4000, rng)
    assert drawn[:, 0].std() == pytest.approx(np.hypot(0.5, np.sqrt(share) * 0.4), rel=0.06)
    between = drawn - drawn.mean(axis=1, keepdims=True)
    assert between.std(axis=0).mean() == pytest.approx(np.sqrt(share) * 0.4, rel=0.05)
