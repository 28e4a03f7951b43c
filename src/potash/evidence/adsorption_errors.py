"""Error models of adsorption energies, and the correction of one row with them.

A row is corrected to the `reference` level directly or by way of `standard`, whichever is
the surer. The two steps are uncertain for reasons of their own, and each value carries
both: its scatter at either step is its own, the error of a step's bias is shared by all
values that took the step. What DFT itself leaves open comes on top.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from potash.calibration import (
    HALF_WIDTH_PER_SD,
    Component,
    ErrorModel,
    Estimate,
    Pair,
    fit,
    own_interval,
)
from potash.evidence.adsorption_energies import QUANTITY, AdsorptionEnergy
from potash.evidence.dft_uncertainty import DftUncertainty, dft_uncertainty, row_components
from potash.evidence.ladder import is_dft, rung
from potash.evidence.stated import stated_half_width

ALL_CLASSES = "all classes"


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


def adsorption_errors(energies: Sequence[AdsorptionEnergy]) -> AdsorptionErrors:
    """Learn from adsorption energies of all levels what each level is wrong by."""
    return AdsorptionErrors(adsorption_error_models(energies), dft_uncertainty(energies))


def adsorption_pairs(
    energies: Sequence[AdsorptionEnergy], level: str, reference: str
) -> list[Pair]:
    """Return the same surfaces at two levels, one pair each.

    Where a level has several rows of a surface, such as by a former way of computing, the latest
    counts.

    Parameters
    ----------
    energies
        Of any levels.
    level, reference
        Level to correct and level to correct it to.
    """
    better = sorted(
        (e for e in energies if e.row.level == reference),
        key=lambda e: (e.row.item, e.row.model, e.row.key),
    )
    of_item: dict[tuple[str, str], list[AdsorptionEnergy]] = defaultdict(list)
    for energy in energies:
        of_item[energy.row.level, energy.row.item].append(energy)

    def latest(at: str, target: AdsorptionEnergy) -> AdsorptionEnergy | None:
        same = [e for e in of_item[at, target.row.item] if e.same_surface(target)]
        return max(same, key=lambda e: (e.row.started, e.row.key), default=None)

    pairs = []
    for target in better:
        found = latest(level, target)
        if found is None or latest(reference, target) is not target:
            continue
        pairs.append(
            Pair(
                label=f"{target.row.item} {target.values.facet}".strip(),
                group=target.group,
                computed=found.energy_ev,
                reference=target.energy_ev,
            )
        )
    return pairs


def adsorption_error_models(
    energies: Sequence[AdsorptionEnergy],
) -> dict[tuple[str, str], ErrorModel]:
    """Fit every level against the plane-wave levels above it.

    Alternatives such as ``screen-chgnet`` are fitted too. The error of a potential
    follows the bonding, so it is fitted per class, and a class without pairs is taken for one
    more of them; between DFT levels the functional is
    the same and only geometry and basis differ, so these steps are fitted over all classes.
    """
    models = {}
    for level in sorted({e.row.level for e in energies}):
        for reference in ("standard", "reference"):
            if rung(level) >= rung(reference):
                continue
            pairs = adsorption_pairs(energies, level, reference)
            if is_dft(level):
                pairs = [replace(p, group=ALL_CLASSES) for p in pairs]
            if pairs:
                models[level, reference] = fit(
                    pairs,
                    quantity=QUANTITY,
                    level=level,
                    reference=reference,
                    unseen_classes=not is_dft(level),
                )
    return models


def corrected(energy: AdsorptionEnergy, errors: AdsorptionErrors) -> Estimate:
    """Return the best justified estimate from one row.

    The row is corrected to ``reference`` directly, or to ``standard`` and from there
    on where that step is calibrated, whichever leaves the narrower interval: few
    surfaces are computed at ``reference``, many at ``standard``. Without calibration a
    DFT row keeps the interval of its own calculation (if it has one); a screening row
    has none. What DFT leaves open is the row's own statement where it is a DFT row, else
    that of rows like it.

    Parameters
    ----------
    energy
        At any level.
    errors
        From :func:`adsorption_errors`.
    """
    row = energy.row
    stated = stated_half_width(row, QUANTITY, energy.energy_ev)
    own = row_components(energy)
    return _estimate(energy.energy_ev, energy.group, row.level, errors, own, stated)


def expected(energy_ev: float, group: str, level: str, errors: AdsorptionErrors) -> Estimate:
    """Return the estimate that a row of this level would give, before there is one.

    Parameters
    ----------
    energy_ev
        Adsorption energy that is expected, eV.
    group
        Class of the substrate.
    level
        Level of theory.
    errors
        From :func:`adsorption_errors`: a DFT row is taken to leave open what DFT rows of the
        class do.
    """
    own = errors.dft.components(energy_ev, group, level) if is_dft(level) else ()
    half = HALF_WIDTH_PER_SD * math.hypot(*(c.scale for c in own)) if own else None
    return _estimate(energy_ev, group, level, errors, own, half)


def _estimate(
    raw: float,
    group: str,
    level: str,
    errors: AdsorptionErrors,
    own: tuple[Component, ...],
    stated: float | None,
) -> Estimate:
    """Return a value with what the level and DFT leave open, and what its row states itself."""
    tried = []
    for target in ("reference", "standard"):
        model = errors.models.get((level, target))
        if model is None:
            continue
        estimate = model.estimate(raw, ALL_CLASSES if is_dft(level) else group)
        if target == "standard":
            estimate = _carried_on(estimate, errors.models.get(("standard", "reference")))
        if estimate.known and estimate.value is not None:
            further = own or errors.dft.components(estimate.value, group, target)
            estimate = estimate.widened(further)
        tried.append(estimate if estimate.group == group else replace(estimate, group=group))
    known = [e for e in tried if e.known]
    if known:
        return min(known, key=_width)
    if is_dft(level):
        basis = f"{level} calculation's own uncertainty"
        own_estimate = own_interval(raw, stated, group=group, basis=basis)
        return replace(own_estimate, components=own or None)
    if tried:
        return tried[0]
    return Estimate(
        raw=raw,
        group=group,
        reason=f"no pair of {level} and a better level: the error of {level} is not known",
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
