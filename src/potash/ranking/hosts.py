"""Rank potassium hosts by the corrected adsorption energy of K."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from potash.bulk.contact import ContactVerdict
from potash.calibration import leave_one_out, sample
from potash.catalog.catalog import Catalog
from potash.catalog.hosts import Host
from potash.evidence.adsorption import ModelEvidence, model_evidence
from potash.evidence.adsorption_errors import AdsorptionErrors
from potash.evidence.companions import Companions, companions
from potash.evidence.dft_uncertainty import QUANTITY
from potash.evidence.twins import relabelled, same_surfaces
from potash.ranking.criteria import Criterion
from potash.ranking.order import Candidate, place, summary
from potash.ranking.table import Entry, RankedTable
from potash.store.rows import Row
from potash.structures.recipes import BulkRecipe

HOST_CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        column=QUANTITY,
        label="K adsorption energy",
        direction="minimise",
        worst=0.0,
        best=-1.0,
        weight=1.0,
        why=(
            "K wets and seeds where it is bound more strongly than in K metal; at 0 eV it "
            "would rather join K metal. Below -1 eV more binding is not rewarded further in "
            "the desirability, because such hosts tend to react; the order itself follows "
            "the energy."
        ),
    ),
)

HOST_NOTES: tuple[str, ...] = (
    "Adsorption energy = E(slab+K) - E(slab) - E(K, bcc bulk, same level): negative = bound "
    "more strongly than in K metal.",
    "A host's value is that of the first of its models that can be built; until that is computed "
    "the host is not ranked. Its other models widen the interval and the rank range and never set "
    "the value. Hosts that share that model tie.",
    "An interval exists only where the class of the model is calibrated by pairs of levels (or "
    "the DFT row states its own); a host without one has an open place, whatever its number.",
)


_NO_VALUES: dict[str, Any] = {
    "entry": "host",
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
        )
    ),
}
"""Columns of a host without a value."""


def rank_hosts(
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    contact: Mapping[str, ContactVerdict] | None = None,
    criteria: Sequence[Criterion] = HOST_CRITERIA,
    only: Sequence[str] | None = None,
    with_models: bool = True,
    seed: int = 20_250_101,
    n_draws: int = 4000,
) -> RankedTable:
    """Return every host of the catalogue, those with a value ranked.

    Parameters
    ----------
    rows
        Any rows; adsorption rows are used.
    catalog
        Hosts and their models.
    calibration_rows
        Further rows that serve the error models only, such as those of the
        reference campaign; rows given twice count once.
    contact
        Model id to whether its bulk survives K. The value of one that reacts holds for
        the pristine surface only and is flagged ``first contact``; a check that failed
        is flagged with its reason.
    criteria
        What to reward.
    only
        Ids of hosts to keep; all by default.
    with_models
        Also rank computed models that set the value of no host in the table,
        under their own id and label (``entry`` is then ``model``).
    seed, n_draws
        Of the Monte Carlo; the same seed gives the same table.
    """
    candidates, errors = host_candidates(
        rows,
        catalog,
        calibration_rows=calibration_rows,
        contact=contact,
        only=only,
        with_models=with_models,
        seed=seed,
        n_draws=n_draws,
    )
    entries = place(candidates, criteria)
    return RankedTable(
        kind="hosts",
        entries=entries,
        criteria=tuple(criteria),
        verdict=summary(entries),
        notes=HOST_NOTES + calibration_notes(errors),
        error_models=tuple(errors.models[k] for k in sorted(errors.models)),
        seed=seed,
        n_draws=n_draws,
    )


def host_candidates(
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    contact: Mapping[str, ContactVerdict] | None = None,
    only: Sequence[str] | None = None,
    with_models: bool = True,
    seed: int = 20_250_101,
    n_draws: int = 4000,
) -> tuple[list[Candidate], AdsorptionErrors]:
    """Return the hosts as candidates with joint draws, and the error models behind them.

    Parameters are those of :func:`rank_hosts`.
    """
    alias = same_surfaces(catalog.models)
    rows, calibration_rows = relabelled(rows, alias), relabelled(calibration_rows, alias)
    evidence, errors = model_evidence(rows, catalog.models, calibration_rows=calibration_rows)
    draws = _model_draws(evidence, seed=seed, n_draws=n_draws)
    attempted = _attempts(rows)
    rng = np.random.default_rng(seed + 1)
    candidates = []
    for host in catalog.hosts.values():
        if only is not None and host.id not in only:
            continue
        models = tuple(dict.fromkeys(alias.get(m, m) for m in host.models))
        host = host.model_copy(update={"models": models})
        candidates.append(_candidate(host, catalog, evidence, draws, attempted, rng, n_draws))
    if with_models and only is None:
        used = {c.entry.values.get("model") for c in candidates}
        for name in sorted(set(evidence) - used):
            candidates.append(_model_candidate(evidence[name], catalog, draws))
    beside = companions(rows, {m: e.row for m, e in evidence.items()})
    candidates = [_completed(c, beside, contact or {}) for c in candidates]
    return candidates, errors


def calibration_notes(errors: AdsorptionErrors) -> tuple[str, ...]:
    """Return one sentence per error model (pairs, classes, leave-one-out error), one on DFT."""
    notes = []
    for (level, reference), model in sorted(errors.models.items()):
        loo = leave_one_out(model)
        n = len(model.pairs)
        text = f"{level} against {reference}: {n} pair{'s' if n > 1 else ''}"
        if model.groups:
            text += f", calibrated classes {', '.join(sorted(model.groups))}"
        else:
            text += ", no class calibrated"
        if loo is not None:
            text += (
                f"; leave-one-out mean error {loo.mae_corrected:.2f} eV over {loo.n_predicted} "
                f"(uncorrected {loo.mae_uncorrected:.2f} eV)"
            )
        notes.append(text + ".")
    if errors.dft.functional is not None:
        notes.append(
            "The density functional is one variable of all values on the scale of DFT: "
            f"{errors.dft.functional}."
        )
    return tuple(notes)


def _model_draws(
    evidence: Mapping[str, ModelEvidence], *, seed: int, n_draws: int
) -> dict[str, NDArray[np.float64]]:
    """Return joint draws per model; models without an interval are left out."""
    names = sorted(evidence)
    if not names:
        return {}
    drawn = sample(
        [evidence[m].estimate for m in names], n_draws=n_draws, rng=np.random.default_rng(seed)
    )
    return {m: drawn[:, j] for j, m in enumerate(names) if evidence[m].estimate.known}


def _attempts(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return adsorption rows that gave no usable value, by model."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda r: (r.started, r.key)):
        if row.kind == "adsorption" and row.status != "ok":
            found.setdefault(row.item, []).append(row)
    return found


def _why_not(host: Host, catalog: Catalog, attempted: Mapping[str, Sequence[Row]]) -> str:
    """Say in one line why a host has no value."""
    parts = []
    for name in host.models:
        tries = attempted.get(name)
        model = catalog.models.get(name)
        if tries:
            parts.append(f"{name}: {tries[-1].status}, {tries[-1].reason}")
        elif model is not None and model.recipe is None:
            parts.append(f"{name}: {model.not_modelled_reason or 'no recipe builds this model'}")
    if not parts:
        return f"no row yet for {', '.join(host.models)}"
    return "; ".join(parts)


def _candidate(
    host: Host,
    catalog: Catalog,
    evidence: Mapping[str, ModelEvidence],
    draws: Mapping[str, NDArray[np.float64]],
    attempted: Mapping[str, Sequence[Row]],
    rng: np.random.Generator,
    n_draws: int,
) -> Candidate:
    found = [evidence[m] for m in host.models if m in evidence]
    if not found:
        entry = Entry(
            id=host.id,
            name=host.name,
            group=host.material_class,
            status="not_computed",
            reason=_why_not(host, catalog, attempted),
        )
        return Candidate(entry, {}, {}, host.id)
    main = _value_model(host, catalog, evidence)
    modelled = [m for m in host.models if _has_recipe(catalog, m)]
    missing = [m for m in modelled if m not in evidence]
    if main is None:
        entry = Entry(
            id=host.id,
            name=host.name,
            group=host.material_class,
            status="partial",
            reason=f"the model that sets its value is not computed: {missing[0]}",
            levels=tuple(sorted({r.level for e in found for r in (e.row, *e.others)})),
            keys={f"{e.row.level}:{e.model}": e.row.key for e in found},
            detail={"models": [_model_detail(e, catalog) for e in found]},
        )
        return Candidate(entry, {}, {}, host.id)
    intervals = [e for e in found if e.estimate.known]
    unknown_others = [e.model for e in found if e is not main and not e.estimate.known]
    low = min((e.estimate.low for e in intervals if e.estimate.low is not None), default=None)
    high = max((e.estimate.high for e in intervals if e.estimate.high is not None), default=None)
    known = main.estimate.known
    flags = [*main.flags]
    if unknown_others:
        flags.append(f"interval without uncalibrated {', '.join(unknown_others)}")
    entry = Entry(
        id=host.id,
        name=host.name,
        group=host.material_class,
        status="computed" if not missing else "partial",
        reason=f"not computed: {', '.join(missing)}" if missing else "",
        levels=tuple(sorted({r.level for e in found for r in (e.row, *e.others)})),
        values=_values(main, low if known else None, high if known else None, kind="host"),
        flags=tuple(dict.fromkeys(flags)),
        keys=_keys(main),
        detail={"models": [_model_detail(e, catalog) for e in found]},
    )
    central = {QUANTITY: main.value}
    if not known:
        return Candidate(entry, central, {}, main.model, comparable=main.comparable)
    usable = [draws[e.model] for e in intervals]
    if len(usable) == 1:
        return Candidate(entry, central, {QUANTITY: usable[0]}, main.model)
    # Which model stands for the host is itself uncertain: an equal mixture of them.
    choice = rng.integers(len(usable), size=n_draws)
    mixed = np.stack(usable, axis=1)[np.arange(n_draws), choice]
    return Candidate(entry, central, {QUANTITY: mixed}, main.model)


def _model_candidate(
    evidence: ModelEvidence, catalog: Catalog, draws: Mapping[str, NDArray[np.float64]]
) -> Candidate:
    """Return a computed model as a candidate of its own."""
    estimate = evidence.estimate
    model = catalog.models.get(evidence.model)
    entry = Entry(
        id=evidence.model,
        name=model.label if model is not None else evidence.model,
        group=evidence.group,
        status="computed",
        levels=tuple(sorted({r.level for r in (evidence.row, *evidence.others)})),
        values=_values(evidence, estimate.low, estimate.high, kind="model"),
        flags=("model, not a host of the review", *evidence.flags),
        keys=_keys(evidence),
        detail={"models": [_model_detail(evidence, catalog)]},
    )
    drawn = {QUANTITY: draws[evidence.model]} if evidence.model in draws else {}
    return Candidate(
        entry,
        {QUANTITY: evidence.value},
        drawn,
        evidence.model,
        comparable=evidence.comparable,
    )


def _values(
    main: ModelEvidence, low: float | None, high: float | None, *, kind: str
) -> dict[str, Any]:
    """Return the columns of the table that come from the model that sets the value."""
    row, estimate = main.row, main.estimate
    return {
        "entry": kind,
        "model": main.model,
        "model_class": main.group,
        "facet": row.values.get("facet"),
        "termination": row.values.get("termination"),
        "site": row.values.get("site"),
        QUANTITY: _rounded(main.value),
        "adsorption_energy_low_ev": _rounded(low),
        "adsorption_energy_high_ev": _rounded(high),
        "model_low_ev": _rounded(estimate.low),
        "model_high_ev": _rounded(estimate.high),
        "adsorption_energy_raw_ev": _rounded(estimate.raw),
        "level": row.level,
        "binding_energy_ev": _rounded(row.values.get("binding_energy_ev")),
        "height_angstrom": _rounded(row.values.get("height_angstrom")),
        "k_k_distance_angstrom": _rounded(row.values.get("k_k_distance_angstrom")),
        "interval_from": estimate.basis or f"unknown: {estimate.reason}",
    }


def _keys(main: ModelEvidence) -> dict[str, str]:
    return {f"{r.level}:{r.model}": r.key for r in (*main.others, main.row)}


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


def _value_model(
    host: Host, catalog: Catalog, evidence: Mapping[str, ModelEvidence]
) -> ModelEvidence | None:
    """Return the evidence on the first model that can be built (or that has rows anyway)."""
    for name in host.models:
        if name in evidence:
            return evidence[name]
        if _has_recipe(catalog, name):
            return None
    return None


def _completed(
    candidate: Candidate, beside: Mapping[str, Companions], contact: Mapping[str, ContactVerdict]
) -> Candidate:
    """Add what stands beside the adsorption energy, and give every entry the same columns."""
    entry = candidate.entry
    model = entry.values.get("model")
    other = beside.get(model, Companions()) if model is not None else Companions()
    met = contact.get(model) if model is not None else None
    own: tuple[str, ...] = ()
    if met is not None and met.verdict == "reacts":
        own = ("first contact",)
    elif met is not None and met.verdict == "not_known":
        own = (f"contact with K not known: {met.reason}",)
    flags = own + other.flags + entry.flags
    values = {
        **_NO_VALUES,
        **entry.values,
        **other.values,
        "contact_with_k": None if met is None else met.verdict,
        "reacts_with_k": met.reason if met is not None and met.verdict == "reacts" else None,
    }
    keys = {**entry.keys, **other.keys}
    return replace(candidate, entry=replace(entry, flags=flags, values=values, keys=keys))


def _has_recipe(catalog: Catalog, model: str) -> bool:
    """Tell whether a model has a surface that can be built."""
    found = catalog.models.get(model)
    return (
        found is not None and found.recipe is not None and not isinstance(found.recipe, BulkRecipe)
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
