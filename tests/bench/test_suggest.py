"""The next batch: learnt where there is skill, spread where there is none."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from potash.bench.suggest import cross_validated_skill, formulation_features, suggest
from potash.catalog.catalog import load_catalog
from potash.errors import InputError

needs_baybe = pytest.mark.skipif(
    importlib.util.find_spec("baybe") is None, reason="needs the extra 'suggest'"
)
GRID = {f"c{k:02d}": {"x": k / 20, "y": float(k % 3)} for k in range(21)}


def test_too_few_to_learn_from_are_spread() -> None:
    found = suggest(GRID, {"c10": 0.5}, batch=2)
    assert not found.learnt
    assert found.skill is None
    assert found.gain is None
    # Farthest first: an end of x with another y, then the other end.
    assert {int(n[1:]) // 7 for n in found.candidates} == {0, 2}
    assert "too few to learn from" in found.why


def test_what_is_measured_or_in_the_lab_is_not_chosen_again() -> None:
    measured = {f"c{k:02d}": 0.0 for k in range(7)}
    pending = [f"c{k:02d}" for k in range(7, 18)]
    found = suggest(GRID, measured, batch=3, pending=pending)
    assert set(found.candidates) == {"c18", "c19", "c20"}
    with pytest.raises(InputError, match="only 3 candidates are left, too few for 4"):
        suggest(GRID, measured, batch=4, pending=pending)


@needs_baybe
@pytest.mark.physics
def test_a_smooth_figure_is_learnt_and_its_top_is_found() -> None:
    truth = {n: -((f["x"] - 0.7) ** 2) for n, f in GRID.items()}
    measured = {n: truth[n] for n in list(GRID)[::2] if abs(GRID[n]["x"] - 0.7) > 0.06}
    found = suggest(GRID, measured, batch=2)
    assert found.learnt
    assert found.skill is not None
    assert found.skill > 0.5
    assert found.gain is not None
    assert found.gain > 0
    assert max(truth[n] for n in found.candidates) >= -(0.06**2)


@needs_baybe
@pytest.mark.physics
def test_noise_is_not_learnt() -> None:
    rng = np.random.default_rng(3)
    measured = {n: float(rng.normal()) for n in list(GRID)[:12]}
    skill = cross_validated_skill(GRID, measured, seed=0)
    assert skill is not None
    assert skill < 0.3
    if skill <= 0:
        assert not suggest(GRID, measured, batch=2).learnt


def test_features_of_the_catalogue() -> None:
    found = formulation_features(load_catalog())
    assert "kfsi_dme_hc" not in found, "an open composition has no features"
    made = found["lhce2_kfsi_dme_tte"]
    assert (made["kfsi"], made["dme"], made["tte"]) == (0.25, 0.5, 0.25)
    assert found["kfsi_dme_1m"]["molarity"] == 1.0
    assert len({tuple(f) for f in found.values()}) == 1
