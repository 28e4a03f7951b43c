"""What liquid rows say together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from potash.calibration import sample
from potash.evidence.liquids import Measured, combine, liquid_evidence
from tests.synthetic_rows import liquid, make_row


def test_short_runs_do_not_dilute_long_ones() -> None:
    short = liquid("x", seed=1, per_anion_ssip=0.9, production_ps=30.0)
    long = liquid("x", seed=2, per_anion_ssip=0.5, production_ps=400.0)
    found = liquid_evidence([short, long])["x"]
    assert found.rows == (long,)
    assert found.properties["per_anion_ssip"].value == 0.5


def test_runs_of_like_length_are_joined() -> None:
    runs = [liquid("x", seed=n, production_ps=p) for n, p in ((1, 400.0), (2, 350.0))]
    assert len(liquid_evidence(runs)["x"].rows) == 2


def test_engines_are_not_pooled() -> None:
    """Two methods of one rung are no two seeds: the one run longest counts alone."""
    ours = [
        liquid("x", seed=n, level="screen-openmm", per_anion_ssip=0.9, production_ps=300.0)
        for n in (1, 2)
    ]
    theirs = liquid("x", seed=3, level="screen-gromacs", per_anion_ssip=0.1, production_ps=500.0)
    found = liquid_evidence([*ours, theirs])["x"]
    assert found.level == "screen-openmm"
    assert len(found.rows) == 2
    assert found.properties["per_anion_ssip"].value == 0.9
    assert found.levels == ("screen-gromacs", "screen-openmm")


def test_a_better_rung_counts_whatever_its_engine() -> None:
    screen = liquid("x", seed=1, level="screen-openmm", production_ps=9000.0)
    standard = liquid("x", seed=2, level="standard-gromacs", production_ps=5000.0)
    assert liquid_evidence([screen, standard])["x"].level == "standard-gromacs"


def test_the_newest_force_field_counts_at_a_rung() -> None:
    old = liquid("x", seed=1, level="screen-gromacs", production_ps=5000.0)
    new = liquid("x", seed=2, level="screen-gromacs-pair", production_ps=1000.0)
    assert liquid_evidence([old, new])["x"].level == "screen-gromacs-pair"


def test_seeds_are_joined_by_student_t():
    joined = combine([1.0, 1.2, 1.1], [None, None, None])
    assert joined.value == pytest.approx(1.1)
    assert joined.high - joined.value == pytest.approx(4.30265 * 0.1 / 3**0.5, rel=1e-4)


def test_two_runs_keep_the_larger_half_width_and_one_without_error_has_none():
    assert combine([1.0, 1.1], [0.2, 0.1]).high == pytest.approx(1.25)
    assert not combine([1.0], [None]).known
    assert combine([1.0, 2.0], [0.1, 0.1]).low == pytest.approx(1.0)


def test_the_best_level_counts_and_fractions_stay_within_bounds():
    rows = [
        liquid("kfsi_dme_1m", seed=s, per_anion_ssip=x, level="standard")
        for s, x in ((1, 0.9), (2, 0.99), (3, 0.95))
    ]
    found = liquid_evidence([liquid("kfsi_dme_1m", per_anion_ssip=0.1), *rows])["kfsi_dme_1m"]
    assert found.level == "standard"
    assert found.properties["per_anion_ssip"].value == pytest.approx(0.94667, abs=1e-4)
    assert found.properties["per_anion_ssip"].high == 1.0


def test_failed_rows_are_no_evidence():
    assert liquid_evidence([make_row("liquid", "kfsi_dme_1m", status="failed")]) == {}


def test_the_errors_of_the_runs_are_a_floor_of_what_their_scatter_gives() -> None:
    """Three runs that agree by chance are no surer than each says, over the root of three."""
    joined = combine([1.0, 1.001, 0.999], [0.3, 0.3, 0.3])
    assert joined.high - joined.value == pytest.approx(0.3 / 3**0.5, rel=1e-4)
    apart = combine([1.0, 2.0, 0.0], [0.3, 0.3, 0.3])
    assert apart.high - apart.value == pytest.approx(stats.t.ppf(0.975, 2) / 3**0.5, rel=1e-4)


def test_draws_of_joined_runs_are_students_t_about_their_mean() -> None:
    joined = combine([1.0, 1.2, 1.1, 0.9], [None] * 4)
    drawn = sample([joined], n_draws=200_000, rng=np.random.default_rng(0))[:, 0]
    expected = stats.t(3, loc=1.05, scale=np.std([1.0, 1.2, 1.1, 0.9], ddof=1) / 2)
    for q in (0.025, 0.25, 0.9):
        assert np.quantile(drawn, q) == pytest.approx(expected.ppf(q), abs=0.01)


def diffusion(item: str, entry: dict[str, object], **values: object):
    return liquid(item, diffusion_m2_s={"K": entry}, **values)


def test_potassium_is_told_by_its_formula_and_not_by_its_name() -> None:
    odd = liquid(
        "x",
        diffusion_m2_s={
            "CAT": {"status": "diffusive", "value": 2e-10, "low": 1e-10, "high": 3e-10},
            "K": {"status": "diffusive", "value": 9e-10, "low": 8e-10, "high": 1e-9},
        },
        composition={
            "CAT": {"formula": "K", "molecules": 10},
            "K": {"formula": "C4H10O2", "molecules": 50},
        },
    )
    assert liquid_evidence([odd])["x"].properties["diffusion_k_m2_s"].value == 2e-10
    sodium = liquid("y", composition={"K": {"formula": "Na", "molecules": 10}})
    assert liquid_evidence([sodium])["y"].diffusion_k is None


def test_diffusion_is_joined_over_seeds_and_never_negative() -> None:
    runs = [
        diffusion("x", {"status": "diffusive", "value": d, "low": d - 1e-10, "high": d + 2e-10})
        for d in (1e-10, 3e-10)
    ]
    found = liquid_evidence(runs)["x"]
    # The larger side of each run's interval, which is more than half their distance.
    assert found.properties["diffusion_k_m2_s"] == Measured(
        pytest.approx(2e-10), pytest.approx(0.0, abs=1e-15), pytest.approx(4e-10)
    )
    assert not found.diffusion_is_apparent


def test_one_run_that_does_not_diffuse_makes_the_mean_apparent() -> None:
    runs = [
        diffusion("x", {"status": "diffusive", "value": 2e-10, "low": 1e-10, "high": 3e-10}),
        diffusion("x", {"status": "not diffusive yet", "apparent": 4e-10}),
        diffusion("x", {"status": "not computed: too short", "apparent": 3e-10}),
    ]
    found = liquid_evidence(runs)["x"]
    assert found.diffusion_is_apparent
    assert not found.diffusion_k.known
    assert found.properties["diffusion_k_m2_s"].value == pytest.approx(3e-10)
    assert found.properties["diffusion_k_m2_s"].note == "apparent, not diffusive yet"


def test_coordination_is_joined_over_the_runs_that_have_the_pair() -> None:
    cutoff = {"cutoff_angstrom": 3.6, "cutoff_source": "first minimum"}
    rows = [
        make_row(
            "liquid",
            "x",
            values={"coordination": {"K-O(DME)": {"value": value, **cutoff}}},
            uncertainty={"K-O(DME)": 0.3},
            seed=seed,
        )
        for seed, value in enumerate((5.0, 6.0))
    ]
    found = liquid_evidence(rows)["x"].coordination["K-O(DME)"]
    assert (found.value, found.low, found.high) == pytest.approx((5.5, 5.0, 6.0), abs=1e-5)


def test_a_liquid_has_converged_when_every_run_says_so() -> None:
    runs = [
        liquid("x", seed=1, converged=True),
        liquid("x", seed=2, converged=False, convergence_note="SSIP drifts"),
    ]
    found = liquid_evidence(runs)["x"]
    assert (found.converged, found.note) == (False, "SSIP drifts")
    assert liquid_evidence(runs[:1])["x"].converged


def test_without_any_diffusion_there_is_nothing_apparent() -> None:
    found = liquid_evidence([liquid("x", diffusion_m2_s={})])["x"]
    assert found.diffusion_k is None
    assert not found.diffusion_is_apparent
    assert found.properties["per_anion_ssip"].known is True
    assert Measured(1.0).known is False
