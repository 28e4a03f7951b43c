"""What could be computed next for each part of a question, from the rows that are known."""

from __future__ import annotations

from collections.abc import Sequence

from potash.catalog.catalog import Catalog
from potash.catalog.question import Kind, PartQuestion
from potash.deciding.electrolyte_levels import electrolyte_rungs
from potash.deciding.levels import Rung, host_rungs
from potash.deciding.molecule_levels import MoleculesEvidence, molecule_rungs, potential_sds
from potash.evidence.contact import contact_verdicts
from potash.evidence.hosts import host_evidence
from potash.evidence.ladder import LADDER
from potash.evidence.liquids import liquid_evidence
from potash.evidence.measurements import REPLACED
from potash.evidence.potentials import read_potentials
from potash.evidence.predicted import predicted
from potash.evidence.shipped import known_measurements
from potash.evidence.species import measured_ionisation_energies, species_evidence
from potash.results.liquid import LiquidInputs
from potash.store.rows import Row


def rungs_of(
    kind: Kind,
    question: PartQuestion,
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row],
    liquid_level: str,
) -> list[Rung]:
    """Return what could be computed next of the candidates of one part of a question.

    Parameters
    ----------
    kind
        Of the candidates.
    question
        Its criteria and bounds say which quantities are asked about.
    rows, catalog
        What is known.
    calibration_rows
        Further rows for the error models only.
    liquid_level
        Level of formulations that were never simulated.
    """
    columns = tuple(dict.fromkeys((*question.by, *question.among.bounds)))
    if kind == "hosts":
        # Of the draws that come with the evidence nothing is used here.
        contact = contact_verdicts(calibration_rows or rows, catalog)
        known = host_evidence(
            rows, catalog, calibration_rows=calibration_rows, contact=contact, seed=1, n_draws=2
        )
        return host_rungs(known, catalog, columns)
    molecules = _molecules(rows, calibration_rows)
    if kind == "molecules":
        return molecule_rungs(molecules, catalog, columns)
    used: dict[str, list[int]] = {}
    for row in rows:
        if row.kind == "liquid":
            used.setdefault(row.item, []).append(row.read(LiquidInputs).seed)
    return electrolyte_rungs(
        molecules,
        liquid_evidence(rows),
        catalog,
        columns,
        liquid_level=liquid_level,
        used_seeds=used,
        measured={key for key in known_measurements(rows, catalog) if key[1] in REPLACED},
    )


def _molecules(rows: Sequence[Row], calibration_rows: Sequence[Row]) -> MoleculesEvidence:
    ionisation, errors = species_evidence(
        rows, measured_ionisation_energies(), calibration_rows=calibration_rows
    )
    everything = list({r.key: r for r in (*calibration_rows, *rows)}.values())
    by_level = (
        (level, read_potentials([r for r in everything if r.level == level])) for level in LADDER
    )
    potentials = read_potentials(rows)
    return MoleculesEvidence(
        ionisation=ionisation,
        errors=errors,
        potentials=potentials,
        potential_sd=potential_sds((level, p) for level, p in by_level if p is not None),
        predictions=predicted(rows, potentials, calibration_rows=calibration_rows),
    )
