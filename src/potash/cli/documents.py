"""What the reading commands say, as plain documents: records for ``--json``, words for people.

A document of a list or an entry holds ``records``, and for one entry ``sections``: a title
and named texts each. A document of a ranking is the object that ``--json`` prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from potash.catalog.catalog import Catalog
from potash.cli.common import Known
from potash.evidence.equivalence import equivalent_models
from potash.evidence.molecules import molecule_records
from potash.quantities import described, number
from potash.ranking.table import RankedTable
from potash.report.told import (
    REVIEW,
    Told,
    claim_told,
    electrolyte_told,
    host_told,
    model_told,
    species_told,
    told,
)
from potash.results.kinds import MODELS
from potash.results.measurement import MEASUREMENT, MeasurementValues
from potash.store.rows import Row

Record = dict[str, Any]
Document = dict[str, Any]

_NOT_LISTED = frozenset(
    {
        "id", "name", "class", "entry", "tier", "probability_in", "chosen", "why", "rank",
        "rank_low", "rank_high", "desirability", "pareto_front", "pareto_front_probability",
        "told_apart_from", "model_low_ev", "model_high_ev", "key", "convergence_note",
    }
)  # fmt: skip
"""Columns of a record that its page does not list: they belong to an order, or stand elsewhere."""
_CURVES = frozenset({"rdf", "msd", "time_series"})


def hosts(known: Known, entry: str | None) -> Document:
    """Return the hosts, or all about one host or model."""
    from potash.catalog.hosts import POPULATIONS
    from potash.catalog.question import AmongHosts
    from potash.ranking.tables import ranked_hosts
    from potash.ranking.tiers import Wish

    everybody = Wish(among=AmongHosts(populations=tuple(POPULATIONS)))
    table = ranked_hosts(known.rows, known.catalog, wish=everybody)
    records = [_sourced(r, known) for r in table.records()]
    if entry is None:
        return {"records": records}
    catalog = known.catalog
    if entry not in catalog.hosts:
        record = _model_record(entry, table, known)
        how = ("How it is built", model_told(catalog.models[entry]))
        return _entry(record, [how, ("What Potash knows", _computed(record))])
    host = catalog.hosts[entry]
    models = [catalog.models[m] for m in host.models]
    record = next(r for r in records if r["id"] == entry) | {
        "review": host.model_dump(mode="json"),
        "models": [m.model_dump(mode="json") for m in models],
        "rows": _rows(known, (entry, *_aliases(catalog, host.models))),
    }
    built = [(f"Model {m.id}", model_told(m)) for m in models]
    return _entry(
        record,
        [_review(host_told(host, catalog)), *built, ("What Potash knows", _computed(record))],
    )


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


def molecules(known: Known, entry: str | None) -> Document:
    """Return the species and salts, or all about one."""
    catalog = known.catalog
    records = [_sourced(r, known) for r in molecule_records(known.rows, catalog)]
    if entry is None:
        return {"records": records}
    found = catalog.species.get(entry) or catalog.salts[entry]
    record = next(r for r in records if r["id"] == entry) | {
        "review": found.model_dump(mode="json"),
        "rows": _rows(known, (entry, f"k_plus_{entry}")),
    }
    shown = record
    if record.get("ea_bound") is False:
        shown = record | {"ea_bound": "no: an extra electron is unbound in vacuum"}
    return _entry(
        record, [_review(species_told(entry, catalog)), ("What Potash knows", _computed(shown))]
    )


def electrolytes(known: Known, entry: str | None) -> Document:
    """Return the electrolytes, or all about one."""
    from potash.ranking.tables import ranked_electrolytes

    table = ranked_electrolytes(known.rows, known.catalog)
    records = [_sourced(r, known) for r in table.records()]
    if entry is None:
        return {"records": records}
    (found,) = [e for e in table.entries if e.id == entry]
    record = next(r for r in records if r["id"] == entry) | {
        "coordination": found.detail.get("coordination", {}),
        "convergence_note": found.detail.get("convergence_note") or None,
        "review": known.catalog.electrolytes[entry].model_dump(mode="json"),
        "rows": _rows(known, (entry,)),
    }
    document = _entry(
        record,
        [
            _review(electrolyte_told(entry, known.catalog)),
            ("What Potash knows", _computed(record)),
        ],
    )
    for row in (r for r in known.rows if r.key == record["keys"].get("liquid 1")):
        values = {k: v for k, v in row.values.items() if k not in _CURVES}
        document["run"] = {"model": row.model, "values": values, "uncertainty": row.uncertainty}
    return document


def claims(known: Known, entry: str | None) -> Document:
    """Return the claims with their verdicts, or all about one."""
    from potash.claims.judging import judge_claims
    from potash.claims.price import deciders

    catalog = known.catalog
    verdicts = judge_claims(known.rows, catalog)
    groups = deciders(verdicts, known.rows)
    records: list[Record] = [
        v.record()
        | {
            "source": known.source(v.keys),
            "would_decide": [
                {k: x for k, x in g.record().items() if k != "claims"}
                for g in groups
                if v.id in g.claims
            ],
        }
        for v in verdicts
        if entry is None or v.id == entry
    ]
    if entry is None:
        others = [*catalog.equations, *catalog.misprints]
        return {"records": records, "others": others, "deciders": [g.record() for g in groups]}
    by_key = {row.key: row for row in known.rows}
    record = records[0] | {
        "name": entry,
        "review": catalog.claims[entry].model_dump(mode="json"),
        "rows": [_row(by_key[key], known) for key in records[0]["keys"] if key in by_key],
    }
    found = [
        ("verdict", record["verdict"].replace("_", " ")),
        *_values_of_claim(record["value"], record["unit"] or ""),
        ("the review", record["expected"]),
        ("level", record["level"] or "-"),
        ("why", record["reason"]),
        *(("would decide it", _decider(group)) for group in record["would_decide"]),
    ]
    return _entry(
        record, [_review(claim_told(catalog.claims[entry])), ("What Potash finds", found)]
    )


def _decider(group: Record) -> str:
    if group["core_hours"] is None:
        return f"{group['what']} ({group['basis']})"
    return (
        f"{group['what']}: {group['core_hours']:.2g} core-hours for the {group['calculations']} "
        f"calculations of all claims that need it ({group['basis']})"
    )


def _values_of_claim(value: Any, unit: str) -> Told:
    if isinstance(value, Mapping):
        return [(f"value, {name}", f"{number(x)} {unit}".rstrip()) for name, x in value.items()]
    return [] if value is None else [("value", f"{number(value)} {unit}".rstrip())]


def equation_or_misprint(catalog: Catalog, name: str) -> Document | None:
    """Return an equation or misprint of the review, or None where the name is of neither."""
    found = {**catalog.equations, **catalog.misprints}.get(name)
    if found is None:
        return None
    record = found.model_dump(mode="json") | {"name": name}
    return _entry(record, [_review(told(found, without=("id",)))])


def ranking(known: Known, table: RankedTable) -> Document:
    """Return a ranked table as the object that ``--json`` prints."""
    return ranking_document(table, [_sourced(r, known) for r in table.records(models=True)])


def ranking_document(table: RankedTable, records: Sequence[Record]) -> Document:
    """Return a ranked table with these records of its entries."""
    return {
        "kind": table.kind,
        "verdict": table.verdict,
        "choose": table.choose,
        "confidence": None if table.confidence is None else round(table.confidence, 4),
        "pairs": table.pairs,
        "resolved_pairs": table.resolved_pairs,
        "tied_pairs": table.tied_pairs,
        "possible_pairs": table.possible_pairs,
        "apart": dict(table.apart),
        "criteria": [c.model_dump() for c in table.criteria],
        "notes": list(table.notes),
        "ranked": [r for r in records if r["rank"] is not None],
        "not_ranked": [r for r in records if r["rank"] is None],
    }


def _entry(record: Record, sections: Sequence[tuple[str, Told]]) -> Document:
    return {"records": [record], "sections": [list(section) for section in sections]}


def _review(lines: Told) -> tuple[str, Told]:
    return "What the review says", [("source", REVIEW), *lines]


def _computed(record: Record) -> Told:
    """Return the computed values of a record in words, with units and intervals."""
    values = {k: v for k, v in record.items() if k not in _NOT_LISTED}
    pairs = described(values)
    low, high = record.get("model_low_ev"), record.get("model_high_ev")
    if low is not None and high is not None:
        pairs.append(("interval of its model alone", f"[{low:.2f}, {high:.2f}] eV"))
    for name in ("levels", "hosts"):
        if values.get(name):
            pairs.append((name, ", ".join(values[name])))
    return pairs + [("to know", flag) for flag in values.get("flags", ())]


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
    value = {}
    if row.kind == MEASUREMENT.kind:
        measured = row.read(MeasurementValues)
        value = {measured.quantity: measured.value}
    elif row.status in ("ok", "anomalous"):
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
