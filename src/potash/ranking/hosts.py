"""Rank potassium hosts by the corrected adsorption energy of K."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from potash.bulk.contact import ContactVerdict
from potash.calibration import leave_one_out
from potash.catalog.catalog import Catalog
from potash.catalog.question import AmongHosts
from potash.evidence.adsorption import ModelEvidence
from potash.evidence.adsorption_energies import QUANTITY
from potash.evidence.adsorption_errors import AdsorptionErrors
from potash.evidence.hosts import HostEvidence, host_evidence
from potash.evidence.surface_properties import SurfaceProperties
from potash.ranking.answering import Condition
from potash.ranking.conditions import host_conditions, model_conditions
from potash.ranking.criteria import Criterion
from potash.ranking.montecarlo import draws_for
from potash.ranking.order import Candidate
from potash.ranking.table import Entry, RankedTable
from potash.ranking.tiers import Wish, ranked_table
from potash.store.rows import Row

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

WORK = "work_of_adhesion_j_m2"

FURTHER_HOST_CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        column=WORK,
        label="work of adhesion of K",
        direction="maximise",
        worst=0.0,
        best=0.2,
        weight=1.0,
        why=(
            "A film of K that is parted from the host more easily than K from itself draws "
            "together into droplets; from twice the surface energy of K on (about 0.2 J/m2) it "
            "wets, and holding it harder is not rewarded further in the desirability."
        ),
    ),
)
"""What a campaign may rank hosts by beside, or instead of, :data:`HOST_CRITERIA`."""

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
    wish: Wish | None = None,
    only: Sequence[str] | None = None,
    with_models: bool = True,
    seed: int = 20_250_101,
    n_draws: int | None = None,
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
    wish
        How many make up the best, and among whom (:class:`AmongHosts`).
    only
        Ids of hosts to keep; all by default.
    with_models
        Also rank computed models that set the value of no host in the table,
        under their own id and label (``entry`` is then ``model``).
    seed, n_draws
        Of the Monte Carlo; the same seed gives the same table. 4000 draws by default, fewer of
        thousands of candidates.
    """
    n_draws = n_draws or _draws_for(rows, catalog)
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
    wish = wish or Wish()
    among = AmongHosts.model_validate(wish.among.model_dump(exclude_unset=True, by_alias=True))
    return ranked_table(
        "hosts",
        candidates,
        criteria,
        wish,
        conditions={
            c.entry.id: host_conditions(among, catalog.hosts[c.entry.id], catalog, contact or {})
            if not c.entry.is_model
            else _model_conditions(among, c, catalog, contact or {})
            for c in candidates
        },
        notes=HOST_NOTES + calibration_notes(errors),
        error_models=[errors.models[k] for k in sorted(errors.models)],
        seed=seed,
        n_draws=n_draws,
    )


def _model_conditions(
    among: AmongHosts,
    candidate: Candidate,
    catalog: Catalog,
    contact: Mapping[str, ContactVerdict],
) -> tuple[Condition, ...]:
    """Return the conditions on a model that stands for itself; of strangers nothing is known."""
    entry = candidate.entry
    model = catalog.models.get(entry.id)
    return () if model is None else model_conditions(among, model, entry.group, contact)


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

    Parameters are those of :func:`rank_hosts`.
    """
    n_draws = n_draws or _draws_for(rows, catalog)
    known = host_evidence(
        rows,
        catalog,
        calibration_rows=calibration_rows,
        only=only,
        seed=seed,
        n_draws=n_draws,
    )
    candidates = [_candidate(h, catalog) for h in known.hosts]
    if with_models and only is None:
        used = {c.entry.values.get("model") for c in candidates}
        for name in sorted(set(known.models) - used):
            draws = known.draws_ev.get(name)
            candidates.append(_model_candidate(known.models[name], catalog, draws))
    return [_completed(c, known.properties, contact or {}) for c in candidates], known.errors


def _draws_for(rows: Sequence[Row], catalog: Catalog) -> int:
    """Return how many draws to take: hosts are ranked, and computed models beside them."""
    return draws_for(len(catalog.hosts) + len({r.item for r in rows if r.kind == "adsorption"}))


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


def _candidate(known: HostEvidence, catalog: Catalog) -> Candidate:
    host, setting = known.host, known.setting
    entry = Entry(
        id=host.id,
        name=host.name,
        group=host.material_class,
        status="not_computed" if not known.models else "partial" if known.missing else "computed",
        reason=known.reason,
        levels=tuple(sorted({r.level for e in known.models for r in (e.row, *e.others)})),
        keys={f"{e.row.level}:{e.model}": e.row.key for e in known.models},
        detail={"models": [_model_detail(e, catalog) for e in known.models]},
    )
    if setting is None:
        return Candidate(entry, {}, {}, host.id)
    open_ = [e.model for e in known.models if e is not setting and not e.estimate.known]
    flags = [*setting.flags]
    if open_:
        flags.append(f"interval without uncalibrated {', '.join(open_)}")
    entry = replace(
        entry,
        values=_values(setting, known.interval_ev, kind="host"),
        flags=tuple(dict.fromkeys(flags)),
        keys=_keys(setting),
    )
    drawn = {} if known.draws_ev is None else {QUANTITY: known.draws_ev}
    central = {QUANTITY: setting.value}
    return Candidate(entry, central, drawn, setting.model, comparable=setting.comparable)


def _model_candidate(
    evidence: ModelEvidence, catalog: Catalog, draws: NDArray[np.float64] | None
) -> Candidate:
    """Return a computed model as a candidate of its own."""
    model = catalog.models.get(evidence.model)
    entry = Entry(
        id=evidence.model,
        name=model.label if model is not None else evidence.model,
        group=evidence.group,
        status="computed",
        levels=tuple(sorted({r.level for r in (evidence.row, *evidence.others)})),
        values=_values(evidence, evidence.estimate.interval, kind="model"),
        flags=("model, not a host of the review", *evidence.flags),
        keys=_keys(evidence),
        detail={"models": [_model_detail(evidence, catalog)]},
    )
    drawn = {} if draws is None else {QUANTITY: draws}
    return Candidate(
        entry,
        {QUANTITY: evidence.value},
        drawn,
        evidence.model,
        comparable=evidence.comparable,
    )


def _values(
    setting: ModelEvidence, interval: tuple[float, float] | None, *, kind: str
) -> dict[str, Any]:
    """Return the columns of the table that come from the model that sets the value."""
    found, estimate = setting.values, setting.estimate
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
    contact: Mapping[str, ContactVerdict],
) -> Candidate:
    """Add what stands beside the adsorption energy, and give every entry the same columns."""
    entry = candidate.entry
    model = entry.values.get("model")
    other = beside.get(model or "", SurfaceProperties())
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
        "hop_barrier_ev": _rounded(other.hop_barrier_ev),
        "k_charge_e": _rounded(other.k_charge_e),
        "thickness_change_ev": _rounded(other.thickness_change_ev),
        WORK: _rounded(other.work_of_adhesion_j_m2),
        "contact_with_k": None if met is None else met.verdict,
        "reacts_with_k": met.reason if met is not None and met.verdict == "reacts" else None,
    }
    keys = {**entry.keys, **other.keys}
    central = dict(candidate.central)
    if other.work_of_adhesion_j_m2 is not None:
        central[WORK] = other.work_of_adhesion_j_m2
    entry = replace(entry, flags=flags, values=values, keys=keys)
    return replace(candidate, entry=entry, central=central)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
