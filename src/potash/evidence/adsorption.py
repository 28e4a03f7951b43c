"""Adsorption rows become one estimate per atomistic model.

A model may have rows for several facets, terminations, cells and levels. This
module says which row stands for the model, builds the error models from rows
of the same surface at two levels, and corrects the value with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from potash.calibration import ErrorModel, Estimate, Pair, fit, own_interval
from potash.catalog.hosts import AtomisticModel
from potash.evidence.classes import (
    counts_from_extxyz,
    counts_from_formula,
    substrate_class,
)
from potash.evidence.ladder import DFT_LEVELS, LADDER, place
from potash.store.rows import Row

QUANTITY = "adsorption_energy_ev"
MIN_K_K_DISTANCE_ANGSTROM = 8.0
"""Rows with denser K serve calibration in the same cell and are not ranked."""
ALL_CLASSES = "all classes"
_HALF_WIDTH_PER_SD = 1.959964
_DISTANCE_SLACK_ANGSTROM = 0.05
_CELL_TOLERANCE_ANGSTROM = 0.5


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


def base_model(row: Row) -> str:
    """Return the catalogue id of a row's model; ``row.model`` is its label and termination."""
    return row.item


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


def _same_surface(a: Row, b: Row) -> bool:
    """Tell whether two rows are of one model, facet, termination and cell."""
    if base_model(a) != base_model(b):
        return False
    for name in ("facet", "termination"):
        x, y = a.values.get(name), b.values.get(name)
        if x is not None and y is not None and x != y:
            return False
    x, y = a.values.get("k_k_distance_angstrom"), b.values.get("k_k_distance_angstrom")
    return x is None or y is None or abs(x - y) <= _CELL_TOLERANCE_ANGSTROM


def adsorption_pairs(
    rows: Sequence[Row], level: str, reference: str, classes: Mapping[str, str]
) -> list[Pair]:
    """Return the same surfaces at two levels, one pair each.

    Parameters
    ----------
    rows
        From :func:`adsorption_rows`.
    level, reference
        Level to correct and level to correct it to.
    classes
        Row key to class.
    """
    better = sorted(
        (r for r in rows if r.level == reference), key=lambda r: (r.item, r.model, r.key)
    )
    pairs = []
    for target in better:
        matches = [r for r in rows if r.level == level and _same_surface(r, target)]
        if not matches:
            continue
        row = max(matches, key=lambda r: (r.started, r.key))
        pairs.append(
            Pair(
                label=f"{target.item} {target.values.get('facet', '')}".strip(),
                group=classes[target.key],
                computed=float(row.values[QUANTITY]),
                reference=float(target.values[QUANTITY]),
            )
        )
    return pairs


def adsorption_error_models(
    rows: Sequence[Row], classes: Mapping[str, str]
) -> dict[tuple[str, str], ErrorModel]:
    """Fit every level of the ladder against the plane-wave levels above it, from the rows.

    Alternatives such as ``screen-chgnet`` are fitted too. The error of a potential
    follows the bonding, so it is fitted per class; between DFT levels the functional is
    the same and only geometry and basis differ, so these steps are fitted over all classes.
    """
    levels = sorted({r.level for r in rows})
    models = {}
    for level in levels:
        for reference in ("standard", "reference"):
            if place(level) >= place(reference):
                continue
            pairs = adsorption_pairs(rows, level, reference, classes)
            if level in DFT_LEVELS:
                pairs = [replace(p, group=ALL_CLASSES) for p in pairs]
            if pairs:
                models[level, reference] = fit(
                    pairs, quantity=QUANTITY, level=level, reference=reference
                )
    return models


def own_spreads(rows: Sequence[Row], classes: Mapping[str, str]) -> dict[tuple[str, str], float]:
    """Return the standard deviation that DFT rows state for themselves, by level and class.

    The root mean square over the rows that state one, taken as 95 % half-widths;
    it covers what a level cannot know of itself by calibration against a lower
    one, such as the spread between functionals.
    """
    found: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        stated = row.uncertainty.get(QUANTITY)
        if stated is None or row.level not in DFT_LEVELS:
            continue
        half = (stated[1] - stated[0]) / 2 if isinstance(stated, Sequence) else float(stated)
        found.setdefault((row.level, classes[row.key]), []).append(half / _HALF_WIDTH_PER_SD)
    return {k: (sum(x * x for x in v) / len(v)) ** 0.5 for k, v in found.items()}


