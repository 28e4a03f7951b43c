"""Error models of adsorption energies, and the correction of one row with them.

A row is corrected to the `reference` level directly or by way of `standard`, whichever is
the surer. The two steps are uncertain for reasons of their own, and each value carries
both: its scatter at either step is its own, the error of a step's bias is shared by all
values that took the step. What DFT itself leaves open comes on top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from potash.calibration import ErrorModel, Estimate, Pair, fit, own_interval
from potash.evidence.dft_uncertainty import (
    QUANTITY,
    DftUncertainty,
    dft_uncertainty,
    row_components,
)
from potash.evidence.ladder import DFT_LEVELS, place
from potash.store.rows import Row

ALL_CLASSES = "all classes"
_CELL_TOLERANCE_ANGSTROM = 0.5


@dataclass(frozen=True)
class AdsorptionErrors:
    """What levels of theory are wrong by in adsorption energies.

    Attributes
    ----------
    models
        ``(level, better level)`` to the error model between them.
    dft
        What values on the scale of DFT remain uncertain by.
    """

    models: Mapping[tuple[str, str], ErrorModel]
    dft: DftUncertainty


def adsorption_errors(rows: Sequence[Row], classes: Mapping[str, str]) -> AdsorptionErrors:
    """Learn the errors from usable adsorption rows.

    Parameters
    ----------
    rows
        Usable adsorption rows of any levels.
    classes
        Row key to chemical class of the substrate.
    """
    return AdsorptionErrors(adsorption_error_models(rows, classes), dft_uncertainty(rows, classes))


def _same_surface(a: Row, b: Row) -> bool:
    """Tell whether two rows are of one model, facet, termination and cell."""
    if a.item != b.item:
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


def corrected(row: Row, group: str, errors: AdsorptionErrors) -> Estimate:
    """Return the best justified estimate from one row.

    The row is corrected to ``reference`` directly, or to ``standard`` and from there
    on where that step is calibrated, whichever leaves the narrower interval: few
    surfaces are computed at ``reference``, many at ``standard``. Without calibration a
    DFT row keeps the interval of its own calculation (if it has one); a screening row
    has none. What DFT leaves open is the row's own statement where it is a DFT row, else
    that of rows like it.

    Parameters
    ----------
    row
        A usable adsorption row.
    group
        Class of its substrate.
    errors
        From :func:`adsorption_errors`.
    """
    raw = float(row.values[QUANTITY])
    is_dft = row.level in DFT_LEVELS
    tried = []
    for target in ("reference", "standard"):
        model = errors.models.get((row.level, target))
        if model is None:
            continue
        estimate = model.estimate(raw, ALL_CLASSES if is_dft else group)
        if target == "standard":
            estimate = _carried_on(estimate, errors.models.get(("standard", "reference")))
        if estimate.known:
            own = row_components(row) if is_dft else ()
            value = raw if estimate.value is None else estimate.value
            estimate = estimate.widened(own or errors.dft.components(value, group, target))
        tried.append(replace(estimate, group=group))
    known = [e for e in tried if e.known]
    if known:
        return min(known, key=_width)
    if is_dft:
        return replace(
            own_interval(
                raw,
                row.uncertainty.get(QUANTITY),
                group=group,
                basis=f"{row.level} calculation's own uncertainty",
            ),
            components=row_components(row) or None,
        )
    if tried:
        return tried[0]
    return Estimate(
        raw=raw,
        group=group,
        reason=f"no pair of {row.level} and a better level: the error of {row.level} is not known",
    )


def _width(estimate: Estimate) -> float:
    return (estimate.high or 0.0) - (estimate.low or 0.0)


def _carried_on(estimate: Estimate, step: ErrorModel | None) -> Estimate:
    """Carry an estimate one level further, where that step is calibrated."""
    if estimate.value is None or estimate.components is None or step is None:
        return estimate
    further = step.estimate(estimate.value, ALL_CLASSES)
    if further.value is None or further.components is None:
        return estimate
    return replace(
        estimate,
        value=further.value,
        components=(*estimate.components, *further.components),
        basis=f"{estimate.basis}; then {further.basis}",
    )
