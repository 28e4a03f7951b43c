"""Replay of published coulombic efficiencies: experiments until the best are found.

Batches of four chosen by ``potash.bench.suggest`` against random ones and against 'highest
molarity first', on the 59 K electrolytes of ``raman_ce_k_ethers.csv``. Every repetition starts
from another random batch; with fewer than eight results the next batch is random, too, and the
cross-validation that lets the model speak is left out for its cost. Each line of the output is
one repetition; the summary is printed and written beside it as CSV.

Usage: python benchmarks/suggest_replay.py raman_ce_k_ethers.csv [REPETITIONS] [OUTPUT]
"""

from __future__ import annotations

import csv
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from potash.bench.choices import Features
from potash.bench.suggest import LEAST_MEASURED
from potash.bench.surrogate import Target, modelled_batch

BATCH = 4
BEST_SHARE = 0.05
QUICK_REPETITIONS = 2000
Chooser = Callable[[dict[str, float], list[str], int], Sequence[str]]


def solvent_fractions(code: str) -> dict[str, float]:
    """Return the volume fraction of each solvent that a code of the table stands for."""
    code = code.replace("DEGDME(DGM)", "DGM").replace("DEGDME", "DGM")
    for pattern, names in (
        (r"DBE\+DGM (\d)(\d)", ("DBE", "DGM")),
        (r"TTEDGM ?(\d)(\d)", ("TTE", "DGM")),
        (r"TTEDME ?(\d)(\d)", ("TTE", "DME")),
    ):
        if found := re.fullmatch(pattern, code):
            first, second = int(found[1]), int(found[2])
            total = first + second
            return {names[0]: first / total, names[1]: second / total}
    if found := re.fullmatch(r"(\w+):(\w+)=(\d):(\d)", code):
        first, second = int(found[3]), int(found[4])
        return {found[1]: first / (first + second), found[2]: second / (first + second)}
    return {code: 1.0}


def read(path: Path) -> tuple[Features, dict[str, float]]:
    """Return the features and the mean coulombic efficiency (%) of each electrolyte."""
    with path.open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    solvents = sorted({s for r in rows for s in solvent_fractions(r["solvent_code"])})
    features = {
        r["electrolyte"]: {
            **{s: solvent_fractions(r["solvent_code"]).get(s, 0.0) for s in solvents},
            "molarity": float(r["salt_molarity_M"]),
        }
        for r in rows
    }
    return features, {r["electrolyte"]: float(r["CE_mean_pct"]) for r in rows}


def experiments(
    truth: dict[str, float], choose: Chooser, best: set[str], first: Sequence[str]
) -> int:
    """Return after how many experiments one of the best was measured."""
    measured = {name: truth[name] for name in first}
    step = 0
    while not best & set(measured):
        left = [n for n in truth if n not in measured]
        step += 1
        for name in choose(measured, left, step)[:BATCH]:
            measured[name] = truth[name]
    return len(measured)


def main(path: Path, repetitions: int, output: Path) -> None:
    """Run the replay; a repetition that is in the output already is not run again."""
    features, truth = read(path)
    count = max(1, round(BEST_SHARE * len(truth)))
    best = set(sorted(truth, key=lambda n: -truth[n])[:count])
    names = list(truth)

    def first(seed: int) -> list[str]:
        return [names[i] for i in np.random.default_rng(seed).permutation(len(names))[:BATCH]]

    def by_molarity(_m: dict[str, float], left: list[str], _s: int) -> list[str]:
        return sorted(left, key=lambda n: (-features[n]["molarity"], shuffled[n]))

    def at_random(_m: dict[str, float], left: list[str], _s: int) -> list[str]:
        return sorted(left, key=lambda n: shuffled[n])

    quick = {}
    for label, chooser in (("random", at_random), ("highest molarity first", by_molarity)):
        found = []
        for seed in range(QUICK_REPETITIONS):
            rng = np.random.default_rng(seed + 1_000_000)
            shuffled = dict(zip(names, rng.random(len(names)), strict=True))
            found.append(experiments(truth, chooser, best, first(seed)))
        quick[label] = found
    done = [json.loads(x) for x in output.read_text().splitlines()] if output.exists() else []
    for seed in range(repetitions):
        if any(d["seed"] == seed for d in done):
            continue

        def by_model(
            measured: dict[str, float], left: list[str], step: int, seed: int = seed
        ) -> Sequence[str]:
            if len(measured) < LEAST_MEASURED:
                rng = np.random.default_rng((seed, step))
                return [left[i] for i in rng.permutation(len(left))]
            size = min(BATCH, len(left))
            target = Target("figure of merit", measured)
            return modelled_batch(features, [target], left, batch=size, seed=seed)

        began = time.monotonic()
        needed = experiments(truth, by_model, best, first(seed))
        done.append({"seed": seed, "needed": needed, "seconds": time.monotonic() - began})
        with output.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(done[-1]) + "\n")
    if done:
        quick["suggest"] = [d["needed"] for d in done]
    lines = [("next by", "experiments", "95 % half-width", "median", "repetitions")]
    for label, counts in quick.items():
        values = np.array(counts, float)
        error = 1.96 * values.std(ddof=1) / len(values) ** 0.5 if len(values) > 1 else np.nan
        print(
            f"{label}: {values.mean():.1f} +- {error:.1f} experiments until one of the best "
            f"{count} of {len(truth)}, median {np.median(values):.0f}, {len(values)} repetitions"
        )
        numbers = (f"{values.mean():.1f}", f"{error:.1f}", f"{np.median(values):.0f}", len(values))
        lines.append((label, *map(str, numbers)))
    with output.with_suffix(".csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(lines)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        int(sys.argv[2]) if len(sys.argv) > 2 else 50,
        Path(sys.argv[3] if len(sys.argv) > 3 else "suggest_replay.jsonl"),
    )
