"""What the review says of an entry of the catalogue, in words: every field of every model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from potash.catalog.catalog import Catalog
from potash.catalog.claims import Claim, Number
from potash.catalog.common import Quantity, Source
from potash.catalog.formulations import Amount, Component
from potash.catalog.hosts import AtomisticModel, Host
from potash.columns import unit_of
from potash.report.text import words

REVIEW = "Chem. Soc. Rev. 2025, 54, 2543, doi 10.1039/d4cs00845f"

Told = list[tuple[str, str]]
"""Name of a field and one line of it; a field with several lines names itself at the first."""

_LABELS: Mapping[str, str] = {
    "material_class": "class",
    "where": "in the review",
    "refs": "references",
    "ref": "reference",
    "forms_with_k": "forms with K",
    "name_in_review": "name in the review",
    "composition_as_printed": "composition as printed",
    "temperature_k": "temperature, K",
    "smiles": "SMILES",
    "no_smiles_reason": "why no SMILES",
    "repeat_unit_smiles": "repeat unit",
    "not_modelled_reason": "why no model",
}
_LAST = ("where", "refs", "location", "sources")
_LONG_ITEM = 40
_MOST = 400
"""Longer texts, such as the atoms of a structure, are cut; JSON has all of it."""


def told(entry: BaseModel, *, without: Sequence[str] = ("id", "name")) -> Told:
    """Return every field of an entry that is not empty, in words.

    Parameters
    ----------
    entry
        Host, model, species, salt, formulation, claim, equation, misprint, ...
    without
        Fields that the reader has already seen.
    """
    names = [n for n in type(entry).model_fields if n not in without]
    names.sort(key=lambda n: _LAST.index(n) + 1 if n in _LAST else 0)
    lines: Told = []
    for name in names:
        label = _LABELS.get(name, name.replace("_", " "))
        texts = _lines(getattr(entry, name))
        for text in texts:
            lines.append((label, f"- {text}" if len(texts) > 1 else text))
            label = ""
    return lines


def host_told(host: Host, catalog: Catalog) -> Told:
    """Return what the review says of a host, its tables and claims included."""
    cells = [
        ("cells in the review", f"{_inline(row, without=('host',))}; {table.location}")
        for table in catalog.performance.values()
        for row in table.rows
        if row.host == host.id
    ]
    return told(host) + cells + _claims_about(host.id, catalog)


def model_told(model: AtomisticModel) -> Told:
    """Return how a model is built and what it stands for."""
    return told(model, without=("id",))


def species_told(name: str, catalog: Catalog) -> Told:
    """Return what the review says of a species or salt, and the electrolytes that hold it."""
    entry = catalog.species.get(name) or catalog.salts[name]
    lines = told(entry)
    used = catalog.used_in(name)
    if used:
        lines.append(("in electrolytes", ", ".join(used)))
    return lines + _claims_about(name, catalog)


def electrolyte_told(name: str, catalog: Catalog) -> Told:
    """Return what the review says of an electrolyte."""
    return told(catalog.electrolytes[name]) + _claims_about(name, catalog)


def claim_told(claim: Claim) -> Told:
    """Return a claim with everything that belongs to it."""
    return told(claim, without=("id",))


def _claims_about(name: str, catalog: Catalog) -> Told:
    about = [c.id for c in catalog.claims.values() if name in c.systems]
    return [("claims about it", ", ".join(about))] if about else []


def _lines(value: Any) -> list[str]:
    """Return the lines of one field; none where it is empty."""
    if value is None or value == "" or value == ():
        return []
    if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        return [_text(v) for v in value]
    if isinstance(value, tuple) and any(len(str(v)) > _LONG_ITEM for v in value):
        return [_text(v) for v in value]
    if isinstance(value, Mapping):
        return [f"{k}: {_text(v)}" for k, v in value.items()]
    return [_text(value)]


def _text(value: Any) -> str:
    if isinstance(value, Quantity):
        return _quantity(value)
    if isinstance(value, Component):
        return _component(value)
    if isinstance(value, Amount):
        return _amount(value)
    if isinstance(value, Source):
        return _source(value)
    if isinstance(value, Number):
        return f"{value.value:g} {value.unit}".removesuffix(" 1")
    if isinstance(value, BaseModel):
        return _cut(_inline(value))
    if isinstance(value, Path):
        return value.name
    if isinstance(value, tuple):
        return _cut(", ".join(_text(v) for v in value))
    return words(value)


def _inline(entry: BaseModel, *, without: Sequence[str] = ()) -> str:
    """Return the fields of an entry in one line."""
    parts = []
    for name in type(entry).model_fields:
        value = getattr(entry, name)
        lines = [] if name in without else _lines(value)
        if not lines:
            continue
        label = _LABELS.get(name, name.replace("_", " "))
        if isinstance(value, int | float) and not isinstance(value, bool):
            label, unit = unit_of(name)
            lines = [f"{value * unit.scale:g} {unit.text}".rstrip()]
        parts.append(f"{label} {', '.join(lines)}")
    return "; ".join(parts)


def _cut(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[:_MOST].rsplit(' ', 1)[0]} ... (--json has all)"


def _quantity(quantity: Quantity) -> str:
    value = words(quantity.value)
    stated = " ".join(x for x in (quantity.comparator or "", value, quantity.unit) if x)
    about = [
        quantity.conditions,
        quantity.origin.replace("_", " "),
        quantity.origin_basis,
        quantity.location,
        f"ref. {quantity.ref}",
    ]
    return f"{quantity.quantity}: {stated} ({'; '.join(x for x in about if x)})"


def _amount(amount: Amount) -> str:
    unit = amount.unit.replace("_", " ")
    text = unit if amount.value is None else f"{amount.value:g} {unit}"
    if amount.of:
        text += f" of {amount.of}"
    printed = f"printed {amount.as_printed!r}" if amount.as_printed not in ("", text) else ""
    about = "; ".join(x for x in (printed, amount.note) if x)
    return f"{text} ({about})" if about else text


def _component(component: Component) -> str:
    text = f"{component.species}, {component.role}: {_amount(component.amount)}"
    if component.assumed is not None:
        text += f"; assumed here: {_amount(component.assumed)}"
    return text


def _source(source: Source) -> str:
    about = [
        f"doi {source.doi}" if source.doi else "",
        f"for {source.supports}" if source.supports else "",
        "read" if source.verified else "recalled, not read",
    ]
    return f"{source.citation} ({'; '.join(x for x in about if x)})"