def corrected(
    row: Row,
    group: str,
    models: Mapping[tuple[str, str], ErrorModel],
    spreads: Mapping[tuple[str, str], float] | None = None,
) -> Estimate:
    """Return the best justified estimate from one row.

    The row is corrected to ``reference`` directly, or to ``standard`` and from there
    on where that step is calibrated, whichever leaves the narrower interval: few
    surfaces are computed at ``reference``, many at ``standard``. Without calibration a
    DFT row keeps the interval of its own calculation (if it has one); a screening row
    has none. ``spreads`` (:func:`own_spreads`) widens a correction by what its target
    level is uncertain about itself.
    """
    spreads = spreads or {}
    raw = float(row.values[QUANTITY])
    first: Estimate | None = None
    found = []
    for target in ("reference", "standard"):
        model = models.get((row.level, target))
        if model is None:
            continue
        extra = spreads.get((target, group), 0.0)
        own_group = ALL_CLASSES if row.level in DFT_LEVELS else group
        estimate = model.estimate(raw, own_group, extra_sd=extra)
        if estimate.known:
            step = models.get(("standard", "reference"))
            if target == "standard" and step is not None:
                estimate = _chained(estimate, step)
            found.append(estimate)
        first = first or estimate
    if found:
        return min(found, key=lambda e: (e.high or 0.0) - (e.low or 0.0))
    own = row.uncertainty.get(QUANTITY)
    if row.level in DFT_LEVELS:
        return own_interval(
            raw, own, group=group, basis=f"{row.level} calculation's own uncertainty"
        )
    if first is not None:
        return first
    return Estimate(
        raw=raw,
        group=group,
        reason=f"no pair of {row.level} and a better level: the error of {row.level} is not known",
    )


def _chained(estimate: Estimate, step: ErrorModel) -> Estimate:
    """Carry an estimate one level further, where that level's class is calibrated."""
    if estimate.value is None:
        return estimate
    further = step.estimate(estimate.value, ALL_CLASSES)
    if further.value is None or estimate.high is None or further.high is None:
        return estimate
    half = ((estimate.high - estimate.value) ** 2 + (further.high - further.value) ** 2) ** 0.5
    return replace(
        estimate,
        value=further.value,
        low=further.value - half,
        high=further.value + half,
        residual_sd=(estimate.residual_sd**2 + further.residual_sd**2) ** 0.5,
        bias_sd=(estimate.bias_sd**2 + further.bias_sd**2) ** 0.5,
        degrees_of_freedom=min(estimate.degrees_of_freedom, further.degrees_of_freedom),
        basis=f"{estimate.basis}; then {further.basis}",
    )


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
    usable, classes, errors, spreads = _calibrated(rows, catalogue, calibration_rows)
    return {r.key: corrected(r, classes[r.key], errors, spreads) for r in usable}


def _calibrated(
    rows: Sequence[Row],
    catalogue: Mapping[str, AtomisticModel],
    calibration_rows: Sequence[Row],
) -> tuple[
    list[Row],
    dict[str, str],
    dict[tuple[str, str], ErrorModel],
    dict[tuple[str, str], float],
]:
    """Return usable rows, classes of all rows by key, error models and DFT's own spreads."""
    usable = adsorption_rows(rows)
    everything = list({r.key: r for r in (*adsorption_rows(calibration_rows), *usable)}.values())
    classes = {r.key: row_class(r, catalogue.get(base_model(r))) for r in everything}
    errors = adsorption_error_models(everything, classes)
    return usable, classes, errors, own_spreads(everything, classes)


def model_evidence(
    rows: Sequence[Row],
    catalogue: Mapping[str, AtomisticModel],
    *,
    calibration_rows: Sequence[Row] = (),
) -> tuple[dict[str, ModelEvidence], dict[tuple[str, str], ErrorModel]]:
    """Return the evidence on every model that has a usable row, and the error models.

    Parameters
    ----------
    rows
        Any rows; only usable adsorption rows count.
    catalogue
        Model id to model.
    calibration_rows
        Further rows for the error models only.
    """
    usable, classes, errors, spreads = _calibrated(rows, catalogue, calibration_rows)
    by_model: dict[str, list[Row]] = {}
    for row in usable:
        by_model.setdefault(base_model(row), []).append(row)
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
        estimate = corrected(row, group, errors, spreads)
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
