"""What can be computed now, and in which portions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.results.calculation import Calculation, Outcome
from potash.running.schedule import Schedule, Stage, forget_failed, longest_first
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


def test_the_longest_of_all_stages_comes_first() -> None:
    work = [calculation(1, 5.0), calculation(2, 50.0), calculation(3, 20.0)]
    stages = [Stage("a", (work[0], work[1])), Stage("b", (work[2],))]
    assert [c.item for c in longest_first(stages)] == ["m2", "m3", "m1"]
