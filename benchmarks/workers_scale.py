"""From 1 to 1,000 workers: a simulation of a campaign from measured costs, and where it bends.

One driver plans, submits tasks and looks at what has ended; workers claim, compute, commit. Every
write to the store (a claim, a commit, a heartbeat) passes through one queue, as SQLite's lock and
PostgreSQL's log make it; every task passes through the driver when it is submitted and when it has
ended. The costs are arguments; ``--measure`` takes claim and commit from a store here.

    python benchmarks/workers_scale.py --measure
    python benchmarks/workers_scale.py --item-s 0.5 --portion-s 120 --commit-ms 8
"""

from __future__ import annotations

import argparse
import heapq
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from potash.results.calculation import Outcome
from potash.store import Row, Store, this_owner
from tests.synthetic_calculations import calculation

WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)


@dataclass(frozen=True)
class Costs:
    """Seconds of each step.

    Attributes
    ----------
    item
        Computing one item, its mean; times are spread exponentially about it.
    claim, commit
        Of one item, in the store.
    beat
        One heartbeat; each busy worker sends one in ten seconds.
    task
        Of the driver for each task: submitted, followed, ended.
    start
        Until the first task is submitted: planning and Prefect's server.
    load
        Of a worker before its first item: its engines are loaded.
    """

    item: float
    claim: float
    commit: float
    beat: float
    task: float
    start: float
    load: float


def simulated(items: int, workers: int, costs: Costs, longest_portion: float) -> float:
    """Return the wall-clock seconds of a campaign.

    Parameters
    ----------
    items, workers
        How many of each.
    costs
        Of each step.
    longest_portion
        Planned seconds of a task; less where there is little left, as in
        :meth:`potash.running.schedule.Schedule.take`.
    """
    random = np.random.default_rng(7)
    left, store_free, driver_free = items, 0.0, costs.start
    # Heartbeats take their share of the store from everybody.
    stretched = 1.0 / max(1e-3, 1.0 - workers * costs.beat / 10.0)
    idle = [(costs.start + costs.load, n) for n in range(workers)]
    heapq.heapify(idle)
    # When a worker wants the store next, with how many items of its portion are left to do.
    events: list[tuple[float, int, int]] = []
    end = costs.start

    def hand_out(at: float, worker: int) -> None:
        nonlocal left, driver_free
        if not left:
            return
        share = max(left * costs.item / (2 * workers), longest_portion / 60)
        portion = min(left, max(1, int(min(share, longest_portion) / costs.item)))
        left -= portion
        driver_free = max(driver_free, at) + costs.task
        heapq.heappush(events, (driver_free, worker, portion))

    while idle:
        hand_out(*heapq.heappop(idle))
    while events:
        at, worker, todo = heapq.heappop(events)
        if not todo:
            hand_out(at, worker)
            continue
        # The commit of an item and the claim of the next are one after the other.
        store_free = max(store_free, at) + (costs.claim + costs.commit) * stretched
        done = store_free + random.exponential(costs.item)
        end = max(end, done)
        heapq.heappush(events, (done, worker, todo - 1))
    return end


def measured() -> tuple[float, float, float]:
    """Return the seconds of a claim, a commit and a heartbeat in a store on this disk."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "rows.sqlite")
        work = [calculation(n) for n in range(300)]
        spent = [0.0, 0.0, 0.0]
        for c in work:
            row = Row.from_outcome(c, Outcome(status="ok"), started="", seconds=0.0)
            clock = time.perf_counter()
            store.claim(c.key, this_owner())
            claimed = time.perf_counter()
            store.beat(c.key, this_owner())
            beaten = time.perf_counter()
            store.put(row, owner=this_owner())
            committed = time.perf_counter()
            spent[0] += claimed - clock
            spent[1] += committed - beaten
            spent[2] += beaten - claimed
        store.close()
    claim, commit, beat = (s / len(work) for s in spent)
    return claim, commit, beat


def main() -> None:
    """Print a table for each mean length of an item."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--item-s", type=float, nargs="*", default=[0.5, 5.0, 300.0])
    parser.add_argument("--portion-s", type=float, default=120.0)
    parser.add_argument("--claim-ms", type=float, default=3.0)
    parser.add_argument("--commit-ms", type=float, default=3.0)
    parser.add_argument("--beat-ms", type=float, default=2.0)
    parser.add_argument("--task-ms", type=float, default=60.0)
    parser.add_argument("--start-s", type=float, default=12.0)
    parser.add_argument("--load-s", type=float, default=5.0)
    parser.add_argument("--measure", action="store_true")
    given = parser.parse_args()
    claim, commit, beat = (
        measured()
        if given.measure
        else (given.claim_ms / 1e3, given.commit_ms / 1e3, given.beat_ms / 1e3)
    )
    print(f"claim {1e3 * claim:.1f} ms, commit {1e3 * commit:.1f} ms, beat {1e3 * beat:.1f} ms")
    print(f"{'workers':>8}" + "".join(f"{f'{s:g} s: wall':>16}{'share':>8}" for s in given.item_s))
    for workers in WORKERS:
        line = f"{workers:>8}"
        for item in given.item_s:
            costs = Costs(
                item, claim, commit, beat, given.task_ms / 1e3, given.start_s, given.load_s
            )
            wall = simulated(given.items, workers, costs, given.portion_s)
            line += f"{wall:>16.0f}{given.items * item / (wall * workers):>8.0%}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
