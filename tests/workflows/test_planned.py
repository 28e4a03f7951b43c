"""Reading and planning a campaign file, and handing the plan to a flow of the same process."""

from __future__ import annotations

from pathlib import Path

import pytest

from potash.errors import InputError
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
