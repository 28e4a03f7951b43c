"""Adsorption rows become one estimate per atomistic model.

A model may have rows for several facets, terminations, cells and levels. This
module says which row stands for the model; :mod:`potash.evidence.adsorption_errors`
corrects its value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from potash.calibration import Estimate
from potash.catalog.hosts import AtomisticModel
from potash.evidence.adsorption_energies import AdsorptionEnergy, adsorption_energies
from potash.evidence.adsorption_errors import AdsorptionErrors, adsorption_errors, corrected
from potash.evidence.ladder import LADDER, rung
from potash.evidence.once import once
from potash.results.adsorption import AdsorptionValues
from potash.store.rows import Row
from potash.structures.miller import same_plane


@dataclass(frozen=True)
class ModelEvidence:
    """What the rows say about K on one atomistic model.

    Attributes
    ----------
    model, group
        Model id and chemical class.
    row
        The row whose value stands for the model.
    estimate
        Its corrected value with interval, or the reason why there is none.
    values
        Of the row that stands for the model, but for the sites and forces of the search.
    others
        Further usable rows of the model: other facets, terminations, levels.
    flags
        What to know about the value.
    """

    model: str
    group: str
    row: Row
    estimate: Estimate
    values: AdsorptionValues
    others: tuple[Row, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """Corrected value where there is one, else the computed one; eV."""
        return self.estimate.raw if self.estimate.value is None else self.estimate.value

    @property
    def comparable(self) -> bool:
        """Whether the value is on the scale of DFT: computed there, or corrected to it."""
        return self.estimate.value is not None


def estimates(
    rows: Sequence[Row],
    catalogue: Mapping[str, AtomisticModel],
    *,
    calibration_rows: Sequence[Row] = (),
) -> dict[str, Estimate]:
    """Return the corrected value of every usable adsorption row, by its key.

    Parameters are those of :func:`model_evidence`.
    """
    energies, errors = _calibrated(rows, catalogue, calibration_rows=calibration_rows)
    return {e.row.key: corrected(e, errors) for e in energies}


@once
def model_evidence(
    rows: Sequence[Row],
    catalogue: Mapping[str, AtomisticModel],
    *,
    calibration_rows: Sequence[Row] = (),
) -> tuple[dict[str, ModelEvidence], AdsorptionErrors]:
    """Return the evidence on every model that has a usable row, and the errors of the levels.

    Parameters
    ----------
    rows
        Any rows; only usable adsorption rows count.
    catalogue
        Model id to model.
    calibration_rows
        Further rows for the error models only.
    """
    energies, errors = _calibrated(rows, catalogue, calibration_rows=calibration_rows)
    by_model: dict[str, list[AdsorptionEnergy]] = {}
    for energy in energies:
        if energy.dilute:
            by_model.setdefault(energy.row.item, []).append(energy)
    evidence = {}
    for name, members in by_model.items():
        able = [e for e in members if not e.values.polar]
        candidates = [e for e in able if e.row.level in LADDER] or able
        if candidates:
            chosen = _representative(candidates, catalogue.get(name))
            evidence[name] = _evidence(chosen, members, corrected(chosen, errors))
    return evidence, errors


@once
def _calibrated(
    rows: Sequence[Row],
    catalogue: Mapping[str, AtomisticModel],
    *,
    calibration_rows: Sequence[Row],
) -> tuple[list[AdsorptionEnergy], AdsorptionErrors]:
    """Return the energies of the rows, and the errors of the levels from all rows."""
    everything = {r.key: r for r in (*calibration_rows, *rows)}
    energies = adsorption_energies(everything.values(), catalogue)
    asked = {r.key for r in rows}
    return [e for e in energies if e.row.key in asked], adsorption_errors(energies)


def _evidence(
    chosen: AdsorptionEnergy, members: Sequence[AdsorptionEnergy], estimate: Estimate
) -> ModelEvidence:
    row = chosen.row
    flags = []
    if estimate.value is None:
        flags.append("not calibrated")
    elif not estimate.known:
        flags.append(f"error of {row.level} unknown")
    elif estimate.reason:
        flags.append(estimate.reason)
    if chosen.values.surface_held:
        flags.append("first contact: K tears the surface apart")
    if row.level == "screen":
        flags.append("screen only")
    others = tuple(e.row for e in members if e.row.key != row.key)
    return ModelEvidence(row.item, chosen.group, row, estimate, chosen.values, others, tuple(flags))


def _representative(
    energies: Sequence[AdsorptionEnergy], model: AtomisticModel | None
) -> AdsorptionEnergy:
    """Choose the energy that stands for a model.

    Of those at the best level: the surface of lowest energy where all state
    it, else the facet that the catalogue lists first; among equals the most
    dilute K, then the latest.
    """
    best = max(rung(e.row.level) for e in energies)
    top = [e for e in energies if rung(e.row.level) == best]
    costs = [e.values.surface_energy_j_m2 for e in top]
    known = [c for c in costs if c is not None]
    if len(known) == len(top):
        limit = min(known) + 1e-6
        top = [e for e, cost in zip(top, known, strict=True) if cost <= limit]
    facets = model.facets if model is not None else ()

    def preference(energy: AdsorptionEnergy) -> tuple[float, float, str, str]:
        known = (n for n, f in enumerate(facets) if same_plane(f, energy.values.facet))
        order = next(known, len(facets))
        distance = energy.values.k_k_distance_angstrom or 0.0
        return (-order, distance, energy.row.started, energy.row.key)

    return max(top, key=preference)
