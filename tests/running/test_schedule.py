"""What is still to do, and in which portions."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from potash.results.calculation import Calculation, Outcome
from potash.running.schedule import (
    Stage,
    chunk,
    forget_failed,
    from_plain,
    pending,
    to_plain,
    waves,
)
from potash.store import Row, Store


def calculation(number: int, cost_s: float = 30.0, kind: str = "species") -> Calculation:
    return Calculation(kind, f"m{number}", "", "screen", {"n": number}, cost_s=cost_s)


def put(store: Store, what: Calculation, status: str = "ok") -> None:
    outcome = Outcome(status=status)  # type: ignore[arg-type]
    store.put(Row.from_outcome(what, outcome, started="", seconds=0.0))


def test_pending_is_what_has_no_row_each_key_once(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    put(store, calculation(1), "failed")
    assert [c.item for c in pending([calculation(n) for n in (1, 2, 3, 2)], store)] == ["m2", "m3"]


def test_forget_failed_opens_only_the_failed(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    put(store, calculation(1), "failed")
    put(store, calculation(2), "refused")
    put(store, calculation(3), "failed")
    assert forget_failed([calculation(1), calculation(2)], store) == 1
    assert {r.item for r in store.rows()} == {"m2", "m3"}


def test_plain_data_round_trip_keeps_the_key() -> None:
    one = calculation(5)
    assert from_plain(to_plain(one)) == one
    assert from_plain(to_plain(one)).key == one.key


@given(
    st.lists(st.tuples(st.floats(0.1, 900), st.sampled_from(["species", "liquid"])), max_size=40)
)
def test_portions_hold_everything_once_and_one_kind(work: list[tuple[float, str]]) -> None:
    todo = [calculation(n, cost, kind) for n, (cost, kind) in enumerate(work)]
    portions = chunk(todo, target_s=120)
    assert sorted(c.item for p in portions for c in p) == sorted(c.item for c in todo)
    for portion in portions:
        assert len({c.kind for c in portion}) == 1
        assert len(portion) == 1 or sum(c.cost_s for c in portion) <= 120
    costs = [sum(c.cost_s for c in p) for p in portions]
    assert costs == sorted(costs, reverse=True)


def test_waves_compute_what_others_need_first_and_everything_else_together() -> None:
    metal = calculation(0, kind="k_metal")
    slab = Calculation("adsorption", "cu", "", "screen", {}, {"k_metal": metal.key})
    liquid = calculation(2, kind="liquid")
    stages = [Stage("liquids", (liquid,)), Stage("hosts", (slab,)), Stage("k", (metal,))]
    assert waves(stages) == [[metal], [liquid, slab]]
    assert waves([Stage("hosts", (slab,))]) == [[slab]], "a need that is not planned is elsewhere"
