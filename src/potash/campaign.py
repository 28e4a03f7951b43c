"""What a campaign still has to compute, and in which portions."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from potash.calculation import Calculation
from potash.store import Store

CHUNK_S = 120.0
"""Core-seconds of work in one task: enough to hide its overhead of a second or so."""


@dataclass(frozen=True)
class Stage:
    """Calculations that may run side by side; later stages may need their rows."""

    name: str
    calculations: tuple[Calculation, ...]


def pending(calculations: Iterable[Calculation], store: Store) -> list[Calculation]:
    """Return what has no row yet, each key once."""
    unique = {c.key: c for c in calculations}
    known = store.statuses(unique.keys())
    return [c for key, c in unique.items() if key not in known]


def forget_failed(calculations: Iterable[Calculation], store: Store) -> int:
    """Remove the failed rows among these, so that they are tried again; return how many."""
    statuses = store.statuses({c.key for c in calculations})
    failed = [key for key, status in statuses.items() if status == "failed"]
    store.forget(failed)
    return len(failed)


def chunk(
    calculations: Sequence[Calculation], target_s: float = CHUNK_S
) -> list[list[Calculation]]:
    """Cut work into portions of about ``target_s`` core-seconds, the longest first.

    A calculation longer than the target is a portion of its own. Portions hold
    one kind of calculation only, so that a worker process loads few engines.
    """
    portions: list[list[Calculation]] = []
    open_portion: dict[str, tuple[list[Calculation], float]] = {}
    for calculation in sorted(calculations, key=lambda c: (-c.cost_s, c.key)):
        members, cost = open_portion.get(calculation.kind, ([], 0.0))
        if not members or cost + calculation.cost_s > target_s:
            members, cost = [], 0.0
            portions.append(members)
        members.append(calculation)
        open_portion[calculation.kind] = (members, cost + calculation.cost_s)
    return sorted(portions, key=lambda p: -sum(c.cost_s for c in p))


def to_plain(calculation: Calculation) -> dict[str, Any]:
    """Return a calculation as plain data that any task runner can send."""
    return dataclasses.asdict(calculation)


def from_plain(data: Mapping[str, Any]) -> Calculation:
    """Return the calculation that :func:`to_plain` wrote down."""
    return Calculation(**data)
