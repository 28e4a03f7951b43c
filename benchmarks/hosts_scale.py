"""How long it takes to rank thousands of hosts, and to answer a question about them.

    python benchmarks/hosts_scale.py [N ...]

For each N (1,000, 2,000, 5,000 and 10,000 by default) a process of its own makes a catalogue of N
hosts, each with a model and a screening row of its own: those of the reference campaign over and
over, their energies moved by random numbers (0.3 eV), so that no two are equal. The error models
are those of the reference campaign. A step is what a command does with them, each in a process
of its own: read the evidence, rank all hosts, answer a question about them, all three. Times are
CPU seconds of one core, with their ratio to those of the N before it (work in proportion to N: the
ratio of the two N; a matrix of all pairs: its square); the memory is the peak of the process.
Results are in `docs/validation/planning.md`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np

from potash.catalog.catalog import Catalog, load_catalog
from potash.catalog.question import HostQuestion, Question
from potash.evidence.adsorption import model_evidence
from potash.evidence.adsorption_energies import adsorption_energies
from potash.evidence.known import reference_rows
from potash.ranking.asking import answers
from potash.ranking.hosts import rank_hosts
from potash.store.rows import Row

SIZES = (1_000, 2_000, 5_000, 10_000)
SCATTER_EV = 0.3
SEED = 14
QUESTION = Question(
    hosts=HostQuestion.model_validate(
        {
            "choose": 5,
            "by": {"adsorption_energy_ev": {"best": -1.0, "worst": 0.0}},
            "equal_within": {"adsorption_energy_ev": 0.1},
            "confidence": 0.9,
        }
    )
)
T = TypeVar("T")


def population(n: int) -> tuple[Catalog, list[Row]]:
    """Return a catalogue of N hosts, and a screening row of each."""
    known = load_catalog()
    like = {m: h for h in known.hosts.values() for m in h.models}
    screened = [r for r in reference_rows() if r.level == "screen" and r.item in like]
    energies = adsorption_energies(screened, known.models)
    able = [e.row for e in energies if e.dilute and not e.values.polar]
    rng = np.random.default_rng(SEED)
    hosts, models, rows = {}, {}, []
    for number, row in zip(range(n), itertools.cycle(able), strict=False):
        name = f"own_{number}"
        energy = row.values["adsorption_energy_ev"] + rng.normal(0.0, SCATTER_EV)
        # Without a recipe: hosts of one recipe are one surface, and tie.
        models[name] = known.models[row.item].model_copy(update={"id": name, "recipe": None})
        hosts[name] = like[row.item].model_copy(
            update={"id": name, "name": name, "models": (name,), "components": ()}
        )
        values = {**row.values, "adsorption_energy_ev": float(energy)}
        rows.append(replace(row, key=f"{number:064x}", item=name, model=name, values=values))
    return replace(known, hosts=hosts, models={**known.models, **models}), rows


def steps(n: int) -> Mapping[str, Callable[[], object]]:
    """Return what is timed, by name."""
    catalog, rows = population(n)
    reference = reference_rows()
    return {
        "evidence": lambda: model_evidence(rows, catalog.models, calibration_rows=reference),
        "rank": lambda: rank_hosts(rows, catalog, calibration_rows=reference),
        "answer": lambda: answers(QUESTION, rows, catalog, calibration_rows=reference),
    }


ALL = "all three"
STEPS = ("evidence", "rank", "answer", ALL)


def measured(n: int, step: str) -> tuple[float, float]:
    """Return the CPU seconds of a step and the peak memory in MB at its end."""
    able = steps(n)
    begun = time.process_time()
    for name in able if step == ALL else (step,):
        able[name]()
    spent = time.process_time() - begun
    return spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table(sizes: list[int], wanted: list[str]) -> Iterator[str]:
    """Yield a line for each step of each N."""
    before: dict[str, float] = {}
    for n in sizes:
        for step in wanted:
            command = [sys.executable, __file__, str(n), "--inside", "--only", step]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            cpu, peak = json.loads(done.stdout)
            ratio = f"{cpu / before[step]:6.1f} times" if step in before else ""
            before[step] = cpu
            yield f"{n:>7} hosts  {step:9} {cpu:8.2f} s CPU {peak:7.0f} MB {ratio}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--only", choices=STEPS, action="append")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    wanted = chosen.only or list(STEPS)
    if chosen.inside:
        print(json.dumps(measured(chosen.sizes[0], wanted[0])))
        return
    for line in table(list(chosen.sizes), wanted):
        print(line, flush=True)


if __name__ == "__main__":
    main()
