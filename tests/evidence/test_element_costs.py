import warnings

import pytest
from pymatgen.analysis.cost import CostAnalyzer, CostDBElements
from pymatgen.analysis.hhi import HHIModel

from potash.evidence.element_costs import element_costs


def test_indices_are_those_of_pymatgen() -> None:
    found = element_costs({"Cu": 6, "Sn": 5})
    production, reserve = HHIModel().get_hhi("Cu6Sn5")
    assert found["hhi_production"] == pytest.approx(production, rel=1e-4)
    assert found["hhi_reserve"] == pytest.approx(reserve, rel=1e-4)


def test_price_is_the_mean_by_mass() -> None:
    copper, tin = (element_costs({e: 1})["element_price_usd_kg"] for e in ("Cu", "Sn"))
    share = 6 * 63.546 / (6 * 63.546 + 5 * 118.71)
    alloy = element_costs({"Cu": 6, "Sn": 5})["element_price_usd_kg"]
    assert alloy == pytest.approx(share * copper + (1 - share) * tin, rel=1e-4)
    assert 1 < copper < 100


@pytest.mark.parametrize("element", ["Cu", "Sn", "Ti", "F", "Pd"])
def test_prices_are_those_of_pymatgen(element: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        price = CostAnalyzer(CostDBElements()).get_cost_per_kg(element)
    assert element_costs({element: 1})["element_price_usd_kg"] == pytest.approx(price, rel=1e-9)


def test_an_element_without_a_price_gives_none() -> None:
    assert "element_price_usd_kg" not in element_costs({"Og": 1})
