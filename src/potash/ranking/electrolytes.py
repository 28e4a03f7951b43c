"""Rank electrolytes by explicit criteria; what has no agreed best direction is only shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from potash.calibration import ErrorModel
from potash.catalog.catalog import Catalog
from potash.catalog.question import AmongElectrolytes
from potash.columns import interval_names, simulated_name
from potash.evidence.electrolytes import ElectrolyteEvidence, electrolyte_evidence
from potash.evidence.liquids import CONDUCTIVITY, SPECIATION, LiquidEvidence, Measured
from potash.evidence.measurements import REPLACED
from potash.evidence.species import measured_ionisation_energies
from potash.quantities import with_unit
from potash.ranking.conditions import electrolyte_conditions
from potash.ranking.criteria import Criterion
from potash.ranking.montecarlo import draws_for
from potash.ranking.order import Candidate
from potash.ranking.table import Coverage, Entry, RankedTable
from potash.ranking.tiers import Wish, ranked_table
from potash.results.measurement import EXPERIMENT
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
    wish: Wish | None = None,
    only: Sequence[str] | None = None,
    seed: int = 20_250_101,
    n_draws: int | None = None,
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
    wish
        How many make up the best, and among whom (:class:`AmongElectrolytes`).
    only
        Ids of formulations to keep; all by default.
    seed, n_draws
        Of the Monte Carlo; 4000 draws, fewer of thousands of candidates.
    """
    n_draws = n_draws or draws_for(len(catalog.electrolytes))
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
    wish = wish or Wish()
    among = AmongElectrolytes.model_validate(
        wish.among.model_dump(exclude_unset=True, by_alias=True)
    )
    return ranked_table(
        "electrolytes",
        candidates,
        criteria,
        wish,
        conditions={
            c.entry.id: electrolyte_conditions(among, catalog.electrolytes[c.entry.id], catalog)
            for c in candidates
        },
        notes=ELECTROLYTE_NOTES + _calibration_notes(errors),
        error_models=[errors[k] for k in sorted(errors)],
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
    n_draws: int | None = None,
) -> tuple[list[Candidate], Mapping[tuple[str, str], ErrorModel]]:
    """Return the formulations as candidates with joint draws, and the error models behind them.

    Parameters are those of :func:`rank_electrolytes`.
    """
    n_draws = n_draws or draws_for(len(catalog.electrolytes))
    evidence, errors = electrolyte_evidence(
        rows,
        catalog,
        measured_ionisation_energies() if measured_ip_ev is None else measured_ip_ev,
        calibration_rows=calibration_rows,
        only=only,
        seed=seed,
        n_draws=n_draws,
    )
    return [_candidate(e) for e in evidence], errors


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


def _why_no_liquid(known: ElectrolyteEvidence) -> str:
    """Say in one line why there is no simulation: what was tried, or why nothing was."""
    formulation = known.formulation
    if known.tried:
        last = known.tried[-1]
        return f"simulation at {last.level} {last.status}: {last.reason}"
    if formulation.kind not in ("liquid", "ionic_liquid"):
        return f"a {formulation.kind.replace('_', ' ')} electrolyte is not simulated as a liquid"
    if formulation.open_amounts:
        return f"the source gives no amount of {', '.join(formulation.open_amounts)}"
    return "not simulated yet"


def _why_no_ionisation(known: ElectrolyteEvidence) -> str:
    missing = known.without_ionisation
    return f"no ionisation energy of {', '.join(missing)}" if missing else "no neutral component"


