"""Hosts and their models as candidates of a ranking: columns, flags, joint draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from potash.bulk.contact import ContactVerdict
from potash.catalog.catalog import Catalog
from potash.catalog.hosts import POPULATIONS, AtomisticModel, Population
from potash.columns import interval_names
from potash.evidence.adsorption import ModelEvidence
from potash.evidence.adsorption_energies import QUANTITY
from potash.evidence.adsorption_errors import AdsorptionErrors
from potash.evidence.hosts import HostEvidence, host_evidence
from potash.evidence.surface_properties import SurfaceProperties
from potash.ranking.montecarlo import draws_for
from potash.ranking.order import Candidate
from potash.ranking.table import Coverage, Entry
from potash.store.rows import Row
from potash.structures.substrate_classes import counts_from_formula

WORK = "work_of_adhesion_j_m2"

_NO_VALUES: dict[str, Any] = {
    "entry": "host",
    "population": "substrate",
    "ranked_apart": False,
    **dict.fromkeys(
        (
            "model",
            "model_class",
            "facet",
            "termination",
            "site",
            QUANTITY,
            "adsorption_energy_low_ev",
            "adsorption_energy_high_ev",
            "model_low_ev",
            "model_high_ev",
            "adsorption_energy_raw_ev",
            "level",
            "binding_energy_ev",
            "height_angstrom",
            "k_k_distance_angstrom",
            "interval_from",
            "surrogate",
            "first_contact_model",
            "first_contact_energy_ev",
            "first_contact_energy_low_ev",
            "first_contact_energy_high_ev",
            "products_with_k",
        )
    ),
}
"""Columns of a host without a value."""


def host_candidates(
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    contact: Mapping[str, ContactVerdict] | None = None,
    only: Sequence[str] | None = None,
    with_models: bool = True,
    seed: int = 20_250_101,
    n_draws: int | None = None,
) -> tuple[list[Candidate], AdsorptionErrors]:
    """Return the hosts as candidates with joint draws, and the error models behind them.

    Parameters are those of :func:`potash.ranking.hosts.rank_hosts`.
    """
    n_draws = n_draws or usual_draws(rows, catalog)
    known = host_evidence(
        rows,
        catalog,
        calibration_rows=calibration_rows,
        contact=contact,
        only=only,
        seed=seed,
        n_draws=n_draws,
    )
    candidates = [
        _completed(_candidate(h, catalog), known.properties, h.contact) for h in known.hosts
    ]
    if with_models and only is None:
        met = contact or {}
        used = {c.entry.values["model"] for c in candidates}
        used |= {c.entry.values["first_contact_model"] for c in candidates}
        for name in sorted(set(known.models) - used):
            draws = known.draws_ev.get(name)
            candidate = _model_candidate(known.models[name], catalog, draws, met.get(name))
            candidates.append(_completed(candidate, known.properties, met.get(name)))
    return candidates, known.errors


def usual_draws(rows: Sequence[Row], catalog: Catalog) -> int:
    """Return how many draws to take: hosts are ranked, and computed models beside them."""
    return draws_for(len(catalog.hosts) + len({r.item for r in rows if r.kind == "adsorption"}))


def _candidate(known: HostEvidence, catalog: Catalog) -> Candidate:
    host, setting = known.host, known.setting
    shown = known.models
    if known.first_contact is not None:
        shown = (*shown, known.first_contact)
    entry = Entry(
        id=host.id,
        name=host.name,
        group=host.material_class,
        status=_status(known),
        reason=known.reason,
        levels=tuple(sorted({r.level for e in shown for r in (e.row, *e.others)})),
        keys={f"{e.row.level}:{e.model}": e.row.key for e in shown},
        values={"population": host.population, **_first_contact(known)},
        flags=("first contact",) if known.products else (),
        detail={"models": [_model_detail(e, catalog) for e in shown]},
    )
    if setting is None:
        return Candidate(entry, {}, {}, host.id)
    open_ = [e.model for e in known.models if e is not setting and not e.estimate.known]
    flags = [*entry.flags, *setting.flags]
    first = catalog.models[host.models[0]]
    if not known.products and setting.model != first.id:
        flags.append(f"{setting.model} stands for {first.id}, of which there is no model")
    if open_:
        flags.append(f"interval without uncalibrated {', '.join(open_)}")
    entry = replace(
        entry,
        values={
            **entry.values,
            **_values(setting, known.interval_ev, catalog, kind="host"),
        },
        flags=tuple(dict.fromkeys(flags)),
        keys=_keys(setting),
    )
    drawn = {} if known.draws_ev is None else {QUANTITY: known.draws_ev}
    central = {QUANTITY: setting.value}
    # Who becomes a product is another candidate than who is made of it: one survives K.
    tie = f"{setting.model} of {known.products[0].formula}" if known.products else setting.model
    return Candidate(entry, central, drawn, tie, comparable=setting.comparable)


def _status(known: HostEvidence) -> Coverage:
    if not known.models and known.first_contact is None:
        return "not_computed"
    lacking = known.missing or (known.products and known.setting is None)
    return "partial" if lacking else "computed"


def _first_contact(known: HostEvidence) -> dict[str, Any]:
    """Return the columns of a host that reacts with K: what K meets first, and what it makes."""
    if not known.products:
        return {}
    pristine = known.first_contact
    made = [
        f"{p.formula}: {p.evidence.value:.2f} eV ({p.evidence.model})"
        if p.evidence is not None
        else f"{p.formula}: {p.reason}"
        for p in known.products
    ]
    found: dict[str, Any] = {"products_with_k": "; ".join(made)}
    if pristine is not None:
        found |= _pristine(pristine)
    return found


def _pristine(evidence: ModelEvidence) -> dict[str, Any]:
    return {
        "first_contact_model": evidence.model,
        "first_contact_energy_ev": _rounded(evidence.value),
        "first_contact_energy_low_ev": _rounded(evidence.estimate.low),
        "first_contact_energy_high_ev": _rounded(evidence.estimate.high),
    }


def _population(model: AtomisticModel | None, catalog: Catalog) -> Population:
    """Return whom a model is ranked among: the hosts that it is a model of.

    One that holds K is a product of such a host, unless it stands for the host itself.
    """
    if model is None:
        return "substrate"
    hosts = [h for h in catalog.hosts.values() if model.id in h.models]
    if "K" in counts_from_formula(model.formula):
        hosts = [h for h in hosts if h.models[0] == model.id]
        if not hosts:
            return "phase"
    found = {h.population for h in hosts}
    return next((p for p in POPULATIONS if p in found), "substrate")


def _model_candidate(
    evidence: ModelEvidence,
    catalog: Catalog,
    draws: NDArray[np.float64] | None,
    met: ContactVerdict | None,
) -> Candidate:
    """Return a computed model as a candidate of its own; one that reacts with K has no place."""
    model = catalog.models.get(evidence.model)
    values = _values(evidence, evidence.estimate.interval, catalog, kind="model")
    central, reason, flags = {QUANTITY: evidence.value}, "", evidence.flags
    if met is not None and met.verdict == "reacts":
        equation = "" if met.reaction is None else f" ({met.reaction.equation})"
        reason = f"reacts with K at 0 V{equation}: its value is that of the first contact only"
        unset = (
            *(QUANTITY, *interval_names(QUANTITY), "adsorption_energy_raw_ev"),
            *("model_low_ev", "model_high_ev", "binding_energy_ev", "interval_from"),
        )
        values |= {**dict.fromkeys(unset), **_pristine(evidence)}
        central, draws, flags = {}, None, ("first contact", *flags)
    entry = Entry(
        id=evidence.model,
        name=model.label if model is not None else evidence.model,
        group=evidence.group,
        status="computed",
        reason=reason,
        levels=tuple(sorted({r.level for r in (evidence.row, *evidence.others)})),
        values={**values, "population": _population(model, catalog)},
        flags=("model, not a host of the review", *flags),
        keys=_keys(evidence),
        detail={"models": [_model_detail(evidence, catalog)]},
    )
    drawn = {} if draws is None else {QUANTITY: draws}
    return Candidate(
        entry,
        central,
        drawn,
        evidence.model,
        comparable=evidence.comparable,
    )


def _values(
    setting: ModelEvidence, interval: tuple[float, float] | None, catalog: Catalog, *, kind: str
) -> dict[str, Any]:
    """Return the columns of the table that come from the model that sets the value."""
    found, estimate = setting.values, setting.estimate
    model = catalog.models.get(setting.model)
    low, high = interval or (None, None)
    return {
        "entry": kind,
        "model": setting.model,
        "model_class": setting.group,
        "facet": found.facet,
        "termination": found.termination,
        "site": found.site,
        QUANTITY: _rounded(setting.value),
        "adsorption_energy_low_ev": _rounded(low),
        "adsorption_energy_high_ev": _rounded(high),
        "model_low_ev": _rounded(estimate.low),
        "model_high_ev": _rounded(estimate.high),
        "adsorption_energy_raw_ev": _rounded(estimate.raw),
        "level": setting.row.level,
        "binding_energy_ev": _rounded(found.binding_energy_ev),
        "height_angstrom": _rounded(found.height_angstrom),
        "k_k_distance_angstrom": _rounded(found.k_k_distance_angstrom),
        "interval_from": estimate.basis or f"unknown: {estimate.reason}",
        "surrogate": (model.surrogate or None) if model is not None else None,
    }


def _keys(setting: ModelEvidence) -> dict[str, str]:
    return {f"{r.level}:{r.model}": r.key for r in (*setting.others, setting.row)}


def _model_detail(evidence: ModelEvidence, catalog: Catalog) -> dict[str, Any]:
    """Return one model's numbers for the report."""
    model = catalog.models.get(evidence.model)
    return {
        "model": evidence.model,
        "label": model.label if model is not None else evidence.model,
        "class": evidence.group,
        "level": evidence.row.level,
        "raw_ev": _rounded(evidence.estimate.raw),
        "value_ev": _rounded(evidence.value),
        "low_ev": _rounded(evidence.estimate.low),
        "high_ev": _rounded(evidence.estimate.high),
        "reason": evidence.estimate.reason,
        "key": evidence.row.key,
        "others": [r.key for r in evidence.others],
    }


