"""Rank electrolytes by explicit criteria; what has no agreed best direction is only shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from potash.calibration import ErrorModel, sample
from potash.catalog.catalog import Catalog
from potash.catalog.formulations import Formulation
from potash.columns import interval_names
from potash.evidence.liquids import SPECIATION, LiquidEvidence, Measured, liquid_evidence
from potash.evidence.potentials import (
    Potentials,
    Which,
    active_species,
    limit,
    read_potentials,
)
from potash.evidence.species import (
    SpeciesEvidence,
    known_ionisation_energies,
    species_evidence,
)
from potash.ranking.criteria import Criterion
from potash.ranking.order import Candidate, place, summary
from potash.ranking.table import Coverage, Entry, RankedTable
from potash.store.rows import Row

OXIDATION = "oxidation_limit_ip_ev"
OXIDATION_V = "oxidation_limit_v"
REDUCTION_V = "reduction_limit_v"
DIFFUSION = "diffusion_k_m2_s"

ELECTROLYTE_CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        column=OXIDATION,
        label="ionisation energy of the component that gives way first",
        direction="maximise",
        worst=8.5,
        best=11.5,
        weight=1.0,
        why=(
            "The neutral component with the lowest vertical ionisation energy limits oxidation; "
            "the bounds span ethers to fluorinated ethers and carbonates. Gas phase: an order "
            "of molecules, not a voltage."
        ),
    ),
    Criterion(
        column=DIFFUSION,
        label="diffusion of K+",
        direction="maximise",
        worst=0.0,
        best=6e-10,
        weight=1.0,
        why="Faster K+ delays depletion at the electrode (Sand's time rises with D).",
    ),
)

_POTENTIAL_COLUMNS: tuple[tuple[str, Which], ...] = (
    (OXIDATION_V, "oxidation"),
    (REDUCTION_V, "reduction"),
)

POTENTIAL_CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        column=OXIDATION_V,
        label="oxidation potential of the component that gives way first",
        direction="maximise",
        worst=3.0,
        best=6.0,
        weight=1.0,
        why=(
            "The component (anions included) with the lowest oxidation potential in solution "
            "limits the window; 3 V excludes every cathode of interest, 6 V none."
        ),
    ),
    ELECTROLYTE_CRITERIA[1],
)
"""Used instead where every simulated formulation has the potentials of all its components."""

ELECTROLYTE_NOTES: tuple[str, ...] = (
    "Per anion: SSIP = no K+ in its first shell, CIP = exactly one, AGG = two or more. These "
    "fractions are shown and not rewarded: over published K electrolytes they do not correlate "
    "monotonically with coulombic efficiency, so no direction can be defended.",
    "Oxidation limit: lowest vertical ionisation energy among the neutral components. Anions are "
    "not compared with molecules in the gas phase, because solvation shifts them by electronvolts.",
    "Potentials vs K/K+ are for solution; their common scale is uncertain by 0.2 V, which shifts "
    "all alike. The reduction limit is shown, not rewarded: an early reduction may passivate.",
    "Where the motion of K+ is not diffusive yet there is no D; its apparent slope serves the "
    "order only, with an unknown interval, so nothing is resolved by it.",
    "Reduction is not ranked: vertical electron affinities of these molecules are unbound in the "
    "gas phase, and contact with K+ changes their order.",
)


def rank_electrolytes(
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    measured_ip_ev: Mapping[str, float] | None = None,
    criteria: Sequence[Criterion] | None = None,
    only: Sequence[str] | None = None,
    seed: int = 20_250_101,
    n_draws: int = 4000,
) -> RankedTable:
    """Return every formulation of the catalogue, those with all criteria ranked.

    Parameters
    ----------
    rows
        Any rows; liquid and species rows are used.
    catalog
        Formulations, salts and species.
    calibration_rows
        Further rows that serve the error models only.
    measured_ip_ev
        Canonical SMILES to measured ionisation energy, for the error model of
        the levels; the catalogue's own table by default.
    criteria
        What to reward; by default :data:`POTENTIAL_CRITERIA` where every simulated
        formulation has all its potentials, else :data:`ELECTROLYTE_CRITERIA`.
    only
        Ids of formulations to keep; all by default.
    seed, n_draws
        Of the Monte Carlo.
    """
    candidates, errors = electrolyte_candidates(
        rows,
        catalog,
        calibration_rows=calibration_rows,
        measured_ip_ev=measured_ip_ev,
        only=only,
        seed=seed,
        n_draws=n_draws,
    )
    if criteria is None:
        simulated = [c for c in candidates if DIFFUSION in c.central]
        whole = bool(simulated) and all(OXIDATION_V in c.central for c in simulated)
        criteria = POTENTIAL_CRITERIA if whole else ELECTROLYTE_CRITERIA
    entries = place(candidates, criteria)
    return RankedTable(
        kind="electrolytes",
        entries=entries,
        criteria=tuple(criteria),
        verdict=summary(entries),
        notes=ELECTROLYTE_NOTES + _calibration_notes(errors),
        error_models=tuple(errors[k] for k in sorted(errors)),
        seed=seed,
        n_draws=n_draws,
    )


def electrolyte_candidates(
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    measured_ip_ev: Mapping[str, float] | None = None,
    only: Sequence[str] | None = None,
    seed: int = 20_250_101,
    n_draws: int = 4000,
) -> tuple[list[Candidate], Mapping[tuple[str, str], ErrorModel]]:
    """Return the formulations as candidates with joint draws, and the error models behind them.

    Parameters are those of :func:`rank_electrolytes`.
    """
    liquids = liquid_evidence(rows)
    measured = known_ionisation_energies() if measured_ip_ev is None else measured_ip_ev
    species, errors = species_evidence(rows, measured, calibration_rows=calibration_rows)
    rng = np.random.default_rng(seed)
    names = sorted(species)
    drawn = (
        sample([species[n].ionisation for n in names], n_draws=n_draws, rng=rng) if names else None
    )
    draws = (
        {n: drawn[:, j] for j, n in enumerate(names) if species[n].ionisation.known}
        if drawn is not None
        else {}
    )
    potentials = read_potentials(rows, n_draws=n_draws, seed=seed + 1)
    candidates = [
        _candidate(f, catalog, liquids.get(f.id), species, draws, potentials, rng, n_draws)
        for f in catalog.electrolytes.values()
        if only is None or f.id in only
    ]
    return candidates, errors


def _calibration_notes(errors: Mapping[tuple[str, str], ErrorModel]) -> tuple[str, ...]:
    return tuple(
        f"Ionisation energies, {level} against {target}: {len(m.pairs)} pairs, "
        + (
            ", ".join(
                f"{g} {e.bias:+.2f} +- {e.residual_sd:.2f} eV" for g, e in sorted(m.groups.items())
            )
            or "no class calibrated"
        )
        + "."
        for (level, target), m in sorted(errors.items())
    )


def neutral_components(formulation: Formulation, catalog: Catalog) -> tuple[str, ...]:
    """Return the species ids of a formulation's neutral components."""
    return tuple(
        c.species
        for c in formulation.components
        if c.species in catalog.species and catalog.species[c.species].charge == 0
    )


