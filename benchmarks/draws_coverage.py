"""How often intervals, and intervals of differences, hold what they say: simulated campaigns.

Usage: python benchmarks/draws_coverage.py [REPETITIONS]

Each simulated campaign has the committed rows' surfaces, cells and levels, with energies that
are drawn anew from the error models that the committed rows give: the bias of each class from
the population of classes, the scatter of each surface at each step, shifts by the functional and
by D3, and last what nature makes of them. The pipeline then learns the errors from these rows
alone and corrects them, and its intervals are held against the simulated truth: of the values of
the ranked models, and of the differences of pairs of them (in 4,000 joint draws). Ionisation
energies are tried likewise, with new molecules.

Printed per scheme: coverage of values and differences at nominal 95 %, and the width of the draws
over that of the printed interval (median and largest). `before` is the scheme that was replaced:
one Student t with the fewest degrees of freedom for the whole of a value, and nothing shared but
the class. A last line gives what the committed rows themselves show.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from potash.calibration import HALF_WIDTH_PER_SD, ErrorModel, Estimate, Pair, fit, sample
from potash.calibration.random_effects import between_group_variance
from potash.catalog.catalog import load_catalog
from potash.evidence.adsorption import model_evidence
from potash.evidence.adsorption_energies import (
    QUANTITY,
    AdsorptionEnergy,
    adsorption_energies,
)
from potash.evidence.adsorption_errors import (
    ALL_CLASSES,
    AdsorptionErrors,
    adsorption_errors,
    corrected,
)
from potash.evidence.dft_uncertainty import row_components
from potash.evidence.equivalence import equivalent_models, under_equivalent_models
from potash.evidence.known import known_rows
from potash.evidence.ladder import is_dft
from potash.evidence.species import measured_ionisation_energies, species_evidence

N_DRAWS = 4000
N_PAIRS = 150
"""Pairs of models whose difference is looked at in each simulated campaign."""
NUMERICS_EV = 0.07

Floats = NDArray[np.float64]
Draw = Callable[[Sequence[Estimate], np.random.Generator], tuple[Floats, Floats]]
"""Estimates to half-widths that are printed, and joint draws."""


# ---------------------------------------------------------------- schemes


def now(estimates: Sequence[Estimate], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Intervals and draws of the package."""
    halves = np.array([(e.high - e.low) / 2 for e in estimates])
    return halves, sample(estimates, n_draws=N_DRAWS, rng=rng)


