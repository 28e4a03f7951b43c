"""Rank molecules: species by their levels and limits, salts by their ions, with joint draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from ase.data import atomic_masses, atomic_numbers
from numpy.typing import NDArray

from potash.calibration import Estimate, sample
from potash.catalog.catalog import Catalog
from potash.catalog.question import AmongMolecules
from potash.catalog.species import Salt, Species
from potash.columns import interval_names
from potash.evidence.molecules import molecule_records
from potash.evidence.potentials import Potentials, read_potentials
from potash.evidence.predicted import predicted
from potash.evidence.species import (
    SpeciesEvidence,
    measured_ionisation_energies,
    species_evidence,
)
from potash.ranking.conditions import molecule_conditions
from potash.ranking.criteria import Criterion
from potash.ranking.montecarlo import draws_for
from potash.ranking.order import Candidate
from potash.ranking.table import Entry, RankedTable
from potash.ranking.tiers import Wish, ranked_table
from potash.store.rows import Row

IONISATION, OXIDATION, REDUCTION = "ip_vertical_ev", "oxidation_limit_v", "reduction_limit_v"
FLUORINE, MOLAR_MASS = "fluorine_mass_fraction", "molar_mass_g_mol"

MOLECULE_CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        column=OXIDATION,
        label="oxidation potential in solution",
        direction="maximise",
        worst=3.0,
        best=6.0,
        weight=1.0,
        why=(
            "What is oxidised later leaves the choice of cathode open; 3 V excludes every cathode "
            "of interest, 6 V none. Reduction is shown and not rewarded: an early reduction may "
            "passivate."
        ),
    ),
)

USUAL_ROLES = ("solvent", "diluent", "additive", "salt")
"""Who is ranked where nobody says: what electrolytes are mixed from."""

MOLECULE_NOTES: tuple[str, ...] = (
    "Potentials vs K/K+ are for solution; their common scale is uncertain by 0.2 V, which shifts "
    "all alike.",
    "In solution a salt stands by the ion that gives way first; its orbital energies are those "
    "of the gas-phase ion pair. Alkali ions themselves are not oxidised.",
)


def rank_molecules(
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    criteria: Sequence[Criterion] = MOLECULE_CRITERIA,
    wish: Wish | None = None,
    seed: int = 20_250_101,
    n_draws: int | None = None,
) -> RankedTable:
    """Return the species and salts of the catalogue, those with all criteria ranked.

    Parameters
    ----------
    rows
        Any rows; those of molecules are used.
    catalog
        Species and salts.
    calibration_rows
        Further rows that serve the error models only.
    criteria
        What to reward.
    wish
        How many make up the best, and among whom (:class:`AmongMolecules`); by default
        :data:`USUAL_ROLES`.
    seed, n_draws
        Of the Monte Carlo; 4000 draws, fewer of thousands of candidates.
    """
    n_draws = n_draws or draws_for(len(catalog.species) + len(catalog.salts))
    candidates = molecule_candidates(
        rows, catalog, calibration_rows=calibration_rows, seed=seed, n_draws=n_draws
    )
    wish = wish or Wish()
    among = AmongMolecules.model_validate(
        {"roles": USUAL_ROLES, **wish.among.model_dump(exclude_unset=True, by_alias=True)}
    )
    return ranked_table(
        "molecules",
        candidates,
        criteria,
        wish,
        conditions={
            c.entry.id: molecule_conditions(among, c.entry.id, catalog) for c in candidates
        },
        notes=MOLECULE_NOTES,
        seed=seed,
        n_draws=n_draws,
    )


def molecule_candidates(
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    seed: int = 20_250_101,
    n_draws: int | None = None,
) -> list[Candidate]:
    """Return the species and salts of a catalogue as candidates.

    Columns with draws: the corrected vertical ionisation energy, oxidation and reduction
    potentials vs K/K+ (which share the zero of their scale), what the formula fixes exactly
    (mass fraction of fluorine, molar mass), and orbital energies, binding to K+ and release of
    fluoride at the level that defines them (:mod:`potash.evidence.predicted`, which also stands
    in for an oxidation potential that has no row). A salt stands by its gas-phase ion pair, and
    in solution, where it is apart, by the ion that gives way first.

    Parameters
    ----------
    rows, catalog
        Species, redox, complex and fluoride rows are used.
    calibration_rows
        Further rows for the error models only.
    seed, n_draws
        Of the joint draws.
    """
    n_draws = n_draws or draws_for(len(catalog.species) + len(catalog.salts))
    evidence, _ = species_evidence(
        rows, measured_ionisation_energies(), calibration_rows=calibration_rows
    )
    potentials = read_potentials(rows)
    further = predicted(rows, potentials, calibration_rows=calibration_rows).estimates
    records = {r["id"]: r for r in molecule_records(rows, catalog)}
    names = sorted(catalog.species)
    estimates = {
        name: {
            **{c: of_all[name] for c, of_all in further.items() if name in of_all},
            **_estimates(name, evidence.get(name), potentials),
        }
        for name in names
    }
    every = [e for own in estimates.values() for e in own.values()]
    drawn = iter(sample(every, n_draws=n_draws, rng=np.random.default_rng(seed)).T)
    found = []
    for name in names:
        own = {column: (e, next(drawn)) for column, e in estimates[name].items()}
        one = _candidate(catalog.species[name], records[name], own, n_draws)
        keys = _keys(evidence.get(name), None if potentials is None else potentials.rows.get(name))
        found.append(replace(one, entry=replace(one.entry, keys=keys)))
    species = {c.entry.id: c for c in found}
    return found + [_salt(s, records[s.id], species) for s in catalog.salts.values()]


def _keys(known: SpeciesEvidence | None, redox: Row | None) -> dict[str, str]:
    """Return the keys of the rows that a species' numbers come from, by kind."""
    rows = (None if known is None else known.row, redox)
    return {row.kind: row.key for row in rows if row is not None}


