"""Records of the catalogue's lists, and the page that tells all about one entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from potash.catalog.catalog import Catalog
from potash.cli.common import (
    Known,
    output_width,
    print_fields,
    print_lines,
    print_table,
    print_title,
)
from potash.evidence.equivalence import equivalent_models
from potash.evidence.molecules import molecule_records
from potash.quantities import described, number
from potash.ranking.table import RankedTable
from potash.report.liquid_text import liquid_lines
from potash.report.lists import CALCULATIONS
from potash.report.text import paragraph
from potash.report.told import (
    REVIEW,
    Told,
    claim_told,
    electrolyte_told,
    host_told,
    model_told,
    species_told,
)
from potash.results.kinds import MODELS
from potash.store.rows import Row

Record = dict[str, Any]

_NOT_LISTED = frozenset(
    {
        "id", "name", "class", "entry", "verdict", "rank", "rank_low", "rank_high",
        "desirability", "pareto_front", "pareto_front_probability", "probability_above_next",
        "model_low_ev", "model_high_ev", "key",
    }
)  # fmt: skip
"""Columns of a record that its page does not list: they belong to an order, or stand elsewhere."""


def host_records(table: RankedTable, known: Known, entry: str | None) -> list[Record]:
    """Return the records of the hosts, or of one host or model with the review's words."""
    records = [_sourced(r, known) for r in table.records()]
    if entry is None:
        return records
    if entry in known.catalog.hosts:
        host = known.catalog.hosts[entry]
        record = next(r for r in records if r["id"] == entry)
        models = [known.catalog.models[m] for m in host.models]
        return [
            record
            | {
                "review": host.model_dump(mode="json"),
                "models": [m.model_dump(mode="json") for m in models],
                "rows": _rows(known, _aliases(known.catalog, host.models)),
            }
        ]
    return [_model_record(entry, table, known)]


def _model_record(name: str, table: RankedTable, known: Known) -> Record:
    """Return the record of one atomistic model, whichever hosts it stands for."""
    model = known.catalog.models[name]
    alias = equivalent_models(known.catalog.models).get(name, name)
    details = [d for e in table.entries for d in e.detail.get("models", ()) if d["model"] == alias]
    rows = _rows(known, (alias,))
    record: Record = {
        "id": name,
        "name": model.label,
        "status": "computed" if details else "not_computed",
        "levels": sorted({r["level"] for r in rows if r["kind"] == "adsorption"}),
        "reason": None if details else _why_not(rows, model.not_modelled_reason),
        "hosts": [h.id for h in known.catalog.hosts.values() if name in h.models],
    }
    if details:
        found = details[0]
        record |= {
            "adsorption_energy_ev": found["value_ev"],
            "adsorption_energy_low_ev": found["low_ev"],
            "adsorption_energy_high_ev": found["high_ev"],
            "adsorption_energy_raw_ev": found["raw_ev"],
            "level": found["level"],
            "flags": [found["reason"]] if found["reason"] else [],
            "keys": {found["level"]: found["key"]},
        }
    return _sourced(record, known) | {"review": model.model_dump(mode="json"), "rows": rows}


def _why_not(rows: Sequence[Record], not_modelled: str) -> str:
    tried = [f"{r['status']}: {r['reason']}" for r in rows if r["kind"] == "adsorption"]
    return tried[-1] if tried else not_modelled or "no row yet"


def molecule_records_of(known: Known, entry: str | None) -> list[Record]:
    """Return the records of species and salts, or of one with the review's words."""
    records = [_sourced(r, known) for r in molecule_records(known.rows, known.catalog)]
    if entry is None:
        return records
    found = known.catalog.species.get(entry) or known.catalog.salts[entry]
    rows = _rows(known, (entry, f"k_plus_{entry}"))
    record = next(r for r in records if r["id"] == entry)
    return [record | {"review": found.model_dump(mode="json"), "rows": rows}]


def electrolyte_records(table: RankedTable, known: Known, entry: str | None) -> list[Record]:
    """Return the records of electrolytes, or of one with the review's words."""
    records = [_sourced(r, known) for r in table.records()]
    if entry is None:
        return records
    (found,) = [e for e in table.entries if e.id == entry]
    record = next(r for r in records if r["id"] == entry)
    return [
        record
        | {
            "coordination": found.detail.get("coordination", {}),
            "convergence_note": found.detail.get("convergence_note") or None,
            "review": known.catalog.electrolytes[entry].model_dump(mode="json"),
            "rows": _rows(known, (entry,)),
        }
    ]


def claim_records_of(known: Known, entry: str | None) -> list[Record]:
    """Return the records of the claims, or of one with the review's words."""
    from potash.claims.judging import claim_records

    records = [
        r | {"source": known.source(r["keys"])}
        for r in claim_records(known.rows, known.catalog)
        if entry is None or r["id"] == entry
    ]
    if entry is None:
        return records
    review = known.catalog.claims[entry].model_dump(mode="json")
    by_key = {row.key: row for row in known.rows}
    rows = [_row(by_key[key], known) for key in records[0]["keys"] if key in by_key]
    return [records[0] | {"review": review, "rows": rows}]


