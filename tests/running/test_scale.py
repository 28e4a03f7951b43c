"""Work on many known items grows no faster than their number.

Operations are counted, not seconds; `benchmarks/planning_scale.py` measures those.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from potash.catalog.campaign import Campaign
from potash.catalog.campaign_parts import HostsPart, MoleculesPart
from potash.catalog.catalog import load_catalog
from potash.engines import registry
from potash.results.calculation import Calculation
from potash.running import plan as plan_module
from potash.running.drain import Submitted, drain
from potash.running.plan import plan
from potash.running.progress import Watch
from potash.running.schedule import Schedule, Stage
from potash.store import Store
from tests.counting import calls, statements
from tests.running.test_schedule import calculation, put


def never(_portion: object) -> Submitted:
    raise AssertionError("everything is known")


def filled(folder: Path, n: int) -> tuple[Store, list[Calculation]]:
    store, work = Store(folder / "rows.sqlite"), [calculation(k) for k in range(n)]
    for c in work:
        put(store, c)
    return store, work


def test_many_known_items_cost_few_queries(tmp_path: Path) -> None:
    store, work = filled(tmp_path, 1200)
    with statements(store) as seen:
        assert drain(work, store, never, in_flight=4) == 0
        assert len(store.get_many([c.key for c in work])) == 1200
    assert len([s for s in seen if s.startswith("SELECT")]) <= 1 + 2 * 3


def test_progress_asks_for_what_is_new_only(tmp_path: Path) -> None:
    store, work = filled(tmp_path, 1200)
    more = [calculation(k) for k in range(1200, 1900)]
    watch = Watch([Stage("molecules", (*work, *more))], store, 2, Console(quiet=True))
    with watch:
        put(store, more[0])
        with statements(store) as seen:
            watch._update()
        assert len([s for s in seen if s.startswith("SELECT")]) == 3
        assert watch._tallies["molecules"].statuses["ok"] == 1201


def test_the_schedule_is_linear() -> None:
    def work(n: int) -> Callable[[], None]:
        metal = calculation(0, kind="k_metal")
        needs = {"k_metal": metal.key}
        slabs = [calculation(k, kind="adsorption", needs=needs) for k in range(n)]
        for c in (metal, *slabs):
            _ = c.key

        def through() -> None:
            schedule = Schedule([*slabs, metal], known=())
            while portion := schedule.take(4, 120.0):
                schedule.done([c.key for c in portion])
            assert len(schedule) == 0

        return through

    assert calls(work(4000)) < 11 * calls(work(400))


def test_levels_are_built_once_a_campaign(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[tuple[str, str]] = []

    def counted(property_name: registry.Property, name: str) -> registry.Level:
        built.append((property_name, name))
        return registry.level(property_name, name)

    monkeypatch.setattr(plan_module, "named_level", counted)
    campaign = Campaign(
        name="many",
        hosts=HostsPart(items=("al_111", "cu_111", "ag_111"), also=("hop",), phases=True),
        molecules=MoleculesPart(
            items=("dme", "ec", "pc", "kfsi"), levels=("screen", "standard"), redox=True
        ),
    )
    stages = plan(campaign, load_catalog())
    assert sum(len(s.calculations) for s in stages) > 20
    once = [("adsorption", "screen"), ("molecules", "screen"), ("molecules", "standard")]
    assert sorted(built) == once


def test_long_lists_of_items_are_checked_in_one_pass() -> None:
    def checked(n: int) -> Callable[[], object]:
        return lambda: MoleculesPart(items=tuple(f"m{k}" for k in range(n)))

    assert calls(checked(20_000)) < 11 * calls(checked(2000))
