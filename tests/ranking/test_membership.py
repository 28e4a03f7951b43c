import itertools

import numpy as np
import pytest

from potash.ranking.membership import answer, doubt, right_picks


def naive(scores: np.ndarray, k: int, indifference: float) -> np.ndarray:
    """Say for every draw and candidate whether it is no worse than the k-th best."""
    out = np.zeros(scores.shape, dtype=bool)
    for r, i in itertools.product(range(scores.shape[0]), range(scores.shape[1])):
        out[r, i] = scores[r, i] >= sorted(scores[r], reverse=True)[k - 1] - indifference
    return out


@pytest.mark.parametrize("k", [1, 3, 7])
@pytest.mark.parametrize("indifference", [0.0, 0.3])
def test_right_picks_by_sorting(k: int, indifference: float) -> None:
    scores = np.random.default_rng(k).normal(size=(50, 7))
    assert (right_picks(scores, k, indifference) == naive(scores, k, indifference)).all()


def test_without_indifference_k_are_right_in_every_draw() -> None:
    right = right_picks(np.random.default_rng(1).normal(size=(200, 9)), 4)
    assert (right.sum(axis=1) == 4).all()


@pytest.mark.parametrize("k", [0, 8])
def test_more_than_there_are_cannot_be_chosen(k: int) -> None:
    with pytest.raises(ValueError, match="cannot be chosen of 7"):
        right_picks(np.zeros((3, 7)), k)


def test_tiers_and_confidence() -> None:
    # Candidate 0 always right, 1 in 80 of 100 draws, 2 in 20, 3 never.
    right = np.zeros((100, 4), dtype=bool)
    right[:, 0] = True
    right[:80, 1] = True
    right[80:, 2] = True
    found = answer(right, 2, 0.9)
    assert found.chosen == (0, 1)
    assert found.tiers == ("in", "in_doubt", "in_doubt", "out")
    assert found.confidence == pytest.approx(0.9)
    assert found.answered
    assert found.doubt == pytest.approx(2 * 0.8 * 0.2)
    strict = answer(right, 2, 0.9, meaning="all_right")
    assert strict.confidence == pytest.approx(0.8)
    assert not strict.answered


def test_doubt_is_nought_where_all_is_certain() -> None:
    assert doubt(np.array([0.0, 1.0, 1.0])) == 0.0
    assert doubt(np.array([0.5, 0.5])) == 0.5


def test_many_improbable_candidates_are_not_out_together() -> None:
    rng = np.random.default_rng(3)
    right = right_picks(rng.normal(size=(20_000, 100)), 3)
    found = answer(right, 3, 0.9)
    assert found.probability.max() < 0.04
    # Each has 3 %, but three of them are right: at most a tenth of these may be called out.
    out = [i for i, t in enumerate(found.tiers) if t == "out"]
    assert found.probability[out].sum() <= 0.3
    assert 5 <= len(out) <= 11


def test_equally_improbable_candidates_share_their_tier() -> None:
    right = np.zeros((100, 6), dtype=bool)
    right[:, 0] = True
    for i in range(1, 6):
        right[4 * i : 4 * i + 4, i] = True
    assert set(answer(right, 1, 0.9).tiers[1:]) == {"in_doubt"}
    assert set(answer(right, 2, 0.9).tiers[1:]) == {"out"}
