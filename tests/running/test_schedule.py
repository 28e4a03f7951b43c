"""What can be computed now, and in which portions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.results.calculation import Calculation, Outcome
from potash.running.schedule import Schedule, Stage, forget_failed, in_order
from potash.store import Row, Store
from tests.synthetic_calculations import calculation


def put(store: Store, what: Calculation, status: str = "ok") -> None:
    outcome = Outcome(status=status)  # type: ignore[arg-type]
    store.put(Row.from_outcome(what, outcome, started="", seconds=0.0))


def portions(schedule: Schedule, side_by_side: int, longest_s: float) -> list[list[Calculation]]:
    found = []
    while portion := schedule.take(side_by_side, longest_s):
        found.append(portion)
    return found


def test_what_is_known_is_not_given_out_and_a_key_counts_once() -> None:
    work = [calculation(n) for n in (1, 2, 3, 2)]
    schedule = Schedule(work, known={calculation(1).key})
    assert len(schedule) == 2
    assert [c.item for p in portions(schedule, 1, 0.0) for c in p] == ["m2", "m3"]
    assert len(schedule) == 2, "given out is not done"
    schedule.done([work[1].key, work[2].key])
    assert len(schedule) == 0


def test_forget_failed_opens_only_the_failed(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    put(store, calculation(1), "failed")
    put(store, calculation(2), "refused")
    put(store, calculation(3), "failed")
    assert forget_failed([calculation(1).key, calculation(2).key], store) == 1
    assert {r.item for r in store.rows()} == {"m2", "m3"}


@given(
    st.lists(st.tuples(st.floats(0.1, 900), st.sampled_from(["species", "liquid"])), max_size=40),
    st.integers(1, 9),
)
def test_portions_hold_everything_once_and_one_kind(
    work: list[tuple[float, str]], side_by_side: int
) -> None:
    todo = [calculation(n, cost, kind) for n, (cost, kind) in enumerate(work)]
    found = portions(Schedule(todo, known=()), side_by_side, 120.0)
    assert sorted(c.item for p in found for c in p) == sorted(c.item for c in todo)
    for portion in found:
        assert len({c.kind for c in portion}) == 1
        assert len(portion) == 1 or sum(c.cost_s for c in portion) <= 120


@pytest.mark.parametrize("workers", [2, 4, 8])
def test_little_work_is_shared_by_all_workers(workers: int) -> None:
    schedule = Schedule([calculation(n, 1.0) for n in range(40)], known=())
    found = portions(schedule, workers, 120.0)
    assert len(found) >= workers
    assert max(map(len, found)) <= -(-40 // workers)


def test_much_work_is_cut_into_portions_worth_their_overhead() -> None:
    schedule = Schedule([calculation(n, 1.0) for n in range(4000)], known=())
    sizes = [len(p) for p in portions(schedule, 4, 120.0)]
    assert max(sizes) == 120
    assert 33 <= len(sizes) <= 60
    assert sizes == sorted(sizes, reverse=True), "small ones last, so that all end together"


def test_what_others_need_comes_first_and_everything_else_with_it() -> None:
    metal = calculation(0, kind="k_metal")
    slab = calculation(1, kind="adsorption", needs={"k_metal": metal.key})
    thick = calculation(1, kind="thickness", needs={"adsorption": slab.key})
    liquid = calculation(2, kind="liquid")
    schedule = Schedule([liquid, thick, slab, metal], known=())
    assert portions(schedule, 2, 120.0) == [[metal], [liquid]]
    schedule.done([metal.key])
    assert portions(schedule, 2, 120.0) == [[slab]]
    schedule.done([slab.key])
    assert portions(schedule, 2, 120.0) == [[thick]]
    elsewhere = Schedule([slab], known=())
    assert portions(elsewhere, 2, 0.0) == [[slab]], "a need that is not planned is elsewhere"


def test_what_was_put_back_comes_again_at_its_place() -> None:
    first, second = calculation(1), calculation(2)
    schedule = Schedule([first, second], known=())
    assert schedule.take(1, 0.0) == [first]
    schedule.put_back([first.key])
    assert portions(schedule, 1, 0.0) == [[first], [second]]


def ordered(costs: list[float], workers: int) -> list[float]:
    work = [calculation(n, cost) for n, cost in enumerate(costs)]
    half = len(work) // 2
    stages = [Stage("a", tuple(work[:half])), Stage("b", tuple(work[half:]))]
    return [c.cost_s for c in in_order(stages, workers)]


def wall_s(costs: list[float], workers: int) -> float:
    """Return how long a list takes where whoever is free takes the next."""
    ends = [0.0] * workers
    for cost in costs:
        ends[ends.index(min(ends))] += cost
    return max(ends)


def test_a_few_quick_ones_come_first_on_one_worker_and_the_longest_on_the_others() -> None:
    liquids, surfaces, molecules = [300.0, 290.0], [60.0] * 5, [2.0, 3.0, 4.0, 5.0]
    costs = liquids + surfaces + molecules
    assert ordered(costs, 2) == [2.0, 300.0, 3.0, 4.0, 5.0, 290.0, *surfaces]
    assert wall_s(ordered(costs, 2), 2) <= wall_s(sorted(costs, reverse=True), 2) + sum(molecules)
    assert ordered([50.0, *([20.0] * 4)], 1) == [20.0, 50.0, 20.0, 20.0, 20.0]


def test_where_the_longest_cannot_wait_it_does_not() -> None:
    assert ordered([300.0, 300.0, 4.0], 2) == [300.0, 300.0, 4.0]
    assert ordered([300.0, 300.0, 4.0, 4.0], 2) == [4.0, 300.0, 300.0, 4.0]
    assert ordered([5.0, 50.0], 4) == [50.0, 5.0]
    assert ordered([], 2) == []


def test_what_needs_something_is_no_quick_one() -> None:
    first = calculation(1, 100.0)
    after = replace(calculation(2, 1.0), needs={"surface": first.key})
    work = [first, after, calculation(3, 90.0), calculation(4, 20.0)]
    assert [c.item for c in in_order([Stage("a", tuple(work))], 1)] == ["m4", "m1", "m3", "m2"]


@given(st.lists(st.floats(0.1, 900), max_size=40), st.integers(1, 9))
def test_every_calculation_is_in_the_order_once(costs: list[float], workers: int) -> None:
    assert sorted(ordered(costs, workers)) == sorted(costs)
    bound = max(sum(costs) / workers, max(costs, default=0.0))
    assert wall_s(ordered(costs, workers), workers) <= 2 * bound + 1e-6
