"""Conditions that are matters of fact, and whether a candidate meets them.

A condition of the catalogue (role, class, elements) is met or not; one that rests on
calculations (whether a host survives contact with potassium) may also be unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from potash.bulk.contact import ContactVerdict
from potash.catalog.catalog import Catalog
from potash.catalog.formulations import Formulation
from potash.catalog.hosts import AtomisticModel, Host
from potash.catalog.mixing import doubt_of_mixing
from potash.catalog.question import Among, AmongElectrolytes, AmongHosts, AmongMolecules
from potash.evidence.products import contact_of
from potash.ranking.answering import Condition


def host_conditions(
    among: AmongHosts, host: Host, catalog: Catalog, contact: Mapping[str, ContactVerdict]
) -> tuple[Condition, ...]:
    """Return the conditions on a host.

    Parameters
    ----------
    among
        Who may be chosen.
    host, catalog
        The host, and its models.
    contact
        Model id to whether its bulk survives K.
    """
    models = [catalog.models[m] for m in host.models]
    conditions = [
        *_common(among, host.id, _elements(models)),
        *_one_of("roles", among.roles, set(host.roles)),
        *_one_of("populations", among.compared, {host.population}),
        *_one_of("classes", among.classes, {host.material_class}),
    ]
    if among.stable_with_k is not None:
        conditions.append(_stability(among.stable_with_k, *contact_of(host, catalog, contact)))
    return tuple(conditions)


def model_conditions(
    among: AmongHosts,
    model: AtomisticModel,
    group: str,
    population: str,
    contact: Mapping[str, ContactVerdict],
) -> tuple[Condition, ...]:
    """Return the conditions on an atomistic model, which has no role.

    Parameters
    ----------
    among, contact
        As of :func:`host_conditions`.
    model, group, population
        The model, its class, and that of the hosts it is a model of.
    """
    conditions = [
        *_common(among, model.id, _elements([model])),
        *_one_of("roles", among.roles, set()),
        *_one_of("populations", among.compared, {population}),
        *_one_of("classes", among.classes, {group}),
    ]
    if among.stable_with_k is not None:
        conditions.append(_stability(among.stable_with_k, model, contact.get(model.id)))
    return tuple(conditions)


def electrolyte_conditions(
    among: AmongElectrolytes, formulation: Formulation, catalog: Catalog
) -> tuple[Condition, ...]:
    """Return the conditions on a formulation; one that a sweep made also has to mix."""
    held = {c.species for c in formulation.components}
    species = [catalog.species[s] for s in catalog.species_in(formulation.id)]
    mixing = []
    if catalog.proposed:
        miscible = () if among.sweep is None else among.sweep.miscible
        doubt = doubt_of_mixing(formulation, catalog, miscible)
        mixing = [Condition(doubt or "mixing", None if doubt else True)]
    return (
        *mixing,
        *_common(among, formulation.id, {e for s in species for e in s.composition}),
        *_one_of("salts", among.salts, held),
        *_one_of("solvents", among.solvents, held),
    )


def molecule_conditions(
    among: AmongMolecules, name: str, catalog: Catalog
) -> tuple[Condition, ...]:
    """Return the conditions on a species, or on a salt, which holds the elements of its ions."""
    salt = catalog.salts.get(name)
    species = [catalog.species[x] for x in ([name] if salt is None else [salt.cation, salt.anion])]
    roles: set[str] = {"salt"} if salt is not None else set(species[0].roles)
    return (
        *_common(among, name, {e for s in species for e in s.composition}),
        *_one_of("roles", among.roles, roles),
    )


def most_allowed(conditions: Sequence[Sequence[Condition]]) -> int:
    """Return which member of a group is allowed most: the fewest failed, then fewest unknown.

    A group is allowed if one of its members is, by all conditions.
    """

    def failures(member: int) -> tuple[int, int]:
        states = [c.met for c in conditions[member]]
        return states.count(False), states.count(None)

    return min(range(len(conditions)), key=failures)


def _elements(models: Iterable[AtomisticModel]) -> set[str]:
    return {e for m in models for e in re.findall(r"[A-Z][a-z]?", m.formula)}


def _stability(wanted: bool, model: AtomisticModel, verdict: ContactVerdict | None) -> Condition:
    """Return whether a host survives K; where that is not known, with what would settle it."""
    name = "stable_with_k"
    if verdict is None:
        return Condition(name, None, _without_verdict(model))
    if verdict.verdict in ("survives", "reacts"):
        return Condition(name, (verdict.verdict == "survives") == wanted, verdict.reason)
    settle = (
        "" if verdict.verdict == "not_known" else "; DFT energies of these phases would settle it"
    )
    return Condition(name, None, f"{verdict.reason}{settle}")


def _without_verdict(model: AtomisticModel) -> str:
    """Say what would tell whether a model survives K that no verdict is known of."""
    shape = _SHAPES.get(model.kind)
    if shape is not None:
        return f"{model.id} is a {shape}, no bulk phase: a simulation of contact would settle it"
    if re.fullmatch(r"(?:[A-Z][a-z]?[0-9.]*|[()0-9])+", model.formula) is None:
        return f"{model.formula} is no single bulk phase: an experiment would settle it"
    return (
        f"the energy of bulk {model.formula} would settle it; it is not among the phases computed"
    )


_SHAPES = {
    "2d_slab": "sheet", "cluster": "molecule or cluster", "ribbon": "ribbon", "1d_tube": "tube",
}  # fmt: skip
"""Kinds of models that no bulk phase of their composition stands for."""


def _common(among: Among, name: str, elements: Iterable[str]) -> list[Condition]:
    conditions = []
    if among.only or among.without:
        allowed = (not among.only or name in among.only) and name not in among.without
        conditions.append(Condition("only", allowed, "not among those asked about"))
    if among.with_elements:
        lacking = sorted(set(among.with_elements) - set(elements))
        conditions.append(Condition("with_elements", not lacking, f"without {', '.join(lacking)}"))
    if among.without_elements:
        held = sorted(set(elements) & set(among.without_elements))
        conditions.append(Condition("without_elements", not held, f"holds {', '.join(held)}"))
    return conditions


def _one_of(name: str, wanted: Sequence[str], held: set[str]) -> list[Condition]:
    if not wanted:
        return []
    why = f"{name} {', '.join(sorted(held)) or 'none'}, not {' or '.join(wanted)}"
    return [Condition(name, bool(held & set(wanted)), why)]
