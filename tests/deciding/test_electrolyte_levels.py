"""What tells more about a formulation: the component that decides, or further runs."""

from dataclasses import replace

import pytest

from potash.calibration import Component, Estimate
from potash.catalog.catalog import load_catalog
from potash.catalog.question import ElectrolyteQuestion, Preference
from potash.deciding.electrolyte_levels import electrolyte_rungs
from potash.deciding.known import rungs_of
from potash.deciding.levels import LEAST_SD, Rung
from potash.deciding.molecule_levels import MoleculesEvidence
from potash.evidence.liquids import liquid_evidence
from potash.evidence.measurements import measurement_row
from potash.evidence.potentials import read_potentials
from potash.evidence.predicted import Predictions
from potash.results.measurement import MeasurementInputs
from potash.store.rows import Row
from tests.synthetic_rows import liquid, redox

CATALOG = load_catalog()
NAME = "kfsi_dme_1m"  # KFSI in DME
OX, BIND = "oxidation_limit_v", "k_binding_ev"
NOTHING = MoleculesEvidence(
    ionisation={},
    errors={},
    potentials=None,
    potential_sd={("screen", "oxidation"): 0.45, ("standard", "oxidation"): 0.25},
    predictions=Predictions({}, {}, {}),
)


def rungs(
    column: str,
    known: MoleculesEvidence = NOTHING,
    rows: list[Row] | None = None,
    used: tuple[int, ...] = (),
) -> list[Rung]:
    found = electrolyte_rungs(
        known,
        liquid_evidence(rows or []),
        CATALOG,
        [column],
        liquid_level="screen",
        used_seeds={NAME: used},
    )
    return [r for r in found if r.candidate == NAME]


def test_a_limit_needs_all_components_that_have_no_value_at_once() -> None:
    (one,) = rungs(OX)
    assert (one.kind, one.level, set(one.items)) == ("redox", "screen", {"dme", "fsi_minus"})
    assert one.first
    assert one.error_sd == 0.45


def test_a_limit_follows_the_component_that_gives_way_first() -> None:
    rows = [redox("dme", 4.5, half=0.9), redox("fsi_minus", 5.5, half=0.9)]
    known = replace(NOTHING, potentials=read_potentials(rows))
    assert [(r.items, r.level) for r in rungs(OX, known)] == [(("dme",), "standard")]
    rows = [redox("dme", 6.5, half=0.9), redox("fsi_minus", 5.5, half=0.9)]
    known = replace(NOTHING, potentials=read_potentials(rows))
    assert [(r.items, r.level) for r in rungs(OX, known)] == [(("fsi_minus",), "standard")]


def test_the_hold_on_k_is_that_of_the_neutral_component_that_binds_most() -> None:
    (one,) = rungs(BIND)
    assert (one.kind, one.level, one.items) == ("complex", "standard", ("dme",))
    guess = Estimate(raw=1.2, value=1.2, components=(Component("line", 0.2),))
    screened = replace(NOTHING, predictions=Predictions({BIND: {"dme": guess}}, {}, {}))
    (better,) = rungs(BIND, screened)
    assert (better.level, better.error_sd, better.first) == ("standard", LEAST_SD, False)


def test_of_what_nobody_simulated_there_is_a_run_as_good_as_runs_are() -> None:
    other = [liquid("kpf6_dme_1m", density_g_ml=1.0)]
    (first,) = rungs("density_g_ml", rows=other)
    assert (first.kind, first.level, first.seeds, first.first) == ("liquid", "screen", (1,), True)
    assert first.error_sd == pytest.approx(0.01 / 1.96, rel=0.01), "half-width 0.01 is 1.96 sd"
    assert rungs("density_g_ml") == [], "without any run nobody knows how good one is"


def test_further_runs_take_new_seeds_and_halve_the_variance() -> None:
    one = [liquid(NAME, density_g_ml=1.0, seed=4)]
    (further,) = rungs("density_g_ml", rows=one, used=(4,))
    assert (further.seeds, further.first) == ((5, 6), False), "three runs give a spread, two none"
    assert further.error_sd == pytest.approx(0.01 / 1.96 / 2**0.5, rel=0.01)
    assert further.like == one[0]


def test_a_quantity_of_no_calculation_is_bought_by_none() -> None:
    assert rungs("fluorine_mass_fraction") == []


def test_no_run_is_bought_for_what_was_measured(reference_rows: tuple[Row, ...]) -> None:
    question = ElectrolyteQuestion(choose=1, by={"density_g_ml": Preference(best=0.8, worst=1.5)})
    inputs = MeasurementInputs(
        candidate=NAME, quantity="density_g_ml", value=1.05, protocol="bulk", replicate="1",
        source="Ada",
    )  # fmt: skip
    rows = [r for r in reference_rows if r.kind == "liquid"]
    before, after = (
        {
            rung.candidate
            for rung in rungs_of(
                "electrolytes", question, found, CATALOG, calibration_rows=(), liquid_level="screen"
            )
        }
        for found in (rows, [*rows, measurement_row(inputs, added="2026-11-27")])
    )
    assert NAME in before
    assert before - after == {NAME}
