"""Which calculations can be computed now, in portions of about equal work."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from graphlib import TopologicalSorter

from potash.results.calculation import Calculation
from potash.store import Store

LEAST_OF_A_PORTION = 1 / 60
"""No portion is cut smaller than this share of the largest, for its overhead."""

SOON_S = 30.0
"""Core-seconds of quick calculations that come before the longest."""


@dataclass(frozen=True)
class Stage:
    """Calculations that belong together for a reader, such as all liquids."""

    name: str
    calculations: tuple[Calculation, ...]


def in_order(stages: Iterable[Stage], workers: int) -> list[Calculation]:
    """Return all calculations of some stages, the longest first, so that none is left to the end.

    A few quick ones come before, on one of the workers, as far as the long one that then has to
    wait can: so something is seen soon, and the whole takes at most as much longer as they do.

    Parameters
    ----------
    stages
        What is to be computed.
    workers
        How many calculations run side by side.
    """
    found = [c for stage in stages for c in stage.calculations]
    longest = sorted(found, key=lambda c: (-c.cost_s, c.key))
    early: list[Calculation] = []
    if len(longest) > workers:
        at_least = max(sum(c.cost_s for c in longest) / workers, longest[0].cost_s)
        left = min(at_least - longest[workers - 1].cost_s, SOON_S)
        for calculation in reversed(longest[workers:]):
            if calculation.needs:
                continue
            left -= calculation.cost_s
            if left < 0.0:
                break
            early.append(calculation)
    chosen = {c.key for c in early}
    others = [c for c in longest if c.key not in chosen]
    return [*early[:1], *others[: workers - 1], *early[1:], *others[workers - 1 :]]


def forget_failed(keys: Iterable[str], store: Store) -> int:
    """Remove the failed and quarantined rows of these keys, to try them again; return how many."""
    statuses = store.statuses(set(keys))
    failed = [key for key, status in statuses.items() if status in ("failed", "quarantined")]
    store.forget(failed)
    return len(failed)


class Schedule:
    """The calculations that have no row yet, given out as what they need is done.

    Every operation costs about as much as the calculations that it is about, however
    many there are in all.

    Parameters
    ----------
    calculations
        In the order of their priority; those that others need come first all the same.
        A key counts once. What is needed but not among these is somewhere else.
    known
        Keys that have a row.
    """

    def __init__(self, calculations: Iterable[Calculation], known: Container[str]) -> None:
        self._left: dict[str, Calculation] = {}
        for calculation in calculations:
            if calculation.key not in known:
                self._left.setdefault(calculation.key, calculation)
        needs = {
            key: [k for k in c.needs.values() if k in self._left] for key, c in self._left.items()
        }
        needed = {k for keys in needs.values() for k in keys}
        self._place = {key: (key not in needed, n) for n, key in enumerate(self._left)}
        self._graph = TopologicalSorter(needs)
        self._graph.prepare()
        self._ready: dict[str, list[tuple[tuple[bool, int], str]]] = defaultdict(list)
        self._ready_s = 0.0
        self.put_back(self._graph.get_ready())

    def __len__(self) -> int:
        """Return how many have no row yet, those given out included."""
        return len(self._left)

    def take(self, portions: int, longest_s: float) -> list[Calculation]:
        """Return the next portion of one kind, or nothing if nothing can be computed now.

        Parameters
        ----------
        portions
            How many are computed side by side. A portion is at most that part of what
            is ready, so that all end at about the same time.
        longest_s
            Core-seconds of the largest portion. A calculation longer than that is a
            portion of its own.
        """
        kinds = [kind for kind, heap in self._ready.items() if heap]
        if not kinds:
            return []
        heap = self._ready[min(kinds, key=lambda kind: self._ready[kind][0])]
        share = max(self._ready_s / portions, LEAST_OF_A_PORTION * longest_s)
        portion, cost = [self._pop(heap)], 0.0
        while heap:
            cost += portion[-1].cost_s
            if cost + self._left[heap[0][1]].cost_s > min(share, longest_s):
                break
            portion.append(self._pop(heap))
        return portion

    def _pop(self, heap: list[tuple[tuple[bool, int], str]]) -> Calculation:
        calculation = self._left[heapq.heappop(heap)[1]]
        self._ready_s -= calculation.cost_s
        return calculation

    def put_back(self, keys: Iterable[str]) -> None:
        """Give out again what was taken and not computed."""
        for key in keys:
            calculation = self._left[key]
            heapq.heappush(self._ready[calculation.kind], (self._place[key], key))
            self._ready_s += calculation.cost_s

    def done(self, keys: Iterable[str]) -> None:
        """Take out what has a row now; what needs it can be computed."""
        for key in keys:
            del self._left[key], self._place[key]
            self._graph.done(key)
        self.put_back(self._graph.get_ready())
