"""What else is known of K on a surface: hop, charge, adhesion of a film, check of the thickness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from potash.evidence.ladder import rung
from potash.results.adhesion import AdhesionValues
from potash.results.charge import ChargeValues
from potash.results.hop import HopValues
from potash.results.thickness import ThicknessValues
from potash.store.rows import Row, by_item


@dataclass(frozen=True)
class SurfaceProperties:
    """Properties of K on one model besides its adsorption energy; None = not computed.

    Attributes
    ----------
    hop_barrier_ev
        Barrier between neighbouring sites, eV.
    k_charge_e
        Charge of K, elementary charges.
    thickness_change_ev
        Change of the adsorption energy with one more layer, eV.
    work_of_adhesion_j_m2
        Of a K film, J/m^2.
    flags
        What to know about these numbers, and about the adsorption energy because of them.
    keys
        Kind to the key of its row.
    """

    hop_barrier_ev: float | None = None
    k_charge_e: float | None = None
    thickness_change_ev: float | None = None
    work_of_adhesion_j_m2: float | None = None
    flags: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)


def surface_properties(
    rows: Sequence[Row], adsorption: Mapping[str, Row]
) -> dict[str, SurfaceProperties]:
    """Return what else is known of every model that has an adsorption row.

    Of several rows the one at the best level counts, then the latest.

    Parameters
    ----------
    rows
        Any rows; those of the kinds ``hop``, ``charge``, ``adhesion`` and ``thickness`` count.
    adsorption
        Model id to the row that sets its value; a check of thickness counts
        only for the very row that it checked.
    """
    beside = by_item(
        r
        for r in sorted(rows, key=lambda r: (rung(r.level), r.started, r.key))
        if r.kind in ("hop", "charge", "adhesion", "thickness")
    )
    found = {}
    for model, row in adsorption.items():
        properties = SurfaceProperties()
        for other in beside.get(model, ()):
            properties = _with(properties, other, row)
        found[model] = properties
    return found


def _with(known: SurfaceProperties, row: Row, adsorption: Row) -> SurfaceProperties:
    """Return the properties with what one more row says, if it says anything."""
    keys = {**known.keys, row.kind: row.key}
    if row.kind == "hop" and row.status == "ok":
        return replace(known, hop_barrier_ev=row.read(HopValues).hop_barrier_ev, keys=keys)
    if row.kind == "charge" and row.status == "ok":
        return replace(known, k_charge_e=row.read(ChargeValues).k_charge_e, keys=keys)
    if row.kind == "adhesion" and row.status == "ok":
        values = row.read(AdhesionValues)
        if values.polar:
            return known
        flags = _flags(known, "work of adhesion", row.reason)
        work = values.work_of_adhesion_j_m2
        return replace(known, work_of_adhesion_j_m2=work, flags=flags, keys=keys)
    checked = row.needs.get("adsorption")
    if row.kind != "thickness" or checked != adsorption.key:
        return known
    change = None
    if row.status in ("ok", "anomalous"):
        change = row.read(ThicknessValues).thickness_change_ev
    reason = "" if row.status == "ok" else row.reason
    flags = _flags(known, "not converged with thickness", reason)
    return replace(known, thickness_change_ev=change, flags=flags, keys=keys)


def _flags(known: SurfaceProperties, about: str, reason: str) -> tuple[str, ...]:
    """Return the flags with what a later row says about one of its numbers, if it says any."""
    others = tuple(f for f in known.flags if not f.startswith(f"{about}: "))
    return (*others, f"{about}: {reason}") if reason else others
