"""Reading and planning a campaign file, and handing the plan to a flow of the same process."""

from __future__ import annotations

from pathlib import Path

import pytest

from potash.engines import gpaw
from potash.errors import InputError
from potash.store import Row, Store
from potash.workflows.planned import handed_over, plan_file, planned_here

CAMPAIGN = "name: small\nmolecules: {items: [dme]}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(CAMPAIGN)
    return path


def test_a_criterion_that_no_candidate_has_is_refused_before_the_work(file: Path) -> None:
    criterion = "{column: colour, worst: 0, best: 1, weight: 1}"
    file.write_text(CAMPAIGN + f"ranking: {{hosts: [{criterion}]}}\n")
    with pytest.raises(InputError, match="'colour' is not a quantity to rank by"):
        plan_file(file)


def test_a_plan_is_made_once_and_handed_over(file: Path) -> None:
    planned = plan_file(file)
    with handed_over(planned):
        assert planned_here(Path("elsewhere"), None) is planned
    fresh = planned_here(file, None)
    assert fresh is not planned
    assert fresh.stages == planned.stages


def test_what_a_store_knows_by_a_former_way_is_planned_in_that_form(
    tmp_path: Path, reference_rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    """K on the ranked cell of graphene at `standard`: its committed row answers the campaign."""
    monkeypatch.setattr(gpaw, "interpreter", lambda: Path("python"))
    found = {"gpaw": "26.7.0", "gpaw-data": "1.2.1"}
    monkeypatch.setattr(gpaw, "versions", lambda _python: found)
    file = tmp_path / "campaign.yaml"
    file.write_text("name: c\nhosts: {items: [pristine_graphene], levels: [standard]}\n")
    planned = plan_file(file)
    keys = {c.key for stage in planned.stages for c in stage.calculations}
    store = Store(tmp_path / "rows.sqlite")
    assert planned.as_known(store).stages == planned.stages
    store.add_missing(reference_rows)
    now = planned.as_known(store)
    asked = [c for stage in now.stages for c in stage.calculations]
    (row,) = [store.get(c.key) for c in asked if c.kind == "adsorption"]
    assert row is not None, "nothing of it is computed"
    assert (row.item, row.level, row.status) == ("pristine_graphene", "standard", "ok")
    assert row.key not in keys
    assert set(planned.all_keys(["hosts"], store)) == {c.key for c in asked}
