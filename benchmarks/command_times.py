"""Seconds that every quick command takes: cold (nothing kept) and asked again.

Run in a checkout on a machine that does nothing else::

    python benchmarks/command_times.py --runs 5

For each command the median of some runs in a process of its own, wall clock and CPU, the
CPU time being what a busy machine changes least (still up to threefold, where every core has
several processes). 'Cold' is with an empty cache folder, 'again' with the documents of the run
before (see ``potash.cli.cache``). What a command may take stands beside it; the exit code is 1
where a median of the CPU time is above.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """A command line and the seconds it may take."""

    arguments: tuple[str, ...]
    limit_s: float
    kept: bool = False


QUICK, READING, ASKING = 0.5, 2.0, 3.0
QUESTION = """
name: asked
question:
  hosts:
    choose: 5
    among: {roles: [host, current_collector], stable_with_k: true, without_elements: [Pt, Pd]}
    by: {adsorption_energy_ev: {best: -1.5, worst: 0.0}}
    equal_within: {adsorption_energy_ev: 0.1}
"""
COMMANDS = (
    Command(("--help",), QUICK),
    Command(("--version",), QUICK),
    Command(("hosts", "--help"), QUICK),
    Command(("hots",), QUICK),
    Command(("hosts", "--jsn"), QUICK),
    Command(("hosts", "cu_112"), QUICK),
    Command(("molecules", "dmee"), QUICK),
    Command(("electrolytes", "kfsi_dme_1mm"), QUICK),
    Command(("claims", "ads_cu6sn"), QUICK),
    Command(("adsorb", "cu_112"), QUICK),
    Command(("orbitals", "dmee"), QUICK),
    Command(("simulate", "kfsi_dme_1mm"), QUICK),
    Command(("adsorb", "cu_111", "--level", "screem"), QUICK),
    Command(("export", "rows", "--kind", "adsorbtion"), QUICK),
    Command(("hosts", "--json"), READING, kept=True),
    Command(("hosts", "cu_111"), READING, kept=True),
    Command(("molecules", "--json"), READING, kept=True),
    Command(("electrolytes", "--json"), READING, kept=True),
    Command(("electrolytes", "kfsi_dme_1m"), READING, kept=True),
    Command(("claims", "--json"), READING, kept=True),
    Command(("rank", "hosts"), READING, kept=True),
    Command(("rank", "electrolytes"), READING, kept=True),
    Command(("rank", "molecules"), READING, kept=True),
    Command(("report", "--out", "report"), READING, kept=True),
    Command(("ask", "question.yaml"), ASKING),
    Command(("next", "question.yaml"), ASKING),
)


def seconds(command: Command, folder: Path, cache: Path) -> tuple[float, float]:
    """Return wall-clock and CPU seconds of one run."""
    environment = os.environ | {"POTASH_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else everything is compiled anew
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "potash", *command.arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu


def medians(command: Command, folder: Path, *, runs: int, again: bool) -> tuple[float, float]:
    """Return median wall-clock and CPU seconds, each run with an empty or a filled cache."""
    found = []
    for number in range(runs):
        cache = folder / ("cache" if again else f"cache-{number}-{time.monotonic_ns()}")
        found.append(seconds(command, folder, cache))
    wall, cpu = zip(*found, strict=True)
    return statistics.median(wall), statistics.median(cpu)


def main() -> int:
    """Print a line per command; return 1 where one takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="of each command")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    records = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "question.yaml").write_text(QUESTION, encoding="utf-8")
        seconds(COMMANDS[0], folder, folder / "cache")  # compiles what is not compiled yet
        for command in COMMANDS:
            cold = medians(command, folder, runs=options.runs, again=False)
            again = None
            if command.kept:
                seconds(command, folder, folder / "cache")
                again = medians(command, folder, runs=options.runs, again=True)
            records.append(
                {
                    "command": " ".join(("potash", *command.arguments)),
                    "cold_s": round(cold[0], 2),
                    "cold_cpu_s": round(cold[1], 2),
                    "again_s": None if again is None else round(again[0], 2),
                    "again_cpu_s": None if again is None else round(again[1], 2),
                    "limit_s": command.limit_s,
                }
            )
            if not options.json:
                line = records[-1]
                print(
                    f"{line['command']:<42} cold {line['cold_s']:5.2f} s "
                    f"(CPU {line['cold_cpu_s']:5.2f})"
                    + (
                        ""
                        if again is None
                        else f"  again {line['again_s']:5.2f} s (CPU {line['again_cpu_s']:5.2f})"
                    )
                    + f"  limit {command.limit_s} s",
                    flush=True,
                )
    if options.json:
        print(json.dumps(records, indent=1))
    return int(any(r["cold_cpu_s"] > r["limit_s"] for r in records))


if __name__ == "__main__":
    sys.exit(main())
