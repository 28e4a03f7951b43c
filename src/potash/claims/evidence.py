"""Everything that claims are judged by, gathered once from the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from potash.calibration import sample
from potash.catalog.catalog import Catalog
from potash.evidence.adsorption import ModelEvidence, model_evidence
from potash.evidence.ladder import place
from potash.evidence.liquids import LiquidEvidence, liquid_evidence
from potash.evidence.species import SpeciesEvidence, known_ionisation_energies
from potash.evidence.species import species_evidence as _species_evidence
from potash.evidence.twins import relabelled, same_surfaces
from potash.store.rows import Row

N_DRAWS = 4000
SEED = 20_250_101

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Evidence:
    """Rows in the form in which claims ask for them.

    Attributes
    ----------
    catalog
        Hosts, models, species, formulations.
    adsorption
        Model id to its corrected adsorption energy.
    draws
        Model id to joint draws of it; models without an interval are absent.
    ionisation
        Species id to its corrected ionisation energy.
    species
        Species id to the usable row at the best level.
    complexes
        ``(metal, ligands...)``, ligands sorted, to the usable row at the best level.
    liquids
        Formulation id to its properties.
    charges
        Model id to the usable row of K's charge at the best level.
    phases
        Usable rows of bulk phases.
    redox
        Level, the best first, to species id to the usable row of its potentials.
    fluoride
        The same of its release of fluoride.
    """

    catalog: Catalog
    adsorption: Mapping[str, ModelEvidence]
    draws: Mapping[str, NDArray[np.float64]]
    ionisation: Mapping[str, SpeciesEvidence]
    species: Mapping[str, Row]
    complexes: Mapping[tuple[str, ...], Row]
    liquids: Mapping[str, LiquidEvidence]
    charges: Mapping[str, Row]
    phases: tuple[Row, ...]
    redox: Mapping[str, Mapping[str, Row]]
    fluoride: Mapping[str, Mapping[str, Row]]


def gather(
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    measured_ip_ev: Mapping[str, float] | None = None,
) -> Evidence:
    """Return the evidence in some rows.

    Parameters
    ----------
    rows
        Any rows.
    catalog
        The catalogue.
    calibration_rows
        Further rows for the error models only.
    measured_ip_ev
        Canonical SMILES to measured ionisation energy; the catalogue's by default.
    """
    alias = same_surfaces(catalog.models)
    on_hosts = relabelled(rows, alias)
    adsorption, _ = model_evidence(
        on_hosts, catalog.models, calibration_rows=relabelled(calibration_rows, alias)
    )
    names = sorted(m for m, e in adsorption.items() if e.estimate.known)
    drawn = (
        sample(
            [adsorption[m].estimate for m in names],
            n_draws=N_DRAWS,
            rng=np.random.default_rng(SEED),
        )
        if names
        else np.empty((N_DRAWS, 0))
    )
    measured = known_ionisation_energies() if measured_ip_ev is None else measured_ip_ev
    ionisation, _ = _species_evidence(rows, measured, calibration_rows=calibration_rows)
    return Evidence(
        catalog=catalog,
        adsorption=_for_all(adsorption, alias),
        draws=_for_all({m: drawn[:, j] for j, m in enumerate(names)}, alias),
        ionisation=ionisation,
        species=_best_rows(r for r in rows if r.kind == "species"),
        complexes=_complexes(rows),
        liquids=liquid_evidence(rows),
        charges=_for_all(_best_rows(r for r in on_hosts if r.kind == "charge"), alias),
        phases=tuple(r for r in rows if r.kind == "phase" and r.status == "ok"),
        redox=_by_level(r for r in rows if r.kind == "redox"),
        fluoride=_by_level(r for r in rows if r.kind == "fluoride_release"),
    )


def at_one_level(
    by_level: Mapping[str, Mapping[str, Row]], names: Sequence[str], column: str
) -> list[Row] | None:
    """Return the rows of some species at the best level at which all have a column."""
    for rows in by_level.values():
        if all(name in rows and column in rows[name].values for name in names):
            return [rows[name] for name in names]
    return None


def _for_all(found: Mapping[str, _Found], alias: Mapping[str, str]) -> dict[str, _Found]:
    """Give what is known of a model to all models of its recipe, too."""
    return dict(found) | {name: found[m] for name, m in alias.items() if m in found}


def _best_rows(rows: Iterable[Row]) -> dict[str, Row]:
    best: dict[str, Row] = {}
    for row in sorted(rows, key=lambda r: (place(r.level), r.started, r.key)):
        if row.status == "ok":
            best[row.item] = row
    return best


def _by_level(rows: Iterable[Row]) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = {}
    for row in sorted(rows, key=lambda r: (-place(r.level), r.started, r.key)):
        if row.status == "ok":
            found.setdefault(row.level, {})[row.item] = row
    return found


def _complexes(rows: Sequence[Row]) -> dict[tuple[str, ...], Row]:
    best: dict[tuple[str, ...], Row] = {}
    for row in sorted(rows, key=lambda r: (place(r.level), r.started, r.key)):
        if row.kind == "complex" and row.status == "ok" and "binding_energy_ev" in row.values:
            ligands = sorted(str(x) for x in row.values.get("ligands", ()))
            best[(str(row.values.get("metal", "")), *ligands)] = row
    return best
