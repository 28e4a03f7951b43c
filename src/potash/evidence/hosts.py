"""What the rows say about each host: the model that sets its value, the others, joint draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from potash.bulk.contact import ContactVerdict
from potash.calibration import interval_of, sample
from potash.catalog.catalog import Catalog
from potash.catalog.hosts import Host
from potash.evidence.adsorption import ModelEvidence, model_evidence
from potash.evidence.adsorption_energies import blind
from potash.evidence.adsorption_errors import AdsorptionErrors
from potash.evidence.equivalence import equivalent_models, under_equivalent_models
from potash.evidence.products import Product, contact_of, leading_verdict, products_of
from potash.evidence.surface_properties import SurfaceProperties, surface_properties
from potash.store.rows import Row
from potash.structures.recipes import BulkRecipe


@dataclass(frozen=True, eq=False)
class HostEvidence:
    """What is known of one host.

    Attributes
    ----------
    host
        The host, its models under the ids that stand for them.
    setting
        Evidence on the model that sets its value; None where there is none. Of a host that
        reacts with K it is a model of a product.
    models
        Evidence on all its models that are computed, and on its products.
    missing
        Models that could be computed and are not.
    reason
        Why it has no value, or what is missing; ''.
    interval_ev
        Of its value: which of its models stands for the host is uncertain, too, so it is that
        of an equal mixture of them. None = not known.
    draws_ev
        Joint draws of its value; None = interval not known.
    first_contact
        Evidence on the pristine surface of a host that reacts with K: what K meets before.
    products
        What such a host turns into.
    contact
        Whether it survives K; None where nothing is known of that.
    """

    host: Host
    setting: ModelEvidence | None
    models: tuple[ModelEvidence, ...]
    missing: tuple[str, ...]
    reason: str
    interval_ev: tuple[float, float] | None
    draws_ev: NDArray[np.float64] | None
    first_contact: ModelEvidence | None = None
    products: tuple[Product, ...] = ()
    contact: ContactVerdict | None = None


@dataclass(frozen=True, eq=False)
class HostsEvidence:
    """What is known of all hosts and their models, with joint draws.

    Attributes
    ----------
    hosts
        In the order of the catalogue.
    models
        Model id to evidence.
    draws_ev
        Model id to joint draws of its value; models without an interval are absent.
    properties
        Model id to what else is known of K on it.
    errors
        What the levels of theory are wrong by.
    """

    hosts: tuple[HostEvidence, ...]
    models: Mapping[str, ModelEvidence]
    draws_ev: Mapping[str, NDArray[np.float64]]
    properties: Mapping[str, SurfaceProperties]
    errors: AdsorptionErrors


def host_evidence(
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    contact: Mapping[str, ContactVerdict] | None = None,
    only: Sequence[str] | None = None,
    seed: int,
    n_draws: int,
) -> HostsEvidence:
    """Return the evidence on hosts.

    Parameters
    ----------
    rows
        Any rows; those on surfaces are used.
    catalog
        Hosts and their models.
    calibration_rows
        Further rows that serve the error models only.
    contact
        Model id to whether its bulk survives K. The value of a host whose bulk reacts is that
        of its products.
    only
        Ids of hosts to keep; all by default.
    seed, n_draws
        Of the draws.
    """
    alias = equivalent_models(catalog.models)
    rows = under_equivalent_models(rows, alias)
    models, errors = model_evidence(
        rows,
        catalog.models,
        calibration_rows=under_equivalent_models(calibration_rows, alias),
    )
    draws = model_draws(models, seed=seed, n_draws=n_draws)
    failures = _failures([r for r in rows if r.item not in models], catalog)
    rng = np.random.default_rng(seed + 1)
    about = _About(catalog, models, draws, failures, contact or {})
    hosts = []
    for host in catalog.hosts.values():
        if only is None or host.id in only:
            standing = tuple(dict.fromkeys(alias.get(m, m) for m in host.models))
            host = host.model_copy(update={"models": standing})
            hosts.append(_host(host, about, rng))
    return HostsEvidence(
        hosts=tuple(hosts),
        models=models,
        draws_ev=draws,
        properties=surface_properties(rows, {m: e.row for m, e in models.items()}),
        errors=errors,
    )


def model_draws(
    models: Mapping[str, ModelEvidence], *, seed: int, n_draws: int
) -> dict[str, NDArray[np.float64]]:
    """Return joint draws of the values of models, eV; models without an interval are left out.

    Parameters
    ----------
    models
        Model id to evidence.
    seed, n_draws
        Of the draws; they do not depend on the order of the models.
    """
    names = sorted(m for m, e in models.items() if e.estimate.known)
    drawn = sample(
        [models[m].estimate for m in names], n_draws=n_draws, rng=np.random.default_rng(seed)
    )
    return {m: drawn[:, j] for j, m in enumerate(names)}


@dataclass(frozen=True, eq=False)
class _About:
    """What the evidence on each host is gathered from."""

    catalog: Catalog
    models: Mapping[str, ModelEvidence]
    draws: Mapping[str, NDArray[np.float64]]
    failures: Mapping[str, str]
    contact: Mapping[str, ContactVerdict]


def _host(host: Host, about: _About, rng: np.random.Generator) -> HostEvidence:
    catalog, models = about.catalog, about.models
    found = tuple(models[m] for m in host.models if m in models)
    missing = tuple(m for m in host.models if m not in models and _has_surface(catalog, m))
    setting = _setting(host, catalog, models)
    if not found:
        reason = _why_not(host, catalog, about.failures)
    elif setting is None:
        reason = f"{missing[0]}, which sets its value, is not computed"
        reason = _why(missing[0], catalog, about.failures) or reason
    else:
        reason = f"not computed: {', '.join(missing)}" if missing else ""
    leading = leading_verdict(host, catalog, about.contact)
    first_contact: ModelEvidence | None = None
    products: tuple[Product, ...] = ()
    if leading is not None and leading.verdict == "reacts":
        products = products_of(leading, catalog, models, about.failures)
        first_contact = setting
        setting, why = _reacted(leading, products)
        reason = why or (reason if missing else "")
        lasting = (e for e in found if not _reacts(e.model, about.contact))
        of_products = (p.evidence for p in products if p.evidence is not None)
        found = tuple({e.model: e for e in (*of_products, *lasting)}.values())
    interval, drawn = None, None
    if setting is not None and setting.estimate.known:
        known = [e for e in found if e.estimate.known]
        interval, drawn = known[0].estimate.interval, about.draws[known[0].model]
        if len(known) > 1:
            interval = interval_of([e.estimate for e in known])
            stacked = np.stack([about.draws[e.model] for e in known], axis=1)
            drawn = stacked[np.arange(len(stacked)), rng.integers(len(known), size=len(stacked))]
    return HostEvidence(
        host=host,
        setting=setting,
        models=found,
        missing=missing,
        reason=reason,
        interval_ev=interval,
        draws_ev=drawn,
        first_contact=first_contact,
        products=products,
        contact=contact_of(host, catalog, about.contact)[1],
    )


def _reacts(model: str, contact: Mapping[str, ContactVerdict]) -> bool:
    return model in contact and contact[model].verdict == "reacts"


def _reacted(
    verdict: ContactVerdict, products: Sequence[Product]
) -> tuple[ModelEvidence | None, str]:
    """Return what sets the value of a host that reacts with K, or why nothing does.

    Every product that holds K has to have a value: K may go to any of them. The one with most
    atoms sets it; the others, and what is left beside them, widen the interval.
    """
    with_k = [p for p in products if p.holds_k]
    lacking = [p.reason for p in with_k if p.evidence is None]
    if with_k and not lacking:
        return with_k[0].evidence, ""
    equation = "" if verdict.reaction is None else f" ({verdict.reaction.equation})"
    why = "; ".join(lacking) or "no product that holds K is known"
    return None, f"reacts with K at 0 V{equation}, and its products have no value: {why}"


def _setting(
    host: Host, catalog: Catalog, models: Mapping[str, ModelEvidence]
) -> ModelEvidence | None:
    """Return the evidence on the first model that can be built (or that has rows anyway)."""
    for name in host.models:
        if name in models:
            return models[name]
        if _has_surface(catalog, name):
            return None
    return None


def _failures(rows: Sequence[Row], catalog: Catalog) -> dict[str, str]:
    """Return why each model's latest adsorption row gave no usable value."""
    found = {}
    for row in sorted(rows, key=lambda r: (r.started, r.key)):
        if row.kind != "adsorption":
            continue
        if row.status != "ok":
            found[row.item] = f"{row.status}, {row.reason}"
        elif why := blind(row, catalog.models.get(row.item)):
            found[row.item] = f"refused, {why}; needs DFT"
    return found


def _why_not(host: Host, catalog: Catalog, failures: Mapping[str, str]) -> str:
    """Say in one line why a host has no value."""
    parts = [_why(name, catalog, failures) for name in host.models]
    return "; ".join(filter(None, parts)) or f"no row yet for {', '.join(host.models)}"


def _why(name: str, catalog: Catalog, failures: Mapping[str, str]) -> str:
    """Say why a model has no value; empty where nothing is known of it."""
    model = catalog.models.get(name)
    if name in failures:
        return f"{name}: {failures[name]}"
    if model is not None and model.recipe is None:
        return f"{name}: {model.not_modelled_reason or 'no recipe builds this model'}"
    return ""


def _has_surface(catalog: Catalog, model: str) -> bool:
    """Tell whether a model has a surface that can be built."""
    found = catalog.models.get(model)
    return (
        found is not None and found.recipe is not None and not isinstance(found.recipe, BulkRecipe)
    )
