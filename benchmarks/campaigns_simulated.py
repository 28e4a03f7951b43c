"""Campaigns that decide, simulated: are the answers as right as they say, and what do they cost?

``python benchmarks/campaigns_simulated.py`` draws true values of candidates from a population,
looks at all of them through a cheap level of theory, and then buys dearer calculations, as many
at a time as there are workers (2; 4 for liquids), until the best k are known at the confidence
asked for. A pick is right if its true value is no worse than the k-th best minus the
indifference. Compared are several ways to choose the next calculation, and error models that are
1.5 times too optimistic or too pessimistic.

``hosts``: 63 candidates in 6 classes, errors 0.42 eV (potential; 0.15 eV of it common to a class)
-> 0.20 (LCAO) -> 0.10 (plane waves), truths with a spread of 0.55 eV, choose 5, differences of
0.1 eV do not matter. ``hosts, two levels``: without LCAO and without anything common. ``liquids``:
40 candidates, aggregate fraction, one seed of 1 ns after another, each with an error of 0.16,
truths with a spread of 0.20, choose 3, differences of 0.05 do not matter.

Every campaign is a line of ``campaigns_simulated.csv`` beside this file as soon as it is done; a
run that was stopped goes on, and ``docs/validation/campaigns.md`` shows the table.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from potash.deciding.ladder import Step, next_steps
from potash.ranking.belief import Belief, believe
from potash.ranking.joint_errors import Errors
from potash.ranking.membership import answer, right_picks

RESULTS = Path(__file__).with_suffix(".csv")
NOMINAL = 0.9

HEAD = (
    *("candidates", "next by", "errors stated", "campaigns", "right", "said", "answered"),
    *("core-hours", "of everything", "steps"),
)

Policy = Literal["gain", "doubt", "best", "random"]
POLICIES: tuple[Policy, ...] = ("gain", "doubt", "best", "random")
WORDS: dict[str, str] = {
    "gain": "doubt removed per core-hour (Potash)",
    "doubt": "most in doubt, best level",
    "best": "best first, best level",
    "random": "at random, best level",
}


@dataclass(frozen=True)
class Setting:
    """A kind of campaign; ``levels`` are (name, error, core-seconds), the first run on all.

    ``workers`` calculations run side by side before the answer is looked at again. Of the first
    level's error ``common`` (a standard deviation) is shared by each of ``classes``.
    """

    name: str
    n: int
    choose: int
    spread: float
    indifference: float
    levels: tuple[tuple[str, float, float], ...]
    repeats: int = 1
    workers: int = 2
    classes: int = 1
    common: float = 0.0

    @property
    def everything_hours(self) -> float:
        """Core-hours of every candidate at the best level, the first look included."""
        return self.n * (self.levels[0][2] + self.repeats * self.levels[-1][2]) / 3600.0


HOSTS = Setting(
    name="hosts",
    n=63,
    choose=5,
    spread=0.55,
    indifference=0.1,
    levels=(("screen", 0.42, 60.0), ("standard-lcao", 0.20, 600.0), ("standard", 0.10, 3600.0)),
    classes=6,
    common=0.15,
)
TWO_LEVELS = replace(
    HOSTS, name="hosts, two levels", levels=(HOSTS.levels[0], HOSTS.levels[2]), common=0.0
)
LIQUIDS = Setting(
    name="liquids",
    n=40,
    choose=3,
    spread=0.20,
    indifference=0.05,
    levels=(("screen", 0.16, 3600.0), ("seed", 0.16, 3600.0)),
    repeats=8,
    workers=4,
)
SETTINGS = {setting.name: setting for setting in (HOSTS, TWO_LEVELS, LIQUIDS)}


class Design(NamedTuple):
    """One line of the table: which campaigns, how the next calculation is chosen, how honest.

    ``believed`` is what the error models state over what the errors are.
    """

    setting: str
    policy: Policy
    believed: float


DESIGNS: tuple[Design, ...] = (
    *(Design(name, "gain", 1.0) for name in SETTINGS),
    *(Design(name, "gain", x) for name in ("hosts", "liquids") for x in (0.667, 1.5)),
    *(Design(name, policy, 1.0) for policy in POLICIES[1:] for name in SETTINGS),
)


class Run(NamedTuple):
    """One simulated campaign: share of right picks, what was said, core-hours, steps."""

    right: float
    said: float
    hours: float
    steps: int
    answered: bool


def chosen_steps(
    policy: Policy,
    steps: list[Step],
    draws: np.ndarray,
    right: np.ndarray,
    belief: Belief,
    seed: int,
) -> list[Step]:
    """Return the next calculations by a policy, one a candidate; none where none is worth it."""
    if policy == "gain":
        ordered = [p.step for p in next_steps(steps, {"x": draws}, right, seed=seed)]
        return list({s.candidate: s for s in reversed(ordered)}.values())[::-1]
    dearest = list({s.candidate: s for s in steps}.values())
    p = right.mean(axis=0)
    if policy == "doubt":
        return sorted(dearest, key=lambda s: -p[s.candidate] * (1 - p[s.candidate]))
    if policy == "best":
        return sorted(dearest, key=lambda s: -belief.mean[s.candidate])
    return [dearest[i] for i in np.random.default_rng(seed).permutation(len(dearest))]


def campaign(
    setting: Setting,
    policy: Policy,
    seed: int,
    *,
    confidence: float = NOMINAL,
    believed: float = 1.0,
    n_draws: int = 1000,
) -> Run:
    """Run one campaign; ``believed`` multiplies the errors that the error models state."""
    rng = np.random.default_rng(seed)
    truths = rng.normal(0.0, setting.spread, setting.n)
    (_, first, cost), *later = setting.levels
    own = math.sqrt(first**2 - setting.common**2)
    group = np.arange(setting.n) % setting.classes
    shared = rng.normal(0.0, setting.common, setting.classes)[group]
    seen = truths + shared + rng.normal(0.0, own, setting.n)
    errors = own**2 * np.eye(setting.n) + setting.common**2 * (group[:, None] == group)
    belief = believe(seen, Errors.of_covariance(believed**2 * errors))
    hours, n_steps = setting.n * cost / 3600.0, 0
    left = {(i, name): setting.repeats for i in range(setting.n) for name, _, _ in later}
    by_name = {name: (error, seconds) for name, error, seconds in later}
    while True:
        draws = belief.draws(n_draws, rng)
        right = right_picks(draws, setting.choose, setting.indifference)
        found = answer(right, setting.choose, confidence)
        steps = [
            Step(i, "x", name, believed * by_name[name][0], by_name[name][1])
            for (i, name), n in left.items()
            if n > 0
        ]
        if not steps or found.answered:
            break
        chosen = chosen_steps(policy, steps, draws, right, belief, seed + n_steps)
        if not chosen:
            break
        for step in chosen[: setting.workers]:
            error, seconds = by_name[step.level]
            value = truths[step.candidate] + rng.normal(0.0, error)
            belief = belief.updated(step.candidate, value, step.error_sd)
            left[step.candidate, step.level] -= 1
            for name, _, _ in later:  # a dearer value makes the cheaper ones pointless
                if by_name[name][1] < seconds:
                    left[step.candidate, name] = 0
            hours += seconds / 3600.0
            n_steps += 1
    worst = np.sort(truths)[-setting.choose] - setting.indifference
    picks = truths[list(found.chosen)]
    return Run(float(np.mean(picks >= worst)), found.confidence, hours, n_steps, found.answered)


def read(path: Path = RESULTS) -> dict[Design, dict[int, Run]]:
    """Return the campaigns of a file by design and seed."""
    found: dict[Design, dict[int, Run]] = {}
    if not path.exists():
        return found
    with path.open(encoding="utf-8", newline="") as handle:
        for line in csv.DictReader(handle):
            if None in line.values():  # stopped in the middle of a line
                continue
            design = Design(line["setting"], line["policy"], float(line["believed"]))  # type: ignore[arg-type]
            found.setdefault(design, {})[int(line["seed"])] = Run(
                float(line["right"]),
                float(line["said"]),
                float(line["hours"]),
                int(line["steps"]),
                line["answered"] == "True",
            )
    return found


def run(designs: Iterable[Design], n: int, path: Path = RESULTS) -> None:
    """Append the campaigns that a file lacks to it, each as soon as it is done.

    All designs go forward together, so that a run that is stopped leaves comparable numbers.
    """
    known = read(path)
    if not known:
        path.write_text(",".join((*Design._fields, "seed", *Run._fields)) + "\n")
    wanted = tuple(designs)
    for seed in range(n):
        for design in wanted:
            if seed in known.get(design, {}):
                continue
            setting = SETTINGS[design.setting]
            done = campaign(setting, design.policy, seed, believed=design.believed)
            with path.open("a", encoding="utf-8", newline="") as handle:
                csv.writer(handle, lineterminator="\n").writerow((*design, seed, *_rounded(done)))


def _rounded(done: Run) -> Iterator[float | int | bool]:
    for value in done:
        yield round(float(value), 4) if isinstance(value, float) else value


def table(found: dict[Design, dict[int, Run]]) -> list[list[str]]:
    """Return header and one line per design that has campaigns."""
    lines = [list(HEAD)]
    for design in sorted(found, key=_order):
        runs = list(found[design].values())
        setting = SETTINGS[design.setting]
        right, hours = (np.array([getattr(r, name) for r in runs]) for name in ("right", "hours"))
        lines.append(
            [
                f"{setting.name}: {setting.choose} of {setting.n}",
                WORDS[design.policy],
                f"{design.believed:.2g}x",
                str(len(runs)),
                f"{right.mean():.3f} +- {right.std() / math.sqrt(len(runs)):.3f}",
                f"{np.mean([r.said for r in runs]):.3f}",
                f"{np.mean([r.answered for r in runs]):.0%}",
                f"{hours.mean():.1f} of {setting.everything_hours:.0f}",
                f"{hours.mean() / setting.everything_hours:.2f}",
                f"{np.mean([r.steps for r in runs]):.0f}",
            ]
        )
    return lines


def _order(design: Design) -> tuple[int, int, float]:
    settings: Sequence[str] = list(SETTINGS)
    return settings.index(design.setting), POLICIES.index(design.policy), abs(design.believed - 1)


def main() -> int:
    """Run what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--campaigns", type=int, default=200)
    parser.add_argument("--file", type=Path, default=RESULTS)
    args = parser.parse_args()
    run(DESIGNS, args.campaigns, args.file)
    lines = table(read(args.file))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
