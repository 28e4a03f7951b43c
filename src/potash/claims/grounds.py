"""Everything that claims are judged by, gathered once from the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from potash.catalog.catalog import Catalog
from potash.claims.verdict import Finding
from potash.evidence.adsorption import ModelEvidence, model_evidence
from potash.evidence.equivalence import equivalent_models, under_equivalent_models
from potash.evidence.hosts import model_draws
from potash.evidence.ladder import rung
from potash.evidence.liquids import LiquidEvidence, liquid_evidence
from potash.evidence.phases import PhaseSet, phase_sets
from potash.evidence.species import SpeciesEvidence, measured_ionisation_energies, species_evidence
from potash.results.barrier import BarrierValues
from potash.results.complex_ import ComplexValues
from potash.store.rows import Row

N_DRAWS = 4000
SEED = 20_250_101

Complex = tuple[str, ...]
"""A complex: the metal (empty for none) and its ligands, sorted."""

_Found = TypeVar("_Found")
_Name = TypeVar("_Name")


@dataclass(frozen=True)
class Grounds:
    """Rows in the form in which claims ask for them.

    Rows ``by level`` are usable ones at each level of theory, the best level first: what is
    compared is compared at one level.

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
    liquids
        Formulation id to its properties.
    phases
        Energies of bulk phases, a set for each level, the largest first.
    species, redox, fluoride
        By level: species id to its row of orbitals and electron affinity, of its
        potentials, of its release of fluoride.
    complexes
        By level: complex to its row.
    barriers
        By level: bulk phase to its row of the barrier of K vacancies.
    """

    catalog: Catalog
    adsorption: Mapping[str, ModelEvidence]
    draws: Mapping[str, NDArray[np.float64]]
    ionisation: Mapping[str, SpeciesEvidence]
    liquids: Mapping[str, LiquidEvidence]
    phases: tuple[PhaseSet, ...]
    species: Mapping[str, Mapping[str, Row]]
    redox: Mapping[str, Mapping[str, Row]]
    fluoride: Mapping[str, Mapping[str, Row]]
    complexes: Mapping[str, Mapping[Complex, Row]]
    barriers: Mapping[str, Mapping[str, Row]]


Judge = Callable[[Grounds], Finding]


def gather(
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    measured_ip_ev: Mapping[str, float] | None = None,
) -> Grounds:
    """Return what some rows give to judge claims by.

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
    alias = equivalent_models(catalog.models)
    adsorption, _ = model_evidence(
        under_equivalent_models(rows, alias),
        catalog.models,
        calibration_rows=under_equivalent_models(calibration_rows, alias),
    )
    draws = model_draws(adsorption, seed=SEED, n_draws=N_DRAWS)
    measured = measured_ionisation_energies() if measured_ip_ev is None else measured_ip_ev
    ionisation, _ = species_evidence(rows, measured, calibration_rows=calibration_rows)
    usable = [r for r in rows if r.status == "ok"]
    return Grounds(
        catalog=catalog,
        adsorption=_for_all(adsorption, alias),
        draws=_for_all(draws, alias),
        ionisation=ionisation,
        liquids=liquid_evidence(rows),
        phases=phase_sets(rows),
        species=_by_level((r.item, r) for r in usable if r.kind == "species"),
        redox=_by_level((r.item, r) for r in usable if r.kind == "redox"),
        fluoride=_by_level((r.item, r) for r in usable if r.kind == "fluoride_release"),
        complexes=_by_level((_complex(r), r) for r in usable if r.kind == "complex"),
        barriers=_by_level((r.item, r) for r in usable if _of_k_vacancies(r)),
    )


def complex_of(metal: str, *ligands: str) -> Complex:
    """Return the name of a complex, whatever the order of its ligands."""
    return (metal, *sorted(ligands))


def shown(name: Complex | str) -> str:
    """Return the name of a complex or species as text."""
    if isinstance(name, str):
        return name
    metal, *ligands = name
    return f"[{metal}({', '.join(ligands)})]"


def at_one_level(
    by_level: Mapping[str, Mapping[_Name, Row]],
    names: Sequence[_Name],
    has: Callable[[Row], bool] = lambda _: True,
) -> list[Row] | None:
    """Return the rows of some things at the best level at which all have what is asked for."""
    for rows in by_level.values():
        if all(name in rows and has(rows[name]) for name in names):
            return [rows[name] for name in names]
    return None


def _of_k_vacancies(row: Row) -> bool:
    if row.kind != "barrier":
        return False
    values = row.read(BarrierValues)
    return (values.ion, values.mechanism) == ("K", "vacancy")


def _complex(row: Row) -> Complex:
    values = row.read(ComplexValues)
    return complex_of(values.metal, *values.ligands)


def _for_all(found: Mapping[str, _Found], alias: Mapping[str, str]) -> dict[str, _Found]:
    """Give what is known of a model to all models of its recipe, too."""
    return dict(found) | {name: found[m] for name, m in alias.items() if m in found}


def _by_level(named: Iterable[tuple[_Name, Row]]) -> dict[str, dict[_Name, Row]]:
    """Sort rows by level, the best first; of several of one thing the latest counts."""
    found: dict[str, dict[_Name, Row]] = {}
    for name, row in sorted(named, key=lambda x: (-rung(x[1].level), x[1].started, x[1].key)):
        found.setdefault(row.level, {})[name] = row
    return found
