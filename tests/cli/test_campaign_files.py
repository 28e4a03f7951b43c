"""Campaigns by name, a first one of one's own, and what a run would cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from potash.cli.common import campaign_file
from potash.errors import InputError
from potash.resources import data_dir
from potash.store import Store
from potash.workflows.planned import plan_file
from tests.cli.conftest import Potash
from tests.store.test_store import a_row


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_shipped_campaign_is_found_by_name_and_a_file_comes_first() -> None:
    assert campaign_file(Path("quickstart")) == data_dir("workflows") / "quickstart.yaml"
    assert campaign_file(Path("mine.yaml")) == Path("mine.yaml")
    Path("quickstart").write_text("name: mine")
    assert campaign_file(Path("quickstart")) == Path("quickstart")


def test_a_misspelt_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'quickstart'"):
        campaign_file(Path("quikstart"))


def test_every_command_that_takes_a_campaign_takes_a_shipped_name(potash: Potash) -> None:
    asked = json.loads(potash("ask", "quickstart", "--json").out)
    assert asked["molecules"]
    hosts = json.loads(potash("hosts", "--campaign", "quickstart", "--json").out)
    assert len(hosts) >= 109
    for command in (("ask",), ("next",), ("rank", "hosts", "--campaign"), ("serve",)):
        wrong = potash(*command, "quikstart")
        assert wrong.code == 2
        assert "did you mean 'quickstart'" in wrong.err


def test_a_new_campaign_is_valid_commented_and_never_overwrites(potash: Potash) -> None:
    assert potash("new", "campaign", "alloys").code == 0
    text = Path("alloys.yaml").read_text()
    planned = plan_file(Path("alloys.yaml"))
    assert planned.campaign.name == "alloys"
    assert {s.name for s in planned.stages} == {"references", "hosts", "molecules"}
    assert text.count("#") > 10
    Path("alloys.yaml").write_text("mine")
    again = potash("new", "campaign", "alloys")
    assert again.code == 2
    assert "alloys.yaml" in again.err
    assert Path("alloys.yaml").read_text() == "mine"
    assert potash("new", "campaign", "../x").code == 2
    assert potash("new", "campain", "x").code == 2


def test_every_comment_of_the_template_that_is_a_key_can_be_taken_in(potash: Potash) -> None:
    potash("new", "campaign", "all")
    lines = Path("all.yaml").read_text().splitlines()
    on = [
        line.replace("# ", "", 1)
        for line in lines
        if not line.lstrip().startswith("# ")
        or any(k in line for k in ("redox:", "liquids:", "items: [kfsi", "level:", "production_ps"))
        or any(k in line for k in ("question:", "#   hosts:", "choose:", "by: {"))
    ]
    Path("all.yaml").write_text("\n".join(on))
    stages = {s.name for s in plan_file(Path("all.yaml")).stages}
    assert "liquids" in stages


def test_a_dry_run_counts_what_is_left_and_computes_nothing(potash: Potash) -> None:
    Path("two.yaml").write_text("name: two\nmolecules: {items: [dme, ec, dec]}\n")
    first = json.loads(potash("run", "two.yaml", "--dry-run", "--json").out)
    assert (first["asked"], first["known"]) == (3, 0)
    assert [(p["kind"], p["level"], p["basis"]) for p in first["parts"]] == [
        ("species", "screen", "measured")
    ]
    assert first["core_hours"] > 0
    assert not Path("results").exists()
    [stage] = plan_file(Path("two.yaml")).stages
    store = Store("results/store.sqlite")
    key = stage.calculations[0].key
    store.put(a_row(key=key, level="elsewhere"))
    second = json.loads(potash("run", "two.yaml", "--dry-run", "--json").out)
    assert (second["asked"], second["known"]) == (3, 1)
    assert second["core_hours"] == pytest.approx(first["core_hours"] * 2 / 3)
    assert "3 calculations, 2 to compute" in potash("run", "two.yaml", "--dry-run").out
