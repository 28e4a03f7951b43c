"""Campaigns that decide, simulated: are the answers as right as they say, and what do they cost?

``python benchmarks/campaigns_simulated.py`` draws true values of candidates from a population,
looks at all of them through a cheap level of theory, and then buys dearer calculations one at a
time until the best k are known at the confidence asked for. A pick is right if its true value is
no worse than the k-th best minus the indifference. Printed for several ways to choose the next
calculation, and for error models that are 1.5 times too optimistic or too pessimistic.

``hosts``: 63 candidates, errors 0.42 eV (potential) -> 0.20 (LCAO) -> 0.10 (plane waves), truths
with a spread of 0.55 eV, choose 5, differences of 0.1 eV do not matter. ``liquids``: 40
candidates, aggregate fraction, one seed of 1 ns after another, each with an error of 0.16, truths
with a spread of 0.20, choose 3, differences of 0.05 do not matter.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from potash.deciding.ladder import Step, next_steps
from potash.ranking.belief import Belief, believe
from potash.ranking.membership import answer, right_picks

Policy = Literal["gain", "doubt", "best", "random", "all"]
POLICIES: tuple[Policy, ...] = ("gain", "doubt", "best", "random", "all")


@dataclass(frozen=True)
class Setting:
    """A kind of campaign; ``levels`` are (name, error, core-seconds), the first run on all."""

    name: str
    n: int
    choose: int
    spread: float
    indifference: float
    levels: tuple[tuple[str, float, float], ...]
    repeats: int = 1


HOSTS = Setting(
    name="hosts",
    n=63,
    choose=5,
    spread=0.55,
    indifference=0.1,
    levels=(("screen", 0.42, 60.0), ("standard-lcao", 0.20, 600.0), ("standard", 0.10, 3600.0)),
)
LIQUIDS = Setting(
    name="liquids",
    n=40,
    choose=3,
    spread=0.20,
    indifference=0.05,
    levels=(("screen", 0.16, 3600.0), ("seed", 0.16, 3600.0)),
    repeats=8,
)


@dataclass(frozen=True)
class Run:
    """One simulated campaign: share of right picks, what was said, core-hours, steps."""

    right: float
    said: float
    hours: float
    steps: int
    answered: bool


def chosen_step(
    policy: Policy,
    steps: list[Step],
    draws: np.ndarray,
    right: np.ndarray,
    belief: Belief,
    seed: int,
) -> Step | None:
    """Return the next calculation by a policy, None where it sees none worth running."""
    if policy == "gain":
        proposals = next_steps(steps, {"x": draws}, right, seed=seed)
        return proposals[0].step if proposals else None
    dearest = {s.candidate: s for s in steps}
    p = right.mean(axis=0)
    if policy == "doubt":
        return max(dearest.values(), key=lambda s: p[s.candidate] * (1 - p[s.candidate]))
    if policy == "best":
        return max(dearest.values(), key=lambda s: belief.mean[s.candidate])
    return list(dearest.values())[int(np.random.default_rng(seed).integers(len(dearest)))]


def campaign(
    setting: Setting,
    policy: Policy,
    seed: int,
    *,
    confidence: float = 0.9,
    believed: float = 1.0,
    n_draws: int = 2000,
) -> Run:
    """Run one campaign; ``believed`` multiplies the errors that the error models state."""
    rng = np.random.default_rng(seed)
    truths = rng.normal(0.0, setting.spread, setting.n)
    (_, first, cost), *later = setting.levels
    seen = truths + rng.normal(0.0, first, setting.n)
    belief = believe(seen, (believed * first) ** 2 * np.eye(setting.n))
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
        if not steps or (found.answered and policy != "all"):
            break
        if policy == "all":
            step: Step | None = steps[-1]
        else:
            step = chosen_step(policy, steps, draws, right, belief, seed + n_steps)
        if step is None:
            break
        error, seconds = by_name[step.level]
        value = truths[step.candidate] + rng.normal(0.0, error)
        belief = belief.updated(step.candidate, value, step.error_sd)
        left[step.candidate, step.level] -= 1
        for name, _, _ in later:  # a dearer value makes the cheaper ones pointless
            if by_name[name][1] < seconds:
                left[step.candidate, name] = 0
        if policy == "all" and setting.repeats == 1:
            left[step.candidate, step.level] = 0
        hours += seconds / 3600.0
        n_steps += 1
    worst = np.sort(truths)[-setting.choose] - setting.indifference
    picks = truths[list(found.chosen)]
    return Run(float(np.mean(picks >= worst)), found.confidence, hours, n_steps, found.answered)


def table(setting: Setting, n: int, believed: float, policies: tuple[Policy, ...]) -> None:
    """Print one line per policy."""
    everything = setting.n * (setting.levels[0][2] + setting.repeats * setting.levels[-1][2])
    print(f"\n{setting.name}: choose {setting.choose} of {setting.n}, {n} campaigns, nominal 0.90,")
    print(f"errors stated {believed:g} times too large; everything at the best level:", end=" ")
    print(f"{everything / 3600:.0f} core-hours")
    head = ("next by", "right", "+-", "said", "answered", "core-hours", "share", "steps")
    print("{:10} {:>6} {:>6} {:>6} {:>9} {:>11} {:>6} {:>6}".format(*head))
    for policy in policies:
        runs = [campaign(setting, policy, seed, believed=believed) for seed in range(n)]
        right = np.array([r.right for r in runs])
        hours = float(np.mean([r.hours for r in runs]))
        print(
            f"{policy:10} {right.mean():6.3f} {right.std() / np.sqrt(n):6.3f}"
            f" {np.mean([r.said for r in runs]):6.3f} {np.mean([r.answered for r in runs]):9.2f}"
            f" {hours:11.1f} {hours * 3600 / everything:6.2f}"
            f" {np.mean([r.steps for r in runs]):6.1f}"
        )


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--campaigns", type=int, default=200)
    parser.add_argument("--settings", nargs="+", default=["hosts", "liquids"])
    parser.add_argument("--believed", nargs="+", type=float, default=[1.0, 1.5, 1 / 1.5])
    args = parser.parse_args()
    for setting in (HOSTS, LIQUIDS):
        if setting.name in args.settings:
            # Two levels only, as in the leads that this was planned by.
            if setting is HOSTS:
                short = replace(setting, levels=(setting.levels[0], setting.levels[2]))
                table(replace(short, name="hosts, two levels"), args.campaigns, 1.0, POLICIES[:4])
            for believed in args.believed:
                table(
                    setting, args.campaigns, believed, POLICIES[:4] if believed == 1 else ("gain",)
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