def show_host(entry: str, record: Record, known: Known) -> None:
    """Print what the review says of a host or model, and what is computed."""
    catalog = known.catalog
    _heading(record)
    if entry in catalog.hosts:
        _review(host_told(catalog.hosts[entry], catalog))
        for name in catalog.hosts[entry].models:
            _section(f"Model {name}")
            show_told(model_told(catalog.models[name]))
    else:
        _section("How it is built")
        show_told(model_told(catalog.models[entry]))
    _computed(record)


def show_molecule(entry: str, record: Record, known: Known) -> None:
    """Print what the review says of a species or salt, and what is computed."""
    _heading(record)
    _review(species_told(entry, known.catalog))
    if record.get("ea_bound") is False:
        record = record | {"ea_bound": "no: an extra electron is unbound in vacuum"}
    _computed(record)


def show_electrolyte(entry: str, record: Record, known: Known) -> None:
    """Print what the review says of an electrolyte, and what is computed."""
    _heading(record)
    _review(electrolyte_told(entry, known.catalog))
    _computed(record)
    key = record["keys"].get("liquid 1")
    for row in (r for r in known.rows if r.key == key):
        _section(f"The first of its runs: {row.model}")
        print_lines(liquid_lines(row.values, row.uncertainty, output_width()))


def show_claim(entry: str, record: Record, known: Known) -> None:
    """Print a claim, our verdict and the rows that it rests on."""
    print_title(entry)
    _review(claim_told(known.catalog.claims[entry]))
    value, unit = record["value"], record["unit"] or ""
    if isinstance(value, Mapping):
        shown = [(f"value, {name}", f"{number(x)} {unit}".rstrip()) for name, x in value.items()]
    else:
        shown = [] if value is None else [("value", f"{number(value)} {unit}".rstrip())]
    _section("What Potash finds")
    print_fields(
        [
            ("verdict", record["verdict"].replace("_", " ")),
            *shown,
            ("the review", record["expected"]),
            *([("level", record["level"])] if record["level"] else []),
            ("why", record["reason"]),
        ]
    )
    _calculations(record["rows"])


def show_told(told: Told) -> None:
    """Print what is told of an entry."""
    print_fields(told)


def _section(title: str) -> None:
    print_lines([""])
    print_title(title)


def _heading(record: Record) -> None:
    print_title(f"{record['name']} ({record['id']})")


def _review(told: Told) -> None:
    _section("What the review says")
    print_lines(paragraph(REVIEW, output_width(), first="  ", indent="  "))
    show_told(told)


def _computed(record: Record) -> None:
    """Print the computed values of a record with units and intervals, and its rows."""
    _section("What Potash knows")
    values = {k: v for k, v in record.items() if k not in _NOT_LISTED}
    pairs = described(values)
    low, high = record.get("model_low_ev"), record.get("model_high_ev")
    if low is not None and high is not None:
        pairs.append(("interval of its model alone", f"[{low:.2f}, {high:.2f}] eV"))
    pairs += [(name, ", ".join(values[name])) for name in ("levels", "hosts") if values.get(name)]
    pairs += [("to know", flag) for flag in values.get("flags", ())]
    print_fields(pairs)
    _calculations(record["rows"])


def _calculations(rows: Sequence[Record]) -> None:
    if rows:
        print_lines([""])
        print_table(f"Calculations ({len(rows)})", CALCULATIONS, rows)


def _sourced(record: Mapping[str, Any], known: Known) -> Record:
    """Return a record that says whose rows it is from."""
    keys = record.get("keys") or ({"": record["key"]} if record.get("key") else {})
    return {**record, "source": known.source(keys.values())}


def _aliases(catalog: Catalog, models: Iterable[str]) -> tuple[str, ...]:
    alias = equivalent_models(catalog.models)
    return tuple(dict.fromkeys(x for m in models for x in (m, alias.get(m, m))))


def _rows(known: Known, items: Sequence[str]) -> list[Record]:
    """Return one record for each row of some items, failed and refused ones too."""
    wanted = set(items)
    return [_row(row, known) for row in known.rows if row.item in wanted]


def _row(row: Row, known: Known) -> Record:
    shown = None
    if row.status in ("ok", "anomalous"):
        models = MODELS[row.kind]
        shown = getattr(row.read(models.values), models.main)
    value = {} if shown is None else {models.main: shown}
    return {
        "kind": row.kind,
        "item": row.item,
        "model": row.model,
        "level": row.level,
        "status": row.status,
        "reason": row.reason or None,
        "value": "; ".join(f"{name} {text}" for name, text in described(value)) or None,
        "source": known.source([row.key]),
        "key": row.key,
    }
