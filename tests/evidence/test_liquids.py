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
