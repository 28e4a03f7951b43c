"""What liquid rows say together."""

from __future__ import annotations

from potash.evidence.liquids import liquid_evidence
from tests.synthetic_rows import liquid


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