def before(estimates: Sequence[Estimate], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return what the scheme that was replaced made of the same components."""
    halves, draws = [], np.empty((N_DRAWS, len(estimates)))
    factors: dict[float, Floats] = {}
    classes: dict[str, Floats] = {}
    for j, e in enumerate(estimates):
        biases = [c for c in e.components if c.shared and "bias" in c.name]
        own = [c for c in e.components if c not in biases]
        # Each step's interval held all that was its own, times t with the step's degrees.
        spreads = {c.spread: c.degrees_of_freedom for c in e.components if "against" in c.name}
        squares = dict.fromkeys(spreads, 0.0)
        first = next(iter(spreads))
        for c in e.components:
            squares[c.spread if c.spread in squares else first] += c.scale**2
        halves.append(
            math.sqrt(sum(stdtrit(spreads[s], 0.975) ** 2 * x for s, x in squares.items()))
        )
        fewest = min(spreads.values())
        if fewest not in factors:
            factors[fewest] = np.sqrt(fewest / rng.chisquare(fewest, N_DRAWS))
        if e.group not in classes:
            classes[e.group] = rng.standard_normal(N_DRAWS)
        bias, rest = (math.sqrt(sum(c.scale**2 for c in x)) for x in (biases, own))
        noise = bias * classes[e.group] + rest * rng.standard_normal(N_DRAWS)
        draws[:, j] = e.value + factors[fewest] * noise
    return np.array(halves), draws


SCHEMES: Mapping[str, Draw] = {"before": before, "now": now}


# ---------------------------------------------------------------- counting


@dataclass
class Tally:
    """Hits and trials by what was asked."""

    hits: dict[str, list[float]] = field(default_factory=dict)
    ratios: list[float] = field(default_factory=list)

    def add(self, what: str, inside: Floats) -> None:
        """Count trials: a mean over those of one simulated campaign."""
        if len(inside):
            self.hits.setdefault(what, []).append(float(np.mean(inside)))

    def coverage(self, what: str) -> tuple[float, float]:
        """Return the share of hits and its standard error over campaigns."""
        found = np.array(self.hits[what])
        return float(found.mean()), float(found.std(ddof=1) / math.sqrt(len(found)))


def count(
    tally: Tally, scheme: Draw, estimates: Sequence[Estimate], truth: Floats, seed: int
) -> None:
    """Add one campaign's values and differences to a tally."""
    rng = np.random.default_rng(seed)
    halves, draws = scheme(estimates, rng)
    value = np.array([e.value for e in estimates])
    groups = [e.group for e in estimates]
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    tally.ratios.extend((high - low) / (2 * halves))
    tally.add("values, printed", np.abs(truth - value) <= halves)
    tally.add("values, drawn", (low <= truth) & (truth <= high))
    for g in sorted(set(groups)):
        members = [i for i, x in enumerate(groups) if x == g]
        tally.add(f"values of class {g}", (np.abs(truth - value) <= halves)[members])
    every = list(combinations(range(len(estimates)), 2))
    chosen = rng.choice(len(every), size=min(N_PAIRS, len(every)), replace=False)
    i, j = np.array([every[k] for k in chosen]).T
    low, high = np.quantile(draws[:, i] - draws[:, j], [0.025, 0.975], axis=0)
    inside = (low <= truth[i] - truth[j]) & (truth[i] - truth[j] <= high)
    same = np.array([groups[a] == groups[b] for a, b in zip(i, j, strict=True)])
    tally.add("differences", inside)
    tally.add("differences within a class", inside[same])
    tally.add("differences between classes", inside[~same])
    beyond = (low > 0) | (high < 0)
    tally.add("differences resolved", beyond)
    wrong = beyond & (np.sign(truth[i] - truth[j]) != np.sign(value[i] - value[j]))
    tally.add("resolved the wrong way round", wrong)


# ---------------------------------------------------------------- adsorption


@dataclass(frozen=True)
class Population:
    """What simulated campaigns are drawn from: the error models of the committed rows."""

    errors: AdsorptionErrors
    energies: tuple[AdsorptionEnergy, ...]
    surfaces: tuple[int, ...]
    """Of each energy, the number of its surface."""
    ranked: tuple[int, ...]
    """Indices of the energies that stand for ranked models."""


@dataclass(frozen=True)
class Surface:
    """What is drawn for one surface: its energy at each level, and the shifts of DFT."""

    energies_ev: Mapping[str, float]
    rpbe_ev: float
    d3_ev: float


def population() -> Population:
    """Return the committed rows with their error models."""
    catalog = load_catalog()
    rows = under_equivalent_models(known_rows(None, catalog), equivalent_models(catalog.models))
    energies = adsorption_energies(rows, catalog.models)
    errors = adsorption_errors(energies)
    surfaces: list[int] = []
    firsts: list[AdsorptionEnergy] = []
    for e in energies:
        place = next((k for k, f in enumerate(firsts) if e.same_surface(f)), len(firsts))
        if place == len(firsts):
            firsts.append(e)
        surfaces.append(place)
    standing = {m.row.key for m in model_evidence(rows, catalog.models)[0].values()}
    ranked = tuple(
        i for i, e in enumerate(energies) if e.row.key in standing and corrected(e, errors).known
    )
    return Population(errors, tuple(energies), tuple(surfaces), ranked)


def drawn_biases(
    model: ErrorModel, classes: Collection[str], rng: np.random.Generator
) -> dict[str, float]:
    """Return a bias for each class, from the population of classes as it was fitted.

    ``classes`` are drawn, too, where the model has something to say of classes without pairs.
    """
    groups = list(model.groups.values())
    means = np.array([g.mean for g in groups])
    variances = np.array([g.residual_sd**2 / g.n_pairs for g in groups])
    tau2 = between_group_variance(means, variances)
    centre = float(np.average(means, weights=1.0 / (tau2 + variances)))
    drawn = {g.group: rng.normal(centre, math.sqrt(tau2)) for g in groups}
    if model.unseen is not None:
        for group in sorted(set(classes) - drawn.keys()):
            drawn[group] = rng.normal(centre, math.sqrt(tau2))
    return drawn


def scatter_of(model: ErrorModel, group: str) -> float:
    """Return the standard deviation within a class; pooled for one without pairs."""
    known = model.groups.get(group) or model.unseen
    return 0.0 if known is None else known.residual_sd


def campaign(known: Population, rng: np.random.Generator) -> tuple[list[AdsorptionEnergy], Floats]:
    """Return simulated rows, and what nature makes of K on each ranked surface, eV."""
    models, dft = known.errors.models, known.errors.dft
    classes = {e.group for e in known.energies}
    biases = {levels: drawn_biases(m, classes, rng) for levels, m in models.items() if m.groups}

    def error(level: str, reference: str, group: str) -> float:
        """Draw what one surface's value at the better level is higher by."""
        whose = ALL_CLASSES if is_dft(level) else group
        if whose not in biases[level, reference]:
            return 0.0
        scatter = scatter_of(models[level, reference], whose)
        return biases[level, reference][whose] + rng.normal(0, scatter)

    drawn: dict[int, Surface] = {}
    found = []
    screened = {
        number: e.energy_ev
        for e, number in zip(known.energies, known.surfaces, strict=True)
        if e.row.level == "screen"
    }
    for e, number in zip(known.energies, known.surfaces, strict=True):
        if number not in drawn:
            if number in screened:
                standard = screened[number] + error("screen", "standard", e.group)
            else:  # the potential is blind there
                standard = e.energy_ev
            reference = standard + error("standard", "reference", e.group)
            drawn[number] = Surface(
                {
                    "standard": standard,
                    "reference": reference,
                    "standard-lcao": standard - error("standard-lcao", "standard", e.group),
                    "screen-chgnet": standard - error("screen-chgnet", "standard", e.group),
                },
                dft.functional.shift_ev(reference) + rng.normal(0, dft.functional.residual_sd_ev),
                rng.normal(dft.dispersion.means_ev.get(e.group, 0.0), dft.dispersion.sd_ev),
            )
        found.append(_simulated(e, drawn[number]))
    functional, dispersion = rng.standard_normal(2) / HALF_WIDTH_PER_SD
    truth = []
    for i in known.ranked:
        e, surface = found[i], drawn[known.surfaces[i]]
        parts = row_components(e) or dft.components(0.0, e.group, "standard")
        own = next(c.scale for c in parts if c.name.startswith("numbers"))
        truth.append(
            surface.energies_ev["reference"]
            + functional * surface.rpbe_ev
            + dispersion * surface.d3_ev
            + rng.normal(0, own)
        )
    return found, np.array(truth)


def _simulated(e: AdsorptionEnergy, surface: Surface) -> AdsorptionEnergy:
    """Return a row with simulated numbers; only DFT states shifts and an uncertainty."""
    energy = surface.energies_ev.get(e.row.level, e.energy_ev)
    if not is_dft(e.row.level):
        return replace(e, energy_ev=energy)
    distortion = 0.5 * (e.values.distortion_energy_ev or 0.0)
    half = math.hypot(NUMERICS_EV, surface.rpbe_ev, surface.d3_ev, distortion)
    values = e.values.model_copy(
        update={
            "functional_shift_ev": {"RPBE": surface.rpbe_ev, "PBEsol": -surface.rpbe_ev},
            "dispersion_shift_ev": surface.d3_ev,
        }
    )
    row = replace(e.row, uncertainty={QUANTITY: half})
    return replace(e, row=row, values=values, energy_ev=energy)


def adsorption(
    repetitions: int, known: Population, schemes: Mapping[str, Draw] = SCHEMES
) -> dict[str, Tally]:
    """Return tallies of simulated campaigns on hosts, one per scheme."""
    tallies = {name: Tally() for name in schemes}
    for seed in range(repetitions):
        energies, truth = campaign(known, np.random.default_rng(seed))
        errors = adsorption_errors(energies)
        estimates = {i: corrected(energies[i], errors) for i in known.ranked}
        able = [k for k, i in enumerate(known.ranked) if estimates[i].known]
        chosen = [estimates[known.ranked[k]] for k in able]
        for name, scheme in schemes.items():
            count(tallies[name], scheme, chosen, truth[able], seed)
    return tallies


# ---------------------------------------------------------------- ionisation energies


def ionisation_model() -> ErrorModel:
    """Return the error model of most species: `standard` against experiment."""
    rows = known_rows(None, load_catalog())
    _, models = species_evidence(rows, measured_ionisation_energies())
    return models["standard", "experiment"]


def ionisation(
    repetitions: int, model: ErrorModel, schemes: Mapping[str, Draw] = SCHEMES
) -> dict[str, Tally]:
    """Return tallies of simulated benchmarks of molecules, each tried on 60 new ones."""
    tallies = {name: Tally() for name in schemes}
    names = sorted(model.groups)
    for seed in range(repetitions):
        rng = np.random.default_rng(seed)
        biases = drawn_biases(model, names, rng)

        def error(group: str) -> float:
            return biases[group] + rng.normal(0, model.groups[group].residual_sd)  # noqa: B023

        pairs = [
            Pair(p.label, p.group, p.computed, p.computed + error(p.group)) for p in model.pairs
        ]
        refit = fit(pairs, quantity=model.quantity, level=model.level, reference=model.reference)
        groups = [names[k % len(names)] for k in range(60)]
        raw = rng.normal(10.0, 1.0, len(groups))
        truth = np.array([x + error(g) for x, g in zip(raw, groups, strict=True)])
        estimates = [refit.estimate(float(x), g) for x, g in zip(raw, groups, strict=True)]
        for name, scheme in schemes.items():
            count(tallies[name], scheme, estimates, truth, seed)
    return tallies


# ---------------------------------------------------------------- tables


def table(title: str, tallies: Mapping[str, Tally]) -> str:
    """Return coverage and width ratios as a Markdown table."""
    names = list(tallies)
    lines = [
        f"| {title} | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
    ]
    for what in next(iter(tallies.values())).hits:
        cells = []
        for tally in tallies.values():
            share, error = tally.coverage(what)
            cells.append(f"{share:.1%} +- {error:.1%}")
        lines.append(f"| {what} | {' | '.join(cells)} |")
    for label, statistic in (("median", np.median), ("largest", np.max)):
        cells = [f"{statistic(t.ratios):.3f}" for t in tallies.values()]
        lines.append(f"| width of draws / printed, {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def committed(known: Population) -> str:
    """Return a line on the committed rows themselves: width ratios with 200,000 draws."""
    estimates = [corrected(known.energies[i], known.errors) for i in known.ranked]
    draws = sample(estimates, n_draws=200_000, rng=np.random.default_rng(0))
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    ratios = (high - low) / np.array([e.high - e.low for e in estimates])
    return (
        f"{len(estimates)} ranked models of the committed rows: width of draws / printed "
        f"{np.median(ratios):.3f} (median), {ratios.min():.3f} to {ratios.max():.3f}"
    )


def main() -> None:
    """Print everything."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    known = population()
    print(f"{repetitions} simulated campaigns; the standard error is over campaigns.\n")
    print(table("adsorption energies", adsorption(repetitions, known)))
    print()
    print(table("ionisation energies", ionisation(repetitions, ionisation_model())))
    print()
    print(committed(known))


if __name__ == "__main__":
    main()
