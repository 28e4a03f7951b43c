"""Adsorption rows become one estimate per atomistic model.

A model may have rows for several facets, terminations, cells and levels. This
module says which row stands for the model; :mod:`potash.evidence.adsorption_errors`
corrects its value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from potash.calibration import Estimate
from potash.catalog.hosts import AtomisticModel
from potash.evidence.adsorption_errors import AdsorptionErrors, adsorption_errors, corrected
from potash.evidence.classes import counts_from_extxyz, counts_from_formula, substrate_class
from potash.evidence.dft_uncertainty import QUANTITY
from potash.evidence.ladder import LADDER, place
from potash.store.rows import Row

MIN_K_K_DISTANCE_ANGSTROM = 8.0
"""Rows with denser K serve calibration in the same cell and are not ranked."""
_DISTANCE_SLACK_ANGSTROM = 0.05


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
    others
        Further usable rows of the model: other facets, terminations, levels.
    flags
        What to know about the value.
    """

    model: str
    group: str
    row: Row
    estimate: Estimate
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


def adsorption_rows(rows: Iterable[Row]) -> list[Row]:
    """Return the adsorption rows that carry an energy and are ``ok``."""
    return [r for r in rows if r.kind == "adsorption" and r.status == "ok" and QUANTITY in r.values]


def row_class(row: Row, model: AtomisticModel | None) -> str:
    """Return the chemical class of a row's substrate.

    From its own clean slab where it has one, else from the catalogue's formula.
    """
    text = row.structures.get("clean")
    if text:
        counts = counts_from_extxyz(text)
    elif model is not None:
        counts = counts_from_formula(model.formula)
    else:
        counts = counts_from_formula(str(row.values.get("formula", "")))
    sheet = model is not None and ("MXene" in model.prototype or model.kind == "2d_slab")
    return substrate_class(counts, sheet=sheet)


def _is_dilute(row: Row) -> bool:
    distance = row.values.get("k_k_distance_angstrom", MIN_K_K_DISTANCE_ANGSTROM)
    return bool(distance >= MIN_K_K_DISTANCE_ANGSTROM - _DISTANCE_SLACK_ANGSTROM)


def _representative(rows: Sequence[Row], model: AtomisticModel | None) -> Row:
    """Choose the row that stands for a model.

    Of the rows at the best level: the surface of lowest energy where all state
    it, else the facet that the catalogue lists first; among equals the most
    dilute K, then the latest.
    """
    best = max(place(r.level) for r in rows)
    top = [r for r in rows if place(r.level) == best]
    if all("surface_energy_j_m2" in r.values for r in top):
        lowest = min(r.values["surface_energy_j_m2"] for r in top)
        top = [r for r in top if r.values["surface_energy_j_m2"] <= lowest + 1e-6]
    facets = [_bare(f) for f in model.facets] if model is not None else []

    def preference(row: Row) -> tuple[float, float, str, str]:
        facet = _bare(str(row.values.get("facet", "")))
        place = facets.index(facet) if facet in facets else len(facets)
        return (-place, row.values.get("k_k_distance_angstrom", 0.0), row.started, row.key)

    return max(top, key=preference)


def _bare(facet: str) -> str:
    return "".join(c for c in facet if c.isalnum() or c == "-")


def estimates(
    rows: Sequence[Row],
    catalogue: Mapping[str, AtomisticModel],
    *,
    calibration_rows: Sequence[Row] = (),
) -> dict[str, Estimate]:
    """Return the corrected value of every usable adsorption row, by its key.

    Parameters are those of :func:`model_evidence`.
    """
    usable, classes, errors = _calibrated(rows, catalogue, calibration_rows)
    return {r.key: corrected(r, classes[r.key], errors) for r in usable}


def _calibrated(
    rows: Sequence[Row],
    catalogue: Mapping[str, AtomisticModel],
    calibration_rows: Sequence[Row],
) -> tuple[list[Row], dict[str, str], AdsorptionErrors]:
    """Return usable rows, classes of all rows by key, and the errors of the levels."""
    usable = adsorption_rows(rows)
    everything = list({r.key: r for r in (*adsorption_rows(calibration_rows), *usable)}.values())
    classes = {r.key: row_class(r, catalogue.get(r.item)) for r in everything}
    return usable, classes, adsorption_errors(everything, classes)


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
    usable, classes, errors = _calibrated(rows, catalogue, calibration_rows)
    by_model: dict[str, list[Row]] = {}
    for row in usable:
        by_model.setdefault(row.item, []).append(row)
    evidence = {}
    for name, members in by_model.items():
        dilute = [r for r in members if _is_dilute(r)]
        flags = []
        able = [r for r in dilute if not r.values.get("polar", False)]
        candidates = [r for r in able if r.level in LADDER] or able
        if not candidates:
            continue
        row = _representative(candidates, catalogue.get(name))
        group = classes[row.key]
        estimate = corrected(row, group, errors)
        if estimate.value is None:
            flags.append("not calibrated")
        elif not estimate.known:
            flags.append(f"error of {row.level} unknown")
        if estimate.reason and estimate.known:
            flags.append(estimate.reason)
        if row.values.get("surface_held"):
            flags.append("first contact: K tears the surface apart")
        if row.level == "screen":
            flags.append("screen only")
        others = tuple(r for r in dilute if r.key != row.key)
        evidence[name] = ModelEvidence(name, group, row, estimate, others, tuple(flags))
    return evidence, errors