def _oxidation(
    components: Sequence[str],
    species: Mapping[str, SpeciesEvidence],
    draws: Mapping[str, NDArray[np.float64]],
) -> tuple[Measured | None, str, NDArray[np.float64] | None, str]:
    """Return the limit, the component that sets it, its draws, and what is missing."""
    missing = [c for c in components if c not in species]
    if missing or not components:
        why = f"no ionisation energy of {', '.join(missing)}" if missing else "no neutral component"
        return None, "", None, why
    limiting = min(components, key=lambda c: species[c].ip_ev)
    value = species[limiting].ip_ev
    open_ = [c for c in components if c not in draws]
    if open_:
        note = f"ionisation energy of {', '.join(open_)} is not calibrated"
        return Measured(value, note=note), limiting, None, ""
    joint = np.min(np.stack([draws[c] for c in components], axis=1), axis=1)
    if len(components) == 1:
        estimate = species[limiting].ionisation
        return Measured(value, estimate.low, estimate.high), limiting, joint, ""
    low, high = np.quantile(joint, [0.025, 0.975])
    limits = Measured(value, min(float(low), value), max(float(high), value))
    return limits, limiting, joint, ""


def _why_no_liquid(formulation: Formulation) -> str:
    if formulation.kind not in ("liquid", "ionic_liquid"):
        return f"a {formulation.kind.replace('_', ' ')} electrolyte is not simulated as a liquid"
    if formulation.open_amounts:
        return f"the source gives no amount of {', '.join(formulation.open_amounts)}"
    return "no simulation row yet"


