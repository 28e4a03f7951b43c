"""What ranking and answering cost grows with the hosts, not with their pairs; counted."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from potash.calibration import distribution
from potash.evidence import adsorption_errors, contact
from potash.evidence.contact import contact_verdicts
from potash.evidence.known import reference_rows
from potash.ranking.hosts import rank_hosts
from tests.benchmark_modules import benchmark
from tests.counting import calls


@pytest.fixture(scope="module")
def scale() -> ModuleType:
    return benchmark("hosts_scale")


@pytest.mark.parametrize("step", ["rank", "answer"])
def test_twice_as_many_hosts_take_twice_as_much(scale: ModuleType, step: str) -> None:
    scale.steps(20)[step]()  # what is loaded once
    few, some, many = (calls(scale.steps(n)[step]) for n in (50, 100, 200))
    assert many - some < 2.3 * (some - few)


def test_ranking_and_answering_correct_every_row_once(
    scale: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrected: list[float] = []
    estimate = adsorption_errors._estimate

    def counted(raw: float, *rest: object) -> object:
        corrected.append(raw)
        return estimate(raw, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(adsorption_errors, "_estimate", counted)
    steps = scale.steps(60)
    for step in ("rank", "answer"):
        steps[step]()
    assert len(corrected) == 60


def test_hosts_of_one_composition_are_checked_against_potassium_once(
    scale: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog, _ = scale.population(300)
    checked: list[str] = []
    verdict = contact.contact_verdict

    def counted(host: contact.PhaseEnergy, phases: object) -> object:
        checked.append(host.reduced)
        return verdict(host, phases)  # type: ignore[arg-type]

    monkeypatch.setattr(contact, "contact_verdict", counted)
    found = contact_verdicts(list(reference_rows()), catalog)
    formulas = {m.formula for m in catalog.models.values() if m.id in found}
    assert sum(name in found for name in catalog.hosts) > 100
    assert len(checked) <= len(formulas)


def test_the_bessel_function_is_worked_out_once_for_all_intervals(
    scale: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog, rows = scale.population(40)
    asked: list[float] = []
    exact: Callable[..., object] = distribution._log_characteristic

    def counted(dof: float, u: object) -> object:
        if dof < distribution._AS_NORMAL:
            asked.append(dof)
        return exact(dof, u)

    monkeypatch.setattr(distribution, "_log_characteristic", counted)
    for kept in (distribution._between_knots, distribution._nodes_of, distribution._half_width):
        kept.cache_clear()
    table = rank_hosts(rows, catalog, calibration_rows=reference_rows())
    widths = {e.values["model_high_ev"] for e in table.entries} - {None}
    assert len(widths) >= 30
    assert 0 < len(asked) == len(set(asked)) < 15
