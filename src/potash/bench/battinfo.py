"""Electrolytes as BattINFO specifications (JSON), open compositions included as what they are."""

from __future__ import annotations

import hashlib
from typing import Any

from potash.catalog.catalog import Catalog
from potash.catalog.formulations import Component, Formulation
from potash.catalog.substances import formula_of

SCHEMA_VERSION = "1.0.0"
REVIEW_DOI = "10.1039/d4cs00845f"
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_LETTERS = 16
_SPEC = "https://w3id.org/battinfo/electrolyte-spec/"

_FAMILY = {
    "liquid": "organic",
    "ionic_liquid": "ionic_liquid",
    "pretreatment": "organic",
    "polymer": "solid",
    "gel": "gel",
    "solid_organic": "solid",
    "solid_inorganic": "solid",
    "borohydride": "solid",
}
_UNITS = {
    "mol/L": ("molarity", "mol/L"),
    "mol/kg": ("molality", "mol/kg"),
    "molar_ratio": ("molar_parts", "1"),
    "volume_ratio": ("volume_parts", "1"),
    "mass_ratio": ("mass_parts", "1"),
    "repeat_unit_ratio": ("repeat_unit_parts", "1"),
    "ratio": ("parts_of_unstated_kind", "1"),
    "wt_percent": ("mass_percent", "%"),
    "vol_percent": ("volume_percent", "%"),
    "percent": ("percent_of_unstated_kind", "%"),
}


def battinfo_spec(formulation: Formulation, catalog: Catalog) -> dict[str, Any]:
    """Return an electrolyte as a document of BattINFO's ``electrolyte-spec`` schema.

    The first salt is ``salt``; the neutral liquids are the solvent mixture, all else is an
    additive. An amount that nobody stated is written as text, never as a number, and what
    Potash assumes is said to be assumed.

    Parameters
    ----------
    formulation, catalog
        The electrolyte, and its species and salts.

    Examples
    --------
    >>> from potash.catalog.catalog import load_catalog
    >>> catalog = load_catalog()
    >>> document = battinfo_spec(catalog.electrolytes["kfsi_dme_1m"], catalog)
    >>> document["electrolyte_spec"]["salt"]["property"]["molarity"]["value"]
    1.0
    """
    salts = [c for c in formulation.components if c.species in catalog.salts]
    solvents = [c for c in formulation.components if c not in salts and _is_solvent(c, catalog)]
    others = [c for c in formulation.components if c not in solvents and c not in salts[:1]]
    spec: dict[str, Any] = {
        "id": _SPEC + _identifier(formulation.id),
        "name": formulation.name,
        "family": _FAMILY[formulation.kind],
    }
    if salts:
        salt = catalog.salts[salts[0].species]
        material = _material(salts[0], catalog)
        del material["molecular_formula"]  # the schema has none for a salt
        spec["salt"] = {
            **material,
            "cation": catalog.species[salt.cation].name,
            "anion": catalog.species[salt.anion].name,
        }
    if solvents:
        spec["solvent_mixture"] = {"component": [_material(c, catalog) for c in solvents]}
    if others:
        spec["additive"] = [_material(c, catalog) for c in others]
    remarks = [formulation.composition_as_printed, *formulation.unspecified]
    if text := "; ".join(x for x in remarks if x):
        spec["comment"] = text
    own = not formulation.refs
    provenance: dict[str, Any] = {"source_type": "manual" if own else "literature"}
    if not own:
        provenance["citation"] = f"https://doi.org/{REVIEW_DOI}"
        provenance["source_name"] = f"reference {', '.join(map(str, formulation.refs))} therein"
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "electrolyte_spec": spec,
        "provenance": provenance,
    }
    notes = [f"Potash id: {formulation.id}"]
    if formulation.open_amounts:
        notes.append(f"open composition: no amount of {', '.join(formulation.open_amounts)}")
    notes += [f"assumed by Potash: {text}" for text in formulation.assumed_amounts]
    return document | {"notes": notes}


def _is_solvent(component: Component, catalog: Catalog) -> bool:
    neutral = catalog.get_species(component.species).charge == 0
    return neutral and component.role in ("solvent", "diluent", "cosolvent")


def _material(component: Component, catalog: Catalog) -> dict[str, Any]:
    entry = catalog.salts.get(component.species) or catalog.get_species(component.species)
    found: dict[str, Any] = {
        "name": entry.name,
        "molecular_formula": formula_of(component.species, catalog),
        "property": _amount(component),
        "comment": f"Potash id {component.species}, role {component.role}"
        + (f"; printed: {component.amount.as_printed}" if component.amount.as_printed else ""),
    }
    return found


def _amount(component: Component) -> dict[str, Any]:
    used = component.used
    if used.value is None:
        words = used.unit.replace("_", " ")
        return {"amount": {"value_text": words, "unit_text": "not a number"}}
    name, unit = _UNITS[used.unit]
    quantity: dict[str, Any] = {"value": used.value, "unit": unit}
    if used.of is not None:
        quantity["unit_text"] = f"{unit} of {used.of}"
    return {f"{name}_assumed" if component.assumed else name: quantity}


def _identifier(name: str) -> str:
    """Return 16 letters of BattINFO's alphabet in groups of four, the same for the same id."""
    number = int.from_bytes(hashlib.sha256(f"potash:{name}".encode()).digest()[:10], "big")
    letters = [_ALPHABET[(number >> (5 * k)) & 31] for k in range(_ID_LETTERS)]
    groups = ["".join(letters[k : k + 4]) for k in range(0, _ID_LETTERS, 4)]
    return "-".join(groups)
