"""Molecules as candidates: species by their levels and limits, with joint draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from ase.data import atomic_masses, atomic_numbers
from numpy.typing import NDArray

from potash.calibration import Estimate, sample
from potash.catalog.catalog import Catalog
from potash.catalog.species import Species
from potash.columns import interval_names
from potash.evidence.molecules import molecule_records
from potash.evidence.potentials import Potentials, read_potentials
from potash.evidence.species import (
    SpeciesEvidence,
    measured_ionisation_energies,
    species_evidence,
)
from potash.ranking.order import Candidate
from potash.ranking.table import Entry
from potash.store.rows import Row

IONISATION, OXIDATION, REDUCTION = "ip_vertical_ev", "oxidation_limit_v", "reduction_limit_v"
FLUORINE, MOLAR_MASS = "fluorine_mass_fraction", "molar_mass_g_mol"


def molecule_candidates(
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    seed: int = 20_250_101,
    n_draws: int = 4000,
) -> list[Candidate]:
    """Return the species of a catalogue as candidates.

    Columns with draws: the corrected vertical ionisation energy, oxidation and reduction
    potentials vs K/K+ (which share the zero of their scale), and what the formula fixes exactly
    (mass fraction of fluorine, molar mass). Orbital energies and the binding to K+ are shown
    beside; their errors are not known.

    Parameters
    ----------
    rows, catalog
        Species, redox, complex and fluoride rows are used.
    calibration_rows
        Further rows for the error models only.
    seed, n_draws
        Of the joint draws.
    """
    evidence, _ = species_evidence(
        rows, measured_ionisation_energies(), calibration_rows=calibration_rows
    )
    potentials = read_potentials(rows)
    records = {r["id"]: r for r in molecule_records(rows, catalog)}
    names = sorted(catalog.species)
    estimates = {
        (name, column): estimate
        for name in names
        for column, estimate in _estimates(name, evidence.get(name), potentials).items()
    }
    drawn = sample(list(estimates.values()), n_draws=n_draws, rng=np.random.default_rng(seed))
    columns = dict(zip(estimates, drawn.T, strict=True))
    found = []
    for name in names:
        own = {c: (e, columns[n, c]) for (n, c), e in estimates.items() if n == name}
        found.append(_candidate(catalog.species[name], records[name], own, n_draws))
    return found


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
    levels = record.get("levels")
    entry = Entry(
        id=species.id,
        name=species.name,
        group=", ".join(species.roles),
        status="computed" if record["status"] == "computed" else "partial",
        reason=str(record.get("reason") or ""),
        levels=tuple(levels) if isinstance(levels, list) else (),
        values=values,
    )
    return Candidate(entry, central, draws, species.id)