def _completed(
    candidate: Candidate,
    beside: Mapping[str, SurfaceProperties],
    met: ContactVerdict | None,
) -> Candidate:
    """Add what stands beside the adsorption energy, and give every entry the same columns."""
    entry = candidate.entry
    model = entry.values.get("model")
    other = beside.get(model or "", SurfaceProperties())
    own: tuple[str, ...] = ()
    reacts = met is not None and met.verdict == "reacts"
    if met is not None and met.verdict == "not_known":
        own = (f"contact with K not known: {met.reason}",)
    elif reacts and "first contact" not in entry.flags:
        own = ("first contact: a part of it reacts with K",)
    surrogate = entry.values.get("surrogate")
    if surrogate:
        own += (f"surrogate: {surrogate}",)
    flags = own + other.flags + entry.flags
    reaction = None if met is None else met.reaction
    values = {
        **_NO_VALUES,
        **entry.values,
        "hop_barrier_ev": _rounded(other.hop_barrier_ev),
        "k_charge_e": _rounded(other.k_charge_e),
        "thickness_change_ev": _rounded(other.thickness_change_ev),
        WORK: _rounded(other.work_of_adhesion_j_m2),
        "contact_with_k": None if met is None else met.verdict,
        "reacts_with_k": met.reason if met is not None and reacts else None,
        "reacts_with_k_ev_per_k": _rounded(reaction.energy_ev_per_k)
        if reacts and reaction is not None
        else None,
    }
    keys = {**entry.keys, **other.keys}
    central = dict(candidate.central)
    # A model that reacts has no value at all.
    if other.work_of_adhesion_j_m2 is not None and not (reacts and not central):
        central[WORK] = other.work_of_adhesion_j_m2
    entry = replace(entry, flags=flags, values=values, keys=keys)
    return replace(candidate, entry=entry, central=central)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
