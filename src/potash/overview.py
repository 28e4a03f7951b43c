"""Species and salts with what is known of each: the records of ``potash molecules``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from potash.catalog.catalog import Catalog
from potash.catalog.species import Salt, Species
from potash.ranking.species import LADDER, SpeciesEvidence, species_evidence
from potash.results import measured_ionisation_energies
from potash.store import Row

REQUIRED = ("homo_ev", "lumo_ev", "ip_vertical_ev")
"""Besides these, an electron affinity or the statement that it is unbound."""

_SHOWN = (*REQUIRED, "gap_ev", "ea_vertical_ev", "ea_bound", "dipole_debye", "smiles", "charge")


def molecule_records(rows: Sequence[Row], catalog: Catalog) -> list[dict[str, Any]]:
    """Return one record per species and salt.

    A species is ``computed`` if one level has all of :data:`REQUIRED` and the
    electron affinity (or that there is no bound one), ``partial`` if some. A
    salt is as far as its ions are.
    """
    species_rows = [r for r in rows if r.kind == "species"]
    evidence, _ = species_evidence(rows, measured_ionisation_energies())
    by_item: dict[str, list[Row]] = {}
    for row in species_rows:
        by_item.setdefault(row.item, []).append(row)
    records = {s.id: _species(s, by_item.get(s.id, []), evidence) for s in catalog.species.values()}
    salts = [_salt(s, records) for s in catalog.salts.values()]
    return [*records.values(), *salts]


def _species(
    species: Species, rows: Sequence[Row], evidence: Mapping[str, SpeciesEvidence]
) -> dict[str, Any]:
    usable = [r for r in rows if r.status in ("ok", "anomalous") and "homo_ev" in r.values]
    best = max(usable, key=_ladder_place, default=None)
    record: dict[str, Any] = {
        "id": species.id,
        "name": species.name,
        "status": "not_computed",
        "levels": sorted({r.level for r in usable}, key=_place),
        "reason": None,
    }
    if best is None:
        reasons = [r.reason for r in rows if r.reason]
        record["reason"] = reasons[0] if reasons else "no calculation was run"
        return record
    complete = all(name in best.values for name in REQUIRED) and (
        "ea_vertical_ev" in best.values or best.values.get("ea_bound") is False
    )
    record["status"] = "computed" if complete else "partial"
    record["reason"] = best.reason or None
    record["level"] = best.level
    record.update({name: best.values[name] for name in _SHOWN if name in best.values})
    known = evidence.get(species.id)
    if known is not None:
        ip = known.ionisation
        record["ip_vertical_corrected_ev"] = ip.value
        record["ip_vertical_low_ev"], record["ip_vertical_high_ev"] = ip.low, ip.high
    record["key"] = best.key
    return record


def _salt(salt: Salt, ions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    parts = [ions[salt.cation], ions[salt.anion]]
    missing = [p["id"] for p in parts if p["status"] == "not_computed"]
    statuses = {p["status"] for p in parts}
    status = statuses.pop() if len(statuses) == 1 else "partial"
    common = [level for level in parts[0]["levels"] if level in parts[1]["levels"]]
    return {
        "id": salt.id,
        "name": salt.name,
        "status": status,
        "levels": common,
        "reason": f"its {' and '.join(missing)} not computed" if missing else None,
        "cation": salt.cation,
        "anion": salt.anion,
    }


def _place(level: str) -> int:
    return LADDER.index(level) if level in LADDER else -1


def _ladder_place(row: Row) -> tuple[int, str]:
    return _place(row.level), row.key