def _candidate(
    formulation: Formulation,
    catalog: Catalog,
    liquid: LiquidEvidence | None,
    species: Mapping[str, SpeciesEvidence],
    draws: Mapping[str, NDArray[np.float64]],
    potentials: Potentials | None,
    rng: np.random.Generator,
    n_draws: int,
) -> Candidate:
    components = neutral_components(formulation, catalog)
    oxidation, limiting, oxidation_draws, missing = _oxidation(components, species, draws)
    values: dict[str, Any] = {}
    central: dict[str, float] = {}
    drawn: dict[str, NDArray[np.float64]] = {}
    flags: list[str] = []
    reasons: list[str] = []
    keys: dict[str, str] = {}
    levels: set[str] = set()

    if liquid is None:
        reasons.append(_why_no_liquid(formulation))
    else:
        levels.update(liquid.levels)
        keys.update({f"liquid {i + 1}": r.key for i, r in enumerate(liquid.rows)})
        if not liquid.converged:
            flags.append("not converged")
        if liquid.level.startswith("screen"):
            flags.append("screen only")
    for column in (*SPECIATION, "density_g_ml"):
        values.update(_columns(column, liquid.properties.get(column) if liquid else None))
    motion = liquid.properties.get(DIFFUSION) if liquid is not None else None
    apparent = motion if motion is not None and motion.note.startswith("apparent") else None
    values.update(_columns(DIFFUSION, motion if apparent is None else None))
    values["diffusion_k_apparent_m2_s"] = _significant(apparent.value) if apparent else None
    if motion is not None and motion.note:
        flags.append(f"D(K+): {motion.note}")
    if motion is not None:
        central[DIFFUSION] = motion.value
        if motion.low is not None and motion.high is not None:
            sd = (motion.high - motion.low) / (2 * 1.959964)
            drawn[DIFFUSION] = np.maximum(rng.normal(motion.value, sd, n_draws), 0.0)
    elif liquid is not None:
        reasons.append("no diffusion coefficient of K+")

    values.update(_columns(OXIDATION, oxidation))
    values["oxidation_limited_by"] = limiting or None
    if oxidation is None:
        reasons.append(missing)
    else:
        central[OXIDATION] = oxidation.value
        if oxidation_draws is not None:
            drawn[OXIDATION] = oxidation_draws
        if oxidation.note:
            flags.append("oxidation not calibrated")
        levels.update(level for c in components for level in species[c].levels)
        keys.update({c: species[c].row.key for c in components})
    active = active_species(formulation.id, catalog)
    for name, which in _POTENTIAL_COLUMNS:
        found = limit(active, potentials, which)
        values.update(_columns(name, found.measured if found is not None else None))
        values[f"{which}_limited_by_in_solution"] = found.species if found is not None else None
        if found is not None:
            central[name] = found.measured.value
            keys.update({f"redox {s}": key for s, key in found.keys.items()})
            if found.draws is not None:
                drawn[name] = found.draws
    flags += [f"assumed: {a}" for a in formulation.assumptions]

    entry = Entry(
        id=formulation.id,
        name=formulation.name,
        group=formulation.kind,
        status=_status(reasons, central),
        reason="; ".join(reasons),
        levels=tuple(sorted(levels)),
        values={**values, "level": liquid.level if liquid is not None else None},
        flags=tuple(dict.fromkeys(flags)),
        keys=keys,
        detail={
            "coordination": {
                pair: {"value": m.value, "low": m.low, "high": m.high}
                for pair, m in (liquid.coordination if liquid else {}).items()
            },
            "convergence_note": liquid.note if liquid else "",
            "components": [c.species for c in formulation.components],
        },
    )
    return Candidate(entry, central, drawn, formulation.id)


def _status(reasons: Sequence[str], central: Mapping[str, float]) -> Coverage:
    if not reasons:
        return "computed"
    return "partial" if central else "not_computed"


def _columns(column: str, measured: Measured | None) -> dict[str, float | None]:
    """Return value, low and high of a property under unit-suffixed column names."""
    low, high = interval_names(column)
    if measured is None:
        return {column: None, low: None, high: None}
    return {
        column: _significant(measured.value),
        low: _significant(measured.low),
        high: _significant(measured.high),
    }


def _significant(value: float | None, digits: int = 5) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")
