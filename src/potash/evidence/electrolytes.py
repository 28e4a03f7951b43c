"""What the rows say about each formulation: its liquid, and which component gives way first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from potash.calibration import DEFAULT_COVERAGE, ErrorModel, Estimate, sample
from potash.catalog.catalog import Catalog
from potash.catalog.formulations import Formulation
from potash.evidence.liquids import LiquidEvidence, Measured, liquid_evidence
from potash.evidence.measurements import with_measured
from potash.evidence.potentials import Which, active_species, read_potentials
from potash.evidence.shipped import known_measurements
from potash.evidence.species import SpeciesEvidence, species_evidence
from potash.store.rows import Row, by_item

Draws = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Limit:
    """The component of a formulation that gives way first.

    Attributes
    ----------
    measured
        Its value; the interval is that of the extreme among all components, because another
        one may give way first.
    species
        The component with the extreme value.
    draws
        Joint draws of the extreme; None where a component's error is not known.
    keys
        Species id to the key of its row.
    """

    measured: Measured
    species: str
    draws: Draws | None
    keys: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class ElectrolyteEvidence:
    """What is known of one formulation.

    Attributes
    ----------
    formulation
        Its composition.
    liquid
        Simulated properties, or None.
    diffusion_k_draws_m2_s
        Joint draws of D(K+); None where its interval is not known.
    ionisation
        Lowest vertical ionisation energy among its neutral components, eV.
    oxidation, reduction
        Lowest oxidation and highest reduction potential among all that can react, V vs K/K+.
    without_ionisation
        Neutral components whose ionisation energy is not known.
    levels
        Levels that its ionisation energies are known at.
    tried
        Its simulations that gave no result, in the order of their start.
    """

    formulation: Formulation
    liquid: LiquidEvidence | None
    diffusion_k_draws_m2_s: Draws | None
    ionisation: Limit | None
    oxidation: Limit | None
    reduction: Limit | None
    without_ionisation: tuple[str, ...]
    levels: frozenset[str]
    tried: tuple[Row, ...] = ()


def electrolyte_evidence(
    rows: Sequence[Row],
    catalog: Catalog,
    measured_ip_ev: Mapping[str, float],
    *,
    calibration_rows: Sequence[Row] = (),
    only: Sequence[str] | None = None,
    seed: int,
    n_draws: int,
) -> tuple[list[ElectrolyteEvidence], Mapping[tuple[str, str], ErrorModel]]:
    """Return the evidence on every formulation, and the error models of ionisation energies.

    All draws are joint: the bias of a class of molecules, and the zero of the K/K+ scale, are
    one variable each of all formulations.

    Parameters
    ----------
    rows
        Any rows; those of liquids and molecules are used.
    catalog
        Formulations, salts and species.
    measured_ip_ev
        Canonical SMILES to measured ionisation energy, eV.
    calibration_rows
        Further rows that serve the error models only.
    only
        Ids of formulations to keep; all by default.
    seed, n_draws
        Of the draws.
    """
    liquids = with_measured(liquid_evidence(rows), known_measurements(rows, catalog))
    species, errors = species_evidence(rows, measured_ip_ev, calibration_rows=calibration_rows)
    potentials = read_potentials(rows)
    ionisation = {name: e.ionisation for name, e in species.items()}
    sides: Mapping[Which, Mapping[str, Estimate]] = (
        {"oxidation": {}, "reduction": {}} if potentials is None else potentials.estimates
    )
    redox_keys = {} if potentials is None else {s: r.key for s, r in potentials.rows.items()}
    diffusion = {n: e.diffusion_k for n, e in liquids.items() if e.diffusion_k is not None}
    rng = np.random.default_rng(seed)
    drawn_ip, drawn_d = (_draw(x, n_draws, rng) for x in (ionisation, diffusion))
    # One call for both sides: they share the zero of the scale.
    drawn_v = _draw(
        {f"{which} {s}": e for which, found in sides.items() for s, e in found.items()},
        n_draws,
        rng,
    )
    tried = by_item(
        sorted(
            (r for r in rows if r.kind == "liquid" and r.status != "ok"),
            key=lambda r: (r.started, r.key),
        )
    )
    evidence = []
    for formulation in catalog.electrolytes.values():
        if only is not None and formulation.id not in only:
            continue
        neutral = neutral_components(formulation, catalog)
        active = active_species(formulation.id, catalog)
        windows = {
            which: _limit(
                active,
                sides[which],
                {s: drawn_v[f"{which} {s}"] for s in active if f"{which} {s}" in drawn_v},
                redox_keys,
                lowest=which == "oxidation",
            )
            for which in sides
        }
        evidence.append(
            ElectrolyteEvidence(
                formulation=formulation,
                liquid=liquids.get(formulation.id),
                diffusion_k_draws_m2_s=drawn_d.get(formulation.id),
                ionisation=_limit(
                    neutral,
                    ionisation,
                    drawn_ip,
                    {s: species[s].row.key for s in neutral if s in species},
                    lowest=True,
                ),
                oxidation=windows["oxidation"],
                reduction=windows["reduction"],
                without_ionisation=tuple(s for s in neutral if s not in species),
                levels=_levels(neutral, species),
                tried=tuple(tried.get(formulation.id, ())),
            )
        )
    return evidence, errors


def neutral_components(formulation: Formulation, catalog: Catalog) -> tuple[str, ...]:
    """Return the species ids of a formulation's neutral components."""
    return tuple(
        c.species
        for c in formulation.components
        if c.species in catalog.species and catalog.species[c.species].charge == 0
    )


def _levels(components: Sequence[str], species: Mapping[str, SpeciesEvidence]) -> frozenset[str]:
    return frozenset(x for c in components if c in species for x in species[c].levels)


def _draw(
    estimates: Mapping[str, Estimate], n_draws: int, rng: np.random.Generator
) -> dict[str, Draws]:
    """Return joint draws of those that have an interval; they do not depend on the order."""
    names = sorted(n for n, e in estimates.items() if e.known)
    drawn = sample([estimates[n] for n in names], n_draws=n_draws, rng=rng)
    return {n: drawn[:, j] for j, n in enumerate(names)}


def _limit(
    species: Sequence[str],
    estimates: Mapping[str, Estimate],
    draws: Mapping[str, Draws],
    keys: Mapping[str, str],
    *,
    lowest: bool,
) -> Limit | None:
    """Return the extreme among some species; None where one has no value: it may come first."""
    if not species or any(s not in estimates for s in species):
        return None
    values = {s: _value(estimates[s]) for s in species}
    first = (min if lowest else max)(values, key=lambda s: values[s])
    found_keys = {s: keys[s] for s in species}
    open_ = [s for s in species if s not in draws]
    if open_:
        note = f"the error of {', '.join(open_)} is not known"
        return Limit(Measured(values[first], note=note), first, None, found_keys)
    if len(species) == 1:
        return Limit(Measured.of(estimates[first]), first, draws[first], found_keys)
    stacked = np.stack([draws[s] for s in species], axis=1)
    joint = stacked.min(axis=1) if lowest else stacked.max(axis=1)
    tail = (1 - DEFAULT_COVERAGE) / 2
    low, high = (float(q) for q in np.quantile(joint, [tail, 1 - tail]))
    measured = Measured(values[first], min(low, values[first]), max(high, values[first]))
    return Limit(measured, first, joint, found_keys)


def _value(estimate: Estimate) -> float:
    return estimate.raw if estimate.value is None else estimate.value
