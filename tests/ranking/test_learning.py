"""Criteria may speak about a figure of merit only where they beat its mean."""

from __future__ import annotations

import numpy as np
import pytest

from potash.ranking.learning import Learning, judge

RNG = np.random.default_rng(5)
NAMES = [f"c{k:02d}" for k in range(24)]
GROUPS = {n: f"g{k % 6}" for k, n in enumerate(NAMES)}
FEATURES = {n: [float(x)] for n, x in zip(NAMES, RNG.normal(size=24), strict=True)}


def judged(truth: dict[str, float]) -> Learning:
    return judge("electrolytes", "coulombic_efficiency", ("x",), FEATURES, truth, GROUPS)


def test_a_line_is_learnt_and_told_of_every_candidate() -> None:
    found = judged({n: 0.9 + 0.02 * FEATURES[n][0] for n in NAMES[:-2]})
    assert found.learnable
    assert found.model_error is not None
    assert found.null_error is not None
    assert found.model_error < found.null_error / 3
    assert found.predicted is not None
    # Ridge shrinks the slope by 1 / (1 + 1/n) towards the mean.
    assert found.predicted[NAMES[-1]] == pytest.approx(
        0.9 + 0.02 * FEATURES[NAMES[-1]][0], abs=0.003
    )


def test_noise_is_not() -> None:
    noise = np.random.default_rng(8).normal(size=24)
    found = judged(dict(zip(NAMES, noise, strict=True)))
    assert not found.learnable
    assert found.predicted is None
    assert "not learnable yet" in found.words()


def test_what_only_groups_share_is_not_learnt() -> None:
    # Each group has a level of its own, and a feature that names the group without order:
    # with a group's members on both sides a flexible fit would look right; left out it is not.
    levels = dict(zip("012345", (0.0, 5.0, 1.0, 4.0, 2.0, 3.0), strict=True))
    features = {n: [float(g[1])] for n, g in GROUPS.items()}
    truth = {n: levels[g[1]] for n, g in GROUPS.items()}
    found = judge("hosts", "life_h", ("x",), features, truth, GROUPS)
    assert not found.learnable


def test_too_few_are_told_as_such() -> None:
    few = judged({n: FEATURES[n][0] for n in NAMES[:7]})
    assert few.model_error is None
    assert "too few to learn from" in few.words()
    one = judge(
        "hosts", "life_h", ("x",), FEATURES, {n: FEATURES[n][0] for n in NAMES},
        dict.fromkeys(NAMES, "one"),
    )  # fmt: skip
    assert one.groups == 1
    assert one.model_error is None
