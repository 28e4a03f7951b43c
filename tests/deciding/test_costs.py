import pytest

from potash.deciding.costs import LEAST_S, MIN_MEASURED, Costs
from potash.results.calculation import Calculation
from potash.results.k_metal import KMetalInputs


def test_the_factor_is_the_ratio_of_the_sums() -> None:
    pairs = [(10.0, 5.0), (10.0, 5.0), (100.0, 350.0)]
    costs = Costs.measured({("species", "screen"): pairs})
    assert costs.factors == {("species", "screen"): 3.0}
    assert costs.of_planned("species", "screen", 7.0) == pytest.approx(21.0)
    assert costs.of_planned("species", "standard", 7.0) == 7.0, "another level is as planned"
    assert costs.of_planned("redox", "screen", 7.0) == 7.0, "another kind is as planned"


def test_few_measured_calculations_correct_nothing() -> None:
    few = [(1.0, 9.0)] * (MIN_MEASURED - 1)
    assert Costs.measured({("species", "screen"): few}).of_planned("species", "screen", 2.0) == 2.0
    enough = [(1.0, 9.0)] * MIN_MEASURED
    measured = Costs.measured({("species", "screen"): enough})
    assert measured.of_planned("species", "screen", 2.0) == 18.0


def test_costs_stay_in_ratio_and_nothing_is_free() -> None:
    costs = Costs.measured({("liquid", "screen"): [(2.0, 1.0)] * 3})
    assert costs.of_planned("liquid", "screen", 40.0) == 2 * costs.of_planned(
        "liquid", "screen", 20.0
    )
    assert costs.of_planned("liquid", "screen", 0.0) == LEAST_S


def test_a_calculation_costs_what_its_plan_does() -> None:
    metal = Calculation("k_metal", "bcc", "screen", KMetalInputs(level={}), cost_s=12.0)
    assert Costs({("k_metal", "screen"): 0.25}).of(metal) == 3.0
