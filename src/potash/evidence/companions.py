"""Rows that stand beside an adsorption energy: hop barrier, charge of K, check of thickness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from potash.evidence.ladder import place
from potash.store.rows import Row

_COLUMNS = {"hop": "hop_barrier_ev", "charge": "k_charge_e"}
COLUMNS: tuple[str, ...] = (*_COLUMNS.values(), "thickness_change_ev")
"""Columns of the host table that this module fills."""


@dataclass(frozen=True)
class Companions:
    """What else is known of K on one model.

    Attributes
    ----------
    values
        Columns of :data:`COLUMNS` to values; None = not computed.
    flags
        What to know about the adsorption energy because of them.
    keys
        Kind to the key of its row.
    """

    values: Mapping[str, float | None] = field(default_factory=lambda: dict.fromkeys(COLUMNS))
    flags: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)


def companions(rows: Sequence[Row], adsorption: Mapping[str, Row]) -> dict[str, Companions]:
    """Return the companions of every model that has an adsorption row.

    Parameters
    ----------
    rows
        Any rows of the kinds ``hop``, ``charge`` and ``thickness``.
    adsorption
        Model id to the row that sets its value; a check of thickness counts
        only for the very row that it checked.
    """
    ordered = sorted(rows, key=lambda r: (place(r.level), r.started, r.key))
    found = {}
    for model, row in adsorption.items():
        values: dict[str, float | None] = dict.fromkeys(COLUMNS)
        flags: list[str] = []
        keys: dict[str, str] = {}
        for other in ordered:
            if other.item != model:
                continue
            column = _COLUMNS.get(other.kind)
            if column is not None and other.status == "ok" and column in other.values:
                values[column] = round(float(other.values[column]), 4)
                keys[other.kind] = other.key
            elif other.kind == "thickness" and _checked(other) == row.key:
                change = other.values.get("thickness_change_ev")
                values["thickness_change_ev"] = None if change is None else round(float(change), 4)
                keys["thickness"] = other.key
                if other.status != "ok":
                    flags = [f"not converged with thickness: {other.reason}"]
        found[model] = Companions(values, tuple(flags), keys)
    return found


def _checked(row: Row) -> str:
    """Return the key of the adsorption row that a check of thickness refers to."""
    return str(row.provenance.get("needs", {}).get("adsorption", ""))