def _estimates(
    name: str, known: SpeciesEvidence | None, potentials: Potentials | None
) -> dict[str, Estimate]:
    found = {} if known is None else {IONISATION: known.ionisation}
    if potentials is not None:
        for column, of_all in (
            (OXIDATION, potentials.estimates["oxidation"]),
            (REDUCTION, potentials.estimates["reduction"]),
        ):
            if name in of_all:
                found[column] = of_all[name]
    return found


def _candidate(
    species: Species,
    record: Mapping[str, object],
    own: Mapping[str, tuple[Estimate, NDArray[np.float64]]],
    n_draws: int,
) -> Candidate:
    masses = {e: n * atomic_masses[atomic_numbers[e]] for e, n in species.composition.items()}
    total = float(sum(masses.values()))
    exact = {FLUORINE: float(masses.get("F", 0.0)) / total, MOLAR_MASS: total}
    central = dict(exact)
    draws = {column: np.full(n_draws, value) for column, value in exact.items()}
    shown = {k: v for k, v in record.items() if isinstance(v, bool | int | float)}
    values: dict[str, object] = {**shown, **exact}
    for column, (estimate, drawn) in own.items():
        low, high = interval_names(column)
        value = estimate.raw if estimate.value is None else estimate.value
        central[column] = value
        values |= {column: value, low: estimate.low, high: estimate.high}
        if estimate.known:
            draws[column] = drawn
    entry = _entry(record, ", ".join(species.roles), values)
    if OXIDATION not in central:
        entry = replace(entry, reason=entry.reason or "no oxidation potential")
    predicted = frozenset(column for column, (e, _) in own.items() if e.predicted)
    return Candidate(entry, central, draws, species.id, predicted=predicted)


def _salt(salt: Salt, record: Mapping[str, object], species: Mapping[str, Candidate]) -> Candidate:
    """Return a salt: its ion pair's values, its ions' limits in solution."""
    parts = [(species[salt.cation], salt.n_cation), (species[salt.anion], salt.n_anion)]
    masses = np.array([n * c.central[MOLAR_MASS] for c, n in parts])
    fluorine = np.array([c.central[FLUORINE] for c, _ in parts])
    exact = {MOLAR_MASS: float(masses.sum()), FLUORINE: float(masses @ fluorine / masses.sum())}
    central = dict(exact)
    n_draws = len(parts[0][0].draws[MOLAR_MASS])
    draws = {column: np.full(n_draws, value) for column, value in exact.items()}
    values: dict[str, object] = {k: v for k, v in record.items() if isinstance(v, int | float)}
    values |= exact
    # Alkali ions hold their electrons in any solvent, and K+ gains one at 0 V by definition.
    ions = [c for c, _ in parts if c.entry.id not in ("k_plus", "na_plus", "li_plus")]
    reason = ""
    for column, extreme in ((OXIDATION, np.minimum), (REDUCTION, np.maximum)):
        lacking = [c.entry.id for c in ions if column not in c.central]
        if lacking:
            if column == OXIDATION:
                reason = f"no oxidation potential of {' and '.join(lacking)}"
            continue
        central[column] = float(extreme.reduce([c.central[column] for c in ions]))
        values[column] = central[column]
        if all(column in c.draws for c in ions):
            draws[column] = extreme.reduce([c.draws[column] for c in ions])
            low, high = (float(x) for x in np.quantile(draws[column], (0.025, 0.975)))
            values |= dict(zip(interval_names(column), (low, high), strict=True))
    keys = {f"{kind} {c.entry.id}": key for c in ions for kind, key in c.entry.keys.items()}
    entry = replace(_entry(record, "salt", values), keys=keys)
    return Candidate(replace(entry, reason=reason or entry.reason), central, draws, salt.id)


def _entry(record: Mapping[str, object], group: str, values: Mapping[str, object]) -> Entry:
    levels = record.get("levels")
    return Entry(
        id=str(record["id"]),
        name=str(record["name"]),
        group=group,
        status="computed" if record["status"] == "computed" else "partial",
        reason=str(record.get("reason") or ""),
        levels=tuple(levels) if isinstance(levels, list) else (),
        values=values,
    )
