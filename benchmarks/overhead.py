"""What a campaign costs beside its calculations: a plain loop, a pool, Prefect tasks, jobflow.

Prints a table: for each way seconds of wall clock and of processor time (of all processes), when
the first row was there, and the overhead of an item: what lies between the first row and the last,
beyond the calculations themselves, divided by the items and multiplied by the workers.

    python benchmarks/overhead.py --items 300 --seconds 0
    python benchmarks/overhead.py --items 1000 --seconds 0.5
    python benchmarks/overhead.py --items 300 --seconds 0 --other /tmp/jobflow/bin/python

``--other`` names a Python with jobflow (in an environment of its own) that runs the same
number of functions which sleep as long.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from potash.engines.adsorption_levels import adsorption_level
from potash.hosts.k_metal import k_metal_calculation
from potash.results.calculation import Calculation
from potash.running.limits import Limits
from potash.running.local import compute_in_processes
from potash.running.worker import compute
from potash.store import Store
from potash.workflows.run import prepare_prefect
from potash.workflows.temporary_server import TemporaryServer

MODULE = """
import time
import numpy as np
from ase.calculators.calculator import Calculator, all_changes

class Slow(Calculator):
    implemented_properties = ("energy", "forces", "stress")
    waited = False
    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        if not self.waited:
            time.sleep({seconds})
            self.waited = True
        # A parabola in the lattice constant of a bcc crystal, with its minimum at 5.3 A.
        lattice = (2 * atoms.get_volume() / len(atoms)) ** (1 / 3)
        zero = np.zeros((len(atoms), 3))
        self.results = dict(energy=(lattice - 5.3) ** 2, forces=zero, stress=np.zeros(6))

def made():
    return Slow()

for n in range({items}):
    globals()[f"make_{{n}}"] = made
"""

JOBFLOW = """
import sys, time
items, seconds = int(sys.argv[1]), float(sys.argv[2])
began = time.perf_counter()
from jobflow import Flow, job, run_locally
@job
def item(n):
    time.sleep(seconds)
    return n
run_locally(Flow([item(n) for n in range(items)]), log=False)
print(time.perf_counter() - began)
"""


def calculations(items: int, seconds: float, folder: Path) -> list[Calculation]:
    """Return calculations of bulk K with a calculator that takes as long as asked for."""
    (folder / "slow_calculators.py").write_text(MODULE.format(items=items, seconds=seconds))
    os.chdir(folder)  # where workers find it, too
    sys.path.insert(0, str(folder))
    found = []
    for n in range(items):
        level = adsorption_level(f"slow-{n}", calculator=f"slow_calculators:make_{n}")
        found.append(k_metal_calculation(level))
    return found


def in_a_loop(work: Sequence[Calculation], folder: Path, _workers: int) -> None:
    """Compute without a store."""
    for calculation in work:
        outcome = compute(
            calculation.kind,
            calculation.inputs,
            {},
            workdir=folder / "work",
            progress=lambda *_: None,
        )
        assert outcome.status == "ok", outcome.reason


def in_a_pool(work: Sequence[Calculation], folder: Path, workers: int) -> None:
    """Compute in worker processes, each row committed."""
    store = Store(folder / "rows.sqlite")
    compute_in_processes(work, store, folder / "work", processes=workers, limits=Limits())
    store.close()


def in_a_campaign(work: Sequence[Calculation], folder: Path, workers: int) -> None:
    """Compute in Prefect tasks, with a server, as a campaign does."""
    prepare_prefect(folder / "prefect")
    server = TemporaryServer(folder / "prefect")
    try:
        from prefect import flow
        from prefect.settings import PREFECT_API_URL, temporary_settings
        from prefect.task_runners import ThreadPoolTaskRunner

        from potash.workflows.tasks import close_workers, compute_in_tasks

        @flow(task_runner=ThreadPoolTaskRunner(max_workers=workers))
        def trial() -> None:
            compute_in_tasks(
                work,
                store_url=str(folder / "rows.sqlite"),
                work_dir=str(folder / "work"),
                limits=Limits(),
                in_flight=2 * workers,
            )
            close_workers()

        assert server.wait()
        with temporary_settings(updates={PREFECT_API_URL: server.url}):
            trial()
    finally:
        server.stop()


def first_and_last(folder: Path) -> tuple[float, float] | None:
    """Return when the first and the last row were committed, from the ledger."""
    import sqlite3

    if not (folder / "rows.sqlite").is_file():
        return None
    with sqlite3.connect(folder / "rows.sqlite") as database:
        query = "select min(time), max(time) from ledger where event = 'finished'"
        found: tuple[float, float] = database.execute(query).fetchone()
        return found


def measured(
    name: str,
    way: Callable[..., None],
    work: Sequence[Calculation],
    folder: Path,
    seconds: float,
    workers: int,
) -> dict[str, Any]:
    """Run one way in a folder of its own."""
    items = len(work)
    folder.mkdir()
    began, clock, used = time.time(), time.perf_counter(), os.times()
    way(work, folder, workers)
    wall, after = time.perf_counter() - clock, os.times()
    cpu = sum(after[:4]) - sum(used[:4])
    times = first_and_last(folder)
    start = None if times is None else times[0] - began
    span = wall if times is None else times[1] - times[0]
    used_workers = 1 if times is None else workers
    per_item = (span * used_workers - (items - (times is not None)) * seconds) / items
    return {"way": name, "wall": wall, "cpu": cpu, "start": start, "per_item": per_item}


def main() -> None:
    """Measure every way and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--other", help="Python with jobflow")
    given = parser.parse_args()
    print(f"{given.items} items of {given.seconds} s, {given.workers} workers, ", end="")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'way':<10} {'wall (s)':>9} {'cpu (s)':>9} {'first row (s)':>14} {'an item (ms)':>13}")
    ways = {"loop": in_a_loop, "pool": in_a_pool, "campaign": in_a_campaign}
    with tempfile.TemporaryDirectory() as place:
        work = calculations(given.items, given.seconds, Path(place))
        for name, way in ways.items():
            found = measured(name, way, work, Path(place) / name, given.seconds, given.workers)
            start = "-" if found["start"] is None else f"{found['start']:.1f}"
            print(
                f"{name:<10} {found['wall']:>9.1f} {found['cpu']:>9.1f} {start:>14} "
                f"{1000 * found['per_item']:>13.1f}",
                flush=True,
            )
        os.chdir("/")
    if given.other:
        done = subprocess.run(
            [given.other, "-c", JOBFLOW, str(given.items), str(given.seconds)],
            capture_output=True,
            text=True,
            check=True,
        )
        wall = float(done.stdout.splitlines()[-1])
        per_item = wall / given.items - given.seconds
        print(f"{'jobflow':<10} {wall:>9.1f} {'-':>9} {'-':>14} {1000 * per_item:>13.1f}")


if __name__ == "__main__":
    main()
