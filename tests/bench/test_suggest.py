"""The next batch: learnt where there is skill, spread where there is none."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from potash.bench.choices import Choices, formulation_choices, host_choices
from potash.bench.suggest import Suggestion, cross_validated_skill, suggest
from potash.bench.surrogate import Target
from potash.catalog.catalog import load_catalog
from potash.errors import InputError
from potash.evidence.known import reference_rows
from potash.ranking.table import Entry, RankedTable
from potash.ranking.tables import ranked_electrolytes

needs_baybe = pytest.mark.skipif(
    importlib.util.find_spec("baybe") is None, reason="needs the extra 'suggest'"
)
GRID = Choices(
    {f"c{k:02d}": {"x": k / 20, "y": float(k % 3)} for k in range(21)},
    {f"c{k:02d}": f"c{k:02d}" for k in range(21)},
)


def figure(measured: Mapping[str, float], computed: Mapping[str, float] | None = None) -> Target:
    return Target("conductivity_s_m", measured, computed=computed or {})


def suggested(measured: Mapping[str, float], batch: int, **more: object) -> Suggestion:
    return suggest(GRID, [figure(measured)], batch=batch, **more)  # type: ignore[arg-type]


def test_too_few_to_learn_from_are_spread() -> None:
    found = suggested({"c10": 0.5}, 2)
    assert found.learnt == ()
    assert found.skill == {"conductivity_s_m": None}
    assert found.gain == {}
    # Farthest first: an end of x with another y, then the other end.
    assert {int(n[1:]) // 7 for n in found.candidates} == {0, 2}
    assert "too few to learn from" in found.why


def test_what_is_measured_or_in_the_lab_is_not_chosen_again() -> None:
    measured = {f"c{k:02d}": 0.0 for k in range(7)}
    pending = [f"c{k:02d}" for k in range(7, 18)]
    found = suggested(measured, 3, pending=pending)
    assert set(found.candidates) == {"c18", "c19", "c20"}
    with pytest.raises(InputError, match="only 3 candidates are left, too few for 4"):
        suggested(measured, 4, pending=pending)


def test_what_was_measured_in_one_of_two_figures_may_be_chosen_for_the_other() -> None:
    one = Target("life_h", {f"c{k:02d}": 1.0 for k in range(7)})
    two = Target("overpotential_mv", {}, maximise=False)
    assert len(suggest(GRID, [one, two], batch=20).candidates) == 20


@needs_baybe
@pytest.mark.physics
def test_a_smooth_figure_is_learnt_and_its_top_is_found() -> None:
    truth = {n: -((f["x"] - 0.7) ** 2) for n, f in GRID.features.items()}
    near = {n for n, f in GRID.features.items() if abs(f["x"] - 0.7) <= 0.06}
    measured = {n: truth[n] for n in list(truth)[::2] if n not in near}
    found = suggested(measured, 2)
    assert found.learnt == ("conductivity_s_m",)
    assert (found.skill["conductivity_s_m"] or 0) > 0.5
    assert found.gain["conductivity_s_m"] > 0
    assert max(truth[n] for n in found.candidates) >= -(0.06**2)


@needs_baybe
@pytest.mark.physics
def test_computed_values_help_where_few_were_measured() -> None:
    # A bump that eight measurements on one side do not show; computed values have it, off by 2.
    truth = {n: float(np.exp(-(((f["x"] - 0.8) / 0.12) ** 2))) for n, f in GRID.features.items()}
    measured = {n: truth[n] for n in list(truth)[:12]}
    computed = {n: 2.0 + 0.8 * v for n, v in truth.items()}
    found = suggest(GRID, [figure(measured, computed)], batch=2)
    assert found.prior == {"conductivity_s_m": 21}
    assert found.learnt == ("conductivity_s_m",)
    assert max(truth[n] for n in found.candidates) > 0.8


@needs_baybe
@pytest.mark.physics
def test_of_two_figures_the_front_is_extended() -> None:
    up = {n: f["x"] for n, f in GRID.features.items()}
    down = {n: (f["x"] - 1) ** 2 for n, f in GRID.features.items()}
    names = list(up)[:14]
    targets = [
        Target("life_h", {n: up[n] for n in names}),
        Target("overpotential_mv", {n: down[n] for n in names}, maximise=False),
    ]
    found = suggest(GRID, targets, batch=2)
    assert found.learnt == ("life_h", "overpotential_mv")
    # Both improve towards x = 1, so the front is extended there.
    assert all(GRID.features[n]["x"] >= 0.8 for n in found.candidates)


@needs_baybe
@pytest.mark.physics
def test_noise_is_not_learnt() -> None:
    rng = np.random.default_rng(3)
    measured = {n: float(rng.normal()) for n in list(GRID.features)[:12]}
    skill = cross_validated_skill(GRID, figure(measured), seed=0)
    assert skill is not None
    assert skill < 0.3
    if skill <= 0:
        assert suggested(measured, 2).learnt == ()


def test_groups_that_cannot_be_left_out_give_no_skill() -> None:
    same = Choices(GRID.features, dict.fromkeys(GRID.features, "dme+kfsi"))
    measured = {n: f["x"] for n, f in GRID.features.items()}
    assert cross_validated_skill(same, figure(measured), seed=0) is None


def test_features_of_the_catalogue() -> None:
    catalog = load_catalog()
    table = ranked_electrolytes(list(reference_rows()), catalog)
    found = formulation_choices(catalog, table)
    assert "kfsi_dme_hc" not in found.features, "an open composition has no features"
    made = found.features["lhce2_kfsi_dme_tte"]
    assert (made["kfsi"], made["dme"], made["tte"]) == (0.25, 0.5, 0.25)
    assert found.features["kfsi_dme_1m"]["molarity"] == 1.0
    assert len({tuple(f) for f in found.features.values()}) == 1
    assert (
        found.groups["lhce2_kfsi_dme_tte"] == found.groups["lhce1_kfsi_dme_tte"] == "dme+kfsi+tte"
    )
    assert found.computed["conductivity_s_m"].keys() >= {"kfsi_dme_1m"}
    # A measured value (of KPF6 in DME) is data, not a prior.
    assert "kpf6_dme_1m" not in found.computed["density_g_ml"]
    assert set(formulation_choices(catalog, table, ["kfsi_dme_1m"]).features) == {"kfsi_dme_1m"}


def test_hosts_are_told_apart_by_criteria_and_class() -> None:
    from potash.ranking.hosts import HOST_CRITERIA

    column = next(c.column for c in HOST_CRITERIA if c.weight > 0)
    entries = tuple(
        Entry(id=n, name=n, group=g, status="computed", values={"entry": "host"}, central=central)
        for n, g, central in (
            ("a", "metal", {column: -0.5}), ("b", "oxide", {column: -1.5}), ("c", "oxide", {}),
        )
    )  # fmt: skip
    found = host_choices(RankedTable("hosts", entries, HOST_CRITERIA, ""))
    assert found.features == {
        "a": {column: -0.5, "class metal": 1.0, "class oxide": 0.0},
        "b": {column: -1.5, "class metal": 0.0, "class oxide": 1.0},
    }
    assert found.groups == {"a": "metal", "b": "oxide"}


def test_the_extra_is_locked_and_set_up_for_whoever_runs_these_tests() -> None:
    root = Path(__file__).parents[2]
    (extras,) = re.findall(r"-e '\.\[([\w,]+)\]'", (root / "Makefile").read_text())
    assert {"dev", "suggest"} <= set(extras.split(","))
    locked = {line.split("==")[0] for line in (root / "constraints.txt").read_text().splitlines()}
    assert {"baybe", "botorch", "gpytorch", "linear-operator"} <= locked
