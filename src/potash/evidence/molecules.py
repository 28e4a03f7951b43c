"""Species and salts with what is known of each: the records of ``potash molecules``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from potash.catalog.catalog import Catalog
from potash.catalog.species import Salt, Species
from potash.evidence.ladder import is_dft, rung
from potash.evidence.species import (
    SpeciesEvidence,
    measured_ionisation_energies,
    species_evidence,
)
from potash.results.complex_ import ComplexValues
from potash.results.fluoride_release import FluorideReleaseValues
from potash.results.species import ElectronicValues, SpeciesValues
from potash.store.rows import Row, by_item

_ELECTRONIC = (
    "homo_ev",
    "lumo_ev",
    "ip_vertical_ev",
    "gap_ev",
    "ea_vertical_ev",
    "ea_bound",
    "charge",
)
_OF_A_SPECIES = (*_ELECTRONIC, "dipole_debye", "smiles")


def molecule_records(
    rows: Sequence[Row], catalog: Catalog, *, calibration_rows: Sequence[Row] = ()
) -> list[dict[str, Any]]:
    """Return one record per species and salt.

    A species is ``computed`` if one level has both frontier orbitals, the ionisation
    energy and the electron affinity (or that there is no bound one), ``partial`` if some;
    its binding energy to K+, and the energy at which K makes KF of it, stand beside. A salt
    is described by its gas-phase ion pair, and ``partial`` where only its ions are known.

    Parameters
    ----------
    rows
        Any rows.
    catalog
        Species and salts.
    calibration_rows
        Further rows for the error models only.
    """
    evidence, _ = species_evidence(
        rows, measured_ionisation_energies(), calibration_rows=calibration_rows
    )
    species = by_item(r for r in rows if r.kind == "species")
    pairs = by_item(r for r in rows if r.kind == "complex" and r.status == "ok")
    fluoride = by_item(r for r in rows if r.kind == "fluoride_release" and r.status == "ok")
    records = {
        s.id: _species(s, species.get(s.id, []), evidence)
        | _binding("k", pairs.get(f"k_plus_{s.id}", []))
        | _fluoride_release(fluoride.get(s.id, []))
        for s in catalog.species.values()
    }
    salts = [_salt(s, records, pairs.get(s.id, [])) for s in catalog.salts.values()]
    return [*records.values(), *salts]


def _species(
    species: Species, rows: Sequence[Row], evidence: Mapping[str, SpeciesEvidence]
) -> dict[str, Any]:
    usable = [
        r
        for r in rows
        if r.status in ("ok", "anomalous") and r.read(SpeciesValues).homo_ev is not None
    ]
    best = max(usable, key=_ladder_place, default=None)
    record: dict[str, Any] = {
        "id": species.id,
        "name": species.name,
        "status": "not_computed",
        "levels": sorted({r.level for r in usable}, key=rung),
        "reason": None,
    }
    if best is None:
        reasons = [r.reason for r in rows if r.reason]
        record["reason"] = reasons[0] if reasons else "no calculation was run"
        return record
    values = best.read(SpeciesValues)
    record["status"] = "computed" if _complete(values) else "partial"
    record["reason"] = best.reason or None
    record["level"] = best.level
    record |= _present(values, _OF_A_SPECIES)
    known = evidence.get(species.id)
    if known is not None:
        ip = known.ionisation
        record["ip_vertical_corrected_ev"] = ip.value
        record["ip_vertical_low_ev"], record["ip_vertical_high_ev"] = ip.low, ip.high
    record["key"] = best.key
    return record


def _complete(values: SpeciesValues) -> bool:
    needed = (values.homo_ev, values.lumo_ev, values.ip_vertical_ev)
    return None not in needed and (values.ea_vertical_ev is not None or not values.ea_bound)


def _salt(
    salt: Salt, ions: Mapping[str, Mapping[str, Any]], pairs: Sequence[Row]
) -> dict[str, Any]:
    parts = [ions[salt.cation], ions[salt.anion]]
    missing = [p["id"] for p in parts if p["status"] == "not_computed"]
    best = max(pairs, key=_ladder_place, default=None)
    record: dict[str, Any] = {
        "id": salt.id,
        "name": salt.name,
        "status": "not_computed" if len(missing) == len(parts) else "partial",
        "levels": sorted({r.level for r in pairs}, key=rung),
        "reason": f"its {' and '.join(missing)} not computed" if missing else None,
        "cation": salt.cation,
        "anion": salt.anion,
    }
    if best is None:
        record["reason"] = record["reason"] or "its ion pair was not computed"
        return record
    record |= {"status": "computed", "reason": best.reason or None, "level": best.level}
    record |= _present(best.read(ComplexValues), _ELECTRONIC)
    return record | _binding("ion_pair", pairs) | {"key": best.key}


def _present(values: ElectronicValues, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns that are known."""
    found = ((name, getattr(values, name)) for name in names)
    return {name: value for name, value in found if value is not None}


def _binding(what: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the binding energy at the best level, after counterpoise where there is one.

    Tight binding's is left out: it overbinds alkali ions, and only ranks beforehand.
    """
    best = max((r for r in rows if is_dft(r.level)), key=_ladder_place, default=None)
    if best is None:
        return {}
    values = best.read(ComplexValues)
    corrected = values.binding_energy_counterpoise_ev
    return {
        f"{what}_binding_energy_ev": values.binding_energy_ev if corrected is None else corrected,
        f"{what}_binding_level": best.level,
    }


def _ladder_place(row: Row) -> tuple[int, str]:
    return rung(row.level), row.key


def _fluoride_release(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the energy of X + K -> KF + R at the best level, and the bond that breaks."""
    best = max(rows, key=_ladder_place, default=None)
    if best is None:
        return {}
    values = best.read(FluorideReleaseValues)
    return {
        "fluoride_release_ev": values.reaction_energy_ev,
        "fluoride_release_bond": values.bond,
        "fluoride_release_level": best.level,
    }
