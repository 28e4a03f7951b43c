"""What could be computed next of each kind of candidates, from committed rows."""

import pytest

from potash.catalog.catalog import load_catalog
from potash.catalog.question import (
    Among,
    Bound,
    ElectrolyteQuestion,
    HostQuestion,
    Kind,
    MoleculeQuestion,
    PartQuestion,
    Preference,
)
from potash.deciding.known import rungs_of
from potash.deciding.levels import Rung
from potash.evidence.known import known_rows, reference_rows
from potash.results.liquid import LiquidInputs

CATALOG = load_catalog()
ROWS = known_rows(None, CATALOG)
LINE = Preference(best=1.0, worst=0.0)


def asked(kind: Kind, *columns: str, **bounds: Bound) -> list[Rung]:
    models: dict[Kind, type[PartQuestion]] = {
        "hosts": HostQuestion,
        "electrolytes": ElectrolyteQuestion,
        "molecules": MoleculeQuestion,
    }
    by = dict.fromkeys(columns, LINE)
    among = Among.model_validate(bounds).model_dump(exclude_unset=True)
    question = models[kind].model_validate({"choose": 1, "by": by, "among": among})
    return rungs_of(
        kind, question, ROWS, CATALOG, calibration_rows=reference_rows(), liquid_level="screen"
    )


@pytest.mark.parametrize(
    ("kind", "column", "kinds"),
    [
        ("hosts", "adsorption_energy_ev", {"adsorption"}),
        ("molecules", "lumo_ev", {"species"}),
        ("molecules", "k_binding_ev", {"complex"}),
        ("molecules", "oxidation_limit_v", {"redox", "species"}),
        ("electrolytes", "k_binding_ev", {"complex"}),
        ("electrolytes", "per_anion_agg", {"liquid"}),
        ("electrolytes", "density_g_ml", {"liquid"}),
    ],
)
def test_a_criterion_is_bought_by_the_kind_that_gives_it(
    kind: Kind, column: str, kinds: set[str]
) -> None:
    found = asked(kind, column)
    assert found
    assert {r.column for r in found} == {column}
    assert {r.kind for r in found} <= kinds


def test_a_condition_on_a_quantity_is_bought_as_a_criterion_is() -> None:
    found = asked("molecules", "lumo_ev", k_binding_ev=Bound(at_most=1.0))
    assert {r.column for r in found} == {"lumo_ev", "k_binding_ev"}


def test_nothing_is_bought_for_what_no_calculation_gives() -> None:
    assert asked("molecules", "molar_mass_g_mol") == []
    assert asked("hosts", "hhi_production") == []


def test_further_runs_of_a_liquid_have_seeds_of_their_own() -> None:
    used = {
        (r.item, r.read(LiquidInputs).seed) for r in ROWS if r.kind == "liquid" and r.provenance
    }
    further = [r for r in asked("electrolytes", "per_anion_agg") if not r.first]
    assert further
    for one in further:
        assert one.like is not None
        assert one.seeds
        assert not {(one.candidate, seed) for seed in one.seeds} & used
