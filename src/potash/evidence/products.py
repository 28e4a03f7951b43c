"""What a host is once it has reacted with K: its products, and what is known of K on them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from potash.bulk.contact import ContactVerdict
from potash.bulk.thermodynamics import RESERVOIR, atoms_in, composition_of, reduced_formula
from potash.catalog.catalog import Catalog
from potash.catalog.hosts import AtomisticModel, Host
from potash.evidence.adsorption import ModelEvidence


@dataclass(frozen=True, eq=False)
class Product:
    """A phase that a host turns into on contact with K at 0 V against K/K+.

    Attributes
    ----------
    formula
        Reduced formula.
    model
        Id of the model of its surface; None where the catalogue has none.
    evidence
        On K at that surface; None where there is none.
    reason
        Why there is none; ''.
    """

    formula: str
    model: str | None
    evidence: ModelEvidence | None
    reason: str = ""

    @property
    def holds_k(self) -> bool:
        """Whether K is part of it, not only left beside it."""
        return RESERVOIR in composition_of(self.formula)


def leading_models(host: Host, catalog: Catalog) -> tuple[AtomisticModel, ...]:
    """Return a host's models up to the first that has a surface, which sets its value.

    All of them where none has.
    """
    found = []
    for name in host.models:
        found.append(catalog.models[name])
        if found[-1].has_surface:
            break
    return tuple(found)


def leading_verdict(
    host: Host, catalog: Catalog, contact: Mapping[str, ContactVerdict]
) -> ContactVerdict | None:
    """Return whether the material that sets a host's value survives K; None where not checked."""
    return next((contact[m.id] for m in leading_models(host, catalog) if m.id in contact), None)


def contact_of(
    host: Host, catalog: Catalog, contact: Mapping[str, ContactVerdict]
) -> tuple[AtomisticModel, ContactVerdict | None]:
    """Return whether a host survives K, and the model that this is known by.

    By the material that sets its value. Where that has no verdict, the host reacts if any
    part of it does; that another part, or a product, survives says nothing of it.

    Parameters
    ----------
    host, catalog
        The host, and its models.
    contact
        Model id to whether its bulk survives K.
    """
    for model in leading_models(host, catalog):
        if model.id in contact:
            return model, contact[model.id]
    for name in host.models:
        if name in contact and contact[name].verdict == "reacts":
            return catalog.models[name], contact[name]
    return catalog.models[host.models[0]], None


def products_of(
    verdict: ContactVerdict,
    catalog: Catalog,
    models: Mapping[str, ModelEvidence],
    failures: Mapping[str, str],
) -> tuple[Product, ...]:
    """Return the products of a reaction with K, those that hold K first, the most atoms first.

    Parameters
    ----------
    verdict
        That of the host.
    catalog
        Where models of the products are looked for, by composition.
    models
        Model id to evidence.
    failures
        Model id to why it has none.
    """
    made = {} if verdict.reaction is None else dict(verdict.reaction.products)
    found = [_product(f, catalog, models, failures) for f in made if f != RESERVOIR]
    return tuple(
        sorted(found, key=lambda p: (not p.holds_k, -atoms_in({p.formula: made[p.formula]})))
    )


def _product(
    formula: str,
    catalog: Catalog,
    models: Mapping[str, ModelEvidence],
    failures: Mapping[str, str],
) -> Product:
    able = [m for m in catalog.models.values() if m.has_surface and _is(m, formula)]
    known = [models[m.id] for m in able if m.id in models]
    if known:
        return Product(formula, known[0].model, known[0])
    if not able:
        return Product(formula, None, None, f"{formula} has no model of a surface")
    why = (f"{m.id}: {failures[m.id]}" for m in able if m.id in failures)
    reason = next(why, f"{able[0].id} is not computed")
    return Product(formula, able[0].id, None, reason)


def _is(model: AtomisticModel, formula: str) -> bool:
    """Tell whether a model is of a composition; open ratios and mixtures are of none."""
    return model.kind in ("slab", "bulk", "bulk_or_slab") and _reduced(model.formula) == formula


@lru_cache(maxsize=4096)
def _reduced(formula: str) -> str:
    """Return the reduced formula of a composition, or ''."""
    with warnings.catch_warnings():
        # pymatgen warns about its own use of a function that it will drop.
        warnings.filterwarnings("ignore", category=FutureWarning, module="pymatgen")
        try:
            return reduced_formula(composition_of(formula))
        except ValueError:
            return ""
