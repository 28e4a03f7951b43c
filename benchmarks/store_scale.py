"""Seconds and peak memory of the store, and of the commands that read it, from 10^3 to 10^6 rows.

    python benchmarks/store_scale.py [N ...] [--postgresql URL] [--folder FOLDER]

For each N (1,000, 10,000 and 100,000 by default) a store is filled with N rows, and each
step is a process of its own: what is written (`put`, one by one and in batches), and the
commands `hosts --json`, `rank hosts`, `report`, `export` and `status`. The rows are those of the
reference campaign over and over, each under a key of its own: `campaign` in the shares that a
large campaign leaves (mostly molecules of the user's own), `hosts` adsorption energies of the
catalogue's models alone, `structures` those of as many structures of the user's own, which is the
most that a ranking can meet. Times are CPU
seconds of one core beside wall-clock seconds, the memory is the largest resident set of the
step. Results are in
`docs/store.md`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from potash.evidence.known import reference_rows
from potash.results.calculation import key_of
from potash.store import Row, Store

SIZES = (1_000, 10_000, 100_000)
BATCH = 5_000
ONE_BY_ONE = 300
SHARES = {
    "campaign": {
        "species": 64, "redox": 12, "complex": 8, "adsorption": 12, "phase": 2, "hop": 1,
        "thickness": 1,
    },
    "hosts": {"adsorption": 1},
    "structures": {"adsorption": 1},
}  # fmt: skip
"""Kind to its share of the rows. Liquids (100 KB each) are few in any campaign: 40 at most."""
LIQUIDS = 40
COMMANDS = {
    "hosts": ("hosts", "--json"),
    "rank": ("rank", "hosts"),
    "report": ("report", "--out", "report"),
    "export": ("export", "exported"),
    "status": ("status", "--json"),
}


def copies(mix: str, n: int) -> Iterator[Row]:
    """Yield N rows like those of the reference campaign, each with its own key."""
    by_kind: dict[str, list[Row]] = {}
    for row in reference_rows():
        if row.status == "ok":
            by_kind.setdefault(row.kind, []).append(row)
    order = [kind for kind, share in SHARES[mix].items() for _ in range(share)]
    cycles = {kind: itertools.cycle(rows) for kind, rows in by_kind.items()}
    for number in range(n):
        few = mix == "campaign" and number < min(LIQUIDS, n // 50)
        kind = "liquid" if few else order[(number * 37) % len(order)]
        row = next(cycles[kind])
        inputs = dict(row.provenance["inputs"])
        inputs["level"] = {**inputs["level"], "copy": number}
        values = dict(row.values)
        if values.get("adsorption_energy_ev") is not None:
            # No two computed energies are equal to the last digit.
            values["adsorption_energy_ev"] += 1e-4 * (number % 499 - 249)
        own = kind in ("species", "redox", "complex") and number >= len(by_kind[kind])
        own = own or mix == "structures"
        yield replace(
            row,
            key=key_of(kind, inputs, row.needs),
            item=f"{row.item}_{number}" if own else row.item,
            values=values,
            provenance={**row.provenance, "inputs": inputs},
        )


def fill(url: str, mix: str, n: int) -> dict[str, float]:
    """Write the rows and return how many of them a CPU second, in batches and one by one."""
    store = Store(url)
    spent, rows = 0.0, copies(mix, n)
    while batch := list(itertools.islice(rows, BATCH)):
        begun = time.process_time()
        store.put_many(batch)
        spent += time.process_time() - begun
    few = list(itertools.islice(copies(mix, n), ONE_BY_ONE))
    begun = time.process_time()
    for row in few:
        store.put(row)
    one_by_one = ONE_BY_ONE / (time.process_time() - begun)
    store.close()
    return {"put_many": n / spent, "put": one_by_one}


def measured(arguments: list[str], folder: Path) -> dict[str, float]:
    """Run Python with these arguments in a folder; return seconds and peak memory in MB."""
    begun = time.perf_counter()
    environment = {**os.environ, "POTASH_CACHE": "off"}
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=folder, env=environment, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    wall = time.perf_counter() - begun
    return {"cpu": usage.ru_utime + usage.ru_stime, "s": wall, "mb": usage.ru_maxrss / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--mix", choices=sorted(SHARES), action="append")
    parser.add_argument("--only", choices=sorted(COMMANDS), action="append")
    parser.add_argument("--postgresql", help="URL of an empty database, instead of SQLite files")
    parser.add_argument("--folder", type=Path, help="keep stores and outputs here")
    parser.add_argument("--fill", nargs=3, metavar=("URL", "MIX", "N"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.fill:
        url, mix, n = chosen.fill
        rates = fill(url, mix, int(n))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({**rates, "mb": peak}))
        return
    for mix, n in itertools.product(chosen.mix or SHARES, chosen.sizes):
        with tempfile.TemporaryDirectory(dir=chosen.folder) as made:
            folder = chosen.folder / f"{mix}-{n}" if chosen.folder else Path(made)
            folder.mkdir(exist_ok=True)
            table(mix, n, chosen.postgresql or str(folder / "store.sqlite"), folder, chosen.only)


def table(mix: str, n: int, url: str, folder: Path, only: list[str] | None) -> None:
    if not Path(url).exists():
        command = [sys.executable, __file__, "--fill", url, mix, str(n)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        rates = json.loads(done.stdout)
        print(
            f"{mix:9} {n:>9} rows  written {rates['put_many']:7.0f} rows/s CPU in batches, "
            f"{rates['put']:5.0f} one by one, {rates['mb']:6.0f} MB",
            flush=True,
        )
    for name in only or COMMANDS:
        arguments = ["-m", "potash", *COMMANDS[name], "--store", url]
        found = measured(arguments, folder)
        print(
            f"{mix:9} {n:>9} rows  {name:8} {found['cpu']:8.1f} s CPU {found['s']:8.1f} s "
            f"{found['mb']:7.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