def _candidate(known: ElectrolyteEvidence) -> Candidate:
    formulation, liquid = known.formulation, known.liquid
    reasons: list[str] = []
    flags: list[str] = []
    if liquid is None or liquid.level == EXPERIMENT:
        reasons.append(_why_no_liquid(known))
    elif liquid.diffusion_k is None:
        reasons.append("no diffusion coefficient of K+")
    if liquid is not None and not liquid.converged:
        flags.append("not converged")
    if liquid is not None and liquid.level.startswith("screen"):
        flags.append("screen only")
    motion = liquid.properties.get(DIFFUSION) if liquid is not None else None
    if liquid is not None:
        flags += [_measured(column, liquid) for column in liquid.measured]
    if motion is not None and motion.note:
        flags.append(f"D(K+): {motion.note}")
    if known.ionisation is None:
        reasons.append(_why_no_ionisation(known))
    elif known.ionisation.draws is None:
        flags.append("oxidation not calibrated")
    flags += [f"amounts: {a}" for a in formulation.assumed_amounts]

    limits = {
        OXIDATION: known.ionisation,
        OXIDATION_V: known.oxidation,
        REDUCTION_V: known.reduction,
    }
    central = {name: x.measured.value for name, x in limits.items() if x is not None}
    drawn = {n: x.draws for n, x in limits.items() if x is not None and x.draws is not None}
    if motion is not None:
        central[DIFFUSION] = motion.value
    if known.diffusion_k_draws_m2_s is not None:
        drawn[DIFFUSION] = known.diffusion_k_draws_m2_s

    levels = {*(known.levels if known.ionisation else ()), *(liquid.levels if liquid else ())}
    entry = Entry(
        id=formulation.id,
        name=formulation.name,
        group=formulation.kind,
        status=_status(reasons, central),
        reason="; ".join(reasons),
        levels=tuple(sorted(levels)),
        values=_values(known),
        flags=tuple(dict.fromkeys(flags)),
        keys=_keys(known),
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


def _measured(column: str, liquid: LiquidEvidence) -> str:
    """Return that a value was measured, with the simulated one that it replaces."""
    simulated = liquid.simulated.get(column)
    beside = "" if simulated is None else f", simulated {_in_words(column, simulated)}"
    return f"measured: {column} {_in_words(column, liquid.properties[column])}{beside}"


def _in_words(column: str, found: Measured) -> str:
    return with_unit(column, found.value, found.low, found.high)


def _values(known: ElectrolyteEvidence) -> dict[str, Any]:
    """Return the columns of the table."""
    liquid = known.liquid
    values: dict[str, Any] = {}
    for column in (*SPECIATION, "density_g_ml", CONDUCTIVITY):
        values |= _columns(column, liquid.properties.get(column) if liquid else None)
    motion = liquid.properties.get(DIFFUSION) if liquid else None
    apparent = liquid is not None and liquid.diffusion_is_apparent
    values |= _columns(DIFFUSION, None if apparent else motion)
    values["diffusion_k_apparent_m2_s"] = (
        _significant(motion.value) if apparent and motion is not None else None
    )
    for column, limit, by in (
        (OXIDATION, known.ionisation, "oxidation_limited_by"),
        (OXIDATION_V, known.oxidation, "oxidation_limited_by_in_solution"),
        (REDUCTION_V, known.reduction, "reduction_limited_by_in_solution"),
    ):
        values |= _columns(column, limit.measured if limit is not None else None)
        values[by] = limit.species if limit is not None else None
    values["level"] = liquid.level if liquid is not None else None
    values["measured"] = list(liquid.measured) if liquid is not None else []
    for column in REPLACED:
        found = liquid.simulated.get(column) if liquid is not None else None
        values |= _columns(simulated_name(column), found)
    return values


def _keys(known: ElectrolyteEvidence) -> dict[str, str]:
    """Return the keys of the rows that the numbers come from, by role."""
    runs = known.liquid.rows if known.liquid is not None else ()
    keys = {f"liquid {i + 1}": r.key for i, r in enumerate(runs)}
    if known.ionisation is not None:
        keys |= known.ionisation.keys
    for limit in (known.oxidation, known.reduction):
        keys |= {f"redox {s}": k for s, k in (limit.keys if limit is not None else {}).items()}
    return keys


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
