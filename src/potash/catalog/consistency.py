"""What catalogue entries say about each other: ids exist, charges cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potash.catalog.formulations import Formulation
from potash.catalog.hosts import AtomisticModel, Host
from potash.catalog.species import Salt, Species
from potash.spelling import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from potash.catalog.catalog import Catalog

Problem = tuple[tuple[str | int, ...], str]
"""Where in an entry, and what is wrong."""

AnyEntry = Host | AtomisticModel | Species | Salt | Formulation


def unknown_id(what: str, name: str, entries: Mapping[str, object]) -> str:
    """Return the message for an id that is not in the catalogue, with the nearest one.

    Names and abbreviations count too: for ``diglyme`` the message offers ``g2``.
    """
    known = {
        entry_id: (getattr(entry, "name", ""), *getattr(entry, "abbreviations", ()))
        for entry_id, entry in entries.items()
    }
    return unknown(what, name, known)


def problem(entry: AnyEntry, catalog: Catalog) -> Problem | None:
    """Return the first thing wrong with what an entry says about others, or None."""
    if isinstance(entry, Host):
        return _host_problem(entry, catalog)
    if isinstance(entry, Salt):
        return _salt_problem(entry, catalog)
    if isinstance(entry, Formulation):
        return _formulation_problem(entry, catalog)
    return None


def _host_problem(host: Host, catalog: Catalog) -> Problem | None:
    for number, name in enumerate(host.models):
        if name not in catalog.models:
            return ("models", number), unknown_id("model", name, catalog.models)
    for number, name in enumerate(host.components):
        if name not in catalog.hosts:
            return ("components", number), unknown_id("host", name, catalog.hosts)
    return None


def _salt_problem(salt: Salt, catalog: Catalog) -> Problem | None:
    for ion, sign in (("cation", 1), ("anion", -1)):
        name = getattr(salt, ion)
        if name not in catalog.species:
            return (ion,), unknown_id("species", name, catalog.species)
        charge = catalog.species[name].charge
        if charge * sign <= 0:
            return (ion,), f"{name!r} has the charge {charge:+d} and cannot be the {ion}"
    cation, anion = catalog.species[salt.cation], catalog.species[salt.anion]
    total = salt.n_cation * cation.charge + salt.n_anion * anion.charge
    if total:
        return (), (
            f"the salt is not neutral: {salt.n_cation} x {cation.id} ({cation.charge:+d}) and "
            f"{salt.n_anion} x {anion.id} ({anion.charge:+d}) give {total:+d}; "
            f"set n_cation and n_anion so that the charges cancel"
        )
    return None


def _formulation_problem(formulation: Formulation, catalog: Catalog) -> Problem | None:
    known = {**catalog.species, **catalog.salts}
    for number, component in enumerate(formulation.components):
        if component.species not in known:
            return (
                ("components", number, "species"),
                unknown_id("species or salt", component.species, known),
            )
    for number, name in enumerate(formulation.compare_with):
        if name not in catalog.electrolytes:
            return ("compare_with", number), unknown_id("electrolyte", name, catalog.electrolytes)
    return _charge_problem(formulation, catalog)


def _charge_problem(formulation: Formulation, catalog: Catalog) -> Problem | None:
    """Return what is wrong with ions that are listed by themselves, not as a salt."""
    charges = {
        c.species: catalog.species[c.species].charge
        for c in formulation.components
        if c.species in catalog.species and catalog.species[c.species].charge
    }
    ions = [c for c in formulation.components if c.species in charges]
    if not ions or any(c.used.unit == "part_of_solid" for c in ions):
        return None
    amounts = [c.used.value for c in ions]
    remedy = "add the counter-ion, or give the salt as one component"
    if all(value is None for value in amounts):
        one_sign = len({charge > 0 for charge in charges.values()}) == 1
        if one_sign and not formulation.unspecified:
            return ("components",), f"{', '.join(charges)} has no counter-ion; {remedy}"
        return None
    units = {c.used.unit for c in ions}
    if len(units) > 1 or not units <= {"mol/L", "mol/kg", "molar_ratio"}:
        return ("components",), (
            f"the charges of {', '.join(charges)} cannot be balanced; give all ions in mol/L, "
            f"mol/kg or molar_ratio alike, or give the salt as one component"
        )
    total = sum((value or 0.0) * charges[c.species] for c, value in zip(ions, amounts, strict=True))
    if abs(total) > 1e-6 * sum(value or 0.0 for value in amounts):
        listed = " and ".join(
            f"{value:g} {c.used.unit} {c.species} ({charges[c.species]:+d})"
            for c, value in zip(ions, amounts, strict=True)
        )
        return ("components",), f"the charges do not balance: {listed} give {total:+g}; {remedy}"
    return None
